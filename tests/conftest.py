"""What tests of a running server share: server processes on free ports, and boto3 clients to talk to them."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

STOP_SECONDS = 30
_numbers = count(1)


@contextmanager
def run_server(log: Path, *options: str) -> Iterator[str]:
    """Run ``dynemu serve`` with *options* on a free port and yield its URL.

    At the end it has to stop in order, with nothing in its *log* that it did not expect.
    """
    # NOTE: DYNEMU_PURE goes on to the server, the settings of whoever runs the tests do not.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DYNEMU_")}
    if "DYNEMU_PURE" in os.environ:
        environment["DYNEMU_PURE"] = os.environ["DYNEMU_PURE"]
    command = [sys.executable, "-m", "dynemu", "serve", "--port", "0", *options]
    with log.open("w") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment)
    assert process.stdout is not None
    try:
        address = re.search(r"http://\S+", process.stdout.readline())
        assert address, log.read_text()
        yield address.group()
    finally:
        process.terminate()
        process.communicate(timeout=STOP_SECONDS)
    assert process.returncode == 0
    assert "Traceback" not in log.read_text(), log.read_text()


@pytest.fixture
def serving(tmp_path: Path) -> Callable[..., AbstractContextManager[str]]:
    """A context with a server of the test's own: ``with serving("--table-delay", "1") as url``."""
    return lambda *options: run_server(tmp_path / f"server-{next(_numbers)}.log", *options)


@pytest.fixture
def start_server(serving: Callable[..., AbstractContextManager[str]]) -> Iterator[Callable[..., str]]:
    """Start a server with the given options that runs to the end of the test; returns its URL."""
    with ExitStack() as stack:
        yield lambda *options: stack.enter_context(serving(*options))


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a server that all tests of the run share; each of them makes its own tables."""
    with run_server(tmp_path_factory.mktemp("server") / "server.log") as url:
        yield url


@pytest.fixture(scope="session")
def credentials() -> dict[str, str]:
    """Region and keys for any AWS client, as keyword arguments of boto3."""
    return {"region_name": "us-east-1", "aws_access_key_id": "local", "aws_secret_access_key": "local"}


@pytest.fixture(scope="session")
def make_client(credentials: dict[str, str]) -> Iterator[Callable[[str], Any]]:
    """Make a boto3 client of the server at a URL. It does not retry: a retry would hide a wrong answer."""
    import boto3  # noqa: PLC0415 - most tests need none of this, and it is slow to import
    from botocore.config import Config  # noqa: PLC0415

    config = Config(retries={"total_max_attempts": 1})
    with ExitStack() as stack:

        def make(url: str) -> Any:
            made = boto3.client("dynamodb", endpoint_url=url, config=config, **credentials)
            stack.callback(made.close)
            return made

        yield make


@pytest.fixture(scope="session")
def client(server_url: str, make_client: Callable[[str], Any]) -> Any:
    """A boto3 client of the shared server."""
    return make_client(server_url)


@pytest.fixture
def table_name() -> str:
    """A name that no other test uses."""
    return f"table-{next(_numbers)}"
