"""Data files of an export or a report, compressed, and their manifests, written in slices.

What has been written is part of the work's document. A slice writes first and commits then; when it is done
again, it writes the same once more. Source: developer guide, "DynamoDB table export output format".
"""

import gzip
from base64 import b32encode, b64encode
from hashlib import md5, sha256
from typing import Any

import orjson

from dynemu.storage.objects import Bucket

Files = dict[str, Any]

FILE_BYTES = 4 * 1024 * 1024
"""Size from which on a data file is not added to: its checksum takes a few ms."""
_LEVEL = 3
_NAME_BYTES = 16


def new_files(prefix: str | None, task_id: str, *, suffix: str, shared: bool = False) -> Files:
    """Return what is remembered of files below *prefix*, before the first one.

    *shared*: the folder ``data`` is the one of all such exports, as for incremental ones.
    """
    top = (prefix or "").rstrip("/")
    folder = f"{top}/AWSDynamoDB" if top else "AWSDynamoDB"
    return {
        "folder": f"{folder}/{task_id}",
        "data": f"{folder}/data" if shared else f"{folder}/{task_id}/data",
        "id": task_id,
        "suffix": suffix,
        "number": 0,
        "size": 0,
        "items": 0,
        "manifest": 0,
    }


def start_files(bucket: Bucket, files: Files) -> None:
    """Write the empty object that shows that the bucket can be written to. Raises: OSError, BadKey."""
    bucket.put(f"{files['folder']}/_started", b"")


def append(bucket: Bucket, files: Files, lines: bytes, items: int) -> None:
    """Add *lines*, which tell of so many *items*, to the current data file. Raises: OSError, BadKey."""
    part = gzip.compress(lines, _LEVEL, mtime=0)
    bucket.write_part(_data_key(files), files["size"], part)
    files["size"] += len(part)
    files["items"] += items


def is_to_seal(files: Files, *, last: bool) -> bool:
    """Return whether the current data file is full, or has to be the *last* one."""
    return bool(files["size"] >= FILE_BYTES or (last and files["size"] > 0))


def seal(bucket: Bucket, files: Files) -> None:
    """Show the current data file, add it to the manifest and go on to the next. Raises: OSError, BadKey."""
    key = _data_key(files)
    bucket.publish(key)
    with bucket.open(key) as file:
        digest = md5(file.read(), usedforsecurity=False).digest()
    entry = {
        "itemCount": files["items"],
        "md5Checksum": b64encode(digest).decode(),
        "etag": md5(digest, usedforsecurity=False).hexdigest() + "-1",
        "dataFileS3Key": key,
    }
    line = orjson.dumps(entry) + b"\n"
    bucket.write_part(manifest_key(files), files["manifest"], line)
    files["manifest"] += len(line)
    files["number"] += 1
    files["size"] = files["items"] = 0


def write_manifests(bucket: Bucket, files: Files, summary: dict[str, Any]) -> None:
    """Write the manifests and their checksums; *summary* is the content of the one that comes last.

    Raises: OSError, BadKey.
    """
    key = manifest_key(files)
    if files["manifest"]:
        bucket.publish(key)
    else:
        bucket.put(key, b"")
    with bucket.open(key) as file:
        _put_checksum(bucket, key, file.read())
    key = summary_key(files)
    content = orjson.dumps(summary)
    bucket.put(key, content)
    _put_checksum(bucket, key, content)


def manifest_key(files: Files) -> str:
    """Return the key of the manifest of data files."""
    return f"{files['folder']}/manifest-files.json"


def summary_key(files: Files) -> str:
    """Return the key of the summary."""
    return f"{files['folder']}/manifest-summary.json"


def _put_checksum(bucket: Bucket, key: str, content: bytes) -> None:
    checksum = b64encode(md5(content, usedforsecurity=False).digest())
    bucket.put(key.removesuffix(".json") + ".md5", checksum)


def _data_key(files: Files) -> str:
    """Return the key of the current data file; the same id and number always give the same name."""
    name = sha256(f"{files['id']}/{files['number']}".encode()).digest()[:_NAME_BYTES]
    return f"{files['data']}/{b32encode(name).decode().rstrip('=').lower()}{files['suffix']}"
