"""Growth measured inside one process, where HTTP would only add the same to every figure."""

import random
import resource
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from statistics import median
from time import perf_counter, process_time
from typing import Any

from dynemu import Database
from dynemu.config import Settings
from dynemu.engine.namespaces import Namespaces
from dynemu.operations.dispatch import call

Section = dict[str, Any]
Request = dict[str, Any]
Caller = Callable[[str, Request], Any]

TABLE = "growth"
PER_PARTITION = 20
CALLS = 1_000
ROUNDS = 5
MICROSECONDS = "µs of processor time"

_NOTE = "leave it with the neighbours if nobody answers the bell, many thanks"
_REGION, _ACCOUNT = "us-east-1", "123456789012"


def key_of(number: int) -> Request:
    """Return the key of item *number*: twenty of them in a partition."""
    partition, position = divmod(number, PER_PARTITION)
    return {"pk": {"S": f"p{partition:07d}"}, "sk": {"S": f"{position:02d}"}}


def item_of(number: int, revision: int = 0) -> Request:
    """Return item *number*, about 100 bytes as AWS counts them."""
    return {**key_of(number), "visits": {"N": str(number % 1000 + revision)}, "note": {"S": _NOTE}}


def definition(indexes: int = 0) -> Request:
    """Return the CreateTable request, with *indexes* global secondary indexes that project all."""
    names = [f"key{number}" for number in range(indexes)]
    request: Request = {
        "TableName": TABLE,
        "KeySchema": [
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", *names)
        ],
        "BillingMode": "PAY_PER_REQUEST",
    }
    if indexes:
        request["GlobalSecondaryIndexes"] = [
            {
                "IndexName": name,
                "KeySchema": [{"AttributeName": name, "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
            for name in names
        ]
    return request


def load(ask: Caller, numbers: Iterable[int], make: Callable[[int], Request] = item_of) -> None:
    """Put the items with these *numbers*, 25 in a request."""
    left = iter(numbers)
    while chunk := list(islice(left, 25)):
        ask("BatchWriteItem", {"RequestItems": {TABLE: [{"PutRequest": {"Item": make(n)}} for n in chunk]}})


def cost(run: Callable[[Any], object], arguments: Callable[[], Sequence[Any]]) -> float:
    """Return the processor time of ``run(argument)`` in microseconds, the median of some rounds."""
    times = []
    for _ in range(ROUNDS):
        prepared = arguments()
        started = process_time()
        for argument in prepared:
            run(argument)
        times.append((process_time() - started) / len(prepared) * 1e6)
    return median(times)


def costs(ask: Caller, requests: dict[str, Callable[[], Request]]) -> dict[str, float]:
    """Return what each of *requests*, made anew for every call, costs by operation."""
    return {
        operation: cost(
            lambda request, operation=operation: ask(operation, request),
            lambda make=make: [make() for _ in range(CALLS)],
        )
        for operation, make in requests.items()
    }


def item_requests(count: int) -> dict[str, Callable[[], Request]]:
    """Return the makers of requests for one of *count* items, or ten of them."""
    chance = random.Random(count)

    def get() -> Request:
        return {"TableName": TABLE, "Key": key_of(chance.randrange(count))}

    def put() -> Request:
        return {"TableName": TABLE, "Item": item_of(chance.randrange(count), chance.randrange(1000))}

    def update() -> Request:
        one = {":one": {"N": "1"}}
        return get() | {"UpdateExpression": "SET visits = visits + :one", "ExpressionAttributeValues": one}

    def query() -> Request:
        values = {":pk": key_of(chance.randrange(count))["pk"], ":low": {"S": "05"}, ":high": {"S": "14"}}
        condition = "pk = :pk AND sk BETWEEN :low AND :high"
        return {"TableName": TABLE, "KeyConditionExpression": condition, "ExpressionAttributeValues": values}

    return {"GetItem": get, "PutItem": put, "UpdateItem": update, "Query": query}


def grow_items(sizes: Sequence[int], on_disk: bool) -> Section:
    """Measure at each of *sizes* items, in one table that grows."""
    points = []
    _warm_up()
    with _database(on_disk) as database:
        before = resident()
        database.call("CreateTable", definition())
        loaded = 0
        for size in sizes:
            started = perf_counter()
            load(database.call, range(loaded, size))
            seconds, kept = perf_counter() - started, (resident() - before) / size
            point = {"x": size, **costs(database.call, item_requests(size))}
            point["load, µs an item"] = seconds / (size - loaded) * 1e6
            if not on_disk:
                point["memory, bytes an item"] = kept
            points.append(point)
            loaded = size
    return {
        "title": f"Items, {'on disk' if on_disk else 'in memory'}",
        "x": "items",
        "unit": MICROSECONDS,
        "plotted": ["GetItem", "PutItem", "UpdateItem", "Query"],
        "points": points,
    }


def grow_indexes(counts: Sequence[int]) -> Section:
    """Measure writes to tables with that many indexes, where every put changes every index key."""
    points = []
    _warm_up()
    for indexes in counts:
        with Database() as database:
            database.call("CreateTable", definition(indexes))
            revision = iter(range(1_000_000_000))

            def make(number: int, indexes: int = indexes, revision: Iterator[int] = revision) -> Request:
                changed = next(revision)
                keys = {f"key{n}": {"S": f"{changed + 7919 * n}"} for n in range(indexes)}
                return item_of(number) | keys

            load(database.call, range(10_000), make)
            chance = random.Random(indexes)
            requests: dict[str, Callable[[], Request]] = {
                "GetItem": item_requests(10_000)["GetItem"],
                "PutItem": lambda make=make, chance=chance: {
                    "TableName": TABLE,
                    "Item": make(chance.randrange(10_000)),
                },
            }
            points.append({"x": indexes, **costs(database.call, requests)})
    return {
        "title": "Global secondary indexes, projection ALL, every index key changed by every put",
        "x": "indexes",
        "unit": MICROSECONDS,
        "plotted": ["GetItem", "PutItem"],
        "points": points,
    }


def grow_namespaces(counts: Sequence[int]) -> Section:
    """Measure requests to one of that many namespaces in memory, with a table of ten items each."""
    points = []
    _warm_up()
    spaces = Namespaces(Settings())
    _make_namespace(spaces, "first")
    _cost_in_any(spaces, ["first"], "PutItem")
    before, names = resident(), list[str]()
    for count in counts:
        started, more = process_time(), [f"test-{number}" for number in range(len(names), count)]
        for name in more:
            _make_namespace(spaces, name)
        made = (process_time() - started) / len(more) * 1e6
        names += more
        kept = (resident() - before) / count / 1024
        point: dict[str, float] = {"x": count}
        for operation in ("GetItem", "PutItem"):
            point[operation] = _cost_in_any(spaces, names, operation)
        point["make, with a table and 10 items"] = made
        point["look after all, once a second"] = cost(lambda _: spaces.expire(), lambda: [None])
        point["memory, KB each"] = kept
        points.append(point)
    spaces.close()
    return {
        "title": "Namespaces in memory",
        "x": "namespaces",
        "unit": MICROSECONDS,
        "plotted": ["GetItem", "PutItem"],
        "points": points,
    }


def _make_namespace(spaces: Namespaces, name: str) -> None:
    ask = _ask_in(spaces, name)
    ask("CreateTable", definition())
    load(ask, range(10))


def _cost_in_any(spaces: Namespaces, names: Sequence[str], operation: str) -> float:
    chance = random.Random(len(names))
    make = item_requests(10)[operation]
    return cost(
        lambda pair: _ask_in(spaces, pair[0])(operation, pair[1]),
        lambda: [(chance.choice(names), make()) for _ in range(CALLS)],
    )


def _warm_up() -> None:
    """Do everything once, so that what the first call imports is in no figure."""
    with Database() as database:
        database.call("CreateTable", definition(1))
        load(database.call, range(100))
        for operation, make in item_requests(100).items():
            database.call(operation, make())


def _ask_in(spaces: Namespaces, name: str) -> Caller:
    engine = spaces.get(name)
    return lambda operation, request: call(engine, operation, request, _REGION, _ACCOUNT)


@contextmanager
def _database(on_disk: bool) -> Iterator[Database]:
    if not on_disk:
        with Database() as database:
            yield database
        return
    with tempfile.TemporaryDirectory() as folder, Database(folder) as database:
        yield database


def resident() -> int:
    """Return the resident memory of this process in bytes."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize()
