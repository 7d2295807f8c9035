"""Hooks around operations and after commits, through the embedded database."""

from collections.abc import Iterator
from typing import Any

import pytest

import dynemu
from dynemu.database import Database
from dynemu.errors import AwsError, ConditionalCheckFailedException, validation

TABLE = {"TableName": "things"}


@pytest.fixture
def database() -> Iterator[Database]:
    with Database() as opened:
        opened.call(
            "CreateTable",
            {
                **TABLE,
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
                "BillingMode": "PAY_PER_REQUEST",
            },
        )
        yield opened


def put(database: Database, key: str, **more: Any) -> dict[str, Any]:
    return database.call("PutItem", {**TABLE, "Item": {"pk": {"S": key}, **more}})


def get(database: Database, key: str) -> Any:
    return database.call("GetItem", {**TABLE, "Key": {"pk": {"S": key}}}).get("Item")


def rows_of(database: Database) -> dict[bytes, bytes]:
    with database.use() as engine:
        return dict(engine.store.dump())


class Recorder:
    """Notes what it is shown."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    @dynemu.hookimpl
    def before_operation(self, context: Any) -> None:
        self.seen.append(("before", context.operation, context.tables))

    @dynemu.hookimpl
    def after_operation(self, context: Any) -> None:
        self.seen.append(("after", context.response, context.error and context.error.code))


def test_hooks_see_requests_and_answers(database: Database) -> None:
    recorder = Recorder()
    database.register(recorder)
    put(database, "1")
    get(database, "1")
    with pytest.raises(AwsError):
        database.call("GetItem", {"TableName": "nowhere", "Key": {"pk": {"S": "1"}}})
    database.unregister(recorder)
    put(database, "2")
    assert recorder.seen == [
        ("before", "PutItem", ["things"]),
        ("after", {}, None),
        ("before", "GetItem", ["things"]),
        ("after", {"Item": {"pk": {"S": "1"}}}, None),
        ("before", "GetItem", ["nowhere"]),
        ("after", None, "ResourceNotFoundException"),
    ]


@pytest.mark.parametrize(
    "wrong", [1, True, "x", [1], [None], {"S": "a"}, [["a"]], [{"Put": 1}], {"things": 1}]
)
@pytest.mark.parametrize(
    ("operation", "member"),
    [
        ("BatchGetItem", "RequestItems"),
        ("BatchWriteItem", "RequestItems"),
        ("TransactWriteItems", "TransactItems"),
        ("ExecuteStatement", "Parameters"),
        ("ExecuteTransaction", "TransactStatements"),
        ("BatchExecuteStatement", "Statements"),
        ("Query", "KeyConditions"),
    ],
)
def test_a_request_without_its_form_is_refused_as_without_hooks(
    database: Database, operation: str, member: str, wrong: Any
) -> None:
    request = {**TABLE, "Statement": "SELECT * FROM things WHERE pk = ?", member: wrong}
    answers = []
    for _ in range(2):
        try:
            answers.append(("answer", str(database.call(operation, request))))
        except AwsError as error:
            answers.append((error.code, error.message or ""))
        if len(answers) == 1:
            database.register(Recorder())
            database.faults.add({"kind": "throttle", "key": {"pk": {"S": "never"}}})
            database.faults.add({"kind": "hold", "seconds": 1})
    assert answers[0] == answers[1]


def test_a_hook_changes_the_request(database: Database) -> None:
    class Stamp:
        @dynemu.hookimpl
        def before_operation(self, context: Any) -> None:
            if context.operation == "PutItem":
                context.request["Item"]["by"] = {"S": "hook"}

    database.register(Stamp())
    put(database, "1")
    assert get(database, "1") == {"pk": {"S": "1"}, "by": {"S": "hook"}}


def test_a_hook_refuses_with_an_error_of_aws(database: Database) -> None:
    class Rule:
        @dynemu.hookimpl
        def before_operation(self, context: Any) -> None:
            if context.operation == "PutItem" and "owner" not in context.request["Item"]:
                raise validation("An owner is needed")

    database.register(Rule())
    with pytest.raises(AwsError, match="An owner is needed"):
        put(database, "1")
    put(database, "2", owner={"S": "me"})
    assert (get(database, "1") is None, get(database, "2") is None) == (True, False)


@pytest.mark.parametrize("recorder_is_first", [True, False])
def test_what_a_hook_or_fault_refuses_is_seen_after_the_operation(
    database: Database, recorder_is_first: bool
) -> None:
    class Rule:
        @dynemu.hookimpl
        def before_operation(self, context: Any) -> None:
            if context.operation == "DeleteItem":
                raise validation("not this one")

    recorder = Recorder()
    plugins = [Rule(), recorder] if recorder_is_first else [recorder, Rule()]
    for plugin in plugins:
        database.register(plugin)
    for _ in range(2):
        with pytest.raises(AwsError, match="not this one"):
            database.call("DeleteItem", {**TABLE, "Key": {"pk": {"S": "1"}}})
    before = [("before", "DeleteItem", ["things"])] if recorder_is_first else []
    assert recorder.seen == [*before, ("after", None, "ValidationException")] * 2
    recorder.seen.clear()
    database.faults.add({"kind": "error", "operation": "ListTables"})
    with pytest.raises(AwsError):
        database.call("ListTables")
    assert recorder.seen[-1] == ("after", None, "InternalServerError")


def test_a_hook_forgives_what_another_one_refused(database: Database) -> None:
    class Rule:
        @dynemu.hookimpl
        def before_operation(self, context: Any) -> None:
            raise validation("never")

    class Pardon:
        @dynemu.hookimpl
        def after_operation(self, context: Any) -> None:
            context.error, context.response = None, {"pardoned": True}

    database.register(Rule())
    database.register(Pardon())
    assert database.call("ListTables") == {"pardoned": True}


def test_a_hook_answers_in_place_of_the_operation(database: Database) -> None:
    class Cache:
        @dynemu.hookimpl
        def before_operation(self, context: Any) -> Any:
            return {"Item": {"pk": {"S": "cached"}}} if context.operation == "GetItem" else None

    database.register(Cache())
    assert get(database, "1") == {"pk": {"S": "cached"}}


def test_a_hook_changes_the_answer_and_the_error(database: Database) -> None:
    class After:
        @dynemu.hookimpl
        def after_operation(self, context: Any) -> None:
            if context.operation == "GetItem" and context.error is None:
                context.response["Item"]["more"] = {"BOOL": True}
            if context.operation == "PutItem":
                context.error = ConditionalCheckFailedException("no")

    put(database, "1")
    database.register(After())
    assert get(database, "1") == {"pk": {"S": "1"}, "more": {"BOOL": True}}
    with pytest.raises(ConditionalCheckFailedException):
        put(database, "2")


def test_commits_are_shown_with_both_images(database: Database) -> None:
    class Audit:
        def __init__(self) -> None:
            self.trail: list[Any] = []

        @dynemu.hookimpl
        def changes_committed(self, context: Any, changes: Any) -> None:
            self.trail += [
                (context and context.operation, c.table, c.keys, c.old, c.new, c.by_service) for c in changes
            ]

    audit = Audit()
    database.register(audit)
    keys = {"pk": {"S": "1"}}
    put(database, "1", n={"N": "1"})
    database.call("DeleteItem", {**TABLE, "Key": keys})
    database.call("DeleteItem", {**TABLE, "Key": keys})
    with pytest.raises(AwsError):
        database.call("PutItem", {**TABLE, "Item": keys, "ConditionExpression": "attribute_exists(pk)"})
    database.clock.freeze(1_000)
    database.call(
        "UpdateTimeToLive",
        {**TABLE, "TimeToLiveSpecification": {"Enabled": True, "AttributeName": "n"}},
    )
    put(database, "1", n={"N": "2000"})
    database.clock.freeze(3_000)
    database.sweep()
    old, due = {**keys, "n": {"N": "1"}}, {**keys, "n": {"N": "2000"}}
    assert audit.trail == [
        ("PutItem", "things", keys, None, old, False),
        ("DeleteItem", "things", keys, old, None, False),
        ("PutItem", "things", keys, None, due, False),
        (None, "things", keys, due, None, True),
    ]


def test_what_is_no_hook_is_refused(database: Database) -> None:
    class Wrong:
        @dynemu.hookimpl
        def before_operations(self, context: Any) -> None:
            raise AssertionError

    with pytest.raises(ValueError, match="unknown hook 'before_operations'"):
        database.register(Wrong())
    with pytest.raises(ValueError, match="not registered"):
        database.unregister(Recorder())
    put(database, "1")


def test_seeing_changes_leaves_no_trace_in_the_store(database: Database) -> None:
    class Observer:
        def __init__(self) -> None:
            self.keys: list[Any] = []

        @dynemu.hookimpl
        def changes_committed(self, context: Any, changes: Any) -> None:
            self.keys += [change.keys for change in changes]

    savepoint = database.savepoint()
    put(database, "1")
    unseen = rows_of(database)
    database.rollback(savepoint)
    observer = Observer()
    database.register(observer)
    put(database, "1")
    assert observer.keys == [{"pk": {"S": "1"}}]
    assert rows_of(database) == unseen
