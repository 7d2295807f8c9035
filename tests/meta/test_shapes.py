"""The request shapes against the service's own model."""

import pytest

from dynemu.operations import OPERATIONS, STREAM_OPERATIONS, find_operation
from dynemu.operations.api import input_shape


@pytest.mark.parametrize("name", [*OPERATIONS, *STREAM_OPERATIONS])
def test_members_are_those_of_the_service(name: str) -> None:
    model = input_shape(name)
    operation = find_operation(name)
    assert operation is not None
    assert set(operation.shape.members) == set(model.members)
    assert set(operation.shape.required) <= set(model.required)
