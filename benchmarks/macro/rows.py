"""The rows of requests: for each, its prepared requests and the check that a server answers it right."""

import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from benchmarks.macro.data import (
    INDEXED_TABLE,
    ITEM_COUNT,
    ITEMS_PER_PARTITION,
    PARTITIONS,
    TABLE,
    Item,
    item_of,
    key_of,
)
from benchmarks.macro.load import Client

Request = dict[str, Any]

_FIRST, _LAST = 5, 14
_LONGEST_WALK = 10


class WrongAnswer(Exception):
    """A server answered 200 but not what the row needs."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the comparison; ``prepare(client, round)`` returns the requests that a round replays."""

    name: str
    title: str
    operation: str
    prepare: Callable[[Client, int], list[Request]]
    check: Callable[[Client, Request, Request], None]
    per_server: bool = False

    def verify(self, client: Client, requests: list[Request], sample: int = 5) -> None:
        """Send *sample* of the requests and check each answer.

        Raises: WrongAnswer or Refused.
        """
        for request in requests[:: max(1, len(requests) // sample)]:
            answer = client.call(self.operation, request)
            try:
                self.check(client, request, answer)
            except (KeyError, TypeError, ValueError) as error:
                raise WrongAnswer(f"{error!r} in {str(answer)[:200]}") from error


def _expect(condition: bool, what: str, answer: object) -> None:
    if not condition:
        raise WrongAnswer(f"expected {what}, got {str(answer)[:200]}")


def _plain(item: Item) -> Item:
    return {name: {"SS": sorted(value["SS"])} if "SS" in value else value for name, value in item.items()}


def is_same_item(left: Item, right: Item) -> bool:
    """Compare two items; sets are unordered, ``visits`` and ``status`` are what the rows change."""
    changing: Item = {"visits": {}, "status": {}}
    return {**_plain(left), **changing} == {**_plain(right), **changing}


def _check_stored(client: Client, table: str, item: Item) -> None:
    key = {name: item[name] for name in ("pk", "sk")}
    found = client.call("GetItem", {"TableName": table, "Key": key, "ConsistentRead": True}).get("Item", {})
    _expect(_plain(found) == _plain(item), f"{item} to be stored", found)


def _shuffled(seed: int) -> list[int]:
    numbers = list(range(ITEM_COUNT))
    random.Random(seed).shuffle(numbers)
    return numbers


def _chunks(seed: int, size: int) -> Iterable[list[int]]:
    numbers = _shuffled(seed)
    return (numbers[start : start + size] for start in range(0, ITEM_COUNT - size + 1, size))


def _revisions(round_: int) -> tuple[int, int]:
    """Two revisions that no other round writes, so that no put finds the item that it brings."""
    return 2 * round_ + 1, 2 * round_ + 2


# One item


def _gets(_: Client, round_: int) -> list[Request]:
    return [{"TableName": TABLE, "Key": key_of(number)} for number in _shuffled(round_)]


def _check_get(_: Client, request: Request, answer: Request) -> None:
    found = answer.get("Item", {})
    _expect(is_same_item(found, item_of(_number_of(request["Key"]))), f"the item {request['Key']}", found)


def _number_of(key: Item) -> int:
    partition, position = (int(key[name]["S"].partition("#")[2]) for name in ("pk", "sk"))
    return partition * ITEMS_PER_PARTITION + position


def _puts(table: str) -> Callable[[Client, int], list[Request]]:
    def prepare(_: Client, round_: int) -> list[Request]:
        return [
            {"TableName": table, "Item": item_of(number, revision)}
            for revision in _revisions(round_)
            for number in _shuffled(round_)
        ]

    return prepare


def _check_put(client: Client, request: Request, _: Request) -> None:
    _check_stored(client, request["TableName"], request["Item"])
    if request["TableName"] == INDEXED_TABLE:
        item = request["Item"]
        query = {
            "TableName": INDEXED_TABLE,
            "IndexName": "by-status",
            "KeyConditionExpression": "#s = :s AND visits = :v",
            "FilterExpression": "pk = :p AND sk = :k",
            "ExpressionAttributeNames": {"#s": "status"},
            "ExpressionAttributeValues": {
                ":s": item["status"],
                ":v": item["visits"],
                ":p": item["pk"],
                ":k": item["sk"],
            },
        }
        found = client.call("Query", query)["Items"]
        _expect([_plain(row) for row in found] == [_plain(item)], f"{item} in the index", found)


def _updates(_: Client, round_: int) -> list[Request]:
    return [
        {
            "TableName": TABLE,
            "Key": key_of(number),
            "UpdateExpression": "SET visits = visits + :one, #status = :status",
            "ConditionExpression": "attribute_exists(pk) AND visits >= :zero",
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": {
                ":one": {"N": "1"},
                ":zero": {"N": "0"},
                ":status": {"S": f"status#{revision % 20:02d}"},
            },
        }
        for revision in _revisions(round_)
        for number in _shuffled(round_)
    ]


def _check_update(client: Client, request: Request, _: Request) -> None:
    def visits() -> int:
        read = {"TableName": TABLE, "Key": request["Key"], "ConsistentRead": True}
        return int(client.call("GetItem", read)["Item"]["visits"]["N"])

    before = visits()
    client.call("UpdateItem", request)
    after = visits()
    _expect(after == before + 1, f"visits {before + 1}", after)


# Pages


def _queries(extra: Request) -> Callable[[Client, int], list[Request]]:
    def prepare(_: Client, round_: int) -> list[Request]:
        partitions = list(range(PARTITIONS))
        random.Random(round_).shuffle(partitions)
        return [_query_of(partition, extra) for partition in partitions]

    return prepare


def _query_of(partition: int, extra: Request) -> Request:
    first, last = (key_of(partition * ITEMS_PER_PARTITION + position) for position in (_FIRST, _LAST))
    values = {":pk": first["pk"], ":first": first["sk"], ":last": last["sk"]}
    return {
        "TableName": TABLE,
        "KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last",
        **extra,
        "ExpressionAttributeValues": values | extra.get("ExpressionAttributeValues", {}),
    }


_FILTER = {
    "FilterExpression": "active = :yes AND (price > :price OR contains(tags, :tag))",
    "ProjectionExpression": "sk, #status, address.city, parcels[1]",
    "ExpressionAttributeNames": {"#status": "status"},
    "ExpressionAttributeValues": {":yes": {"BOOL": True}, ":price": {"N": "99999"}, ":tag": {"S": "all"}},
}


def _check_query(_: Client, request: Request, answer: Request) -> None:
    start = _number_of({"pk": request["ExpressionAttributeValues"][":pk"], "sk": key_of(0)["sk"]})
    wanted = [item_of(start + position) for position in range(_FIRST, _LAST + 1)]
    found = answer["Items"]
    right = len(found) == len(wanted) and all(map(is_same_item, found, wanted))
    _expect(right, f"{len(wanted)} items in the order of their keys", found)


def _check_filter(_: Client, __: Request, answer: Request) -> None:
    found = answer["Items"]
    shape = [
        set(item) == {"sk", "status", "address", "parcels"}
        and list(item["address"]["M"]) == ["city"]
        and len(item["parcels"]["L"]) == 1
        for item in found
    ]
    _expect(shape == [True] * 5 and answer["ScannedCount"] == 10, "5 projected items of 10", answer)


def _scans(client: Client, _: int) -> list[Request]:
    """Walk the table as this server orders it: 100 pages of 100 items, fewer where a walk takes long."""
    pages: list[Request] = [{"TableName": TABLE, "Limit": 100}]
    deadline = time.monotonic() + _LONGEST_WALK
    while len(pages) < ITEM_COUNT // 100 and time.monotonic() < deadline:
        last = client.call("Scan", pages[-1]).get("LastEvaluatedKey")
        if last is None:
            raise WrongAnswer(f"the table ended after {len(pages)} pages")
        pages.append(pages[0] | {"ExclusiveStartKey": last})
    return pages


def _check_scan(_: Client, __: Request, answer: Request) -> None:
    _expect(len(answer["Items"]) == 100 == answer["Count"], "100 items", answer)


def _selects(_: Client, round_: int) -> list[Request]:
    statement = f'SELECT * FROM "{TABLE}" WHERE pk = ? AND sk = ?'
    return [
        {"Statement": statement, "Parameters": list(key_of(number).values())} for number in _shuffled(round_)
    ]


def _check_select(_: Client, request: Request, answer: Request) -> None:
    wanted = item_of(_number_of(dict(zip(("pk", "sk"), request["Parameters"], strict=True))))
    found = answer["Items"]
    _expect(len(found) == 1 and is_same_item(found[0], wanted), f"one item, {wanted}", found)


def _range_selects(client: Client, round_: int) -> list[Request]:
    statement = f'SELECT * FROM "{TABLE}" WHERE pk = ? AND sk BETWEEN ? AND ?'
    return [
        {"Statement": statement, "Parameters": list(query["ExpressionAttributeValues"].values())}
        for query in _queries({})(client, round_)
    ]


def _check_range_select(client: Client, request: Request, answer: Request) -> None:
    values = dict(zip((":pk", ":first", ":last"), request["Parameters"], strict=True))
    _check_query(client, {"ExpressionAttributeValues": values}, answer)


# Several items


def _batch_gets(_: Client, round_: int) -> list[Request]:
    return [{"RequestItems": {TABLE: {"Keys": list(map(key_of, chunk))}}} for chunk in _chunks(round_, 25)]


def _check_batch_get(_: Client, request: Request, answer: Request) -> None:
    wanted = [item_of(_number_of(key)) for key in request["RequestItems"][TABLE]["Keys"]]
    found = {_number_of(item): item for item in answer["Responses"][TABLE]}
    right = len(found) == 25 and all(is_same_item(found.get(_number_of(item), {}), item) for item in wanted)
    _expect(right, "the 25 items", answer)


def _batch_writes(_: Client, round_: int) -> list[Request]:
    return [
        {"RequestItems": {TABLE: [{"PutRequest": {"Item": item_of(number, revision)}} for number in chunk]}}
        for revision in _revisions(round_)
        for chunk in _chunks(round_, 25)
    ]


def _check_batch_write(client: Client, request: Request, answer: Request) -> None:
    _expect(not answer.get("UnprocessedItems"), "no unprocessed items", answer)
    for put in request["RequestItems"][TABLE]:
        _check_stored(client, TABLE, put["PutRequest"]["Item"])


def _transactions(_: Client, round_: int) -> list[Request]:
    return [
        {
            "TransactItems": [
                {"Put": {"TableName": TABLE, "Item": item_of(number, revision)}} for number in chunk
            ]
        }
        for revision in _revisions(round_)
        for chunk in _chunks(round_, 4)
    ]


def _check_transaction(client: Client, request: Request, _: Request) -> None:
    for put in request["TransactItems"]:
        _check_stored(client, TABLE, put["Put"]["Item"])


ROWS = (
    Row("get", "GetItem", "GetItem", _gets, _check_get),
    Row("put", "PutItem", "PutItem", _puts(TABLE), _check_put),
    Row("put-indexed", "PutItem, 3 GSIs, projection ALL", "PutItem", _puts(INDEXED_TABLE), _check_put),
    Row("update", "UpdateItem with a condition", "UpdateItem", _updates, _check_update),
    Row("query", "Query, 10 items", "Query", _queries({}), _check_query),
    Row("query-filter", "Query, filter and projection", "Query", _queries(_FILTER), _check_filter),
    Row("batch-get", "BatchGetItem, 25 keys", "BatchGetItem", _batch_gets, _check_batch_get),
    Row("batch-write", "BatchWriteItem, 25 puts", "BatchWriteItem", _batch_writes, _check_batch_write),
    Row("transact", "TransactWriteItems, 4 puts", "TransactWriteItems", _transactions, _check_transaction),
    Row("select", "ExecuteStatement, one-item SELECT", "ExecuteStatement", _selects, _check_select),
    Row(
        "select-query",
        "ExecuteStatement, SELECT of 10 items",
        "ExecuteStatement",
        _range_selects,
        _check_range_select,
    ),
    Row("scan", "Scan, 100 items", "Scan", _scans, _check_scan, per_server=True),
)
