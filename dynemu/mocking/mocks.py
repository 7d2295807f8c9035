"""``dynemu.mock()``: boto3, aiobotocore and aioboto3 talk to a database in this process, with no socket.

While a mock is active, requests to DynamoDB and its streams are answered here, whichever client sends them
and whenever it was made; those to other services go their usual way, to moto's mocks too. How: ``patching``.
"""

import functools
import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from types import TracebackType
from typing import Any, TypeVar, overload

from dynemu.client import Transport
from dynemu.database import Database
from dynemu.mocking.async_patching import decorate_coroutine, decorate_generator
from dynemu.mocking.patching import REGION, Active, activate, deactivate

F = TypeVar("F", bound=Callable[..., Any])


@overload
def mock(database: Database | None = None, *, region: str = REGION) -> "Mock": ...


@overload
def mock(database: F) -> F: ...


def mock(database: Any = None, *, region: str = REGION) -> Any:
    """Answer DynamoDB in this process while the block runs, or the function or class that this decorates.

    >>> with mock() as database:
    ...     boto3.client("dynamodb").list_tables()

    *database* None means one in memory that ends with the block. *region* is that of clients whose settings
    name none. Mocks nest: the innermost answers. As a decorator it may go without the brackets.
    """
    if callable(database):
        return Mock(None, region)(database)
    return Mock(database, region)


class Mock:
    """What ``mock`` returns: a context manager, a decorator, or ``start`` and ``stop`` by hand."""

    def __init__(self, database: Database | None, region: str) -> None:
        self._given = database
        self._region = region
        self._stack: ExitStack | None = None

    def start(self) -> Database:
        """Begin, and return the database that answers. Raises: RuntimeError when it has begun already."""
        if self._stack is not None:
            raise RuntimeError("this mock is active already; make another one to nest them")
        with ExitStack() as stack:
            database = self._given
            if database is None:
                database = stack.enter_context(Database(region=self._region))
            active = Active(Transport(database), self._region)
            activate(active)
            stack.callback(deactivate, active)
            self._stack = stack.pop_all()
        return database

    def stop(self) -> None:
        """End; a second call does nothing."""
        stack, self._stack = self._stack, None
        if stack is not None:
            stack.close()

    def __enter__(self) -> Database:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def again(self) -> "Mock":
        """Return another mock of the same kind that is not active."""
        return Mock(self._given, self._region)

    def __call__(self, decorated: F) -> F:
        """Run *decorated* with a mock of its own each time.

        It is a function, coroutine function or generator function (a fixture), or a test class: then each
        test has its own, which ``setUp``, ``setup_method`` and their counterparts share with it.
        """
        if inspect.isclass(decorated):
            return _decorate_class(self, decorated)  # type: ignore[no-any-return]
        if inspect.iscoroutinefunction(decorated) or inspect.isasyncgenfunction(decorated):
            wrap: Any = decorate_coroutine if inspect.iscoroutinefunction(decorated) else decorate_generator
            return wrap(self.again, decorated)  # type: ignore[no-any-return]
        if inspect.isgeneratorfunction(decorated):

            @functools.wraps(decorated)
            def generate(*args: Any, **kwargs: Any) -> Iterator[Any]:
                with self.again():
                    yield from decorated(*args, **kwargs)

            return generate  # type: ignore[return-value]

        @functools.wraps(decorated)
        def run(*args: Any, **kwargs: Any) -> Any:
            with self.again():
                return decorated(*args, **kwargs)

        return run  # type: ignore[return-value]


def _decorate_class(mocked: Mock, decorated: Any) -> Any:
    unittest = sys.modules.get("unittest")  # whoever derives from it has imported it
    if unittest is not None and issubclass(decorated, unittest.TestCase):
        # It calls setUp, the test, tearDown and the cleanups.
        decorated.run = mocked(decorated.run)
    elif hasattr(decorated, "setup_method"):
        _decorate_setup(mocked, decorated)
    else:
        for name in dir(decorated):
            member = inspect.getattr_static(decorated, name)
            if name.startswith("test") and isinstance(member, staticmethod):
                setattr(decorated, name, staticmethod(mocked(member.__func__)))
            elif name.startswith("test") and inspect.isfunction(member):
                setattr(decorated, name, mocked(member))
    return decorated


def _decorate_setup(mocked: Mock, decorated: Any) -> None:
    """Let the mock of each test begin before ``setup_method`` and end after ``teardown_method`` of pytest."""
    set_up, tear_down = decorated.setup_method, getattr(decorated, "teardown_method", None)

    def setup_method(self: Any, method: Any) -> None:
        self._dynemu_mock = mocked.again()
        self._dynemu_mock.start()
        try:
            _call(set_up, self, method)
        except BaseException:
            self._dynemu_mock.stop()
            raise

    def teardown_method(self: Any, method: Any) -> None:
        try:
            if tear_down is not None:
                _call(tear_down, self, method)
        finally:
            self._dynemu_mock.stop()

    decorated.setup_method, decorated.teardown_method = setup_method, teardown_method


def _call(function: Any, instance: Any, method: Any) -> None:
    """Call a method that may or may not want to know the test method, as pytest does."""
    wants = len(inspect.signature(function).parameters) > 1
    function(instance, *([method] if wants else []))
