"""BatchGetItem: read up to 100 items of several tables by their keys."""

from typing import Any

from orjson import Fragment

from dynemu._core.codec import decode_row, row_body, row_size
from dynemu._core.pages import join_found
from dynemu._core.shapes import List, Map
from dynemu._core.values import normalise_items
from dynemu.engine.call import Call
from dynemu.engine.capacity import Consumption, read_units, start_consumption
from dynemu.engine.keys import get_row_key
from dynemu.engine.table import Table
from dynemu.errors import validation
from dynemu.expressions.bind import bind
from dynemu.expressions.legacy import projection_from_attributes
from dynemu.limits import BATCH_BYTES, BATCH_GET_KEYS
from dynemu.operations import members
from dynemu.operations.api import input_shape, node, structure
from dynemu.operations.operation import BARE, Answer, Operation, Request

_KEYS = List(node("Key"), 1, BATCH_GET_KEYS, newest=True)
_REQUESTS = Map(
    structure("KeysAndAttributes", shapes={"KeyList": _KEYS}),
    key=members.TABLE_KEY,
    key_rule=members.TABLE_KEY_RULE,
    java_name="com.amazonaws.dynamodb.v20120810.KeysAndAttributes",
    low=1,
    newest=True,
)
SHAPE = input_shape("BatchGetItem", members={"RequestItems": _REQUESTS})
DUPLICATES = "Provided list of item keys contains duplicates"


class TableRead:
    """The keys asked of one table and what became of them."""

    __slots__ = (
        "consistent",
        "consumption",
        "items",
        "keys",
        "left",
        "name",
        "options",
        "projection",
        "row_keys",
    )

    def __init__(self, name: str, request: Request) -> None:
        self.name = name
        self.options = request
        self.keys: list[Request] = request["Keys"]
        self.consistent = request.get("ConsistentRead") is True
        bound = bind(request, ("ProjectionExpression",), ("AttributesToGet",))
        self.projection: Any = bound.projection
        if request.get("AttributesToGet") is not None:
            self.projection = projection_from_attributes(request["AttributesToGet"])
        bound.check_unused()
        normalise_items(self.keys)
        self.row_keys: list[bytes] = []
        self.items: Any = []
        self.left: list[Request] = []
        """Keys that did not fit into the response."""
        self.consumption: Consumption | None = None

    def locate(self, table: Table, mode: str | None) -> None:
        """Find the rows of the keys in *table*. Raises ValidationException for a bad or repeated key."""
        row_keys = table.codec.encode_keys(self.keys)
        self.row_keys = [get_row_key(table, key) for key in self.keys] if row_keys is None else row_keys
        if len(set(self.row_keys)) < len(self.row_keys):
            raise validation(DUPLICATES)
        self.consumption = start_consumption(table, mode)

    def read(self, call: Call, room: int) -> int:
        """Read the items while there is *room* (bytes) in the response; return the room that is left."""
        view = call.view if self.consistent else call.eventual
        rows = view.get_many(self.row_keys)
        if self.projection is None and self.consumption is None:
            items, size = join_found(rows)
            if size <= room:
                self.items = Fragment(items)
                return room - size
        for key, row in zip(self.keys, rows, strict=True):
            size = 0 if row is None else row_size(row)
            if size > room:
                room = -1
                self.left.append(key)
                continue
            room -= size
            if self.consumption is not None:
                self.consumption.units += read_units(size, self.consistent)
            if row is not None:
                self.items.append(
                    Fragment(row_body(row))
                    if self.projection is None
                    else self.projection.apply(decode_row(row))
                )
        return room


def run(call: Call, request: Request) -> Answer:
    wanted: dict[str, Request] = request["RequestItems"]
    if sum(len(part["Keys"]) for part in wanted.values()) > BATCH_GET_KEYS:
        raise validation("Too many items requested for the BatchGetItem call")
    reads = [TableRead(name, part) for name, part in wanted.items()]
    tables = [call.get_table(read.name) for read in reads]
    mode = request.get("ReturnConsumedCapacity")
    for read, table in zip(reads, tables, strict=True):
        read.locate(table, mode)
    room = BATCH_BYTES
    for read in reads:
        room = read.read(call, room)
    response: Request = {
        "Responses": {read.name: read.items for read in reads},
        "UnprocessedKeys": {read.name: {**read.options, "Keys": read.left} for read in reads if read.left},
    }
    if mode in ("TOTAL", "INDEXES"):
        response["ConsumedCapacity"] = [
            read.consumption.report() for read in reads if read.consumption is not None
        ]
    return response, None


OPERATION = Operation("BatchGetItem", SHAPE, run, BARE)
