"""The steps of random lives of a database, each taken by a model in plain Python too."""

import shutil
from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any

import pytest

from dynemu.database import Database
from dynemu.errors import TransactionCanceledException
from tests.stream_reading import all_records, key_of, replay

NOW = 1_700_000_000
NAMES = ("ants", "bees", "cats")
KEYS = [f"{number:02d}" for number in range(12)]
GROUPS = ("x", "y", "z")
TRANSACTION = 4


class ModelTable:
    """What one table should be."""

    def __init__(self, streams: bool) -> None:
        self.items: dict[str, dict[str, Any]] = {}
        self.indexed = self.expires = self.recovers = False
        self.streams = streams
        """Whether it has had one stream from the beginning."""
        self.shown_stream = streams

    def entries(self) -> dict[str, Any]:
        return {key: item for key, item in self.items.items() if "g" in item}

    def expire(self, now: int) -> None:
        if self.expires:
            self.items = {key: item for key, item in self.items.items() if int(item["ttl"]["N"]) >= now}


Model = dict[str, ModelTable]


class Life:
    """A database, its model, and the steps that change both."""

    def __init__(self, path: Path | None, seed: int, *, calm: bool) -> None:
        """*calm*: with savepoints only, more of which are set then."""
        self.calm = calm
        self.random = Random(seed)
        self.path = path
        self.now = NOW
        self.crashes = self.snapshots_made = 0
        self.model: Model = {}
        self.savepoints: dict[str, Model] = {}
        self.snapshots: dict[str, Model] = {}
        self.database = self.open()

    def open(self) -> Database:
        database = Database(self.path and self.path / f"data-{self.crashes}")
        database.clock.freeze(self.now)
        return database

    # Steps

    def step(self) -> str:
        """Do something and return its name."""
        weights: dict[Callable[[], object], int] = {
            self.create: 4,
            self.write: 10,
            self.batch: 6,
            self.transact: 8,
            self.change_index: 3,
            self.change_stream: 1,
            self.change_expiry: 1,
            self.change_recovery: 1,
            self.rotate: 1,
            self.delete: 1,
            self.advance: 2,
            self.savepoint: 3,
            self.rollback: 3,
            self.release: 2,
            self.snapshot: 2,
            self.restore: 1,
            self.branch: 1,
            self.reset: 1,
            self.crash: 1,
        }
        if self.calm:
            for step in (self.snapshot, self.restore, self.branch, self.reset, self.crash):
                del weights[step]
        [chosen] = self.random.choices(list(weights), list(weights.values()))
        chosen()
        self.database.sweep()
        for table in self.model.values():
            table.expire(self.now)
        return chosen.__name__

    def pick(self) -> str | None:
        return self.random.choice(sorted(self.model)) if self.model else None

    def item(self, key: str) -> dict[str, Any]:
        item = {"pk": {"S": key}, "ttl": {"N": str(self.now + self.random.randrange(1, 300))}}
        if self.random.random() < 0.7:
            item["g"] = {"S": self.random.choice(GROUPS)}
        item["v"] = {"S": "v" * self.random.randrange(50)}
        return item

    def create(self) -> None:
        name = self.random.choice(NAMES)
        if name in self.model:
            return
        streams = self.random.random() < 0.5
        stream = {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}}
        self.database.call(
            "CreateTable",
            {
                "TableName": name,
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
                "BillingMode": "PAY_PER_REQUEST",
                **(stream if streams else {}),
            },
        )
        self.model[name] = ModelTable(streams)

    def delete(self) -> None:
        name = self.pick()
        if name is not None:
            self.database.call("DeleteTable", {"TableName": name})
            del self.model[name]

    def action(self, name: str, key: str) -> tuple[str, dict[str, Any], dict[str, Any] | None]:
        """Return an action of a transaction, which is an operation too, and the item that it leaves."""
        item = self.item(key)
        kind = self.random.randrange(3)
        if kind == 0:
            return "Put", {"TableName": name, "Item": item}, item
        request: dict[str, Any] = {"TableName": name, "Key": {"pk": {"S": key}}}
        if kind == 1:
            return "Delete", request, None
        changed = {**self.model[name].items.get(key, {"pk": {"S": key}}), "ttl": item["ttl"]}
        changed.pop("g", None)
        values = {":t": item["ttl"]}
        text = "SET #t = :t REMOVE g"
        if "g" in item:
            changed["g"] = values[":g"] = item["g"]
            text = "SET #t = :t, g = :g"
        names = {"#t": "ttl"}
        return (
            "Update",
            {
                **request,
                "UpdateExpression": text,
                "ExpressionAttributeNames": names,
                "ExpressionAttributeValues": values,
            },
            changed,
        )

    def leave(self, name: str, key: str, item: dict[str, Any] | None) -> None:
        if item is None:
            self.model[name].items.pop(key, None)
        else:
            self.model[name].items[key] = item

    def write(self) -> None:
        name = self.pick()
        if name is not None:
            key = self.random.choice(KEYS)
            kind, request, item = self.action(name, key)
            self.database.call(f"{kind}Item", request)
            self.leave(name, key, item)

    def batch(self) -> None:
        name = self.pick()
        if name is None:
            return
        requests = []
        for key in self.random.sample(KEYS, 6):
            if self.random.random() < 0.3:
                requests.append({"DeleteRequest": {"Key": {"pk": {"S": key}}}})
                self.leave(name, key, None)
            else:
                item = self.item(key)
                requests.append({"PutRequest": {"Item": item}})
                self.leave(name, key, item)
        self.database.call("BatchWriteItem", {"RequestItems": {name: requests}})

    def transact(self) -> None:
        """Write to several tables at once, and sometimes fail in the end."""
        if not self.model:
            return
        fails = self.random.random() < 0.3
        actions: list[Any] = []
        left = []
        for key in self.random.sample(KEYS, TRANSACTION):
            name = self.random.choice(sorted(self.model))
            kind, request, item = self.action(name, key)
            actions.append({kind: request})
            left.append((name, key, item))
        if fails:
            condition = {"TableName": name, "Key": {"pk": {"S": "nobody"}}}
            condition["ConditionExpression"] = "attribute_exists(pk)"
            actions.append({"ConditionCheck": condition})
            with pytest.raises(TransactionCanceledException):
                self.database.call("TransactWriteItems", {"TransactItems": actions})
            return
        self.database.call("TransactWriteItems", {"TransactItems": actions})
        for change in left:
            self.leave(*change)

    def change_index(self) -> None:
        name = self.pick()
        if name is None:
            return
        table = self.model[name]
        request: dict[str, Any] = {"TableName": name}
        if table.indexed:
            request["GlobalSecondaryIndexUpdates"] = [{"Delete": {"IndexName": "by-g"}}]
        else:
            index = {
                "IndexName": "by-g",
                "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
            request["GlobalSecondaryIndexUpdates"] = [{"Create": index}]
            request["AttributeDefinitions"] = [{"AttributeName": "g", "AttributeType": "S"}]
        self.database.call("UpdateTable", request)
        table.indexed = not table.indexed

    def change_stream(self) -> None:
        name = self.pick()
        if name is None:
            return
        table = self.model[name]
        table.shown_stream = not table.shown_stream
        stream: dict[str, Any] = {"StreamEnabled": table.shown_stream}
        if table.shown_stream:
            stream["StreamViewType"] = "NEW_IMAGE"
        self.database.call("UpdateTable", {"TableName": name, "StreamSpecification": stream})
        table.streams = False

    def change_expiry(self) -> None:
        name = self.pick()
        if name is not None:
            table = self.model[name]
            table.expires = not table.expires
            wanted = {"Enabled": table.expires, "AttributeName": "ttl"}
            self.database.call("UpdateTimeToLive", {"TableName": name, "TimeToLiveSpecification": wanted})

    def change_recovery(self) -> None:
        name = self.pick()
        if name is not None:
            table = self.model[name]
            table.recovers = not table.recovers
            wanted = {"PointInTimeRecoveryEnabled": table.recovers}
            self.database.call(
                "UpdateContinuousBackups",
                {"TableName": name, "PointInTimeRecoverySpecification": wanted},
            )

    def rotate(self) -> None:
        for stream in self.database.call("ListStreams", {"Limit": 1}, region="us-east-1")["Streams"]:
            self.database.rotate_shards(stream["StreamArn"], split=self.random.random() < 0.3)

    def advance(self) -> None:
        self.now += self.random.randrange(1, 100)
        self.database.clock.freeze(self.now)

    def savepoint(self) -> None:
        self.savepoints[self.database.savepoint()] = deepcopy(self.model)

    def rollback(self) -> None:
        if self.savepoints:
            names = list(self.savepoints)
            name = self.random.choice(names)
            self.database.rollback(name)
            for later in names[names.index(name) + 1 :]:
                del self.savepoints[later]
            self.model = deepcopy(self.savepoints[name])

    def release(self) -> None:
        if self.savepoints:
            names = list(self.savepoints)
            name = self.random.choice(names)
            self.database.release(name)
            for later in names[names.index(name) :]:
                del self.savepoints[later]

    def snapshot(self) -> None:
        self.snapshots_made += 1
        name = f"snapshot-{self.snapshots_made}"
        self.database.snapshot(name)
        self.snapshots[name] = deepcopy(self.model)
        if len(self.snapshots) > 3:
            oldest = next(iter(self.snapshots))
            self.database.delete_snapshot(oldest)
            del self.snapshots[oldest]

    def restore(self) -> None:
        if self.snapshots:
            name = self.random.choice(list(self.snapshots))
            self.database.restore(name)
            self.model = deepcopy(self.snapshots[name])
            self.savepoints.clear()

    def branch(self) -> None:
        """Compare a branch, and write to it, which must not show here."""
        name = self.random.choice([None, *self.snapshots])
        branch = self.database.branch("branch", name)
        branch.clock.freeze(self.now)
        model = deepcopy(self.model if name is None else self.snapshots[name])
        for table in model.values():
            table.expire(self.now)
        branch.sweep()
        compare(branch, model)
        for table_name in model:
            branch.call("PutItem", {"TableName": table_name, "Item": {"pk": {"S": "mine"}}})
        assert branch.check() == []
        branch.drop()

    def reset(self) -> None:
        if self.random.random() < 0.3:
            self.database.reset()
            self.model.clear()

    def crash(self) -> None:
        """Go on with what a killed process would leave, after which there are no savepoints."""
        if self.path is None:
            return
        old, before = self.database, self.path / f"data-{self.crashes}"
        self.crashes += 1
        copy_as_it_is(before, self.path / f"data-{self.crashes}")
        old.close()
        shutil.rmtree(before)
        self.database = self.open()
        self.savepoints.clear()


def copy_as_it_is(live: Path, target: Path) -> None:
    """Copy a directory that RocksDB has open, when it does not change files in the background meanwhile."""
    while True:
        with suppress(OSError):  # a file has gone meanwhile
            before = {path: path.stat().st_size for path in live.rglob("*") if path.is_file()}
            shutil.copytree(live, target)
            if before == {path: path.stat().st_size for path in live.rglob("*") if path.is_file()}:
                return
        shutil.rmtree(target, ignore_errors=True)


def compare(database: Database, model: Model) -> None:
    """Compare all tables, indexes, counts and streams, and check."""
    assert database.call("ListTables")["TableNames"] == sorted(model)
    for name, table in model.items():
        described = database.call("DescribeTable", {"TableName": name})["Table"]
        assert scanned(database, name) == table.items
        assert described["ItemCount"] == len(table.items)
        indexes = described.get("GlobalSecondaryIndexes", [])
        assert len(indexes) == table.indexed
        for index in indexes:
            assert index["IndexStatus"] == "ACTIVE"
            assert scanned(database, name, IndexName="by-g") == table.entries()
            assert index["ItemCount"] == len(table.entries())
        if table.streams:
            records = all_records(
                lambda operation, **request: database.call(operation, request), described["LatestStreamArn"]
            )
            assert replay(records) == {key_of({"pk": item["pk"]}): item for item in table.items.values()}
    assert database.check() == []


def scanned(database: Database, name: str, **more: Any) -> dict[str, Any]:
    found = database.call("Scan", {"TableName": name, **more})["Items"]
    items = {item["pk"]["S"]: item for item in found}
    assert len(items) == len(found)
    return items
