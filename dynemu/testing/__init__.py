"""Databases for tests: what the pytest plugin and unittest classes share.

One test after another uses a ``TestDatabase`` (``base``): one in this process (``local``), or one of a server
in another process (``server``, which reaches it through ``remote``). ``unittests`` has the mixin for classes.
"""

from dynemu.testing.unittests import DynamoDBTestCase

__all__ = ["DynamoDBTestCase"]
