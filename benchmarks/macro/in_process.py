"""``python -m benchmarks.macro.in_process``: one call without a server, and fifty tests without and with one.

First microseconds of processor time a call: the engine alone, boto3 in process on the fast way and on
botocore's own, and moto's mock where it is installed. Then the 50 tests of ``suite`` in process, and on the
servers that are installed, in milliseconds. All have their turn in each round; figures are medians.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from typing import Any

import boto3

import dynemu
from benchmarks.macro.servers import SERVERS, start_installed
from benchmarks.macro.suite import connect, run_tests

_SERVERS = ("dynemu", "dynamodb-local", "dynoxide")
_TABLE = "benchmark"
_ITEMS = 100
_NOTE = """
For comparison, from the documentation of Dynoxide's crate, on its author's machines (Linux): GetItem 16 us
(median) when it is embedded in a Rust program."""

Calls = dict[str, Callable[[], Any]]


def _attributes(number: int) -> dict[str, Any]:
    return {
        "pk": {"S": "customer"},
        "sk": {"S": f"order#{number:04d}"},
        "price": {"N": "12.50"},
        "lines": {"L": [{"M": {"article": {"S": "lamp"}, "count": {"N": "2"}}} for _ in range(3)]},
        "note": {"S": "x" * 150},
    }


def _requests() -> Iterator[tuple[str, dict[str, Any]]]:
    key = {name: _attributes(7)[name] for name in ("pk", "sk")}
    names = {"TableName": _TABLE}
    yield "GetItem", {**names, "Key": key}
    yield "PutItem", {**names, "Item": _attributes(7)}
    yield (
        "UpdateItem",
        {
            **names,
            "Key": key,
            "UpdateExpression": "SET price = :t",
            "ExpressionAttributeValues": {":t": {"N": "1"}},
        },
    )
    yield (
        "Query",
        {
            **names,
            "KeyConditionExpression": "pk = :p",
            "ExpressionAttributeValues": {":p": {"S": "customer"}},
            "Limit": 10,
        },
    )
    yield "DescribeTable", names
    yield "BatchGetItem", {"RequestItems": {_TABLE: {"Keys": [_key(number) for number in range(25)]}}}
    puts = [{"PutRequest": {"Item": _attributes(number)}} for number in range(25)]
    yield "BatchWriteItem", {"RequestItems": {_TABLE: puts}}
    writes = [{"Put": {**names, "Item": _attributes(number)}} for number in range(4)]
    yield "TransactWriteItems", {"TransactItems": writes}


def _key(number: int) -> dict[str, Any]:
    return {name: _attributes(number)[name] for name in ("pk", "sk")}


def _fill(call: Callable[[str, dict[str, Any]], Any]) -> None:
    keys = (("pk", "HASH"), ("sk", "RANGE"))
    call(
        "CreateTable",
        {
            "TableName": _TABLE,
            "KeySchema": [{"AttributeName": name, "KeyType": kind} for name, kind in keys],
            "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name, _ in keys],
            "BillingMode": "PAY_PER_REQUEST",
        },
    )
    for number in range(_ITEMS):
        call("PutItem", {"TableName": _TABLE, "Item": _attributes(number)})


def _client() -> Any:
    return boto3.client("dynamodb", "us-east-1", aws_access_key_id="key", aws_secret_access_key="secret")


def _watch(**_: Any) -> None:
    """Be a handler, which makes botocore do all of its work."""


@contextmanager
def _engine() -> Iterator[Callable[..., Any]]:
    with dynemu.Database() as database:
        yield database.call


@contextmanager
def _fast() -> Iterator[Callable[..., Any]]:
    with dynemu.mock():
        yield _client()._make_api_call


@contextmanager
def _slow() -> Iterator[Callable[..., Any]]:
    with dynemu.mock():
        client = _client()
        client.meta.events.register("before-send.dynamodb", _watch)
        yield client._make_api_call


@contextmanager
def _moto() -> Iterator[Callable[..., Any]]:
    from moto import mock_aws  # noqa: PLC0415 - the others do without

    with mock_aws():
        yield _client()._make_api_call


_WAYS = {"Database.call": _engine, "boto3, fast": _fast, "boto3, botocore's": _slow, "moto": _moto}


def measure_calls(rounds: int, calls: int) -> dict[str, dict[str, float]]:
    """Return microseconds of processor time by operation and way."""
    figures: dict[str, dict[str, list[float]]] = {}
    for _ in range(rounds):
        for way, opened in _WAYS.items():
            try:
                with opened() as call:
                    _fill(call)
                    for operation, request in _requests():
                        call(operation, dict(request))
                        spent = _time(calls, call, operation, request)
                        figures.setdefault(operation, {}).setdefault(way, []).append(spent)
            except ImportError:
                continue
    return {
        name: {way: statistics.median(spent) for way, spent in ways.items()} for name, ways in figures.items()
    }


def _time(calls: int, call: Callable[..., Any], operation: str, request: dict[str, Any]) -> float:
    started = time.process_time()
    for _ in range(calls):
        call(operation, dict(request))
    return 1e6 * (time.process_time() - started) / calls


def measure_suite(rounds: int) -> dict[str, float]:
    """Return the milliseconds of the fifty tests by where they run."""
    numbers = count()
    with ExitStack() as stack:
        running = start_installed(stack, _SERVERS)
        titles = {server.name: server.title for server in SERVERS}
        clients = {titles[name]: connect(server.port) for name, server in running.items()}
        figures: dict[str, list[float]] = {}
        for _ in range(rounds):
            with dynemu.mock():
                spent = run_tests(_client(), f"{next(numbers)}")
            figures.setdefault("dynemu in process", []).append(spent)
            for title, client in clients.items():
                figures.setdefault(title, []).append(run_tests(client, f"{next(numbers)}"))
    return {title: statistics.median(spent) for title, spent in figures.items()}


def main() -> None:
    """Measure and print both tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.macro.in_process", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often each has its turn")
    parser.add_argument("--calls", type=int, default=300, help="calls of an operation in a round")
    options = parser.parse_args()
    measured = measure_calls(options.rounds, options.calls)
    print(f"{'microseconds a call':22}" + "".join(f"{way:>19}" for way in _WAYS))
    for operation, ways in measured.items():
        print(f"{operation:22}" + "".join(f"{ways.get(way, float('nan')):19.1f}" for way in _WAYS))
    print(_NOTE)
    suite = measure_suite(options.rounds)
    base = suite["dynemu in process"]
    print(f"\n{'fifty tests':22}{'ms':>19}{'ratio':>19}")
    for title, spent in suite.items():
        print(f"{title:22}{spent:19.0f}{spent / base:19.2f}")


if __name__ == "__main__":
    main()
