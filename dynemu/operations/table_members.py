"""What the API model does not say of requests about tables: their names, key schemas and tags."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from dynemu._core.problems import Problems, echo, member_path
from dynemu._core.scalars import Shape, String, check_pattern, check_text_length
from dynemu._core.shapes import List, Structure
from dynemu.engine.call import table_name
from dynemu.errors import constraint_error, validation
from dynemu.limits import GSI_KEY_PARTS
from dynemu.operations.api import Nodes, input_shape, node, structure

NAME_PATTERN = "[a-zA-Z0-9_.-]+"
NAME = String(3, 255, NAME_PATTERN)

_TOO_LONG = "Member must have length less than or equal to {}"
NAME_LENGTH = "TableName must be at least 3 characters long and at most 255 characters long"
"""How the operations of global tables and restores from backups word a name of a wrong length."""
_NAME_REQUIRED = "The parameter 'TableName' is required but was not present in the request"


class LengthFirst(String):
    """A name whose length AWS looks at before its letters."""

    def check(self, value: Any, path: str, problems: Problems) -> None:
        check_text_length(value, path, self, problems)
        check_pattern(value, path, self, problems)


LENGTH_FIRST = LengthFirst(3, 255, NAME_PATTERN)


class LegacyName(String):
    """A table name in requests that word a wrong length in a way of their own."""

    def check(self, value: Any, path: str, problems: Problems) -> None:
        if not 3 <= len(value) <= 255:
            raise validation(NAME_LENGTH)
        super().check(value, path, problems)


class TableClass(String):
    """A table class; AWS words an unknown one in a way of its own."""

    def check(self, value: Any, path: str, problems: Problems) -> None:
        if not self.accepts(value):
            raise validation(
                "Invalid table-class parameter provided. Please try again with a valid table-class value: "
                f"{self.enum_rule}."
            )


class TableRequest(Structure):
    """A request about one table, whose name is looked at before anything else.

    *needed* are members that AWS misses although its model does not require them, unless the request has the
    member *instead*; ``new`` marks CreateTable, which looks at the letters of a name before its length.
    """

    def __init__(
        self,
        members: dict[str, Shape],
        required: Sequence[str] = ("TableName",),
        java_name: str = "",
        *,
        needed: tuple[str, ...] = (),
        new: bool = False,
        instead: str = "",
    ) -> None:
        others = {name: member for name, member in members.items() if name != "TableName"}
        super().__init__({"TableName": TableNameOrArn(), **others}, required, java_name)
        self.needed = needed
        self.new = new
        self.instead = instead

    def accepts(self, value: Any) -> bool:
        return super().accepts(value) and all(value.get(name) is not None for name in self._needed(value))

    def _needed(self, value: dict[str, Any]) -> tuple[str, ...]:
        return () if value.get(self.instead) is not None else self.needed

    def check(self, value: dict[str, Any], path: str, problems: Problems) -> None:
        self._check_name(value.get("TableName"), problems)
        for name, shape in self.members.items():
            member = value.get(name)
            if member is not None:
                shape.check(member, member_path(path, name), problems)
            elif name in self._needed(value) or name in self.required:
                problems.add(None, member_path(path, name), "Member must not be null")

    def _check_name(self, name: str | None, problems: Problems) -> None:
        if name is None:
            raise validation(_NAME_REQUIRED)
        if self.new:
            NAME.check(table_name(name), "tableName", problems)
        else:
            LENGTH_FIRST.check(table_name(name), "tableName", problems)
        if problems.late:
            raise constraint_error(problems.late)


class TableNameOrArn(String):
    """A table's name or ARN; ``TableRequest`` words what is wrong with it."""

    def accepts(self, value: Any) -> bool:
        return type(value) is str and NAME.accepts(table_name(value))

    def check(self, value: str, path: str, problems: Problems) -> None:
        """Leave it to ``TableRequest``."""


class KeySchema(List):
    """A key schema of at most *parts* elements; AWS names a longer one ``keySchema`` wherever it is."""

    def __init__(self, parts: int) -> None:
        super().__init__(node("KeySchemaElement"), 1)
        self.parts = parts

    def accepts(self, value: Any) -> bool:
        return super().accepts(value) and len(value) <= self.parts

    def check(self, value: list[Any], path: str, problems: Problems) -> None:
        if len(value) > self.parts:
            shown = ", ".join(_show_key_element(element) for element in value)
            problems.add(f"[{shown}]", "keySchema", _TOO_LONG.format(self.parts))
        super().check(value, path, problems)


def _show_key_element(element: Any) -> str:
    if not isinstance(element, dict):
        return str(echo(element))
    name, key_type = element.get("AttributeName"), element.get("KeyType")
    return f"KeySchemaElement(attributeName={name or ''}, keyType={key_type or ''})"


_INDEX_SHAPES: Nodes = {"KeySchema": KeySchema(2 * GSI_KEY_PARTS), "IndexName": LENGTH_FIRST}
"""In a global index, whose key may have several attributes for each part."""
TABLE_SHAPES: Nodes = {
    "KeySchema": KeySchema(2),
    "IndexName": LENGTH_FIRST,
    "KMSMasterKeyId": String(1),
    "TableClass": TableClass(enum=("STANDARD", "STANDARD_INFREQUENT_ACCESS")),
    "GlobalSecondaryIndex": structure("GlobalSecondaryIndex", shapes=_INDEX_SHAPES),
    "CreateGlobalSecondaryIndexAction": structure("CreateGlobalSecondaryIndexAction", shapes=_INDEX_SHAPES),
    "Tag": Structure({"Key": String(), "Value": String()}, (), "Tag"),
}
"""Where requests about tables differ from the API model. Tags are worded by ``table_settings.tags_of``."""
RESTORE_SHAPES: Nodes = {
    **TABLE_SHAPES,
    "GlobalSecondaryIndex": structure(
        "GlobalSecondaryIndex", order=("IndexName", "KeySchema", "Projection"), shapes=_INDEX_SHAPES
    ),
}
"""The same in requests for restores, where AWS names what a global index lacks in another order."""


def table_request(
    operation: str,
    *,
    order: Sequence[str] = (),
    needed: tuple[str, ...] = (),
    new: bool = False,
    instead: str = "",
) -> Structure:
    """Return the shape of the requests of *operation*, which is about one table; see ``TableRequest``."""
    kind = partial(TableRequest, needed=needed, new=new, instead=instead)
    return input_shape(operation, order=order, shapes=TABLE_SHAPES, kind=kind)
