"""dynemu: a DynamoDB emulator for test suites."""

__version__ = "0.1.0"
