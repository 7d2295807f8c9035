"""Shapes of the table operations: keys, indexes, throughput and the other settings of a table."""

from typing import Any

from dynemu._core.shapes import (
    Boolean,
    Integer,
    List,
    Problems,
    Shape,
    String,
    Structure,
    echo,
    member_path,
)
from dynemu.engine.call import table_name
from dynemu.errors import constraint_error, validation
from dynemu.limits import GSI_KEY_PARTS, INCLUDED_ATTRIBUTES

NAME_PATTERN = "[a-zA-Z0-9_.-]+"
NAME = String(3, 255, NAME_PATTERN)

_TOO_LONG = "Member must have length less than or equal to {}"
_NAME_LENGTH = "TableName must be at least 3 characters long and at most 255 characters long"
_NAME_REQUIRED = "The parameter 'TableName' is required but was not present in the request"


class TableRequest(Structure):
    """A request about one table, whose name is looked at before anything else.

    *needed* are members that AWS misses although its model does not require them; ``new`` marks CreateTable,
    which words a name of a wrong length as a broken constraint.
    """

    def __init__(self, members: dict[str, Shape], needed: tuple[str, ...] = (), *, new: bool = False) -> None:
        super().__init__({"TableName": TableNameOrArn(), **members}, ("TableName",))
        self.needed = needed
        self.new = new

    def accepts(self, value: Any) -> bool:
        return super().accepts(value) and all(value.get(name) is not None for name in self.needed)

    def check(self, value: dict[str, Any], path: str, problems: Problems) -> None:
        self._check_name(value.get("TableName"), problems)
        for name, node in self.members.items():
            member = value.get(name)
            if member is not None:
                node.check(member, member_path(path, name), problems)
            elif name in self.needed:
                problems.add(None, member_path(path, name), "Member must not be null")

    def _check_name(self, name: str | None, problems: Problems) -> None:
        if name is None:
            raise validation(_NAME_REQUIRED)
        shown = table_name(name)
        if not self.new and not 3 <= len(shown) <= 255:
            raise validation(_NAME_LENGTH)
        NAME.check(shown, "tableName", problems)
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
        super().__init__(KEY_ELEMENT, 1)
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


KEY_NAME = String(1, 255)
KEY_ELEMENT = Structure(
    {"AttributeName": KEY_NAME, "KeyType": String(enum=("HASH", "RANGE"))},
    ("AttributeName", "KeyType"),
    "KeySchemaElement",
)
ATTRIBUTE_DEFINITIONS = List(
    Structure(
        {"AttributeName": KEY_NAME, "AttributeType": String(enum=("B", "N", "S"))},
        ("AttributeName", "AttributeType"),
        "AttributeDefinition",
    )
)
PROJECTION = Structure(
    {
        "ProjectionType": String(enum=("ALL", "INCLUDE", "KEYS_ONLY")),
        "NonKeyAttributes": List(String(1, 255), 1, INCLUDED_ATTRIBUTES),
    },
    (),
    "Projection",
)
_UNITS = Integer(1, (1 << 63) - 1, "Long")
_LONG = Integer(None, (1 << 63) - 1, "Long")
PROVISIONED_THROUGHPUT = Structure(
    {"WriteCapacityUnits": _UNITS, "ReadCapacityUnits": _UNITS},
    ("WriteCapacityUnits", "ReadCapacityUnits"),
    "ProvisionedThroughput",
)
ON_DEMAND_THROUGHPUT = Structure(
    {"MaxReadRequestUnits": _LONG, "MaxWriteRequestUnits": _LONG}, (), "OnDemandThroughput"
)
WARM_THROUGHPUT = Structure({"ReadUnitsPerSecond": _LONG, "WriteUnitsPerSecond": _LONG}, (), "WarmThroughput")
_INDEX_THROUGHPUT = {
    "ProvisionedThroughput": PROVISIONED_THROUGHPUT,
    "OnDemandThroughput": ON_DEMAND_THROUGHPUT,
    "WarmThroughput": WARM_THROUGHPUT,
}
TABLE_KEY_SCHEMA = KeySchema(2)
GLOBAL_INDEX = Structure(
    {
        "KeySchema": KeySchema(2 * GSI_KEY_PARTS),
        "Projection": PROJECTION,
        "IndexName": NAME,
        **_INDEX_THROUGHPUT,
    },
    ("KeySchema", "Projection", "IndexName"),
    "GlobalSecondaryIndex",
)
LOCAL_INDEX = Structure(
    {"IndexName": NAME, "KeySchema": KeySchema(2), "Projection": PROJECTION},
    ("IndexName", "KeySchema", "Projection"),
    "LocalSecondaryIndex",
)
_DROP_INDEX = Structure({"IndexName": NAME}, ("IndexName",), "DeleteGlobalSecondaryIndexAction")
_CHANGE_INDEX = Structure(
    {"IndexName": NAME, **_INDEX_THROUGHPUT}, ("IndexName",), "UpdateGlobalSecondaryIndexAction"
)
GLOBAL_INDEX_UPDATES = List(
    Structure(
        {"Update": _CHANGE_INDEX, "Create": GLOBAL_INDEX, "Delete": _DROP_INDEX},
        (),
        "GlobalSecondaryIndexUpdate",
    )
)
BILLING_MODE = String(enum=("PROVISIONED", "PAY_PER_REQUEST"))
TABLE_CLASS = String(enum=("STANDARD", "STANDARD_INFREQUENT_ACCESS"))
STREAM_SPECIFICATION = Structure(
    {
        "StreamEnabled": Boolean(),
        "StreamViewType": String(enum=("OLD_IMAGE", "KEYS_ONLY", "NEW_AND_OLD_IMAGES", "NEW_IMAGE")),
    },
    ("StreamEnabled",),
    "StreamSpecification",
)
SSE_SPECIFICATION = Structure(
    {"Enabled": Boolean(), "SSEType": String(enum=("AES256", "KMS")), "KMSMasterKeyId": String(1)},
    (),
    "SSESpecification",
)
TAGS = List(Structure({"Key": String(), "Value": String()}, (), "Tag"))
SETTINGS_REPLICATION = String(enum=("ENABLED", "DISABLED", "ENABLED_WITH_OVERRIDES"))
FLAG = Boolean()
RESTORE_SHAPES: dict[str, Shape] = {
    "GlobalSecondaryIndex": GLOBAL_INDEX,
    "LocalSecondaryIndex": LOCAL_INDEX,
    "ProvisionedThroughput": PROVISIONED_THROUGHPUT,
    "SSESpecification": SSE_SPECIFICATION,
}
"""Shapes of the API model that the restores share with CreateTable."""
REFUSED = Shape()
"""A member that the operation refuses, whatever it holds."""
