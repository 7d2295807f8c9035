"""Objects in a directory: names, listings, and writing that is seen only when it is complete."""

from pathlib import Path

import pytest

from dynemu.storage.objects import BadKey, Bucket, NoBucket, open_bucket


@pytest.fixture
def bucket(tmp_path: Path) -> Bucket:
    (tmp_path / "s3" / "data").mkdir(parents=True)
    return open_bucket(str(tmp_path / "s3"), "data")


def test_what_is_put_can_be_read(bucket: Bucket) -> None:
    bucket.put("a/b/c", b"old")
    bucket.put("a/b/c", b"new")
    assert bucket.keys() == ["a/b/c"]
    assert bucket.size("a/b/c") == 3
    with bucket.open("a/b/c") as file:
        assert file.read() == b"new"


def test_keys_come_in_the_order_of_their_bytes(bucket: Bucket) -> None:
    for key in ("b", "a/z", "a-", "a.b/c", "é", "Z"):
        bucket.put(key, b"")
    assert bucket.keys() == ["Z", "a-", "a.b/c", "a/z", "b", "é"]
    assert bucket.keys("a") == ["a-", "a.b/c", "a/z"]
    assert bucket.keys("a/") == ["a/z"]
    assert bucket.keys("nothing/here") == []
    assert bucket.keys("b/") == []


def test_parts_are_not_seen_before_they_are_published(bucket: Bucket) -> None:
    bucket.write_part("a", 0, b"12345")
    bucket.write_part("a", 5, b"lost")
    bucket.write_part("a", 5, b"67")
    assert bucket.keys() == []
    bucket.publish("a")
    bucket.publish("a")
    assert bucket.keys() == ["a"]
    with bucket.open("a") as file:
        assert file.read() == b"1234567"


def test_a_part_whose_beginning_is_lost_is_refused(bucket: Bucket) -> None:
    bucket.write_part("a", 0, b"12")
    with pytest.raises(OSError, match="the beginning of 'a' is lost"):
        bucket.write_part("a", 3, b"45")


@pytest.mark.parametrize(
    "key", ["", "/a", "a/", "a//b", ".", "..", "a/../b", "../a", "a\0b", ".dynemu-x", "é" * 128]
)
def test_keys_that_cannot_be_files(bucket: Bucket, key: str) -> None:
    with pytest.raises(BadKey):
        bucket.put(key, b"")
    with pytest.raises(BadKey):
        bucket.open(key)


def test_links_are_not_followed(bucket: Bucket, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_bytes(b"secret")
    (tmp_path / "s3" / "data" / "link").symlink_to(outside)
    (tmp_path / "s3" / "data" / "file").symlink_to(outside / "file")
    assert bucket.keys() == bucket.keys("link/") == []
    for key in ("link/file", "link/new", "file"):
        with pytest.raises(BadKey):
            bucket.open(key)
        with pytest.raises(BadKey):
            bucket.put(key, b"")
    assert [path.name for path in outside.iterdir()] == ["file"]


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "nothing", "file", "a\0b", "link", "é" * 255])
def test_what_is_no_bucket(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "link").symlink_to(tmp_path.parent)
    with pytest.raises(NoBucket):
        open_bucket(str(tmp_path), name)


def test_without_a_directory_there_is_no_bucket() -> None:
    with pytest.raises(NoBucket, match="see the setting s3_dir"):
        open_bucket(None, "data")
