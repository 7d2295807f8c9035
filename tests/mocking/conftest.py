"""An environment as on a machine that knows no AWS: no keys, no region, and no network."""

import os
import socket
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import boto3
import pytest

# It wants one release of aiobotocore, which is not the newest: the environment of the tests cannot have both.
HAS_AIOBOTO3 = find_spec("aioboto3") is not None


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    return True if not HAS_AIOBOTO3 and collection_path.name == "test_aioboto3.py" else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not HAS_AIOBOTO3:
        terminalreporter.write_line("aioboto3: not tested, it is not installed (nox -s aioboto3)")


class NetworkUsed(Exception):
    """Something was about to be sent over the network."""


@pytest.fixture(autouse=True)
def no_aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)

    def refuse(*arguments: Any, **_: Any) -> Any:
        raise NetworkUsed(arguments[-1])

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
