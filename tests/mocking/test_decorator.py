"""``dynemu.mock`` as a decorator of functions, coroutines, fixtures and test classes."""

import asyncio
import unittest
from collections.abc import AsyncIterator, Iterator
from typing import Any

import boto3
import pytest

import dynemu
from tests.mocking.tables import NAME, TABLE


def make_table() -> list[str]:
    """Make the table, which fails where it exists; return the names of all."""
    client = boto3.client("dynamodb")
    client.create_table(**TABLE)
    names: list[str] = client.list_tables()["TableNames"]
    return names


@pytest.mark.parametrize("decorate", [dynemu.mock, dynemu.mock()], ids=["plain", "called"])
def test_a_function_has_a_database_of_its_own_each_time(decorate: Any) -> None:
    @decorate
    def work(first: str, *, second: str) -> tuple[str, str, list[str]]:
        """Say what it is for."""
        return first, second, make_table()

    assert work("a", second="b") == work("a", second="b") == ("a", "b", [NAME])
    assert (work.__name__, work.__doc__) == ("work", "Say what it is for.")


def test_a_function_may_call_itself() -> None:
    @dynemu.mock()
    def work(depth: int) -> int:
        make_table()
        return 0 if depth == 0 else 1 + work(depth - 1)

    assert work(3) == 3


def test_a_coroutine_is_decorated() -> None:
    @dynemu.mock()
    async def work() -> list[str]:
        await asyncio.sleep(0)
        return make_table()

    async def twice() -> list[list[str]]:
        return [await work(), await work()]

    assert asyncio.run(twice()) == [[NAME], [NAME]]


def test_generators_are_decorated_while_they_run() -> None:
    @dynemu.mock
    def fixture() -> Iterator[Any]:
        client = boto3.client("dynamodb")
        client.create_table(**TABLE)
        yield client
        client.delete_table(TableName=NAME)

    for client in fixture():
        assert client.list_tables()["TableNames"] == [NAME]


def test_asynchronous_generators_are_decorated() -> None:
    @dynemu.mock
    async def fixture() -> AsyncIterator[list[str]]:
        yield make_table()

    async def work() -> list[list[str]]:
        return [names async for names in fixture()]

    assert asyncio.run(work()) == [[NAME]]


@dynemu.mock()
class TestPlainClass:
    """pytest runs it: each test would find the other's table."""

    def test_one(self) -> None:
        assert make_table() == [NAME]

    def test_two(self) -> None:
        assert make_table() == [NAME]

    @staticmethod
    def test_static() -> None:
        assert make_table() == [NAME]


@dynemu.mock
class TestClassWithSetup:
    """pytest runs it: tests see what their setup made."""

    def setup_method(self) -> None:
        make_table()

    def teardown_method(self, method: Any) -> None:
        assert method.__name__ in ("test_one", "test_two")
        boto3.client("dynamodb").delete_table(TableName=NAME)

    def test_one(self) -> None:
        assert boto3.client("dynamodb").list_tables()["TableNames"] == [NAME]

    def test_two(self) -> None:
        assert boto3.client("dynamodb").list_tables()["TableNames"] == [NAME]


@dynemu.mock()
class TestUnittestClass(unittest.TestCase):
    """setUp, tearDown and the test share one database."""

    def setUp(self) -> None:
        self.assertEqual(make_table(), [NAME])

    def tearDown(self) -> None:
        boto3.client("dynamodb").delete_table(TableName=NAME)

    def test_one(self) -> None:
        self.assertEqual(boto3.client("dynamodb").list_tables()["TableNames"], [NAME])

    def test_two(self) -> None:
        self.assertEqual(boto3.client("dynamodb").list_tables()["TableNames"], [NAME])


def test_setup_that_fails_ends_the_mock() -> None:
    @dynemu.mock
    class Broken:
        def setup_method(self) -> None:
            raise KeyError("setup")

    case: Any = Broken()
    with pytest.raises(KeyError):
        case.setup_method(None)
    assert make_table_elsewhere() == [NAME]


@dynemu.mock
def make_table_elsewhere() -> list[str]:
    return make_table()
