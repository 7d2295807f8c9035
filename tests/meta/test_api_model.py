"""The table of requests is what the service's API model says, and its models are those of one release."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dynemu.operations import OPERATIONS, STREAM_OPERATIONS
from dynemu.operations.api import input_shape, node
from tools import derive_api


def test_the_table_and_the_models_are_of_one_release() -> None:
    for path, text in derive_api.rendered(derive_api.MODELS):
        assert path.read_text() == text, f"{path.name} is not what make api writes"


def test_the_installed_botocore_knows_no_other_members() -> None:
    """The model that the clients of these tests bring is an older or newer one, or the very same."""
    data = derive_api.installed_data()
    release, kept = derive_api.find_release(data), derive_api.find_release(derive_api.MODELS)
    theirs = derive_api.derive(release, derive_api.load_models(data))
    ours = derive_api.derive(kept, derive_api.load_models(derive_api.MODELS))
    if release == kept:
        assert theirs == ours, "make api takes the installed model over"
    older, newer = (theirs, ours) if derive_api.is_older(release) else (ours, theirs)
    assert set(older["operations"]) <= set(newer["operations"])
    for name, operation in older["operations"].items():
        assert set(members(older, operation)) <= set(members(newer, newer["operations"][name])), name


def members(derived: dict[str, Any], operation: dict[str, Any]) -> Iterator[str]:
    yield from derived["shapes"][operation["input"]]["members"]


@pytest.mark.parametrize("name", [*OPERATIONS, *STREAM_OPERATIONS])
def test_a_shape_can_be_made_for_every_operation(name: str) -> None:
    models = derive_api.load_models(derive_api.MODELS).values()
    (wanted,) = (
        model["shapes"][model["operations"][name]["input"]["shape"]]["members"]
        for model in models
        if name in model["operations"]
    )
    assert set(input_shape(name).members) == set(wanted)


@pytest.mark.parametrize(
    ("shape", "good", "bad"),
    [
        ("AutoScalingPolicyName", "a policy!", "po\nlicy"),
        ("AutoScalingRoleArn", "röle\t\U0001f986", "ro\0le"),
        ("S3Bucket", "a.b-c_1", "büket"),
    ],
)
def test_patterns_of_the_model_mean_what_they_mean_in_java(shape: str, good: str, bad: str) -> None:
    assert (node(shape).accepts(good), node(shape).accepts(bad)) == (True, False)


def test_every_operation_of_the_models_is_known() -> None:
    models = derive_api.load_models(derive_api.MODELS)
    known = {"dynamodb": OPERATIONS, "dynamodbstreams": STREAM_OPERATIONS}
    assert {service: set(model["operations"]) for service, model in models.items()} == {
        service: set(names) for service, names in known.items()
    }


def test_models_are_kept_without_their_texts() -> None:
    part = {"members": {"documentation": {"shape": "S", "documentation": "Says what."}}, "list": [{"a": 1}]}
    assert derive_api.without_texts(part) == {
        "members": {"documentation": {"shape": "S"}},
        "list": [{"a": 1}],
    }


def test_a_release_is_found_by_its_files(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (tmp_path / "__init__.py").write_text("__version__ = '1.2.3'\n")
    assert derive_api.find_release(data) == "1.2.3"
    (data / "VERSION").write_text("1.2.4\n")
    assert derive_api.find_release(data) == "1.2.4"
    assert derive_api.is_older("1.2.4")


def test_a_directory_without_a_release_is_refused(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (tmp_path / "__init__.py").write_text("")
    with pytest.raises(SystemExit):
        derive_api.find_release(data)
