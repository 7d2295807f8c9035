"""``python -m benchmarks.macro.namespaces``: thousands of namespaces on one server, in memory and on disk.

Over one connection: a table, a put and a get in each, then a get and a put in each in random order. Memory,
open files and disk are those of the server.
"""

import argparse
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

from dynemu.testing.remote_connection import Connection

_TABLE: dict[str, Any] = {
    "TableName": "things",
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
_KEY = {"TableName": "things", "Key": {"pk": {"S": "1"}}}
_ITEM = {"TableName": "things", "Item": {"pk": {"S": "1"}, "text": {"S": "x" * 300}}}
_SCOPE = "AKIAIOSFODNN7EXAMPLE/20000101/us-east-1/dynamodb/aws4_request"


class Caller:
    """Sends requests to namespaces of the server at *url*."""

    def __init__(self, url: str) -> None:
        self._connection = Connection(url, 60)

    def call(self, name: str, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        headers = {
            "X-Amz-Target": f"DynamoDB_20120810.{operation}",
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Date": "20000101T000000Z",
            "Authorization": f"AWS4-HMAC-SHA256 Credential={_SCOPE}, SignedHeaders=host, Signature=none",
        }
        status, body = self._connection.ask("POST", f"/ns/{name}", headers, json.dumps(request).encode())
        if status != 200:
            raise SystemExit(f"{operation} in {name}: {body.decode()}")
        answer: dict[str, Any] = json.loads(body)
        return answer

    def make(self, name: str) -> None:
        self.call(name, "CreateTable", _TABLE)
        self.call(name, "PutItem", _ITEM)
        self.read(name)

    def read(self, name: str) -> None:
        if self.call(name, "GetItem", _KEY)["Item"] != _ITEM["Item"]:
            raise SystemExit(f"{name} holds something else")

    def close(self) -> None:
        self._connection.close()


def disk_bytes(path: str) -> int:
    """Return what the files below *path* take on the disk."""
    return sum(
        os.lstat(os.path.join(folder, name)).st_blocks * 512
        for folder, folders, files in os.walk(path)
        for name in files + folders
    )


def visit(title: str, names: list[str], do: Callable[[str], None], process: int, path: str | None) -> None:
    """Do it in all namespaces and print a row."""
    times = []
    for name in names:
        started = time.perf_counter()
        do(name)
        times.append(time.perf_counter() - started)
    times.sort()
    with open(f"/proc/{process}/statm", encoding="ascii") as file:
        resident = int(file.read().split()[1]) * 4096
    files = len(os.listdir(f"/proc/{process}/fd"))
    kept = disk_bytes(path) / len(names) / 1024 if path else 0.0
    print(
        f"{title:28}{sum(times):9.1f}{1000 * statistics.median(times):10.2f}"
        f"{1000 * times[len(times) * 99 // 100]:10.2f}{1000 * times[-1]:10.1f}"
        f"{resident / 1e6:10.0f}{files:8}{kept:10.1f}",
        flush=True,
    )


def measure(title: str, count: int, path: str | None) -> None:
    """Print the rows of one server."""
    place = ["--in-memory"] if path is None else ["--db-path", path]
    command = [sys.executable, "-m", "dynemu", "serve", *place, "--port", "0"]
    names = [f"test-{number:06d}" for number in range(count)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            address = re.search(r"http://\S+", server.stdout.readline())
            assert address
            caller = Caller(address.group())
            visit(f"{title}: table, put, get", names, caller.make, server.pid, path)
            random.Random(1).shuffle(names)
            visit(f"{title}: get at random", names, caller.read, server.pid, path)
            visit(f"{title}: put at random", names, lambda name: put(caller, name), server.pid, path)
            caller.close()
        finally:
            server.terminate()


def put(caller: Caller, name: str) -> None:
    caller.call(name, "PutItem", _ITEM)


def main() -> None:
    """Measure both and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.macro.namespaces", description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--directory", default=tempfile.gettempdir())
    options = parser.parse_args()
    print(f"{options.count:,} namespaces; milliseconds for each, MB of memory, KB on disk for each")
    print(f"{'':28}{'all, s':>9}{'median':>10}{'p99':>10}{'worst':>10}{'MB':>10}{'files':>8}{'KB':>10}")
    measure("memory", options.count, None)
    with tempfile.TemporaryDirectory(dir=options.directory) as path:
        measure("disk", options.count, path)


if __name__ == "__main__":
    main()
