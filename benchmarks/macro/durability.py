"""``python -m benchmarks.macro.durability``: puts a second by durability, with one connection and with many.

With ``fsync`` all puts that wait in a turn of the server's loop share one sync, so that many connections are
answered nearly as often as one. Small: a new database; large: one whose rows RocksDB has.
"""

import argparse
import asyncio
import re
import subprocess
import sys
import tempfile
import time
from itertools import count

from benchmarks.macro.snapshots import _TABLE, put
from dynemu.testing.remote import RemoteDatabase

_HEADERS = (
    "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: DynamoDB_20120810.PutItem\r\n"
    "Content-Type: application/x-amz-json-1.0\r\nX-Amz-Date: 20000101T000000Z\r\n"
    "Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20000101/us-east-1/dynamodb/"
    "aws4_request, SignedHeaders=host, Signature=none\r\nContent-Length: "
)


class Putter(asyncio.Protocol):
    """Puts one item after the other, as soon as the one before is answered."""

    def __init__(self, numbers: "count[int]") -> None:
        self._numbers = numbers
        self.answered = 0
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._send()

    def _send(self) -> None:
        assert self.transport is not None
        number = next(self._numbers) % 100_000
        item = f'{{"pk":{{"S":"item-{number:08d}"}},"text":{{"S":"{"x" * 300}"}}}}'
        body = f'{{"TableName":"loaded","Item":{item}}}'
        self.transport.write(f"{_HEADERS}{len(body)}\r\n\r\n{body}".encode())

    def data_received(self, data: bytes) -> None:
        if not data.startswith(b"HTTP/1.1 200") or not data.endswith(b"{}"):
            raise SystemExit(data.decode())
        self.answered += 1
        self._send()


async def rate(url: str, connections: int, seconds: float) -> float:
    """Return the puts that are answered in a second."""
    loop = asyncio.get_running_loop()
    host, port = url.rpartition("/")[2].split(":")
    numbers = count()
    putters = [
        (await loop.create_connection(lambda: Putter(numbers), host, int(port)))[1]
        for _ in range(connections)
    ]
    before, started = sum(putter.answered for putter in putters), time.perf_counter()
    await asyncio.sleep(seconds)
    answered, ended = sum(putter.answered for putter in putters), time.perf_counter()
    for putter in putters:
        assert putter.transport is not None
        putter.transport.abort()
    return (answered - before) / (ended - started)


def measure(durability: str, size: str, directory: str, seconds: float) -> None:
    """Print one row."""
    with tempfile.TemporaryDirectory(dir=directory) as path:
        command = [sys.executable, "-m", "dynemu", "serve", "--port", "0", "--db-path", path]
        with subprocess.Popen(
            [*command, "--durability", durability], stdout=subprocess.PIPE, text=True
        ) as server:
            assert server.stdout is not None
            try:
                address = re.search(r"http://\S+", server.stdout.readline())
                assert address
                database = RemoteDatabase(address.group())
                database.call("CreateTable", _TABLE)
                if size == "large":
                    put(database, 0, 100_000, "x")
                database.close()
                rates = [asyncio.run(rate(address.group(), number, seconds)) for number in (1, 16, 64)]
            finally:
                server.terminate()
    print(f"{durability:12}{size:10}" + "".join(f"{each:12,.0f}" for each in rates), flush=True)


def main() -> None:
    """Measure all and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.macro.durability", description=__doc__)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--directory", default=tempfile.gettempdir())
    options = parser.parse_args()
    print(f"{'puts a second':22}" + "".join(f"{f'{number} conn.':>12}" for number in (1, 16, 64)))
    for size in ("small", "large"):
        for durability in ("none", "wal", "fsync"):
            measure(durability, size, options.directory, options.seconds)


if __name__ == "__main__":
    main()
