"""The servers that are compared: where each is found, how it is started, what it uses while it runs."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Container
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from benchmarks.macro.load import Client, Refused

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT / "benchmarks" / "peers"

_PORT = "{port}"
_START_LIMIT = 60
_POLL = 0.0005
_JAVA_MAIN = {
    "2": "com.amazonaws.services.dynamodbv2.local.main.ServerRunner",
    "3": "software.amazon.dynamodb.services.local.main.ServerRunner",
}


class DidNotStart(Exception):
    """A server ended, or gave no answer in time."""


@dataclass(frozen=True, slots=True)
class Launch:
    """An installed server: the command that runs it in memory, and its version."""

    command: tuple[str, ...]
    version: str


@dataclass(frozen=True, slots=True)
class Server:
    """A server to compare; ``only`` names the rows it can do and means that it brings its data along."""

    name: str
    title: str
    install: str
    find: Callable[[], Launch | None]
    only: tuple[str, ...] = ()


class Running:
    """A started process and the port that it serves."""

    def __init__(self, launch: Launch) -> None:
        self.port = _free_port()
        command = [argument.replace(_PORT, str(self.port)) for argument in launch.command]
        started = time.perf_counter()
        silent = subprocess.DEVNULL
        self._process = subprocess.Popen(
            command, stdin=silent, stdout=silent, stderr=silent, cwd=ROOT, env=_default_settings()
        )
        try:
            self._wait_for_answer()
        except BaseException:
            self.stop()
            raise
        self.start_ms = 1000 * (time.perf_counter() - started)

    def _wait_for_answer(self) -> None:
        client = Client(self.port)
        deadline = time.monotonic() + _START_LIMIT
        while time.monotonic() < deadline:
            try:
                client.call("ListTables", {})
                return
            except Refused as error:
                if self._process.poll() is not None:
                    raise DidNotStart(f"did not start, exit code {self._process.returncode}") from error
                time.sleep(_POLL)
            finally:
                client.close()
        raise DidNotStart(f"no answer in {_START_LIMIT} s after the start")

    def stop(self) -> None:
        """End the process and wait until it is gone."""
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def cpu_seconds(self) -> float:
        """Return the processor time used so far, in user and system mode."""
        fields = self._proc("stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    def resident_bytes(self) -> int:
        """Return the resident memory."""
        lines = self._proc("status").read_text().splitlines()
        resident = next((int(line.split()[1]) for line in lines if line.startswith("VmRSS:")), 0)
        return 1024 * resident

    def settle(self, limit: float = 90) -> None:
        """Wait until the server has worked off what it was sent, at most *limit* seconds."""
        deadline = time.monotonic() + limit
        while time.monotonic() < deadline:
            before = self.cpu_seconds()
            time.sleep(0.2)
            if self.cpu_seconds() - before <= 0.02:
                return

    def _proc(self, name: str) -> Path:
        return Path("/proc") / str(self._process.pid) / name


def _default_settings() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("DYNEMU_")}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _installed(inside_peers: str, on_path: str) -> str | None:
    path = PEERS / inside_peers
    return str(path) if path.exists() else shutil.which(on_path)


def _output(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout or done.stderr).strip().splitlines()[0]


def find_dynemu() -> Launch | None:
    """Return the dynemu of this checkout, or None when it is not installed."""
    if not (ROOT / "dynemu" / "__main__.py").exists() or find_spec("dynemu") is None:
        return None
    release = _output(
        sys.executable,
        "-c",
        "import dynemu as d, dynemu._core as c; print(d.__version__, 'compiled' if c.COMPILED else 'pure')",
    )
    described = subprocess.run(
        ("git", "describe", "--always", "--dirty"), cwd=ROOT, capture_output=True, text=True, check=False
    )
    command = (sys.executable, "-m", "dynemu", "serve", "--port", _PORT)
    return Launch(command, f"{release} {described.stdout.strip()}".strip())


def _find_dynamodb_local(major: str) -> Callable[[], Launch | None]:
    def find() -> Launch | None:
        jars = sorted(PEERS.glob(f"dynamodb-local/*/DynamoDBLocal-{major}.*.jar"))
        if not jars or not shutil.which("java"):
            return None
        folder = jars[-1].parent
        options = ("-inMemory", "-sharedDb", "-disableTelemetry", "-port", _PORT)
        command = ("java", f"-Djava.library.path={folder}", "-cp", f"{folder}/*", _JAVA_MAIN[major], *options)
        java = _output("java", "-version").partition('"')[2].partition('"')[0]
        return Launch(command, f"{jars[-1].stem.rpartition('-')[2]} on Java {java}")

    return find


def _find_dynoxide() -> Launch | None:
    binary = _installed("dynoxide/bin/dynoxide", "dynoxide")
    if not binary:
        return None
    receipt = Path(binary).parents[1] / ".crates.toml"
    crate = re.search(r"dynoxide-rs ([\d.]+)", receipt.read_text() if receipt.exists() else "")
    release = _output(binary, "--version").rpartition(" ")[2]
    return Launch((binary, "--port", _PORT), f"{release}, crate {crate[1]}" if crate else release)


def _find_dynalite() -> Launch | None:
    script = _installed("dynalite/node_modules/.bin/dynalite", "dynalite")
    if not script or not shutil.which("node"):
        return None
    states = ("--createTableMs", "0", "--deleteTableMs", "0", "--updateTableMs", "0")
    read = f"console.log(require({str(Path(script).resolve().parent / 'package.json')!r}).version)"
    command = ("node", script, "--host", "127.0.0.1", "--port", _PORT, *states)
    return Launch(command, f"{_output('node', '-e', read)} on node {_output('node', '--version')}")


def _find_moto() -> Launch | None:
    script = _installed("moto/bin/moto_server", "moto_server")
    if not script:
        return None
    python = str(Path(script).parent / "python")
    release = _output(
        python, "-c", "import moto, platform; print(moto.__version__, 'on', platform.python_version())"
    )
    return Launch((script, "-H", "127.0.0.1", "-p", _PORT), release)


def _find_bare_loop() -> Launch | None:
    needed = ("uvloop", "httptools", "orjson")
    if not all(map(find_spec, needed)):
        return None
    release = ", ".join(f"{name} {version(name)}" for name in needed)
    return Launch((sys.executable, "-m", "benchmarks.macro.bare_loop", _PORT), release)


_SCRIPT = "python -m benchmarks.macro.install"

SERVERS = (
    Server("dynemu", "dynemu", "pip install -e . in the root of the checkout", find_dynemu),
    Server(
        "dynamodb-local",
        "DynamoDB Local",
        f"{_SCRIPT} dynamodb-local (needs Java 17 and Maven)",
        _find_dynamodb_local("3"),
    ),
    Server(
        "dynamodb-local-2",
        "DynamoDB Local 2.x",
        f"{_SCRIPT} dynamodb-local-2 (needs Java 17 and Maven)",
        _find_dynamodb_local("2"),
    ),
    Server("dynoxide", "Dynoxide", f"{_SCRIPT} dynoxide (needs Rust)", _find_dynoxide),
    Server("dynalite", "dynalite", f"{_SCRIPT} dynalite (needs Node.js)", _find_dynalite),
    Server("moto", "moto", f"{_SCRIPT} moto", _find_moto),
    Server("bare-loop", "bare loop", "pip install uvloop httptools orjson", _find_bare_loop, only=("get",)),
)


def start_installed(stack: ExitStack, names: Container[str]) -> dict[str, Running]:
    """Start those called *names* that are installed; return them by name. They end with *stack*."""
    started = {}
    for server in SERVERS:
        launch = server.find() if server.name in names else None
        if launch is not None:
            started[server.name] = Running(launch)
            stack.callback(started[server.name].stop)
    return started
