"""Answers held back and connections lost, as clients of a server see them."""

import time

import pytest

from tests.wire.peer import Peer, post

CREATE = post(
    {
        "TableName": "things",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    },
    operation="CreateTable",
)
PUT = post({"TableName": "things", "Item": {"pk": {"S": "a"}}}, operation="PutItem")
GET = post({"TableName": "things", "Key": {"pk": {"S": "a"}}}, operation="GetItem")
SCAN = post({"TableName": "things"}, operation="Scan")
LIST = post({}, operation="ListTables")


@pytest.fixture
def faulty(start_server):
    """Start a server with a fault of Scan; returns a function that connects to it."""

    def start(faults):
        url = start_server("--faults", faults)
        with Peer(url) as peer:
            assert peer.ask(CREATE).status == 200
        return lambda: Peer(url)

    return start


def test_a_late_answer_holds_up_its_own_connection_only(faulty):
    connect = faulty('{"kind": "latency", "operation": "Scan", "seconds": 2}')
    with connect() as slow, connect() as other:
        started = time.monotonic()
        slow.send(SCAN)
        for _ in range(20):
            assert other.ask(LIST).status == 200
        assert not slow.has_data(0.1)
        assert slow.read().status == 200
        assert time.monotonic() - started >= 2


def test_answers_behind_a_late_one_keep_their_order(faulty):
    connect = faulty('{"kind": "latency", "operation": "Scan", "seconds": 0.2}')
    with connect() as peer:
        peer.send(GET + PUT + SCAN + GET + SCAN + LIST)
        answers = [peer.read().json() for _ in range(6)]
    item = {"pk": {"S": "a"}}
    page = {"Count": 1, "ScannedCount": 1, "Items": [item]}
    assert answers == [{}, {}, page, {"Item": item}, page, {"TableNames": ["things"]}]


def test_the_last_answer_of_a_connection_may_be_late(faulty):
    connect = faulty('{"kind": "latency", "operation": "Scan", "seconds": 0.1}')
    with connect() as peer:
        peer.send(post({"TableName": "things"}, operation="Scan", connection="close"))
        assert peer.read().status == 200
        assert peer.read_end() == b""


def test_a_lost_connection_takes_what_came_later_with_it(faulty):
    connect = faulty('{"kind": "drop", "operation": "Scan"}')
    with connect() as peer:
        peer.send(LIST + SCAN + PUT + LIST)
        assert peer.read().json() == {"TableNames": ["things"]}
        with pytest.raises((EOFError, ConnectionError)):
            peer.read()
    with connect() as peer:
        assert peer.ask(GET).json() == {}


def test_a_connection_may_be_lost_late(faulty):
    connect = faulty(
        '[{"kind": "drop", "operation": "PutItem", "after": true},'
        ' {"kind": "latency", "operation": "PutItem", "seconds": 0.2}]'
    )
    with connect() as peer:
        started = time.monotonic()
        peer.send(PUT)
        with pytest.raises((EOFError, ConnectionError)):
            peer.read()
        assert time.monotonic() - started >= 0.2
    with connect() as peer:
        assert peer.ask(GET).json() == {"Item": {"pk": {"S": "a"}}}


def test_a_server_that_stops_sends_what_it_holds_back(serving):
    with serving("--faults", '{"kind": "latency", "operation": "ListTables", "seconds": 0.5}') as url:
        peer = Peer(url)
        peer.send(LIST)
        with Peer(url) as other:
            assert other.ask(GET).status == 400
    with peer:
        assert peer.read().json() == {"TableNames": []}
        assert peer.read_end() == b""


def test_a_client_that_goes_away_does_not_wait_for_its_late_answer(faulty):
    connect = faulty('{"kind": "latency", "operation": "Scan", "seconds": 0.2}')
    with connect() as peer:
        peer.send(SCAN)
    with connect() as peer:
        assert peer.ask(SCAN).status == 200


def test_a_transaction_is_under_way_while_its_answer_is_held_back(faulty):
    connect = faulty('{"kind": "hold", "seconds": 1, "times": 1}')
    put = {"Put": {"TableName": "things", "Item": {"pk": {"S": "a"}}}}
    transaction = post({"TransactItems": [put]}, operation="TransactWriteItems")
    with connect() as holder, connect() as other:
        holder.send(transaction)
        while other.ask(GET).json() == {}:
            pass
        assert other.ask(PUT).json() == {
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionConflictException",
            "message": "Transaction is ongoing for the item",
        }
        assert holder.read().json() == {}
        assert other.ask(PUT).json() == {}


def test_faults_are_the_same_in_every_namespace(faulty):
    connect = faulty('{"kind": "error", "operation": "ListTables", "every": 2, "status": 503}')
    with connect() as peer:
        for path in ("/ns/one", "/ns/two"):
            request = post({}, operation="ListTables", path=path)
            assert [peer.ask(request).status for _ in range(4)] == [200, 503, 200, 503]
        assert peer.ask(request).status == 200
        error = peer.ask(request).json()
    assert error == {
        "__type": "com.amazonaws.dynamodb.v20120810#ServiceUnavailable",
        "message": "DynamoDB is currently unavailable.",
    }
