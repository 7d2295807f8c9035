"""Shapes of the operations whose TableName is, in the API model, a TableArn."""

from typing import Any

from dynemu._core.problems import Problems
from dynemu._core.scalars import Shape, String
from dynemu._core.shapes import Structure
from dynemu.errors import validation
from dynemu.operations.api import input_shape
from dynemu.operations.table_members import NAME_PATTERN
from dynemu.operations.update_time_to_live import TableArn


class IndexName(String):
    """The name of an index; AWS words a wrong length in a way of its own."""

    def __init__(self) -> None:
        super().__init__(3, 255, NAME_PATTERN)

    def check(self, value: Any, path: str, problems: Problems) -> None:
        if not self.low <= len(value) <= self.high:
            raise validation("IndexName must be at least 3 characters long and at most 255 characters long")
        super().check(value, path, problems)


# NOTE: the model says 37 characters for the ARN of a Kinesis stream; AWS takes any but an empty one.
_SHAPES: dict[str, Shape] = {"TableArn": TableArn(), "IndexName": IndexName(), "StreamArn": String(1, 1024)}


def arn_shape(operation: str, **members: Shape) -> Structure:
    """Return the shape of the requests of *operation*; *members* replaces some by name."""
    return input_shape(operation, shapes=_SHAPES, members=members)
