"""Shapes of the operations whose TableName is, in the API model, a TableArn."""

import re
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


class StreamArn(String):
    """The ARN of a Kinesis stream, of 37 characters as the model says, though AWS takes shorter ones."""

    def check(self, value: Any, path: str, problems: Problems) -> None:
        if not value or len(value) >= self.low:
            super().check(value, path, problems)


class JobArn(String):
    """The ARN of what was made of a table, such as a backup; AWS has one text for all that is not."""

    def __init__(self, part: str, name: str) -> None:
        super().__init__()
        self._part = re.compile(rf"arn(:[^:/]*){{4}}:table/[^/]+/{part}/[^/]+")
        self._problem = f"Invalid {name} ARN"

    def accepts(self, value: Any) -> bool:
        return type(value) is str and self._part.fullmatch(value) is not None

    def check(self, value: Any, path: str, problems: Problems) -> None:
        if not self.accepts(value):
            raise validation(self._problem)


BACKUP_ARN = JobArn("backup", "Backup")
EXPORT_ARN = JobArn("export", "Export")
IMPORT_ARN = JobArn("import", "Import")
_SHAPES: dict[str, Shape] = {
    "TableArn": TableArn(),
    "IndexName": IndexName(),
    "StreamArn": StreamArn(37, 1024),
}


def arn_shape(operation: str, **members: Shape) -> Structure:
    """Return the shape of the requests of *operation*; *members* replaces some by name."""
    return input_shape(operation, shapes=_SHAPES, members=members)
