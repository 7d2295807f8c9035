"""kill -9 in the middle of writes: what was answered is there; indexes and stream agree with the table."""

import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from typing import Any

import pytest

import dynemu
from tests.stream_reading import all_records, key_of, replay
from tests.wire.peer import Peer, post

ROUNDS = 10
WRITERS = 3
ITEMS = 40
INDEXES = {"by-g": ("g", "S"), "by-n": ("n", "N")}
TABLE = {
    "TableName": "things",
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "AttributeDefinitions": [
        {"AttributeName": "pk", "AttributeType": "S"},
        *({"AttributeName": name, "AttributeType": kind} for name, kind in INDEXES.values()),
    ],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": index,
            "KeySchema": [{"AttributeName": name, "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
        }
        for index, (name, _) in INDEXES.items()
    ],
    "BillingMode": "PAY_PER_REQUEST",
    "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
}


class Writer(threading.Thread):
    """Writes its own items, one request at a time, and keeps what each of them may be now."""

    def __init__(self, url: str, number: int, items: dict[str, Any]) -> None:
        super().__init__(daemon=True)
        self.url = url
        self.number = number
        self.random = random.Random(f"{number} {len(items)} {time.time()}")
        self.items = items
        """The item (None: deleted) that the last answered request left, by key."""
        self.open: dict[str, Any] = {}
        """What the request without an answer would leave."""
        self.refused: bytes | None = None
        self.answered = threading.Event()
        """Set with the first answer."""

    def run(self) -> None:
        with Peer(self.url) as peer:
            while self.refused is None:
                request, self.open = self.choose()
                try:
                    answer = peer.ask(request)
                except (OSError, EOFError):
                    return
                if answer.status != 200:
                    self.refused = answer.body
                self.items.update(self.open)
                self.open = {}
                self.answered.set()

    def choose(self) -> tuple[bytes, dict[str, Any]]:
        """Return a request and what it will leave."""
        keys = self.random.sample([f"{self.number}-{place}" for place in range(ITEMS)], 3)
        made = {key: self.make(key) for key in keys}
        kind = self.random.randrange(4)
        if kind == 0:
            key = keys[0]
            return post({"TableName": "things", "Key": {"pk": {"S": key}}}, "DeleteItem"), {key: None}
        if kind == 1:
            key = keys[0]
            return post({"TableName": "things", "Item": made[key]}, "PutItem"), {key: made[key]}
        if kind == 2:
            puts = [{"PutRequest": {"Item": item}} for item in made.values()]
            return post({"RequestItems": {"things": puts}}, "BatchWriteItem"), made
        actions: list[Any] = [{"Put": {"TableName": "things", "Item": item}} for item in made.values()]
        return post({"TransactItems": actions}, "TransactWriteItems"), made

    def make(self, key: str) -> dict[str, Any]:
        item = {"pk": {"S": key}, "v": {"S": "x" * self.random.randrange(300)}}
        if self.random.random() < 0.8:
            item["g"] = {"S": str(self.random.randrange(5))}
        if self.random.random() < 0.8:
            item["n"] = {"N": str(self.random.randrange(-5, 5))}
        return item


def start(path: Any) -> tuple[subprocess.Popen[str], str]:
    command = [sys.executable, "-m", "dynemu", "serve", "--port", "0", "--db-path", str(path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    address = re.search(r"http://\S+", process.stdout.readline())
    assert address
    return process, address.group()


def scan(database: dynemu.Database, **more: Any) -> list[Any]:
    return list(database.call("Scan", {"TableName": "things", **more})["Items"])


def by_key(items: list[Any]) -> dict[str, Any]:
    return {item["pk"]["S"]: item for item in items}


def check(path: Any, writers: list[Writer]) -> None:
    with dynemu.Database(path) as database:
        assert database.check() == []
        items = by_key(scan(database))
        for writer in writers:
            applied = {key: items.get(key) == value for key, value in writer.open.items()}
            whole = bool(applied) and all(applied.values())
            for key, value in {**writer.items, **(writer.open if whole else {})}.items():
                assert items.get(key) == value, key
        description = database.call("DescribeTable", {"TableName": "things"})["Table"]
        assert description["ItemCount"] == len(items)
        for index in description["GlobalSecondaryIndexes"]:
            name, _ = INDEXES[index["IndexName"]]
            entries = by_key(scan(database, IndexName=index["IndexName"]))
            assert entries == {key: item for key, item in items.items() if name in item}
            assert index["ItemCount"] == len(entries)
        records = all_records(
            lambda name, **request: database.call(name, request), description["LatestStreamArn"]
        )
        assert replay(records) == {key_of({"pk": item["pk"]}): item for item in items.values()}


@pytest.mark.parametrize("durability", ["wal", "fsync"])
def test_a_killed_server_has_lost_nothing_that_it_answered(tmp_path: Any, durability: str) -> None:
    path = tmp_path / "data"
    with dynemu.Database(path, durability=durability) as database:
        database.call("CreateTable", TABLE)
    kept: list[dict[str, Any]] = [{} for _ in range(WRITERS)]
    for _ in range(ROUNDS if durability == "wal" else 2):
        process, url = start(path)
        writers = [Writer(url, number, kept[number]) for number in range(WRITERS)]
        for writer in writers:
            writer.start()
        for writer in writers:
            assert writer.answered.wait(30)
        time.sleep(random.uniform(0.05, 0.25))
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        for writer in writers:
            writer.join(timeout=10)
            assert writer.refused is None
            assert writer.items
        check(path, writers)
        for writer in writers:
            with dynemu.Database(path) as database:
                items = by_key(scan(database))
            writer.items.update({key: items.get(key) for key in writer.open})
