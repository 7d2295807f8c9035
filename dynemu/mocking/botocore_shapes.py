"""Makes the nodes of ``_core.client_shapes`` from the service models of botocore's clients."""

from collections.abc import Callable
from typing import Any, NamedTuple

from dynemu._core.client_shapes import (
    Blob,
    Flag,
    Mapping,
    Moment,
    Node,
    PythonValue,
    Real,
    Sequence,
    Structure,
    TaggedValue,
    Text,
    Whole,
)

VALUE = "AttributeValue"
CONDITIONS = {"ConditionExpression": False, "KeyExpression": True}
"""Shapes that boto3's resources take conditions for, and whether those are about keys."""
_KEPT_MODELS = 8


class UnknownShape(Exception):
    """The model says something of a shape that is not known here."""


class Shapes(NamedTuple):
    """Request and response of an operation; None where the model has none."""

    request: Node | None
    response: Node | None


class ModelShapes:
    """The shapes of one service model, made when they are first asked for.

    *make_value* makes the node of attribute values: as clients, or as resources see them.
    """

    def __init__(self, model: Any, parse_timestamp: Any, make_value: Callable[[], Structure]) -> None:
        self.model = model
        self._parse_timestamp = parse_timestamp
        self._make_value = make_value
        self._nodes: dict[str, Node] = {}
        self._operations: dict[str, Shapes] = {}

    def find(self, operation: Any) -> Shapes:
        """Return the shapes of the operation model *operation*. Raises: UnknownShape."""
        found = self._operations.get(operation.name)
        if found is None:
            shapes = (operation.input_shape, operation.output_shape)
            found = Shapes(*(None if shape is None else self._node(shape) for shape in shapes))
            self._operations[operation.name] = found
        return found

    def find_error(self, shape: Any) -> Node:
        """Return the node of an error. Raises: UnknownShape."""
        return self._node(shape)

    def _node(self, shape: Any) -> Node:
        node = self._nodes.get(shape.name)
        if node is None:
            node = self._make(shape)
            self._nodes[shape.name] = node
        return node

    def _make(self, shape: Any) -> Node:
        low = shape.metadata.get("min")
        match shape.type_name:
            case "string":
                return Text(low or 0)
            case "integer" | "long":
                return Whole(low)
            case "boolean":
                return Flag()
            case "blob":
                return Blob()
            case "timestamp":
                return Moment(self._parse_timestamp)
            case "float" | "double":
                return Node() if low is not None else Real()
            case "list":
                return _containing(Sequence(self._node(shape.member), low or 0), shape.member.name)
            case "map":
                key = self._node(shape.key)
                if not isinstance(key, Text):
                    raise UnknownShape(shape.key.name)
                return _containing(Mapping(self._node(shape.value), key.low), shape.value.name)
            case "structure":
                return self._make_structure(shape)
        raise UnknownShape(shape.type_name)

    def _make_structure(self, shape: Any) -> Node:
        if shape.is_tagged_union or shape.is_document_type:
            raise UnknownShape(shape.name)
        node = self._make_value() if shape.name == VALUE else Structure()
        # Kept before its members are made, which may lead back to it.
        self._nodes[shape.name] = node
        members = {}
        for name, member in shape.members.items():
            if set(member.serialization) - {"flattened"}:
                raise UnknownShape(f"{shape.name}.{name}")
            members[name] = self._node(member)
        node.take(members, tuple(shape.metadata.get("required", ())))
        node.converts = node.converts or any(member.converts for member in members.values())
        return node


def _containing(node: Sequence | Mapping, member: str) -> Node:
    node.converts = node.member.converts
    return node


class _Known:
    """The shapes of the latest models; each is kept by the description that it was made from."""

    def __init__(self) -> None:
        self._latest: list[tuple[Any, Any, ModelShapes]] = []

    def find(self, model: Any, kind: Any, make: Callable[[], ModelShapes]) -> ModelShapes:
        description = model._service_description
        for known in self._latest:
            if known[0] is description and known[1] is kind:
                return known[2]
        made = make()
        self._latest = [*self._latest[1 - _KEPT_MODELS :], (description, kind, made)]
        return made


_known = _Known()


def shapes_of_client(model: Any, parse_timestamp: Any) -> ModelShapes:
    """Return the shapes of the service model *model*, with attribute values as clients see them."""
    return _known.find(model, None, lambda: ModelShapes(model, parse_timestamp, TaggedValue))


def shapes_of_resource(model: Any, parse_timestamp: Any, types: Any) -> ModelShapes:
    """Return the shapes of *model*, with Python values; *types* is ``boto3.dynamodb.types``."""
    context = types.DYNAMODB_CONTEXT

    def make_value() -> PythonValue:
        return PythonValue(context, types.Binary, types.TypeDeserializer().deserialize)

    return _known.find(model, context, lambda: ModelShapes(model, parse_timestamp, make_value))
