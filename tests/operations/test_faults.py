"""Faults that are carried out: what they answer, whom they hit, and that they repeat."""

from collections.abc import Callable
from typing import Any

import pytest

from dynemu.errors import AwsError
from dynemu.faults import FaultPlan, plan_of
from tests.operations.conftest import ACCOUNT, REGION, Requests

ARN = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/things"
SCALES = (
    "Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your "
    "table or index so please try again shortly. If exceptions persist, check if you have a hot key: "
    "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html"
)
PROVISIONED = (
    "The level of configured provisioned throughput for the table was exceeded. Consider increasing your "
    "provisioning level with the UpdateTable API."
)
ONGOING = "Transaction is ongoing for the item"


@pytest.fixture
def faults(db: Requests) -> FaultPlan:
    """The faults of a database with the table ``things`` and its global index ``others``."""
    index = {
        "IndexName": "others",
        "KeySchema": [{"AttributeName": "other", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
    }
    db.create(range=None, attributes={"other": "S"}, GlobalSecondaryIndexes=[index])
    return plan_of(db.engine)


def key(name: str) -> dict[str, Any]:
    return {"pk": {"S": name}}


def put(name: str) -> dict[str, Any]:
    return {"TableName": "things", "Item": key(name)}


def writes(*names: str) -> dict[str, Any]:
    return {"RequestItems": {"things": [{"PutRequest": {"Item": key(name)}} for name in names]}}


def transaction(*names: str, **more: Any) -> dict[str, Any]:
    return {"TransactItems": [{"Put": put(name)} for name in names], **more}


def get(db: Requests, name: str) -> Any:
    return db("GetItem", TableName="things", Key=key(name)).get("Item")


def body(db: Requests, operation: str, **request: Any) -> Any:
    """Return the body of the error that *operation* answers."""
    with pytest.raises(AwsError) as caught:
        db(operation, **request)
    found = caught.value.to_body()
    return {**found, "__type": found["__type"].partition("#")[2]}


# Throttling


def test_an_on_demand_table_is_throttled_for_its_keys(db: Requests, faults: FaultPlan) -> None:
    faults.add({"kind": "throttle"})
    assert body(db, "PutItem", **put("a")) == {
        "__type": "ThrottlingException",
        "message": SCALES,
        "throttlingReasons": [{"reason": "TableWriteKeyRangeThroughputExceeded", "resource": ARN}],
    }
    assert body(db, "GetItem", TableName="things", Key=key("a"))["throttlingReasons"] == [
        {"reason": "TableReadKeyRangeThroughputExceeded", "resource": ARN}
    ]
    faults.clear()
    assert get(db, "a") is None


def test_a_provisioned_table_is_throttled_for_its_units(db: Requests, faults: FaultPlan) -> None:
    db("UpdateTable", TableName="things", BillingMode="PROVISIONED",
       ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
       GlobalSecondaryIndexUpdates=[{"Update": {"IndexName": "others", "ProvisionedThroughput": {
           "ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}}])  # fmt: skip
    faults.add({"kind": "throttle"})
    assert body(db, "UpdateItem", TableName="things", Key=key("a")) == {
        "__type": "ProvisionedThroughputExceededException",
        "message": PROVISIONED,
        "ThrottlingReasons": [{"reason": "TableWriteProvisionedThroughputExceeded", "resource": ARN}],
    }


def test_a_table_with_a_maximum_is_throttled_for_that(db: Requests, faults: FaultPlan) -> None:
    db("UpdateTable", TableName="things", OnDemandThroughput={"MaxReadRequestUnits": 5})
    faults.add({"kind": "throttle", "operation": "reads"})
    assert body(db, "Scan", TableName="things") == {
        "__type": "ThrottlingException",
        "message": "Throughput exceeds the maximum OnDemandThroughput configured on table or index",
        "throttlingReasons": [{"reason": "TableReadMaxOnDemandThroughputExceeded", "resource": ARN}],
    }
    assert db("PutItem", **put("a")) == {}


def test_an_account_has_a_limit_too(db: Requests, faults: FaultPlan) -> None:
    faults.add({"kind": "throttle", "reason": "AccountLimitExceeded"})
    error = body(db, "DeleteItem", TableName="things", Key=key("a"))
    assert error["__type"] == "RequestLimitExceeded"
    assert error["ThrottlingReasons"] == [{"reason": "TableWriteAccountLimitExceeded", "resource": ARN}]


def test_reads_through_an_index_are_throttled_there(db: Requests, faults: FaultPlan) -> None:
    faults.add({"kind": "throttle", "operation": "reads"})
    error = body(db, "Scan", TableName="things", IndexName="others")
    assert error["throttlingReasons"] == [
        {"reason": "IndexReadKeyRangeThroughputExceeded", "resource": f"{ARN}/index/others"}
    ]


def test_writes_are_throttled_by_an_index(db: Requests, faults: FaultPlan) -> None:
    faults.add({"kind": "throttle", "index": "others", "reason": "ProvisionedThroughputExceeded"})
    error = body(db, "PutItem", **put("a"))
    assert error["ThrottlingReasons"] == [
        {"reason": "IndexWriteProvisionedThroughputExceeded", "resource": f"{ARN}/index/others"}
    ]
    assert "one or more global secondary indexes" in error["message"]
    assert db("Scan", TableName="things")["Count"] == 0


def test_a_transaction_is_cancelled_when_it_is_throttled(db: Requests, faults: FaultPlan) -> None:
    faults.add({"kind": "throttle", "key": key("b")})
    assert body(db, "TransactWriteItems", **transaction("a", "b")) == {
        "__type": "TransactionCanceledException",
        "Message": "Transaction cancelled, please refer cancellation reasons for specific reasons "
        "[None, ThrottlingError]",
        "CancellationReasons": [{"Code": "None"}, {"Code": "ThrottlingError", "Message": SCALES}],
    }
    assert get(db, "a") is None


def test_a_batch_to_a_throttled_table_is_done_in_part(db: Requests, faults: FaultPlan) -> None:
    db.create("others", range=None)
    faults.add({"kind": "throttle", "table": "things"})
    requests = writes("a")["RequestItems"]
    both = {**requests, "others": requests["things"]}
    assert db("BatchWriteItem", RequestItems=both) == {"UnprocessedItems": requests}
    assert body(db, "BatchWriteItem", RequestItems=requests)["__type"] == "ThrottlingException"


def test_control_operations_are_throttled_by_their_rate(db: Requests, faults: FaultPlan) -> None:
    faults.add({"kind": "throttle"})
    db("ListTables")
    faults.add({"kind": "throttle", "operation": "ListTables"})
    assert body(db, "ListTables") == {
        "__type": "ThrottlingException",
        "message": "Rate of requests exceeds the allowed throughput.",
    }


def test_a_table_that_is_not_there_is_not_throttled(db: Requests, faults: FaultPlan) -> None:
    faults.add({"kind": "throttle"})
    request = {"TableName": "nowhere", "Key": key("a")}
    assert body(db, "GetItem", **request)["__type"] == "ResourceNotFoundException"


def test_statements_read_or_write_their_table(db: Requests, faults: FaultPlan) -> None:
    faults.add({"kind": "throttle", "operation": "writes", "table": "things"})
    error = body(db, "ExecuteStatement", Statement="update \"things\" SET n = 1 WHERE pk = 'a'")
    assert error["throttlingReasons"][0]["reason"] == "TableWriteKeyRangeThroughputExceeded"
    faults.clear()
    faults.add({"kind": "throttle", "operation": "reads", "table": "things"})
    select = "SELECT a, b FROM things WHERE pk = ?"
    error = body(db, "BatchExecuteStatement", Statements=[{"Statement": select}])
    assert error["throttlingReasons"][0]["reason"] == "TableReadKeyRangeThroughputExceeded"


def test_a_transaction_of_statements_is_cancelled(db: Requests, faults: FaultPlan) -> None:
    faults.add({"kind": "throttle", "table": "things"})
    statements = [{"Statement": f"INSERT INTO {name} VALUE {{'pk': 'a'}}"} for name in ("others", "things")]
    reasons = body(db, "ExecuteTransaction", TransactStatements=statements)["CancellationReasons"]
    assert [reason["Code"] for reason in reasons] == ["None", "ThrottlingError"]
    faults.clear()
    faults.add({"kind": "conflict", "table": "things"})
    reasons = body(db, "ExecuteTransaction", TransactStatements=statements)["CancellationReasons"]
    assert [reason["Code"] for reason in reasons] == ["None", "TransactionConflict"]


# Conflicts


def test_a_write_conflicts(db: Requests, faults: FaultPlan) -> None:
    faults.add({"kind": "conflict", "key": key("a")})
    assert db.refuse("PutItem", **put("a")) == ("TransactionConflictException", ONGOING)
    assert db("PutItem", **put("b")) == {}
    assert get(db, "a") is None


def test_a_transaction_conflicts_at_its_item(db: Requests, faults: FaultPlan) -> None:
    faults.add({"kind": "conflict", "key": key("b")})
    expected = [{"Code": "None"}, {"Code": "TransactionConflict", "Message": ONGOING}]
    assert body(db, "TransactWriteItems", **transaction("a", "b"))["CancellationReasons"] == expected
    gets = [{"Get": {"TableName": "things", "Key": key(name)}} for name in "ab"]
    assert body(db, "TransactGetItems", TransactItems=gets)["CancellationReasons"] == expected


def test_without_a_key_a_transaction_conflicts_at_its_first_item(db: Requests, faults: FaultPlan) -> None:
    faults.add({"kind": "conflict"})
    reasons = body(db, "TransactWriteItems", **transaction("a", "b"))["CancellationReasons"]
    assert [reason["Code"] for reason in reasons] == ["TransactionConflict", "None"]


# Transactions that are really under way


def test_what_meets_a_held_transaction_conflicts(db: Requests, faults: FaultPlan) -> None:
    faults.add({"kind": "hold", "seconds": 5, "times": 1})
    db("TransactWriteItems", **transaction("a", "b"))
    assert db.engine.delay == 5.0
    assert get(db, "a") == key("a")
    assert db.refuse("PutItem", **put("a")) == ("TransactionConflictException", ONGOING)
    deletion = {"TableName": "things", "Key": key("b")}
    assert db.refuse("DeleteItem", **deletion) == ("TransactionConflictException", ONGOING)
    reasons = body(db, "TransactWriteItems", **transaction("c", "b"))["CancellationReasons"]
    assert [reason["Code"] for reason in reasons] == ["None", "TransactionConflict"]
    gets = [{"Get": deletion}]
    assert db.refuse("TransactGetItems", TransactItems=gets)[0] == "TransactionCanceledException"
    assert db("BatchWriteItem", **writes("a", "c")) == {"UnprocessedItems": writes("a")["RequestItems"]}
    assert db("PutItem", **put("d")) == {}
    db.clock.time += 5
    assert db("DeleteItem", **deletion) == {}
    assert db("TransactWriteItems", **transaction("a", "b")) == {}


def test_the_token_of_a_held_transaction_is_in_progress(db: Requests, faults: FaultPlan) -> None:
    faults.add({"kind": "hold", "seconds": 5, "times": 1})
    request = transaction("a", ClientRequestToken="token")
    db("TransactWriteItems", **request)
    assert body(db, "TransactWriteItems", **request) == {
        "__type": "TransactionInProgressException",
        "Message": "The transaction with the given request token is already in progress.",
    }
    db.clock.time += 5
    assert db("TransactWriteItems", **request) == {}


def test_a_transaction_that_failed_is_not_held(db: Requests, faults: FaultPlan) -> None:
    faults.add({"kind": "hold", "seconds": 5})
    check = {"ConditionCheck": {"TableName": "things", "Key": key("a"),
                                "ConditionExpression": "attribute_exists(pk)"}}  # fmt: skip
    assert db.refuse("TransactWriteItems", TransactItems=[check])[0] == "TransactionCanceledException"
    assert db("PutItem", **put("a")) == {}


def test_held_transactions_end_with_their_fault(db: Requests, faults: FaultPlan) -> None:
    held = faults.add({"kind": "hold", "seconds": 5})
    db("TransactWriteItems", **transaction("a"))
    faults.remove(held)
    assert db("PutItem", **put("a")) == {}


def statements(*names: str) -> list[dict[str, Any]]:
    return [{"Statement": f"INSERT INTO things VALUE {{'pk': '{name}'}}"} for name in names]


@pytest.mark.parametrize(
    "holder",
    [
        ("TransactWriteItems", transaction("a", "b")),
        ("ExecuteTransaction", {"TransactStatements": statements("a", "b")}),
    ],
    ids=["items", "statements"],
)
def test_statements_meet_a_held_transaction(db: Requests, faults: FaultPlan, holder: Any) -> None:
    faults.add({"kind": "hold", "seconds": 5, "times": 1})
    db(holder[0], **holder[1])
    refused = ("TransactionConflictException", ONGOING)
    for statement, values in (
        ("DELETE FROM things WHERE pk = ?", [{"S": "a"}]),
        ("UPDATE \"things\" SET n = 1 WHERE pk = 'b'", None),
        ("INSERT INTO things VALUE {'pk': ?}", [{"S": "b"}]),
    ):
        more = {} if values is None else {"Parameters": values}
        assert db.refuse("ExecuteStatement", Statement=statement, **more) == refused
    assert db.refuse("PutItem", **put("b")) == refused
    # What reads one item only sees what is there; a transaction of reads is in the way.
    select = "SELECT * FROM things WHERE pk = 'a'"
    assert db("ExecuteStatement", Statement=select)["Items"] == [key("a")]
    found = db("BatchExecuteStatement", Statements=[{"Statement": select}])
    assert found["Responses"] == [{"Item": key("a"), "TableName": "things"}]
    reads = [{"Statement": "SELECT * FROM things WHERE pk = 'c'"}, {"Statement": select}]
    expected = [{"Code": "None"}, {"Code": "TransactionConflict", "Message": ONGOING}]
    assert body(db, "ExecuteTransaction", TransactStatements=reads)["CancellationReasons"] == expected
    writes = statements("c", "b")
    assert body(db, "ExecuteTransaction", TransactStatements=writes)["CancellationReasons"] == expected
    assert db("ExecuteStatement", **statements("d")[0]) == {"Items": []}
    db.clock.time += 5
    assert db("ExecuteStatement", Statement="DELETE FROM things WHERE pk = 'a'") == {"Items": []}


def test_a_batch_of_statements_is_refused_where_it_meets_a_held_transaction(
    db: Requests, faults: FaultPlan
) -> None:
    faults.add({"kind": "hold", "seconds": 5, "times": 1})
    db("TransactWriteItems", **transaction("b"))
    conflict = {"Error": {"Code": "TransactionConflict", "Message": ONGOING}, "TableName": "things"}
    # Another fault takes a statement out of what is left of the batch.
    faults.add({"kind": "throttle", "key": key("c")})
    throttled = {"Error": {"Code": "ThrottlingError", "Message": SCALES}, "TableName": "things"}
    done = {"TableName": "things"}
    batch = [{"Statement": "no statement"}, *statements("a", "b", "c", "d")]
    responses = db("BatchExecuteStatement", Statements=batch)["Responses"]
    assert responses[0]["Error"]["Code"] == "ValidationError"
    assert responses[1:] == [done, conflict, throttled, done]
    faults.remove("fault-2")
    assert [get(db, name) for name in "ac"] == [key("a"), None]
    assert db("BatchExecuteStatement", Statements=statements("b")) == {"Responses": [conflict]}


def test_the_token_of_a_held_transaction_of_statements_is_in_progress(
    db: Requests, faults: FaultPlan
) -> None:
    faults.add({"kind": "hold", "seconds": 5, "times": 1})
    request = {"TransactStatements": statements("a"), "ClientRequestToken": "token"}
    db("ExecuteTransaction", **request)
    assert db.refuse("ExecuteTransaction", **request)[0] == "TransactionInProgressException"
    db.clock.time += 5
    assert db("ExecuteTransaction", **request) == {"Responses": []}


def test_a_transaction_of_reads_is_not_held(db: Requests, faults: FaultPlan) -> None:
    faults.add({"kind": "hold", "seconds": 5})
    reads = [{"Statement": "SELECT * FROM things WHERE pk = 'a'"}]
    db("ExecuteTransaction", TransactStatements=reads)
    assert db.engine.delay == 0
    assert db("PutItem", **put("a")) == {}


# What a request says of a key


QUERY = {"TableName": "things", "KeyConditionExpression": "#k = :v", "ExpressionAttributeNames": {"#k": "pk"}}


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("ExecuteStatement", {"Statement": "SELECT * FROM things WHERE pk = 'a'"}),
        ("ExecuteStatement", {"Statement": "SELECT * FROM things WHERE pk = ?", "Parameters": [{"S": "a"}]}),
        ("ExecuteStatement", {"Statement": "SELECT n FROM \"things\" WHERE n > 1 AND 'a' = pk"}),
        ("ExecuteStatement", {"Statement": "INSERT INTO things VALUE {'n': 2, 'pk': 'a'}"}),
        ("ExecuteStatement", {"Statement": "UPDATE things REMOVE n WHERE pk = 'a' AND n = 2"}),
        ("BatchExecuteStatement", {"Statements": statements("a")}),
        ("ExecuteTransaction", {"TransactStatements": statements("a")}),
        ("Query", {**QUERY, "ExpressionAttributeValues": {":v": {"S": "a"}}}),
        ("Query", {"TableName": "things", "KeyConditions": {
            "pk": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "a"}]}}}),
        ("BatchGetItem", {"RequestItems": {"things": {"Keys": [key("a")]}}}),
        ("BatchWriteItem", writes("a")),
        ("TransactWriteItems", transaction("a")),
    ],
)  # fmt: skip
def test_a_request_is_hit_by_the_key_that_it_names(
    db: Requests, faults: FaultPlan, operation: str, request_: dict[str, Any]
) -> None:
    other = faults.add({"kind": "latency", "seconds": 1, "key": key("b")})
    hit = faults.add({"kind": "latency", "seconds": 1, "key": key("a"), "table": "things"})
    try:
        db(operation, **request_)
    except AwsError as error:  # an UPDATE of nothing
        assert error.code == "ConditionalCheckFailedException"
    assert {fault["id"]: fault["hit"] for fault in faults.list()} == {other: 0, hit: 1}


def test_requests_that_name_no_key_are_hit_by_none(db: Requests, faults: FaultPlan) -> None:
    faults.add({"kind": "latency", "seconds": 1, "key": key("a")})
    for statement in (
        "SELECT * FROM things",
        "SELECT * FROM things WHERE pk IN ['a', 'b']",
        "SELECT * FROM things WHERE pk = 'a' OR n = 1",
        "SELECT * FROM things.others WHERE other = 'a'",
        "SELECT * FROM things WHERE begins_with(pk, 'a')",
    ):
        db("ExecuteStatement", Statement=statement)
    db("Scan", TableName="things")
    for wrong in ({}, {"KeyConditionExpression": 7}, {"KeyConditionExpression": "pk = :x"}):
        db.refuse("Query", TableName="things", **wrong)
    db.refuse("ExecuteStatement", Statement="SELECT * FROM nowhere WHERE pk = 'a'")
    assert faults.list()[0]["asked"] == 0
    through = {**QUERY, "IndexName": "others", "ExpressionAttributeNames": {"#k": "other"}}
    faults.add({"kind": "latency", "seconds": 1, "key": {"other": {"S": "x"}}})
    db("Query", **through, ExpressionAttributeValues={":v": {"S": "x"}})
    assert [fault["hit"] for fault in faults.list()] == [0, 1]


# Batches in part, errors, latency, lost connections


def test_a_batch_of_writes_is_done_in_part(db: Requests, faults: FaultPlan) -> None:
    faults.add({"kind": "unprocessed", "share": 0.5})
    left = db("BatchWriteItem", **writes(*"abcd"))["UnprocessedItems"]["things"]
    done = [item["pk"]["S"] for item in db("Scan", TableName="things")["Items"]]
    assert sorted([*done, *(write["PutRequest"]["Item"]["pk"]["S"] for write in left)]) == [*"abcd"]
    assert len(left) == 2


def test_a_batch_of_reads_is_done_in_part(db: Requests, faults: FaultPlan) -> None:
    db("BatchWriteItem", **writes(*"abc"))
    faults.add({"kind": "unprocessed", "key": key("b")})
    asked = {"things": {"Keys": [key(name) for name in "abc"], "ConsistentRead": True}}
    assert db("BatchGetItem", RequestItems=asked) == {
        "Responses": {"things": [key("a"), key("c")]},
        "UnprocessedKeys": {"things": {"Keys": [key("b")], "ConsistentRead": True}},
    }


def test_a_batch_in_part_always_does_something(db: Requests, faults: FaultPlan) -> None:
    faults.add({"kind": "unprocessed", "share": 0.9})
    left = db("BatchWriteItem", **writes("a", "b"))["UnprocessedItems"]
    assert len(left["things"]) == 1
    assert db("BatchWriteItem", RequestItems=left) == {"UnprocessedItems": {}}
    assert faults.list()[0]["hit"] == 1


def test_a_batch_may_be_left_as_a_whole(db: Requests, faults: FaultPlan) -> None:
    faults.add({"kind": "unprocessed", "share": 1})
    request = writes("a", "b")
    assert db("BatchWriteItem", **request) == {"UnprocessedItems": request["RequestItems"]}
    asked = {"things": {"Keys": [key("a")]}}
    assert db("BatchGetItem", RequestItems=asked) == {
        "Responses": {"things": []},
        "UnprocessedKeys": asked,
    }


@pytest.mark.parametrize(
    ("after", "item"), [(False, None), (True, {"pk": {"S": "a"}})], ids=["before", "after"]
)
def test_an_error_comes_before_or_after_the_write(
    db: Requests, faults: FaultPlan, after: bool, item: Any
) -> None:
    faults.add({"kind": "error", "operation": "writes", "after": after})
    assert db.refuse("PutItem", **put("a")) == ("InternalServerError", "Internal server error")
    assert get(db, "a") == item


def test_the_service_may_be_unavailable(db: Requests, faults: FaultPlan) -> None:
    faults.add({"kind": "error", "status": 503})
    with pytest.raises(AwsError) as caught:
        db("ListTables")
    assert (caught.value.status, caught.value.code) == (503, "ServiceUnavailable")


@pytest.mark.parametrize(
    ("after", "item"), [(False, None), (True, {"pk": {"S": "a"}})], ids=["before", "after"]
)
def test_a_connection_is_lost_before_or_after_the_write(
    db: Requests, faults: FaultPlan, after: bool, item: Any
) -> None:
    faults.add({"kind": "drop", "after": after, "times": 1})
    db("PutItem", **put("a"))
    assert db.engine.drops
    assert get(db, "a") == item
    assert not db.engine.drops


def test_delays_add_up(db: Requests, faults: FaultPlan) -> None:
    faults.add({"kind": "latency", "seconds": 0.25, "operation": "PutItem"})
    faults.add({"kind": "latency", "seconds": 0.5, "table": "things"})
    db("PutItem", **put("a"))
    assert db.engine.delay == 0.75
    db("ListTables")
    assert db.engine.delay == 0.0


# Whom and how often


@pytest.mark.parametrize(
    ("fault", "pattern"),
    [
        ({"every": 3}, "..x..x..x..x"),
        ({"times": 2}, "xx.........."),
        ({"every": 2, "times": 2}, ".x.x........"),
        ({"key": {"pk": {"S": "1"}}}, ".x.........."),
        ({"table": "elsewhere"}, "............"),
        ({"operation": "reads"}, "............"),
        ({"operation": ["Scan", "PutItem"]}, "xxxxxxxxxxxx"),
        ({"probability": 0}, "............"),
    ],
    ids=str,
)
def test_a_fault_hits_whom_it_is_meant_for(
    db: Requests, faults: FaultPlan, fault: dict[str, Any], pattern: str
) -> None:
    faults.add({"kind": "error", **fault})
    assert hits(db) == pattern


def hits(db: Requests) -> str:
    """Put twelve items and return ``x`` for each that failed."""
    found = ""
    for number in range(12):
        try:
            db("PutItem", **put(str(number)))
            found += "."
        except AwsError:
            found += "x"
    return found


def test_the_same_seed_gives_the_same_faults(db: Requests, faults: FaultPlan) -> None:
    faults.add({"kind": "error", "probability": 0.5}, "half")
    first = hits(db)
    # Written down, because another process has to give the same.
    assert first == "..xxxxx....x"
    assert first != hits(db)
    faults.restart()
    faults.add({"kind": "latency", "probability": 0.5, "seconds": 1}, "another")
    assert hits(db) == first
    faults.restart(seed=1)
    other = hits(db)
    assert first != other
    faults.restart(seed=0)
    assert hits(db) == first


def test_faults_are_counted(db: Requests, faults: FaultPlan) -> None:
    first = faults.add({"kind": "error", "every": 2, "operation": "PutItem"})
    second = faults.add({"kind": "drop", "table": "elsewhere"}, "second")
    hits(db)
    assert (first, second) == ("fault-1", "second")
    assert faults.list() == [
        {"id": "fault-1", "kind": "error", "every": 2, "operation": "PutItem", "asked": 12, "hit": 6},
        {"id": "second", "kind": "drop", "table": "elsewhere", "asked": 0, "hit": 0},
    ]


def test_without_faults_there_are_no_hooks(db: Requests, faults: FaultPlan) -> None:
    found = faults.add({"kind": "drop"})
    assert db.engine.hooks is not None
    faults.remove(found)
    assert db.engine.hooks is None
    with pytest.raises(KeyError, match="no fault called fault-1"):
        faults.remove(found)


@pytest.mark.parametrize(
    "request_of",
    [
        lambda: ("PutItem", {"TableName": "things"}),
        lambda: ("PutItem", {"TableName": "things", "Item": []}),
        lambda: ("BatchWriteItem", {"RequestItems": {"things": [{}]}}),
        lambda: ("TransactWriteItems", {"TransactItems": [{}]}),
    ],
    ids=["missing", "wrong", "empty write", "empty action"],
)
def test_a_request_without_form_is_refused_as_ever(
    db: Requests, faults: FaultPlan, request_of: Callable[[], Any]
) -> None:
    operation, request = request_of()
    expected = db.refuse(operation, **request)
    faults.add({"kind": "conflict"})
    faults.add({"kind": "unprocessed"})
    faults.add({"kind": "hold", "seconds": 1})
    assert db.refuse(operation, **request) == expected
