"""DynamoDBTestCase: unittest classes whose tests all start from what the class wrote."""

import unittest
from typing import Any, ClassVar

import boto3
import pytest

from dynemu.testing import DynamoDBTestCase
from dynemu.testing.local import LocalTestDatabase

TABLE: dict[str, Any] = {
    "TableName": "things",
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


class ThingsTest(DynamoDBTestCase, unittest.TestCase):
    """Run by pytest as it is: each test sees the table and what its own setUp wrote."""

    seeded: ClassVar[list[int]] = []

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.seeded.append(1)
        boto3.client("dynamodb", "us-east-1").create_table(**TABLE)

    def setUp(self) -> None:
        self.things = boto3.resource("dynamodb", "us-east-1").Table("things")
        self.things.put_item(Item={"pk": "from-setup"})

    def test_one(self) -> None:
        self.things.put_item(Item={"pk": "1"})
        self.assertEqual(self.things.scan()["Count"], 2)

    def test_two(self) -> None:
        self.things.delete()
        self.assertEqual(self.database.call("ListTables")["TableNames"], [])

    def test_three(self) -> None:
        self.assertEqual(self.things.scan()["Count"], 1)
        self.assertEqual(self.seeded, [1])


class CoroutinesTest(DynamoDBTestCase, unittest.IsolatedAsyncioTestCase):
    """The same with coroutines."""

    async def test_one(self) -> None:
        boto3.client("dynamodb", "us-east-1").create_table(**TABLE)

    async def test_two(self) -> None:
        boto3.client("dynamodb", "us-east-1").create_table(**TABLE)


def run(kind: Any) -> unittest.TestResult:
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(kind).run(result)
    return result


def test_unittest_runs_such_a_class() -> None:
    class Case(DynamoDBTestCase, unittest.TestCase):
        def test_one(self) -> None:
            boto3.client("dynamodb", "us-east-1").create_table(**TABLE)

        def test_two(self) -> None:
            self.assertEqual(self.database.call("ListTables")["TableNames"], [])
            self.fail("on purpose")

    result = run(Case)
    assert (result.testsRun, len(result.errors), len(result.failures)) == (2, 0, 1)
    with pytest.raises(ValueError, match="closed"):
        Case.dynemu.database.call("ListTables")


def test_a_class_that_forgets_its_parent_is_told() -> None:
    class Case(DynamoDBTestCase, unittest.TestCase):
        @classmethod
        def setUpClass(cls) -> None:
            pass

        def test_one(self) -> None:
            pass

    with pytest.raises(RuntimeError, match=r"Case.setUpClass has to call super\(\).setUpClass\(\)"):
        run(Case)


def test_plugins_and_settings_of_a_test_end_with_it() -> None:
    shared = LocalTestDatabase()

    class Plugin:
        """Hooks nothing."""

    with shared.isolated(table_delay=5, faults=[{"kind": "drop", "operation": "Scan"}]) as database:
        database.register(Plugin())
        assert database.call("CreateTable", TABLE)["TableDescription"]["TableStatus"] == "CREATING"
    with shared.isolated() as database:
        assert database.faults.list() == []
        assert database.call("CreateTable", TABLE)["TableDescription"]["TableStatus"] == "CREATING"
        assert database.call("DescribeTable", {"TableName": "things"})["Table"]["TableStatus"] == "ACTIVE"
        with database.use() as engine:
            assert engine.hooks is not None
            assert engine.hooks.plugins() == [shared.recorder]
    shared.close()


def test_a_report_is_made_without_a_database_too() -> None:
    shared = LocalTestDatabase()
    shared.database.call("ListTables")
    shared.close()
    assert shared.report("test_one").splitlines() == [
        "ListTables {} -> OK",
        "The state could not be kept: the database is closed",
    ]
