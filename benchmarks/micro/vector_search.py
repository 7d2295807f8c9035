"""Print how long a search for the ten nearest takes: python -m benchmarks.micro.vector_search [VECTORS]

Vectors of 768 dimensions, a whole SearchVectors request without HTTP; milliseconds, fastest and median of
nine, and the least processor time.
"""

import random
import sys
import tempfile
from array import array
from time import perf_counter, thread_time
from typing import Any

from dynemu._core import COMPILED
from dynemu._core.vectors import pack_entry
from dynemu.config import Settings
from dynemu.engine.database import Engine
from dynemu.operations.dispatch import call
from dynemu.storage.base import WriteSet
from dynemu.storage.memory import MemoryStore
from dynemu.storage.rocks import RocksStore

DIMENSIONS = 768
DISTANCES = ("COSINE", "EUCLIDEAN", "DOT_PRODUCT")
BATCH = 1000
ROUNDS = 9


def index_on(distance: str) -> dict[str, Any]:
    return {
        "IndexName": distance,
        "VectorAttribute": {"AttributeName": "emb"},
        "Dimensions": DIMENSIONS,
        "DistanceFunction": distance,
        "Projection": {"ProjectionType": "KEYS_ONLY"},
        "SearchSchema": [{"AttributeName": "c", "SearchSchemaElementType": "INLINE_FILTER"}],
    }


def request(engine: Engine, operation: str, **members: Any) -> Any:
    return call(engine, operation, members, "us-east-1", "000000000000")


def fill(engine: Engine, distance: str, count: int) -> None:
    """Create a table with an index and put *count* entries into the index, without items of their own."""
    request(
        engine,
        "CreateTable",
        TableName=distance,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "c")],
        BillingMode="PAY_PER_REQUEST",
        VectorIndexes=[index_on(distance)],
    )
    table = engine.catalogue.find(engine.store.view(), distance)
    assert table is not None
    [rows] = table.vectors
    chance = random.Random(6)
    numbers = array("f", [chance.gauss(0.0, 1.0) for _ in range(200_000)]).tobytes()
    for first in range(0, count, BATCH):
        writes = WriteSet()
        for number in range(first, min(first + BATCH, count)):
            start = 4 * chance.randrange(200_000 - DIMENSIONS)
            item = {"pk": {"S": f"item{number:07}"}, "c": {"S": str(number % 10)}}
            vector = numbers[start : start + 4 * DIMENSIONS]
            entry = pack_entry(vector, [b'{"S":"%d"}' % (number % 10)], item, 3100)
            writes.puts.append((rows.codec.encode(item) or b"", entry))
        engine.store.commit(writes)


def measure(engine: Engine, distance: str, **more: Any) -> str:
    chance = random.Random(8)
    times, busy = [], []
    for _ in range(ROUNDS):
        members = {
            "TableName": distance,
            "IndexName": distance,
            "SearchVector": [{"N": str(chance.gauss(0.0, 1.0))} for _ in range(DIMENSIONS)],
            "TopK": 10,
            **more,
        }
        start, began = perf_counter(), thread_time()
        answer = request(engine, "SearchVectors", **members)
        times.append((perf_counter() - start) * 1e3)
        busy.append((thread_time() - began) * 1e3)
        assert len(answer["SearchResults"]) == 10
    return f"{min(times):10.0f}{sorted(times)[ROUNDS // 2]:10.0f}{min(busy):10.0f}"


def main(arguments: list[str]) -> None:
    count = int(arguments[0]) if arguments else 100_000
    print(f"{count:,} vectors of {DIMENSIONS} dimensions, {'compiled' if COMPILED else 'uncompiled'}")
    print(f"  {'':26}{'fastest':>10}{'median':>10}{'processor':>10}")
    filtered = {
        "SearchConditionExpression": "c = :c",
        "ExpressionAttributeValues": {":c": {"S": "3"}},
    }
    with tempfile.TemporaryDirectory() as folder:
        for name in ("memory", "rocks"):
            for distance in DISTANCES:
                store = MemoryStore() if name == "memory" else RocksStore(f"{folder}/{distance}", "none")
                engine = Engine(store, Settings())
                fill(engine, distance, count)
                print(f"  {name + ', ' + distance:26}{measure(engine, distance)}")
                print(f"  {'  a tenth of them':26}{measure(engine, distance, **filtered)}")
                engine.close()


if __name__ == "__main__":
    main(sys.argv[1:])
