"""Request shapes out of the service's API model, which ``tools/derive_api.py`` keeps in ``api.json``.

The model says what members there are and what they may hold. What it does not say, an operation adds: the
order in which AWS names problems, and nodes for members that AWS checks in another way.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import orjson

from dynemu._core.scalars import Blob, Boolean, Integer, Number, Shape, String
from dynemu._core.shapes import AttributeMap, List, Map, Structure, Value

Nodes = Mapping[str, Shape]
Kind = Callable[[dict[str, Shape], Sequence[str], str], Structure]

ENUM_ORDERS: dict[str, tuple[str, ...]] = {
    "ContributorInsightsMode": ("THROTTLED_KEYS", "ACCESSED_AND_THROTTLED_KEYS"),
    "KeyType": ("HASH", "RANGE"),
    "ProjectionType": ("ALL", "INCLUDE", "KEYS_ONLY"),
    "ReturnConsumedCapacity": ("INDEXES", "TOTAL", "NONE"),
    "InputCompressionType": ("ZSTD", "NONE", "GZIP"),
    "ReturnItemCollectionMetrics": ("SIZE", "NONE"),
    "ReturnValuesOnConditionCheckFailure": ("ALL_OLD", "NONE"),
    "ScalarAttributeType": ("B", "N", "S"),
    "Select": ("SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"),
    "StreamViewType": ("OLD_IMAGE", "KEYS_ONLY", "NEW_AND_OLD_IMAGES", "NEW_IMAGE"),
    "SearchSchemaElementType": ("HASH", "INLINE_FILTER"),
    "TableClass": ("STANDARD", "STANDARD_INFREQUENT_ACCESS"),
    "VectorDistanceFunction": ("DOT_PRODUCT", "COSINE", "EUCLIDEAN"),
}
"""Values of an enum as AWS prints them, where that is recorded and another order than the model's."""
MEMBER_ORDERS: dict[str, tuple[str, ...]] = {
    "AttributeDefinition": ("AttributeType", "AttributeName"),
    "CreateGlobalSecondaryIndexAction": ("KeySchema", "Projection", "IndexName"),
    "GlobalSecondaryIndex": ("KeySchema", "Projection", "IndexName"),
    "ProvisionedThroughput": ("WriteCapacityUnits", "ReadCapacityUnits"),
}
"""Members that AWS reports first, by structure, where that is recorded and another order than the model's."""

_FILE = os.path.join(os.path.dirname(__file__), "api.json")
"""PERF: importlib.resources takes 7 ms to import, in the first request of a server, pathlib 3 ms."""
_PACKAGE = "com.amazonaws.dynamodb.v20120810."
_VALUES = ("AttributeValue",)
_LONG = (1 << 63) - 1


@cache
def _model() -> dict[str, Any]:
    with open(_FILE, "rb") as file:
        loaded: dict[str, Any] = orjson.loads(file.read())
    return loaded


def operation_names(service: str) -> list[str]:
    """Return the operations of *service* (``dynamodb`` or ``dynamodbstreams``) in alphabetical order."""
    return [name for name, entry in _model()["operations"].items() if entry["service"] == service]


def input_shape(
    operation: str,
    *,
    order: Sequence[str] = (),
    members: Nodes | None = None,
    shapes: Nodes | None = None,
    kind: Kind = Structure,
) -> Structure:
    """Return the shape of the requests of *operation*.

    *order* names the members that AWS reports first; the others follow in the model's order. *members*
    replaces members of the request itself, *shapes* every use of a shape, by the name in the API model.
    *kind* is the node to make of it, for a request that is checked in a way of its own.
    """
    name = _model()["operations"][operation]["input"]
    return structure(name, order=order, members=members, shapes=shapes, kind=kind)


def structure(
    name: str,
    *,
    order: Sequence[str] = (),
    members: Nodes | None = None,
    shapes: Nodes | None = None,
    kind: Kind = Structure,
) -> Structure:
    """Return the node of the structure called *name* in the API model; see ``input_shape``."""
    shape = _model()["shapes"][name]
    given = members or {}
    first = order or MEMBER_ORDERS.get(name, ())
    places = [*first, *(member for member in shape["members"] if member not in first)]
    nodes = {member: given.get(member) or node(shape["members"][member], shapes) for member in places}
    required = [member for member in places if member in shape.get("required", ())]
    return kind(nodes, required, name)


def node(name: str, shapes: Nodes | None = None) -> Shape:
    """Return the node of the shape called *name* in the API model; *shapes* replaces some by name."""
    replaced = (shapes or {}).get(name)
    if replaced is not None:
        return replaced
    if name in _VALUES:
        return Value()
    shape = _model()["shapes"][name]
    built: Shape = _BUILDERS[shape["type"]](name, shape, shapes)
    return built


def _string(name: str, shape: dict[str, Any], shapes: Nodes | None) -> Shape:
    enum = shape.get("enum")
    return String(
        shape.get("min", 0), shape.get("max", -1), shape.get("pattern"), enum and ENUM_ORDERS.get(name, enum)
    )


def _list(name: str, shape: dict[str, Any], shapes: Nodes | None) -> Shape:
    return List(node(shape["member"], shapes), shape.get("min", 0), shape.get("max", -1))


def _map(name: str, shape: dict[str, Any], shapes: Nodes | None) -> Shape:
    value = shape["value"]
    if value in _VALUES and not name.startswith("Expression"):
        return AttributeMap()
    java_name = _PACKAGE + value if value[0].isupper() and value != "AttributeName" else "java.lang.String"
    return Map(node(value, shapes), java_name=java_name, low=shape.get("min", 0))


def _structure(name: str, shape: dict[str, Any], shapes: Nodes | None) -> Shape:
    return structure(name, shapes=shapes)


def _integer(name: str, shape: dict[str, Any], shapes: Nodes | None) -> Shape:
    return Integer(shape.get("min"), shape.get("max"))


def _long(name: str, shape: dict[str, Any], shapes: Nodes | None) -> Shape:
    return Integer(shape.get("min"), shape.get("max", _LONG), "Long")


_BUILDERS: dict[str, Any] = {
    "blob": lambda *_: Blob(),
    "boolean": lambda *_: Boolean(),
    "double": lambda *_: Number(),
    "integer": _integer,
    "list": _list,
    "long": _long,
    "map": _map,
    "string": _string,
    "structure": _structure,
    "timestamp": lambda *_: Number(),
}
