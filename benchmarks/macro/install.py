"""``python -m benchmarks.macro.install``: install the peers with their own package managers."""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.macro.servers import PEERS

_DYNAMODB_LOCAL_3 = "3.3.1"
_DYNAMODB_LOCAL_2 = "2.6.1"

# The 3.x jar asks for these modules of a very recent SDK, which not every registry mirror carries yet. The
# server uses little more of them than exception classes, so that an older release serves as well.
_PINNED = dict.fromkeys(
    ("cognitoidentity", "cognitoidentityprovider", "dynamodb-enhanced", "pinpoint"), "2.25.50"
)

_POM = """<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>benchmarks</groupId><artifactId>peer</artifactId><version>1</version><packaging>pom</packaging>
  <dependencyManagement><dependencies>{pinned}</dependencies></dependencyManagement>
  <dependencies>{wanted}</dependencies>
</project>
"""


def _run(*command: str, cwd: Path | None = None) -> None:
    print("+", " ".join(command), flush=True)
    subprocess.run(command, check=True, cwd=cwd)


def _dependency(group: str, artifact: str, version: str, type_: str = "jar") -> str:
    fields = {"groupId": group, "artifactId": artifact, "version": version, "type": type_}
    return (
        "<dependency>"
        + "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
        + "</dependency>"
    )


def pom(group: str, version: str) -> str:
    """Return a project that depends on DynamoDB Local *version* and its SQLite library."""
    wanted = _dependency(group, "DynamoDBLocal", version)
    wanted += _dependency("com.almworks.sqlite4java", "libsqlite4java-linux-amd64", "1.0.392", "so")
    pinned = "".join(_dependency("software.amazon.awssdk", name, pin) for name, pin in _PINNED.items())
    return _POM.format(wanted=wanted, pinned=pinned)


def _dynamodb_local(group: str, version: str) -> None:
    target = PEERS / "dynamodb-local" / version
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    (target / "pom.xml").write_text(pom(group, version))
    _run("mvn", "-B", "-q", "dependency:copy-dependencies", f"-DoutputDirectory={target}", cwd=target)


def _dynamodb_local_3() -> None:
    _dynamodb_local("software.amazon.dynamodb", _DYNAMODB_LOCAL_3)


def _dynamodb_local_2() -> None:
    _dynamodb_local("com.amazonaws", _DYNAMODB_LOCAL_2)


def _dynoxide() -> None:
    _run("cargo", "install", "dynoxide-rs", "--locked", "--root", str(PEERS / "dynoxide"))


def _dynalite() -> None:
    _run("npm", "install", "--no-audit", "--no-fund", "--prefix", str(PEERS / "dynalite"), "dynalite")


def _moto() -> None:
    _run(sys.executable, "-m", "venv", str(PEERS / "moto"))
    _run(str(PEERS / "moto" / "bin" / "pip"), "install", "--quiet", "--upgrade", "moto[server]")


_INSTALLERS: dict[str, Callable[[], None]] = {
    "dynamodb-local": _dynamodb_local_3,
    "dynamodb-local-2": _dynamodb_local_2,
    "dynoxide": _dynoxide,
    "dynalite": _dynalite,
    "moto": _moto,
}


def main() -> int:
    """Install the named peers, or all, below benchmarks/peers; return the number that failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.macro.install", description=__doc__)
    parser.add_argument(
        "peers", nargs="*", metavar="PEER", help=f"of: {', '.join(_INSTALLERS)} (default: all)"
    )
    peers = parser.parse_args().peers or list(_INSTALLERS)
    if unknown := [peer for peer in peers if peer not in _INSTALLERS]:
        parser.error(f"unknown: {', '.join(unknown)}")
    os.nice(10)
    failed = []
    for peer in peers:
        try:
            _INSTALLERS[peer]()
        except (subprocess.CalledProcessError, FileNotFoundError) as error:
            failed.append(peer)
            print(f"{peer} could not be installed: {error}", file=sys.stderr)
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
