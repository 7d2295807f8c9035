"""dynemu: a DynamoDB emulator for test suites."""

from dynemu import _core  # noqa: F401 - before all others: it may decide to import sources

__version__ = "0.1.0"
