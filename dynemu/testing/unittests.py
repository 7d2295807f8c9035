"""Test classes of unittest that share a database."""

from contextlib import ExitStack
from typing import Any, ClassVar

from dynemu.database import Database
from dynemu.testing.local import LocalTestDatabase


class DynamoDBTestCase:
    """Mixin for ``unittest.TestCase`` classes: a database for the class, every test from the same state.

    >>> class OrdersTest(DynamoDBTestCase, unittest.TestCase):
    ...     @classmethod
    ...     def setUpClass(cls):
    ...         super().setUpClass()
    ...         create_tables(boto3.client("dynamodb"))

    What ``setUpClass`` writes is there for each test; what a test writes, ``setUp`` included, for it alone.
    """

    dynemu: ClassVar[LocalTestDatabase]

    @classmethod
    def setUpClass(cls) -> None:
        """Open the database and connect boto3 to it."""
        parent: Any = super()
        parent.setUpClass()
        case: Any = cls
        cls.dynemu = LocalTestDatabase()
        case.addClassCleanup(cls.dynemu.close)
        stack = ExitStack()
        stack.enter_context(cls.dynemu.connected())
        case.addClassCleanup(stack.close)

    @property
    def database(self) -> Database:
        """The database of the class."""
        return self.dynemu.database

    def run(self, result: Any = None) -> Any:
        """Run the test, and undo what it did."""
        if "dynemu" not in vars(type(self)):
            raise RuntimeError(f"{type(self).__name__}.setUpClass has to call super().setUpClass()")
        parent: Any = super()
        with self.dynemu.isolated():
            return parent.run(result)
