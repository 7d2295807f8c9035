"""Connections to the shared server."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.wire.peer import Peer


@pytest.fixture
def connect(server_url: str) -> Iterator[Callable[[], Peer]]:
    """Open connections that are closed with the test."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(Peer(server_url))


@pytest.fixture
def peer(connect: Callable[[], Peer]) -> Peer:
    return connect()
