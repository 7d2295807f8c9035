"""Print what whole operations take in process, in one or several source trees, by turns:

    python -m benchmarks.micro.operations [--rows get,put] [--rounds 9] [--with streams,history] TREE ...

From the request as a dict to the response as JSON, on a database in memory with the data of benchmarks.macro.
Microseconds a request: the fastest of many short batches, as the others were disturbed. A TREE is the root of
a clone that has been compiled in place; the ratios are those of the first one to each.
"""

import argparse
import gc
import itertools
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

ROOT = Path(__file__).parents[2]
BATCHES = 40
BATCH_SECONDS = 0.002
"""About how long one batch takes."""
MORE_ROWS = ("put-new", "delete", "transact-get", "update-document", "update-text")
"""Rows beside those of benchmarks.macro; the last two count in an item of 390 KB, a document or a text."""
_LARGE = 390_000

Request = dict[str, Any]


class Worker:
    """A process with the code of one source tree, which answers the name of a row with its time."""

    def __init__(self, tree: str, extras: str) -> None:
        command = [sys.executable, __file__, "--work", str(Path(tree).resolve()), extras]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, row: str) -> float:
        """Return the microseconds of one request of *row*."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(row + "\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())

    def end(self) -> None:
        self._process.communicate()


def work(tree: str, extras: list[str]) -> None:
    """Measure the rows named on standard input with the code of *tree*."""
    sys.path[:1] = [tree, str(ROOT)]
    import dynemu  # noqa: PLC0415 - that of the tree

    if not Path(dynemu.__file__).is_relative_to(tree):
        sys.exit(f"dynemu is not that of {tree}")
    rows = Rows(extras)
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        print(rows.measure(line.strip()), flush=True)


class Rows:
    """A database with the data of benchmarks.macro, and the rows that are measured on it."""

    def __init__(self, extras: list[str]) -> None:
        import orjson  # noqa: PLC0415 - nothing is imported before the tree is known

        from benchmarks.macro import data  # noqa: PLC0415
        from benchmarks.macro.rows import ROWS  # noqa: PLC0415
        from dynemu.engine.database import Engine  # noqa: PLC0415
        from dynemu.operations.dispatch import call  # noqa: PLC0415
        from dynemu.storage.memory import MemoryStore  # noqa: PLC0415

        self._dumps, self._loads, self._call, self._data = orjson.dumps, orjson.loads, call, data
        self._rows = {row.name: row for row in ROWS}
        self._engine = Engine(MemoryStore())
        self._rounds = itertools.count(1)
        self._load(extras)

    def _load(self, extras: list[str]) -> None:
        data = self._data
        for table in (data.TABLE, data.INDEXED_TABLE):
            self.call("CreateTable", data.table_definition(table))
            for start in range(0, data.ITEM_COUNT, 25):
                puts = [{"PutRequest": {"Item": data.item_of(start + place)}} for place in range(25)]
                self.call("BatchWriteItem", {"RequestItems": {table: puts}})
        if "streams" in extras:
            stream = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
            self.call("UpdateTable", {"TableName": data.TABLE, "StreamSpecification": stream})
        if "history" in extras:
            recovery = {"PointInTimeRecoveryEnabled": True}
            request = {"TableName": data.TABLE, "PointInTimeRecoverySpecification": recovery}
            self.call("UpdateContinuousBackups", request)
        self._settle()

    def _settle(self) -> None:
        while self._engine.has_work:
            self._engine.work(1.0)

    def call(self, operation: str, request: Request) -> Request:
        """Answer a request as a client sees it."""
        response: Request = self._loads(self._answer(operation, self._loads(self._dumps(request))))
        return response

    def _answer(self, operation: str, request: Request) -> bytes:
        answer: bytes = self._dumps(self._call(self._engine, operation, request, "us-east-1", "123456789012"))
        return answer

    def measure(self, name: str) -> float:
        """Return the microseconds of one request of the row *name*."""
        operation, requests = self.prepare(name)
        texts = itertools.cycle([self._dumps(request) for request in requests])
        size = self._batch_size(operation, texts)
        gc.collect()
        gc.disable()
        times = [self._batch(operation, texts, size) for _ in range(BATCHES)]
        gc.enable()
        if name == "put-new":
            for request in requests:
                key = {part: request["Item"][part] for part in ("pk", "sk")}
                self.call("DeleteItem", {"TableName": request["TableName"], "Key": key})
        self._settle()
        return min(times) * 1e6

    def _batch_size(self, operation: str, texts: Iterator[bytes]) -> int:
        return max(2, min(100, int(BATCH_SECONDS / self._batch(operation, texts, 4))))

    def _batch(self, operation: str, texts: Iterator[bytes], size: int) -> float:
        requests = [self._loads(next(texts)) for _ in range(size)]
        start = perf_counter()
        for request in requests:
            self._answer(operation, request)
        return (perf_counter() - start) / size

    def prepare(self, name: str) -> tuple[str, list[Request]]:
        """Return the operation and the requests of the row *name*."""
        round_ = next(self._rounds)
        if name in self._rows:
            row = self._rows[name]
            return row.operation, row.prepare(self, round_)
        more: dict[str, Callable[[int], tuple[str, list[Request]]]] = {
            "put-new": self._new_puts,
            "delete": self._deletes,
            "transact-get": self._transact_gets,
            "update-document": lambda _: self._counts(
                {"L": [self._data.item_of(n)["address"] for n in range(3000)]}
            ),
            "update-text": lambda _: self._counts({"S": "many words " * (_LARGE // 11)}),
        }
        return more[name](round_)

    def _new_puts(self, round_: int) -> tuple[str, list[Request]]:
        data = self._data
        items = [
            {**data.item_of(number), "pk": {"S": f"new#{round_}#{number}"}} for number in range(100 * BATCHES)
        ]
        return "PutItem", [{"TableName": data.TABLE, "Item": item} for item in items]

    def _deletes(self, round_: int) -> tuple[str, list[Request]]:
        _, puts = self._new_puts(round_)
        keys = [{part: put["Item"][part] for part in ("pk", "sk")} for put in puts]
        for put in puts:
            self.call("PutItem", put)
        return "DeleteItem", [{"TableName": self._data.TABLE, "Key": key} for key in keys]

    def _transact_gets(self, _: int) -> tuple[str, list[Request]]:
        data = self._data
        gets = [{"Get": {"TableName": data.TABLE, "Key": data.key_of(number)}} for number in range(4000)]
        return "TransactGetItems", [{"TransactItems": gets[at : at + 4]} for at in range(0, 4000, 4)]

    def _counts(self, large: Request) -> tuple[str, list[Request]]:
        """Put an item with the *large* attribute; return updates that count in it."""
        key = {"pk": {"S": "large"}, "sk": {"S": "large"}}
        item = {**key, "before": {"N": "0"}, "large": large, "visits": {"N": "0"}}
        self.call("PutItem", {"TableName": self._data.TABLE, "Item": item})
        request = {"TableName": self._data.TABLE, "Key": key, "UpdateExpression": "ADD visits :one"}
        return "UpdateItem", [{**request, "ExpressionAttributeValues": {":one": {"N": "1"}}}]


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["--work"]:
        work(arguments[1], arguments[2].split(","))
        return
    from benchmarks.macro.rows import ROWS  # noqa: PLC0415 - a worker imports that of its own tree

    names = [row.name for row in ROWS] + list(MORE_ROWS)
    parser = argparse.ArgumentParser(prog="python -m benchmarks.micro.operations")
    parser.add_argument("--rows", default=",".join(names), help=f"of {', '.join(names)}")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--with", dest="extras", default="", help="streams, history")
    parser.add_argument("trees", nargs="*", default=[str(ROOT)])
    options = parser.parse_args(arguments)
    workers = [Worker(tree, options.extras) for tree in options.trees]
    for row in options.rows.split(","):
        best = [float("inf")] * len(workers)
        for round_ in range(options.rounds):
            for place in range(len(workers))[:: -1 if round_ % 2 else 1]:
                best[place] = min(best[place], workers[place].ask(row))
        ratios = "".join([f"{best[0] / other:8.2f}" for other in best[1:]])
        print(f"{row:14}" + "".join([f"{time:9.2f}" for time in best]) + ratios, flush=True)
    for worker in workers:
        worker.end()


if __name__ == "__main__":
    main(sys.argv[1:])
