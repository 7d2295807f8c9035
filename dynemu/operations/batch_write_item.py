"""BatchWriteItem: put and delete up to 25 items of several tables."""

from typing import Any

from dynemu._core.shapes import List, Map
from dynemu._core.values import normalise_item
from dynemu.engine.call import Call
from dynemu.engine.capacity import Consumption, start_consumption
from dynemu.engine.keys import check_index_keys, check_key_values, get_row_key
from dynemu.engine.table import Table
from dynemu.engine.writes import TOO_BIG, Target, collection_metrics
from dynemu.errors import SerializationException, validation
from dynemu.limits import BATCH_WRITE_REQUESTS, ITEM_BYTES
from dynemu.operations import members
from dynemu.operations.api import input_shape, node
from dynemu.operations.batch_get_item import DUPLICATES
from dynemu.operations.operation import OLDER, Answer, Operation, Request
from dynemu.storage.base import WriteSet

_MISMATCH = "The provided key element does not match the schema"


class WriteRequests(List):
    """The requests for one table. Source of the error for a structure: recorded answer, topic batch."""

    def check_type(self, value: Any) -> Any:
        if isinstance(value, dict):
            raise SerializationException(
                "class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to class "
                "java.lang.Class (sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl and "
                "java.lang.Class are in module java.base of loader 'bootstrap')"
            )
        return super().check_type(value)


_REQUESTS = Map(
    WriteRequests(node("WriteRequest"), 1, BATCH_WRITE_REQUESTS),
    key=members.TABLE_KEY,
    key_rule=members.TABLE_KEY_RULE,
    value_rule=(
        "[Member must have length less than or equal to 25, "
        "Member must have length greater than or equal to 1]"
    ),
)
"""NOTE: an empty map is refused later, in other words (see ``check_requests``)."""
SHAPE = input_shape("BatchWriteItem", members={"RequestItems": _REQUESTS})


def run(call: Call, request: Request) -> Answer:
    wanted: dict[str, list[Request]] = request["RequestItems"]
    sizes = check_requests(wanted)
    tables = [call.get_table(name) for name in wanted]
    targets = [locate(call, table, requests) for table, requests in zip(tables, wanted.values(), strict=True)]
    check_different([target.row_key for group in targets for target, _ in group])
    writes = WriteSet()
    consumptions: list[Consumption] = []
    for table, group, known in zip(tables, targets, sizes, strict=True):
        consumption = start_consumption(table, request.get("ReturnConsumedCapacity"))
        if consumption is not None:
            consumptions.append(consumption)
        for (target, item), size in zip(group, known, strict=True):
            target.replace(item, writes, consumption, size)
    response: Request = {"UnprocessedItems": {}}
    if consumptions:
        response["ConsumedCapacity"] = [consumption.report() for consumption in consumptions]
    if request.get("ReturnItemCollectionMetrics") == "SIZE":
        found = {
            table.name: collect_metrics(call, table, requests)
            for table, requests in zip(tables, wanted.values(), strict=True)
        }
        if any(found.values()):
            response["ItemCollectionMetrics"] = {name: metrics for name, metrics in found.items() if metrics}
    return response, writes


def check_requests(wanted: dict[str, list[Request]]) -> list[list[int]]:
    """Check what needs no table: how many requests, and their values.

    Returns: by table, what ``check_write`` does. Raises: ValidationException.
    """
    if not wanted:
        raise validation("The requestItems parameter is required for BatchWriteItem")
    if sum(map(len, wanted.values())) > BATCH_WRITE_REQUESTS:
        raise validation("Too many items requested for the BatchWriteItem call")
    return [[check_write(write) for write in requests] for requests in wanted.values()]


def check_write(write: Request) -> int:
    """Check the values of one put or delete, in place. Raises ValidationException.

    Returns: the size in bytes of what is put, 0 for a delete.
    """
    put, delete = write.get("PutRequest"), write.get("DeleteRequest")
    if (put is None) == (delete is None):
        # NOTE: AWS says so of a request that is neither, too.
        raise validation(
            "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the "
            "supported datatypes"
        )
    if delete is not None:
        normalise_item(delete["Key"])
    if put is None:
        return 0
    size = normalise_item(put["Item"])
    if size > ITEM_BYTES:
        raise validation(TOO_BIG)
    return size


def locate(call: Call, table: Table, requests: list[Request]) -> list[tuple[Target, Request | None]]:
    """Return each request's target and the item to put there. Raises ValidationException for a bad key."""
    found: list[tuple[Target, Request | None]] = []
    for write in requests:
        put = write.get("PutRequest")
        if put is None:
            item = None
            row_key = get_row_key(table, write["DeleteRequest"]["Key"])
        else:
            item = put["Item"]
            row_key = get_put_row_key(table, item)
            if table.indexes:
                check_index_keys(table, item)
        found.append((Target(call.view, table, row_key), item))
    check_different([target.row_key for target, _ in found])
    return found


def check_different(row_keys: list[bytes]) -> None:
    """Raise ValidationException when two of *row_keys* are equal.

    One table may be there twice, by its name and by its ARN.
    """
    if len(set(row_keys)) < len(row_keys):
        raise validation(DUPLICATES)


def get_put_row_key(table: Table, item: Request) -> bytes:
    """Return the row key of *item*, with the errors of a batch: they name no attribute."""
    row_key = table.codec.encode(item)
    if row_key is None:
        if all(part.type in item.get(part.name, ()) for part in table.key_attributes):
            check_key_values(table, item)
        raise validation(_MISMATCH)
    return row_key


def collect_metrics(call: Call, table: Table, requests: list[Request]) -> list[Request]:
    """Return ItemCollectionMetrics for each different collection that the requests touch."""
    found: dict[str, Request] = {}
    for write in requests:
        item = write["PutRequest"]["Item"] if write.get("PutRequest") else write["DeleteRequest"]["Key"]
        metrics = collection_metrics(call.view, table, item)
        if metrics is not None:
            found[repr(metrics["ItemCollectionKey"])] = metrics
    return list(found.values())


OPERATION = Operation("BatchWriteItem", SHAPE, run, OLDER)
