"""Where the processor time of a request goes: ``python -m benchmarks.micro.profile``.

A server is loaded by wrk, first alone, to know its processor time for a request, then under ``perf record``.
Each sample belongs to the stage of the innermost function that has one: see ``STAGES``. Needs Linux, wrk and
perf with the right to use it; ``--seconds`` and ``--connections`` set the load.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.macro.data import ITEM_COUNT, TABLE, item_of, key_of
from benchmarks.macro.load import Client, create_and_fill, drive, encode_bodies
from benchmarks.macro.servers import ROOT, Launch, Running

STAGES = (
    ("kernel: send", r"\] .*(sys_write|sys_sendto|sys_sendmsg)|(libc_write|__send)\b"),
    ("kernel: receive", r"\] .*(sys_read|sys_recv)|(libc_read|libc_recv|__read)\b"),
    ("kernel: poll", r"\] .*epoll|epoll_p?wait"),
    ("CRC-32", r"crc32|dynemu_c(rc|hecksum)"),
    ("body parse", r"\[orjson\S*\] loads"),
    ("response body", r"\[orjson\S*\] dumps|answers_wrap"),
    ("response head", r"\[response\]|\[answers\]|pack_answer"),
    ("signature", r"\[auth\]"),
    ("shape check", r"\[(shapes|scalars)\]"),
    ("values, expressions", r"\[(values|numbers|conditions|updates|paths|fields)\]"),
    ("key encoding", r"\[(keys|planner)\]"),
    ("store", r"\[(blocks|rows|pages|rocksdict|fanout|codec)\]"),
    ("framing", r"\[(reader|request|parser)\]|llhttp"),
    ("target, hand-over", r"\[(wire|plain_get|plain_pages)\]"),
    ("connection", r"\[protocol\]"),
    ("loop", r"\[loop\]"),
    ("plain Python", r"_PyEval_EvalFrameDefault"),
)
_REST = "rest"
_FREQUENCY = 4999
_STACK_BYTES = 16384
_FRAME = re.compile(r"^\s+[0-9a-f]+ (.*?)(?:\+0x[0-9a-f]+)? \((.*?)\)$")


def main() -> None:
    """Print one column for each operation, and one for the bare loop, in microseconds."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--connections", type=int, default=16)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        columns = dict(_columns(folder, given.seconds, given.connections))
    print(f"{'us of processor time':24}" + "".join(f"{title:>12}" for title in columns))
    for stage in [name for name, _ in STAGES] + [_REST]:
        print(f"{stage:24}" + "".join(f"{column[stage]:12.2f}" for column in columns.values()))
    print(f"{'together':24}" + "".join(f"{sum(column.values()):12.2f}" for column in columns.values()))


def _columns(folder: str, seconds: float, connections: int) -> Iterator[tuple[str, Counter[str]]]:
    server = (sys.executable, "-m", "dynemu", "serve", "--port", "{port}")
    bare = (sys.executable, "-m", "benchmarks.macro.bare_loop", "{port}")
    for command, titles in ((server, ("GetItem", "PutItem", "Query")), (bare, ("bare loop",))):
        running = Running(Launch(command, ""))
        try:
            if command is server:
                create_and_fill(Client(running.port), TABLE)
            for title in titles:
                operation = title if command is server else "GetItem"
                bodies = encode_bodies(_requests(operation))
                load = (running.port, operation, bodies, seconds, connections, running.cpu_seconds)
                cost = drive(*load).cpu_us
                data = os.path.join(folder, "perf.data")
                with _recorded(running.pid, data):
                    drive(*load)
                yield title, _shares(data, cost)
        finally:
            running.stop()


def _requests(operation: str) -> list[dict[str, Any]]:
    numbers = [number * 7919 % ITEM_COUNT for number in range(4000)]
    if operation == "PutItem":
        return [{"TableName": TABLE, "Item": item_of(number, 1)} for number in numbers]
    if operation == "Query":
        condition = {"KeyConditionExpression": "pk = :pk", "Limit": 10}
        return [
            {"TableName": TABLE, **condition, "ExpressionAttributeValues": {":pk": key_of(number)["pk"]}}
            for number in numbers
        ]
    return [{"TableName": TABLE, "Key": key_of(number)} for number in numbers]


class _recorded:  # noqa: N801 - used as a statement
    """Runs perf on the process *pid* meanwhile."""

    def __init__(self, pid: int, data: str) -> None:
        self._command = ["perf", "record", "-q", "-o", data, "-F", str(_FREQUENCY), "-p", str(pid)]
        self._command += ["--call-graph", f"dwarf,{_STACK_BYTES}"]

    def __enter__(self) -> None:
        self._perf = subprocess.Popen(self._command, stderr=subprocess.DEVNULL)

    def __exit__(self, *_: object) -> None:
        self._perf.send_signal(2)
        self._perf.wait()


def _shares(data: str, cost: float) -> Counter[str]:
    """Return the microseconds of each stage, of *cost* in all."""
    command = ["perf", "script", "-i", data, "--no-inline", "-F", "ip,sym,dso"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    stages = Counter(map(_stage_of, _stacks(listed.splitlines())))
    total = sum(stages.values())
    return Counter({stage: cost * count / total for stage, count in stages.items()})


def _stacks(lines: Iterable[str]) -> Iterator[list[str]]:
    """Yield the frames of each sample, innermost first, as ``[module] function``."""
    frames: list[str] = []
    for line in lines:
        found = _FRAME.match(line)
        if found:
            frames.append(f"[{Path(found[2]).name.partition('.')[0].strip('[]')}] {found[1]}")
        elif frames:
            yield frames
            frames = []
    if frames:
        yield frames


def _stage_of(frames: list[str]) -> str:
    for frame in frames:
        for stage, pattern in STAGES:
            if re.search(pattern, frame):
                return stage
    return _REST


if __name__ == "__main__":
    main()
