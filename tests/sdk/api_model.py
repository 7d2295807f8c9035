"""The service's API model in tests: requests made from it, and answers held against it."""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MODELS = Path(__file__).parents[1] / "models"
"""Laid out as botocore's data: a loader of botocore reads them too."""
SERVICES = ("dynamodb", "dynamodbstreams")
REMOVED = object()
"""Given to ``replaced`` as the value of a member that is to go."""
Path_ = tuple[Any, ...]

_ADDED = {
    "AutoScalingSettingsUpdate": ("MinimumUnits", "MaximumUnits", "ScalingPolicyUpdate"),
    "CreateTableInput": ("AttributeDefinitions", "KeySchema", "BillingMode"),
    "OutputS3Configuration": ("S3Bucket",),
    "QueryInput": ("KeyConditionExpression", "ExpressionAttributeValues"),
    "ReplicaAutoScalingUpdate": ("ReplicaProvisionedReadCapacityAutoScalingUpdate",),
    "ReplicaUpdate": ("Create",),
    "Replica": ("RegionName",),
    "RestoreTableToPointInTimeInput": ("SourceTableName", "UseLatestRestorableTime"),
    "TableCreationParameters": ("BillingMode",),
    "TransactWriteItem": ("Put",),
    "UpdateGlobalTableSettingsInput": ("GlobalTableBillingMode",),
    "UpdateKinesisStreamingConfiguration": ("ApproximateCreationDateTimePrecision",),
    "UpdateKinesisStreamingDestinationInput": ("UpdateKinesisStreamingConfiguration",),
    "UpdateTableInput": ("DeletionProtectionEnabled",),
    "UpdateTableReplicaAutoScalingInput": ("ReplicaUpdates",),
    "WriteRequest": ("PutRequest",),
}
"""Members that the model does not require although the service does, by structure."""
_TYPES: dict[str, tuple[type, ...]] = {
    "blob": (str,),
    "boolean": (bool,),
    "double": (int, float),
    "integer": (int,),
    "list": (list,),
    "long": (int,),
    "map": (dict,),
    "string": (str,),
    "structure": (dict,),
    "timestamp": (int, float),
}
_SAMPLES: dict[str, tuple[Any, ...]] = {
    "blob": (1, True, [], {}),
    "boolean": ("yes", 1, [], {}),
    "double": ("x", True, [], {}),
    "integer": ("1", True, [], {}),
    "list": (1, "x", True, {}),
    "long": ("1", True, [], {}),
    "map": (1, "x", True, []),
    "string": (1, 1.5, True, [], {}),
    "structure": (1, "x", True, []),
    "timestamp": ("x", True, [], {}),
}
"""JSON values of another type, by the type of the shape. NOTE: the service reads "true" as a boolean."""
_RECORDED = {"TableDescription": {"TableThroughputModeSummary"}}
"""Members that the service answers although its model does not have them, by structure."""


_UNCHECKED: dict[str, tuple[Path_, ...]] = {
    "EnableKinesisStreamingDestination": (("StreamArn",),),
    "DisableKinesisStreamingDestination": (("StreamArn",),),
    "UpdateKinesisStreamingDestination": (("StreamArn",),),
}
"""Members that are taken outside of their range: that there is no such Kinesis stream is found out later."""


@dataclass(frozen=True)
class Operation:
    """An operation of the model; ``output`` is None where the service answers nothing."""

    name: str
    service: str
    target: str
    input: str
    output: str | None
    errors: frozenset[str]
    shapes: Mapping[str, Any]


def load_operations() -> dict[str, Operation]:
    """Return all operations of both services by name."""
    found = {}
    for service in SERVICES:
        model = json.loads((MODELS / service / "2012-08-10" / "service-2.json").read_text())
        for name, entry in model["operations"].items():
            found[name] = Operation(
                name,
                service,
                f"{model['metadata']['targetPrefix']}.{name}",
                entry["input"]["shape"],
                entry["output"]["shape"] if "output" in entry else None,
                frozenset(error["shape"] for error in entry.get("errors", ())),
                model["shapes"],
            )
    return found


class Requests:
    """Makes requests of *operation*; *values* are for members, by ``Structure.Member``, member or shape."""

    def __init__(self, operation: Operation, values: Mapping[str, Any]) -> None:
        self.operation = operation
        self.shapes = operation.shapes
        self.values = values

    def minimal(self) -> dict[str, Any]:
        """Return a valid request with as few members as the service takes."""
        request: dict[str, Any] = self._build(self.operation.input)
        return request

    def _build(self, name: str) -> Any:
        shape = self.shapes[name]
        kind = shape["type"]
        if kind == "structure":
            wanted = [*shape.get("required", ()), *_ADDED.get(name, ())]
            return {member: self._member(name, member) for member in wanted}
        if kind == "list":
            return [self._of(shape["member"]["shape"])]
        if kind == "map":
            return {self._of(shape["key"]["shape"]): self._of(shape["value"]["shape"])}
        if kind == "string":
            return shape["enum"][0] if "enum" in shape else "a" * max(shape.get("min", 0), 3)
        return {"boolean": False, "blob": ""}.get(kind, shape.get("min", 1))

    def _member(self, structure: str, member: str) -> Any:
        for name in (f"{structure}.{member}", member):
            if name in self.values:
                return self.values[name]
        return self._of(self.shapes[structure]["members"][member]["shape"])

    def _of(self, name: str) -> Any:
        return self.values[name] if name in self.values else self._build(name)

    def places(self, name: str = "", path: Path_ = (), seen: Path_ = ()) -> Iterator[tuple[Path_, str]]:
        """Yield the path and the shape of the request and of all that it may hold, each structure once."""
        name = name or self.operation.input
        shape = self.shapes[name]
        yield path, name
        if shape["type"] == "structure" and name not in seen:
            for member, part in shape["members"].items():
                yield from self.places(part["shape"], (*path, member), (*seen, name))
        elif shape["type"] in ("list", "map"):
            part = shape["member" if shape["type"] == "list" else "value"]
            yield from self.places(part["shape"], (*path, 0), seen)

    def replaced(self, path: Path_, value: Any) -> Any:
        """Return a valid request in which *value* is at *path*."""
        return self._replaced(self.operation.input, self.minimal(), path, value)

    def _replaced(self, name: str, given: Any, path: Path_, value: Any) -> Any:
        if not path:
            return value
        shape, (step, *rest) = self.shapes[name], path
        if shape["type"] == "list":
            return [self._replaced(shape["member"]["shape"], given[0], tuple(rest), value), *given[1:]]
        if shape["type"] == "map":
            key = next(iter(given))
            return {**given, key: self._replaced(shape["value"]["shape"], given[key], tuple(rest), value)}
        inner = given[step] if step in given else self._member(name, step)
        made = self._replaced(shape["members"][step]["shape"], inner, tuple(rest), value)
        return {key: part for key, part in {**given, step: made}.items() if part is not REMOVED}

    def without_required(self) -> Iterator[tuple[str, Any]]:
        """Yield (what, request) with one required member left out, at every level."""
        for path, name in self.places():
            for member in self.shapes[name].get("required", ()):
                yield f"no {show((*path, member))}", self.replaced((*path, member), REMOVED)

    def out_of_range(self) -> Iterator[tuple[str, Any]]:
        """Yield (what, request) with one member too short, too long, too small, too big or unknown."""
        for path, name in self.places():
            for value in () if path in _UNCHECKED.get(self.operation.name, ()) else self._beyond(name):
                yield f"{show(path)} = {show_value(value)}", self.replaced(path, value)

    def _beyond(self, name: str) -> Iterator[Any]:
        shape = self.shapes[name]
        kind, low, high = shape["type"], shape.get("min"), shape.get("max")
        if kind in ("integer", "long"):
            # A number beyond 32 bits is read as the nearest one that fits.
            yield from () if low is None else (low - 1,)
            yield from (high + 1,) if high is not None and high < (1 << 31) - 1 else ()
            return
        if "enum" in shape:
            yield "no such value"
        if "pattern" in shape:
            yield "\0$" * max(low or 0, 1)
        if low:
            yield {"string": "a" * (low - 1), "list": [], "map": {}}[kind]
        if high is not None and kind == "list":
            yield [self._of(shape["member"]["shape"])] * (high + 1)
        elif high is not None and kind == "map":
            yield {f"name-{number}": self._of(shape["value"]["shape"]) for number in range(high + 1)}
        elif high is not None:
            yield "a" * (high + 1)

    def of_wrong_type(self) -> Iterator[tuple[str, Any]]:
        """Yield (what, request) with one member of another JSON type, at every level."""
        for path, name in self.places():
            for value in _SAMPLES[self.shapes[name]["type"]]:
                yield f"{show(path)} = {show_value(value)}", self.replaced(path, value)


def show(path: Path_) -> str:
    return ".".join(map(str, path)) or "the request"


def show_value(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) < 40 else f"{text[:20]}… ({len(text)})"


def find_faults(shapes: Mapping[str, Any], name: str, value: Any, path: str = "") -> Iterator[str]:
    """Yield what is wrong with *value*, JSON off the wire, as an answer of the shape called *name*."""
    shape = shapes[name]
    kind = shape["type"]
    if type(value) not in _TYPES[kind]:
        yield f"{path}: {value!r} is no {kind}"
        return
    if kind == "structure":
        yield from find_member_faults(shapes, name, value, path)
    elif kind == "list":
        for place, member in enumerate(value):
            yield from find_faults(shapes, shape["member"]["shape"], member, f"{path}[{place}]")
    elif kind == "map":
        for key, member in value.items():
            yield from find_faults(shapes, shape["value"]["shape"], member, f"{path}.{key}")
    elif kind == "blob":
        try:
            base64.b64decode(value, validate=True)
        except binascii.Error as error:
            yield f"{path}: {error}"
    elif kind == "string":
        if "enum" in shape and value not in shape["enum"]:
            yield f"{path}: {value!r} is none of {shape['enum']}"
        if not shape.get("min", 0) <= len(value) <= shape.get("max", len(value)):
            yield f"{path}: {value!r} is too short or too long"


def find_member_faults(
    shapes: Mapping[str, Any], name: str, value: dict[str, Any], path: str
) -> Iterator[str]:
    """Yield what is wrong with the members of *value*: missing ones, unknown ones, faulty ones."""
    members = shapes[name]["members"]
    for member in shapes[name].get("required", ()):
        if member not in value:
            yield f"{path}: {member} is missing"
    for member, part in value.items():
        if member in members:
            yield from find_faults(shapes, members[member]["shape"], part, f"{path}.{member}")
        elif member not in _RECORDED.get(name, ()):
            yield f"{path}: {member} is unknown"
