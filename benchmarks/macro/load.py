"""The two ways to send requests: a plain client that loads and checks, and wrk that measures."""

import json
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.macro.data import ITEM_COUNT, item_of, table_definition
from benchmarks.macro.machine import busy_seconds

DATE = "20260101T000000Z"
AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/us-east-1/dynamodb/aws4_request, "
    "SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=" + "0" * 64
)

_SCRIPT = Path(__file__).with_name("replay.lua")
_BATCH = 25
_PATIENCE = 5
_GENERATOR_PATIENCE = 60


class Refused(Exception):
    """The server answered something else than 200, or nothing that is HTTP."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What one run of wrk saw.

    ``cpu_us`` is the server's processor time for one request; loads are in processors: 0.5 is half of one.
    """

    rps: float
    p50_us: float
    p99_us: float
    cpu_us: float
    generator_load: float
    other_load: float
    refused: int
    broken: int


class Client:
    """One keep-alive connection to the server on *port*."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)

    def call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """Send one request and return the answer.

        Raises: Refused with the answer's text, or when the connection breaks.
        """
        headers = {
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": f"DynamoDB_20120810.{operation}",
            "X-Amz-Date": DATE,
            "Authorization": AUTHORIZATION,
        }
        try:
            self._connection.request("POST", "/", json.dumps(request).encode(), headers)
            response = self._connection.getresponse()
            text = response.read()
        except TimeoutError as error:
            self._connection.close()
            raise Refused(f"{operation}: no answer in {_PATIENCE} s") from error
        except (HTTPException, OSError) as error:
            self._connection.close()
            raise Refused(f"{operation}: {error!r}") from error
        if response.status != 200:
            raise Refused(f"{operation}: {response.status} {text[:200].decode(errors='replace')}")
        answer: dict[str, Any] = json.loads(text)
        return answer

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def create_and_fill(client: Client, table: str) -> None:
    """Create *table* and put every item in it, 25 in a request."""
    client.call("CreateTable", table_definition(table))
    while client.call("DescribeTable", {"TableName": table})["Table"]["TableStatus"] != "ACTIVE":
        time.sleep(0.05)
    puts: Iterator[dict[str, Any]] = ({"PutRequest": {"Item": item_of(n)}} for n in range(ITEM_COUNT))
    while chunk := list(islice(puts, _BATCH)):
        while chunk:
            answer = client.call("BatchWriteItem", {"RequestItems": {table: chunk}})
            chunk = answer.get("UnprocessedItems", {}).get(table, [])


def encode_bodies(requests: Iterable[dict[str, Any]]) -> str:
    """Return the requests as JSON, one a line, as ``replay.lua`` reads them."""
    return "".join(json.dumps(request, separators=(",", ":")) + "\n" for request in requests)


def drive(
    port: int, operation: str, bodies: str, seconds: float, connections: int, cpu_clock: Callable[[], float]
) -> Sample:
    """Replay *bodies* in turn for *seconds* on *connections* keep-alive connections, closed loop, with wrk.

    *cpu_clock* returns the processor seconds that the server has used so far.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        file.write(bodies)
        file.flush()
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", f"--timeout={_GENERATOR_PATIENCE}s"]
        command += ["-s", str(_SCRIPT), f"http://127.0.0.1:{port}", "--"]
        command += [file.name, operation, DATE, AUTHORIZATION]
        before = read_clocks(cpu_clock)
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            raise Refused(f"wrk: {done.stderr.strip()[:200]}")
        return parse_result(
            done.stdout, *(now - then for now, then in zip(read_clocks(cpu_clock), before, strict=True))
        )


def parse_result(output: str, server_cpu: float, generator_cpu: float, machine_cpu: float) -> Sample:
    """Return the Sample in what ``requests.lua`` printed; each *_cpu* is processor seconds of the run."""
    line = next(line for line in output.splitlines() if line.startswith("RESULT "))
    result = json.loads(line.removeprefix("RESULT "))
    seconds = result["duration_us"] / 1e6
    return Sample(
        rps=result["requests"] / seconds,
        p50_us=result["p50_us"],
        p99_us=result["p99_us"],
        cpu_us=1e6 * server_cpu / max(1, result["requests"]),
        generator_load=generator_cpu / seconds,
        other_load=max(0.0, machine_cpu - server_cpu - generator_cpu) / seconds,
        refused=result["refused"],
        broken=result["broken"],
    )


def read_clocks(server: Callable[[], float]) -> tuple[float, float, float]:
    """Return the processor seconds so far: of the server, of ended children (wrk), of the whole machine."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return server(), children.ru_utime + children.ru_stime, busy_seconds()
