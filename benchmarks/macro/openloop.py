"""Requests at a fixed rate, whether or not the server keeps up: ``openloop.c``, compiled at need."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from benchmarks.macro.load import AUTHORIZATION, DATE, Refused, read_clocks

CONNECTIONS = 64
"""Keep-alive connections: enough that a request rarely waits for one before the server is overloaded."""

_SOURCE = Path(__file__).with_suffix(".c")


@dataclass(frozen=True, slots=True)
class Step:
    """What one run at one rate saw: latencies since the moment each request was due.

    ``answered`` is the part of the requests that were answered by a second after the last was due; the others
    count with the time that they had waited. ``late_p99_us`` is the generator's own delay in sending what
    was due on an idle connection. Loads are in processors.
    """

    answered: float
    p50_us: float
    p90_us: float
    p99_us: float
    p999_us: float
    max_us: float
    late_p99_us: float
    cpu_us: float
    generator_load: float
    other_load: float
    refused: int


class Generator:
    """The compiled generator; a context manager, which removes it in the end."""

    def __init__(self) -> None:
        compiler = find_compiler()
        if compiler is None:
            raise Refused("the load at a fixed rate needs a C compiler")
        self._folder = tempfile.TemporaryDirectory()
        self._program = Path(self._folder.name) / "openloop"
        subprocess.run((compiler, "-O2", "-o", self._program, _SOURCE), check=True)

    def __enter__(self) -> "Generator":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._folder.cleanup()

    def run(
        self,
        port: int,
        requests: Iterable[tuple[str, dict[str, Any]]],
        rate: float,
        seconds: float,
        cpu_clock: Callable[[], float],
    ) -> Step:
        """Send *requests*, pairs of operation and body, in turn at *rate* a second.

        *cpu_clock* returns the processor seconds that the server has used so far. Raises: Refused.
        """
        file = Path(self._folder.name) / "requests"
        file.write_bytes(b"".join(frame(port, operation, body) for operation, body in requests))
        command = [str(self._program), str(port), f"{rate:g}", f"{seconds:g}", str(CONNECTIONS), str(file)]
        before = read_clocks(cpu_clock)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Refused(f"at {rate:g} requests a second: {done.stderr.strip()[:200]}")
        clocks = [now - then for now, then in zip(read_clocks(cpu_clock), before, strict=True)]
        return parse_step(done.stdout, clocks)


def find_compiler() -> str | None:
    """Return the path of the C compiler, or None."""
    return shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")


def frame(port: int, operation: str, body: dict[str, Any]) -> bytes:
    """Return one whole HTTP request, with its length before it, as the generator reads it."""
    data = json.dumps(body, separators=(",", ":")).encode()
    head = (
        f"POST / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/x-amz-json-1.0\r\n"
        f"X-Amz-Target: DynamoDB_20120810.{operation}\r\nX-Amz-Date: {DATE}\r\n"
        f"Authorization: {AUTHORIZATION}\r\nContent-Length: {len(data)}\r\n\r\n"
    )
    request = head.encode() + data
    return b"%d\n%b" % (len(request), request)


def parse_step(output: str, clocks: Sequence[float]) -> Step:
    """Return the Step in what the generator printed; *clocks*: processor seconds of the server, the
    generator and the whole machine in the run.
    """
    result = json.loads(output)
    server, generator, machine = clocks
    seconds = result["seconds"]
    return Step(
        answered=result["answered"] / result["due"],
        **{name: result[name] for name in ("p50_us", "p90_us", "p99_us", "p999_us", "max_us", "late_p99_us")},
        cpu_us=1e6 * server / max(1, result["answered"]),
        generator_load=generator / seconds,
        other_load=max(0.0, machine - server - generator) / seconds,
        refused=result["refused"],
    )
