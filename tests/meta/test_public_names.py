"""What users may rely on: exported names, operations and errors, each written down once."""

import re
from typing import Any

import pytest

import dynemu
from dynemu import errors
from dynemu.operations import (
    OPERATIONS,
    STREAM_OPERATIONS,
    USUAL,
    find_operation,
    get_loaded,
    load_operations,
    module_name,
)
from dynemu.operations.api import operation_names

ERRORS = {
    name: value
    for name, value in vars(errors).items()
    if isinstance(value, type) and issubclass(value, errors.AwsError)
}
BASES = (errors.AwsError, errors.CoralError, errors.DynamoDbError)


def test_exported_names() -> None:
    assert sorted(dynemu.__all__) == [
        "AsyncDatabase",
        "Database",
        "__version__",
        "hookimpl",
        "mock",
        "serve",
    ]
    assert all(hasattr(dynemu, name) for name in dynemu.__all__)


@pytest.mark.parametrize("name", [*OPERATIONS, *STREAM_OPERATIONS])
def test_an_operation_is_found_under_its_name(name: str) -> None:
    operation = find_operation(name)
    assert operation is not None
    assert operation.name == name


def test_the_usual_operations_are_loaded_one_by_one() -> None:
    assert len(list(load_operations())) == len(USUAL)
    assert [get_loaded(name) for name in USUAL] == [find_operation(name) for name in USUAL]
    assert None not in map(get_loaded, USUAL)


def test_every_operation_is_in_the_table(tree: Any) -> None:
    modules = {
        tree.module(path)
        for path in tree.sources("dynemu/operations")
        if "\nOPERATION = " in path.read_text()
    }
    assert modules == {module_name(name) for name in (*OPERATIONS, *STREAM_OPERATIONS)}


def test_the_table_is_that_of_the_api_model() -> None:
    assert list(OPERATIONS) == operation_names("dynamodb")
    assert list(STREAM_OPERATIONS) == operation_names("dynamodbstreams")


def test_the_error_tree_is_drawn_as_it_is() -> None:
    drawn = re.findall(
        r"^ *[│ ]*[├└]?─* ?(\w+)(?: {2,}\S+| \(50[03]\))?$", errors.__doc__ or "", re.MULTILINE
    )
    assert sorted(drawn) == sorted(ERRORS)


@pytest.mark.parametrize("name", sorted(set(ERRORS) - {base.__name__ for base in BASES}))
def test_an_error_names_itself_as_aws_does(name: str) -> None:
    body = ERRORS[name]("why").to_body()
    prefix, _, short = body["__type"].partition("#")
    assert (short, prefix) == (name, ERRORS[name].prefix)
    assert prefix in (
        "com.amazon.coral.service",
        "com.amazon.coral.validate",
        "com.amazonaws.dynamodb.v20120810",
    )
    assert body[ERRORS[name].message_key] == "why"
