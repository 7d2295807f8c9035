"""``dynemu snapshot``, ``namespace`` and ``clock``, on a running server and on a data directory."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

import dynemu
from dynemu.cli import main
from tests.wire.admin_client import TABLE, fill, keys

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run ``dynemu`` with the given words; return its exit code and what it prints, errors too."""
    monkeypatch.delenv("DYNEMU_ADMIN_TOKEN", raising=False)

    def run(*words: str) -> tuple[int, str]:
        code = main(words)
        printed = capfd.readouterr()
        return code, printed.out + printed.err

    return run


@pytest.fixture
def directory(tmp_path: Path) -> str:
    """A data directory with a table of one item, which no server uses."""
    path = str(tmp_path / "data")
    with dynemu.Database(path) as database:
        database.call("CreateTable", TABLE)
        database.call("PutItem", {"TableName": "things", "Item": {"pk": {"S": "1"}}})
    return path


@pytest.fixture(params=["server", "directory"])
def target(request: pytest.FixtureRequest, start_server: Callable[..., str], directory: str) -> list[str]:
    """The options that name a server, or a directory."""
    if request.param == "server":
        return ["--url", start_server("--db-path", directory)]
    return ["--db-path", directory]


def test_snapshots(run: Run, target: list[str]) -> None:
    assert run("snapshot", "create", "one", "--note", "the first", *target) == (0, "one\n")
    code, text = run("snapshot", "list", *target)
    assert code == 0
    assert re.fullmatch(r"one  [\d.]+ (KB|bytes), [\d.]+ (KB|bytes) shared, \d+ s old  the first\n", text)
    found = orjson.loads(run("snapshot", "list", "--json", *target)[1])
    assert [each["name"] for each in found["snapshots"]] == ["one"]
    assert run("snapshot", "diff", "one", *target) == (0, "no differences\n")
    assert run("namespace", "reset", *target) == (0, "default\n")
    code, text = run("snapshot", "diff", "one", *target)
    assert (code, text.splitlines()[0]) == (0, "table things removed: items 1 removed")
    found = orjson.loads(run("snapshot", "diff", "one", "--json", "--limit", "0", *target)[1])
    assert found["tables"][0]["items"]["removed"] == 1
    assert run("snapshot", "load", "one", *target) == (0, "one\n")
    assert run("namespace", "show", *target)[1].splitlines()[1] == "  things: 1 items, 3 bytes"
    assert run("snapshot", "delete", "one", *target) == (0, "one\n")


def test_files(run: Run, target: list[str], tmp_path: Path) -> None:
    file = str(tmp_path / "golden")
    code, text = run("snapshot", "export", file, *target)
    assert code == 0
    assert re.fullmatch(rf"{re.escape(file)}: \d+ bytes\n", text)
    run("namespace", "reset", *target)
    assert run("snapshot", "import", file, "--name", "back", "--load", *target) == (0, "back\n")
    assert run("snapshot", "diff", "back", *target) == (0, "no differences\n")
    assert "1 items" in run("namespace", "show", *target)[1]
    again = str(tmp_path / "again")
    assert run("snapshot", "export", again, "--snapshot", "back", *target)[0] == 0
    Path(file).write_bytes(b"something else")
    code, text = run("snapshot", "import", file, *target)
    assert (code, text) == (1, "dynemu: This is not a snapshot that dynemu exported.\n")


def test_namespaces(run: Run, target: list[str]) -> None:
    assert run("namespace", "branch", "default", "other", *target) == (0, "other\n")
    assert run("namespace", "create", "empty", *target) == (0, "empty\n")
    assert run("namespace", "list", *target) == (0, "default\nempty\nother\n")
    assert run("namespace", "drop", "other", *target) == (0, "other\n")
    found = orjson.loads(run("namespace", "list", "--json", *target)[1])
    assert found == {"namespaces": [{"name": "default"}, {"name": "empty"}]}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["snapshot", "load", "none"], "There is no snapshot called none."),
        (["snapshot", "delete", "none"], "There is no snapshot called none."),
        (["snapshot", "diff", "none"], "There is no snapshot called none."),
        (["snapshot", "export", "unwritten", "--snapshot", "none"], "There is no snapshot called none."),
        (["snapshot", "list", "--namespace", "none"], "There is no namespace called none."),
        (["namespace", "drop", "none"], "There is no namespace called none."),
        (["namespace", "branch", "default", "default"], "There is a namespace called default already."),
    ],
)
def test_what_goes_wrong_is_one_sentence(
    run: Run, target: list[str], words: list[str], sentence: str
) -> None:
    assert run(*words, *target) == (1, f"dynemu: {sentence}\n")
    assert not Path("unwritten").exists()


def test_clocks(run: Run, start_server: Callable[..., str]) -> None:
    target = ["--url", start_server()]
    frozen = "2030-01-01T00:00:00Z (moved; 0 seconds a second)\n"
    assert run("clock", "freeze", "2030-01-01T00:00:00Z", *target) == (0, frozen)
    assert run("clock", "show", *target) == (0, frozen)
    assert run("clock", "advance", "60", *target)[1].startswith("2030-01-01T00:01:00Z")
    assert orjson.loads(run("clock", "set", "100", "0", "--json", *target)[1])["now"] == 100.0
    assert run("clock", "rate", "60", *target)[1].endswith("(moved; 60 seconds a second)\n")
    assert "moved" not in run("clock", "reset", *target)[1]
    assert run("clock", "advance", "soon", *target)[0] == 1
    run("clock", "freeze", "2030-01-01T00:01:00Z", *target)
    assert run("clock", "advance", "-60", *target)[1] == frozen
    assert run("clock", "advance", "inf", *target) == (1, "dynemu: The member 'seconds' is a number.\n")
    assert run("clock", "set", "nan", *target)[1].endswith("is no time: nan.\n")
    assert run("clock", "rate", "-1", *target) == (1, "dynemu: Time does not run backwards.\n")
    assert run("clock", "advance", "5", "--colour", *target)[0] == 2


def test_a_token_is_sent(run: Run, start_server: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    url = start_server("--admin-token", "secret")
    assert run("snapshot", "list", "--url", url)[0] == 1
    assert run("snapshot", "list", "--url", url, "--token", "secret") == (0, "")
    monkeypatch.setenv("DYNEMU_ADMIN_TOKEN", "secret")
    assert run("snapshot", "list", "--url", url) == (0, "")


def test_a_directory_that_a_server_uses(run: Run, start_server: Callable[..., str], directory: str) -> None:
    start_server("--db-path", directory)
    code, text = run("snapshot", "list", "--db-path", directory)
    assert (code, text.endswith("is already in use, by this process or another one.\n")) == (1, True)


def test_places_that_are_none(run: Run, tmp_path: Path, server_url: str) -> None:
    code, text = run("snapshot", "list", "--db-path", str(tmp_path / "none"))
    assert (code, text) == (1, f"dynemu: There is no database in the directory {tmp_path / 'none'}.\n")
    assert not (tmp_path / "none").exists()
    code, text = run("snapshot", "list", "--url", "http://127.0.0.1:9")
    assert code == 1
    assert text.startswith("dynemu: No dynemu answers at http://127.0.0.1:9: start one")
    assert run("snapshot", "list", "--url", server_url, "--db-path", "x")[0] == 2
    assert run("snapshot", "list", "--url", "ftp://x")[0] == 2
    assert run("snapshot", "import", str(tmp_path / "none"), "--url", server_url)[0] != 0


@pytest.mark.parametrize("words", [("snapshot",), ("namespace",), ("clock",)])
def test_a_group_without_a_command_shows_its_help(run: Run, words: tuple[str, ...]) -> None:
    code, text = run(*words)
    assert (code, text) == (2, run(*words, "--help")[1])
    assert text.startswith(f"Usage: dynemu {words[0]} ")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--url", ""], "--url wants an address such as http://localhost:8000, not ''."),
        (["--url", "ftp://x"], "--url wants an address such as http://localhost:8000, not 'ftp://x'."),
        (["--url", "x:123456"], "--url has a port that is none: 'x:123456'."),
        (["--url", "x", "--db-path", "y"], "--url and --db-path exclude each other."),
        (["--token", "a\nb"], "--token wants some text of ASCII characters, without blanks around it."),
        (["--token", ""], "--token wants some text of ASCII characters, without blanks around it."),
    ],
)
def test_options_that_cannot_be_used(run: Run, words: list[str], sentence: str) -> None:
    assert run("snapshot", "list", *words) == (2, f"dynemu: {sentence}\n")


def test_a_limit_of_differences_is_bounded(run: Run) -> None:
    code, text = run("snapshot", "diff", "one", "--limit", "10001")
    assert (code, len(text.splitlines())) == (2, 1)
    assert "10001 is not in the range" in text


def test_a_file_to_standard_output(directory: str) -> None:
    command = [sys.executable, "-m", "dynemu", "snapshot", "export", "-", "--db-path", directory]
    done = subprocess.run(command, capture_output=True, timeout=60, env=os.environ)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"\x89dynemu\r\n")


def test_commands_are_documented() -> None:
    from dynemu.commands.groups import GROUPS  # noqa: PLC0415 - click is slow to import

    document = (Path(__file__).parents[2] / "docs" / "admin.md").read_text()
    for group in GROUPS:
        for name in getattr(group, "commands", [""]):
            assert f"`dynemu {group.name} {name}".rstrip() in document


def test_serving_imports_none_of_it(start_server: Callable[..., str]) -> None:
    script = (
        "import sys, dynemu.cli, dynemu.http.server\n"
        "print([name for name in sys.modules if name in ('click', 'dynemu.commands', 'dynemu.http.admin')])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.stdout == "[]\n", done.stderr


def test_a_snapshot_is_loaded_into_a_server(
    run: Run, start_server: Callable[..., str], make_client: Callable[[str], Any], tmp_path: Path
) -> None:
    url = start_server()
    client = make_client(url)
    fill(client, "1", "2")
    run("snapshot", "create", "base", "--url", url)
    fill(client, "3")
    run("snapshot", "load", "base", "--url", url)
    assert keys(client) == ["1", "2"]


def test_a_statement_is_explained(run: Run, target: list[str]) -> None:
    code, text = run("explain", "SELECT * FROM things WHERE pk = ?", "--parameters", '[{"S": "1"}]', *target)
    assert (code, text.splitlines()[0]) == (0, "GetItem on things")
    found = orjson.loads(run("explain", "SELECT * FROM things", "--json", *target)[1])
    assert (found["plan"]["operation"], found["plan"]["estimate"]["items"]) == ("Scan", 1)
    assert run("explain", "SELECT", *target)[0] == 1
    code, text = run("explain", "SELECT * FROM nowhere", *target)
    assert (code, text) == (1, "dynemu: Requested resource not found\n")
    code, text = run("explain", "SELECT * FROM things", "--parameters", "x", *target)
    assert (code, text) == (2, "dynemu: --parameters wants JSON, not 'x'.\n")
