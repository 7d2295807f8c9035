"""Restores of a table after random changes, compared with what a model in Python remembers."""

from copy import deepcopy
from dataclasses import replace
from random import Random
from typing import Any

import orjson
import pytest

from dynemu.engine import restores, thinning
from dynemu.operations.dispatch import call
from tests.operations.conftest import ACCOUNT, REGION, Requests
from tests.operations.test_restores import INDEXES, at_time, back_up, enable, from_backup, items_of

Items = dict[tuple[str, str], dict[str, Any]]


def check_copy(db: Requests, name: str, expected: Items) -> None:
    """Compare a restored table with *expected*, its indexes and counts too, and delete it."""
    items = list(expected.values())
    assert items_of(db, TableName=name) == sorted(items, key=orjson.dumps)
    local = [item for item in items if "l" in item]
    assert items_of(db, TableName=name, IndexName="local") == sorted(local, key=orjson.dumps)
    kept = ("pk", "sk", "g", "n")
    projected = [{part: item[part] for part in kept if part in item} for item in items if "g" in item]
    shown = items_of(db, TableName=name, IndexName="global")
    assert sorted(shown, key=lambda item: orjson.dumps(item, option=orjson.OPT_SORT_KEYS)) == sorted(
        projected, key=lambda item: orjson.dumps(item, option=orjson.OPT_SORT_KEYS)
    )
    described = db("DescribeTable", TableName=name)["Table"]
    assert described["ItemCount"] == len(items)
    assert described["LocalSecondaryIndexes"][0]["ItemCount"] == len(local)
    assert described["GlobalSecondaryIndexes"][0]["ItemCount"] == len(projected)
    db("DeleteTable", TableName=name)


class Story:
    """Random changes of a table, and what it held at each backup and point in time."""

    def __init__(self, db: Requests, seed: int) -> None:
        self.db = db
        self.random = Random(seed)
        self.items: Items = {}
        self.backups: dict[str, Items] = {}
        self.times: dict[float, Items] = {}

    def random_key(self) -> tuple[str, str]:
        return self.random.choice("abcd"), str(self.random.randrange(6))

    def random_item(self, key: tuple[str, str]) -> dict[str, Any]:
        item: dict[str, Any] = {"pk": {"S": key[0]}, "sk": {"S": key[1]}}
        for name, value in (
            ("g", {"S": self.random.choice("xyz")}),
            ("l", {"N": str(self.random.randrange(9))}),
            ("n", {"N": str(self.random.randrange(99))}),
        ):
            if self.random.random() < 0.6:
                item[name] = value
        return item

    def put(self) -> None:
        key = self.random_key()
        self.items[key] = self.random_item(key)
        self.db("PutItem", TableName="things", Item=self.items[key])

    def delete(self) -> None:
        key = self.random_key()
        self.items.pop(key, None)
        self.db("DeleteItem", TableName="things", Key={"pk": {"S": key[0]}, "sk": {"S": key[1]}})

    def transact(self) -> None:
        keys = {self.random_key() for _ in range(5)}
        actions = []
        for key in sorted(keys):
            if key in self.items and self.random.random() < 0.5:
                item = self.items.pop(key)
                actions.append(
                    {"Delete": {"TableName": "things", "Key": {"pk": item["pk"], "sk": item["sk"]}}}
                )
            else:
                self.items[key] = self.random_item(key)
                actions.append({"Put": {"TableName": "things", "Item": self.items[key]}})
        self.db("TransactWriteItems", TransactItems=actions)

    def back_up(self) -> None:
        self.backups[back_up(self.db)] = deepcopy(self.items)

    def note_time(self) -> None:
        self.times[self.db.clock.time] = deepcopy(self.items)
        self.db.clock.time += self.random.choice((0.01, 1.0, 60.0))

    def restore(self) -> None:
        if self.backups and self.random.random() < 0.5:
            arn = self.random.choice(sorted(self.backups))
            from_backup(self.db, arn)
            check_copy(self.db, "copy", self.backups[arn])
        elif self.times:
            time = self.random.choice(sorted(self.times))
            at_time(self.db, time)
            check_copy(self.db, "copy", self.times[time])

    def drop_backup(self) -> None:
        if self.backups:
            arn = self.random.choice(sorted(self.backups))
            self.db("DeleteBackup", BackupArn=arn)
            del self.backups[arn]
            self.db.engine.sweep()

    def run(self, steps: int) -> None:
        actions = [self.put] * 10 + [self.delete] * 5 + [self.transact] * 2 + [self.note_time] * 2
        actions += [self.back_up, self.restore, self.drop_backup]
        for _ in range(steps):
            self.random.choice(actions)()


@pytest.mark.parametrize("seed", range(3))
def test_restores_give_what_was_there(db: Requests, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.setattr(restores, "SLICE_ROWS", 4)
    db.create(**INDEXES)
    story = Story(db, seed)
    for _ in range(20):
        story.put()
    story.back_up()
    db.clock.time += 0.505  # whole seconds are another matter
    enable(db)
    story.note_time()
    story.run(200)
    for time, items in story.times.items():
        at_time(db, time)
        check_copy(db, "copy", items)
    db("DeleteTable", TableName="things")
    (system,) = db("ListBackups", BackupType="SYSTEM")["BackupSummaries"]
    story.backups[system["BackupArn"]] = story.items
    db.engine.sweep()
    for arn, items in story.backups.items():
        from_backup(db, arn)
        check_copy(db, "copy", items)
        db("DeleteBackup", BackupArn=arn)


class Unfinished(Requests):
    """Calls operations between slices of background work, and leaves it unfinished."""

    def __call__(self, operation: str, **request: Any) -> Any:
        self.engine.expire()
        self.engine.work(0.0001)
        wire = orjson.loads(orjson.dumps(request))
        return call(self.engine, operation, wire, REGION, ACCOUNT)


def check_story(db: Requests, story: Story) -> None:
    """Restore every backup, and every time that is not too long ago."""
    db.engine.sweep()
    described = db("DescribeContinuousBackups", TableName="things")["ContinuousBackupsDescription"]
    earliest = described["PointInTimeRecoveryDescription"]["EarliestRestorableDateTime"]
    in_time = {time: items for time, items in story.times.items() if time >= earliest}
    assert 0 < len(in_time) < len(story.times)
    for time, items in in_time.items():
        at_time(db, time)
        check_copy(db, "copy", items)
    for arn, items in story.backups.items():
        from_backup(db, arn)
        check_copy(db, "copy", items)


@pytest.mark.parametrize("seed", range(3))
def test_restores_are_right_or_refused_when_history_is_short(db: Requests, seed: int) -> None:
    db.engine.settings = replace(db.engine.settings, history_bytes=6000)
    db.create(**INDEXES)
    enable(db)
    db.clock.time += 0.505
    story = Story(db, seed)
    for _ in range(40):
        for _ in range(5):
            story.put()
            story.delete()
        story.note_time()
        story.random.choice((story.back_up, story.drop_backup, db.engine.sweep))()
    check_story(db, story)


@pytest.mark.parametrize("seed", range(3))
def test_restores_are_right_when_the_table_changes_while_history_is_thinned(
    db: Requests, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(thinning, "SLICE_ROWS", 5)
    db.engine.settings = replace(db.engine.settings, history_bytes=6000)
    db.create(**INDEXES)
    enable(db)
    db.clock.time += 0.505
    story = Story(Unfinished(db.engine, db.clock), seed)
    for _ in range(60):
        for _ in range(5):
            story.put()
            story.delete()
        story.note_time()
        if story.random.random() < 0.3:
            story.back_up()
    story.db = db
    check_story(db, story)
