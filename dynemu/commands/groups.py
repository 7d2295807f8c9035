"""The commands beside ``serve``: ``dynemu snapshot``, ``namespace`` and ``clock``; imported when used."""

import math
import time
from collections.abc import Callable
from itertools import chain
from typing import Any, BinaryIO
from urllib.parse import quote, urlencode

import click
from orjson import OPT_INDENT_2, JSONDecodeError, dumps, loads

from dynemu.commands.administered import Administered, reach
from dynemu.commands.errors import CommandError, OptionError
from dynemu.limits import MOST_LISTED

Function = Callable[..., None]
_UNITS = ("bytes", "KB", "MB", "GB", "TB")


class Command(click.Command):
    """A command whose errors are one sentence."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except OptionError as error:
            raise click.UsageError(str(error)) from None
        except CommandError as error:
            raise click.ClickException(str(error)) from None
        except OSError as error:
            name = "" if error.filename is None else f" {error.filename}"
            raise click.ClickException(
                f"The file{name} cannot be used: {(error.strerror or str(error)).lower()}."
            ) from None


class Target:
    """What a command was told to work on, and how to print."""

    def __init__(self, administered: Administered, namespace: str, as_json: bool) -> None:
        self.administered = administered
        self.path = f"namespaces/{quote(namespace, safe='')}"
        self.as_json = as_json

    def ask(self, method: str, path: str = "", body: dict[str, Any] | None = None) -> Any:
        """Return what is answered about the namespace."""
        return self.administered.ask(method, self.path + path, body)

    def show(self, document: Any, lines: Callable[[Any], Any]) -> None:
        """Print *document* as JSON, or the *lines* of it."""
        if self.as_json:
            click.echo(dumps(document, option=OPT_INDENT_2).decode())
        else:
            for line in lines(document):
                click.echo(line)


def on_target(*, in_namespace: bool = True, on_disk: bool = True) -> Callable[[Function], Function]:
    """Give a command the options that say what it works on; it is called with a Target first."""

    def decorate(function: Function) -> Function:
        def run(
            url: str | None,
            token: str | None,
            as_json: bool,
            db_path: str | None = None,
            namespace: str = "default",
            **given: Any,
        ) -> None:
            with reach(url, db_path, token) as administered:
                function(Target(administered, namespace, as_json), **given)

        run.__name__, run.__doc__ = function.__name__, function.__doc__
        run.__dict__.update(function.__dict__)
        run_: Function = click.option("--json", "as_json", is_flag=True, help="Print JSON.")(run)
        run_ = click.option("--token", metavar="TEXT", help="Token that the server was started with.")(run_)
        if on_disk:
            run_ = click.option(
                "--db-path", metavar="DIRECTORY", help="Work on this data directory; no server may use it."
            )(run_)
        run_ = click.option(
            "--url", metavar="URL", help="Address of the server; http://localhost:8000 by default."
        )(run_)
        if in_namespace:
            run_ = click.option("--namespace", default="default", metavar="NAME", help="Which namespace.")(
                run_
            )
        return run_

    return decorate


@click.group(help="Make, load, compare and carry around snapshots.")
def snapshot() -> None:
    pass


@snapshot.command("list", cls=Command, help="List the snapshots of a namespace.")
@on_target()
def list_snapshots(target: Target) -> None:
    target.show(target.ask("GET", "/snapshots"), lambda found: map(_snapshot_line, found["snapshots"]))


@snapshot.command("create", cls=Command, help="Keep what a namespace holds now.")
@click.argument("name", required=False)
@click.option("--note", metavar="TEXT", help="What it is for.")
@on_target()
def create_snapshot(target: Target, name: str | None, note: str | None) -> None:
    target.show(target.ask("POST", "/snapshots", {"name": name, "note": note}), _name_line)


@snapshot.command("load", cls=Command, help="Let a namespace hold what a snapshot holds.")
@click.argument("name")
@click.option("--source", metavar="NAMESPACE", help="The namespace whose snapshot it is.")
@on_target()
def load_snapshot(target: Target, name: str, source: str | None) -> None:
    target.show(target.ask("POST", f"/snapshots/{_part(name)}/load", {"source": source}), _name_line)


@snapshot.command("delete", cls=Command, help="Forget a snapshot.")
@click.argument("name")
@on_target()
def delete_snapshot(target: Target, name: str) -> None:
    target.show(target.ask("DELETE", f"/snapshots/{_part(name)}"), _name_line)


@snapshot.command("diff", cls=Command, help="Tell what differs from a snapshot to another one, or to now.")
@click.argument("name")
@click.argument("to", required=False)
@click.option("--to-namespace", metavar="NAME", help="The namespace of the other one.")
@click.option(
    "--limit",
    type=click.IntRange(0, MOST_LISTED),
    metavar="NUMBER",
    help="How many items are listed at most; 100 by default.",
)
@on_target()
def compare(target: Target, name: str, to: str | None, to_namespace: str | None, limit: int | None) -> None:
    given = {"to": to, "namespace": to_namespace, "limit": limit}
    query = {member: value for member, value in given.items() if value is not None}
    query["format"] = "json" if target.as_json else "text"
    found = target.ask("GET", f"/snapshots/{_part(name)}/diff?{urlencode(query)}")
    target.show(found, lambda text: text.splitlines())


@snapshot.command("export", cls=Command, help="Write a snapshot, or what a namespace holds now, to a file.")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@click.option("--snapshot", "name", metavar="NAME", help="Which snapshot; what is there now by default.")
@on_target()
def export_snapshot(target: Target, file: str, name: str | None) -> None:
    path = "/export" if name is None else f"/snapshots/{_part(name)}/export"
    parts = target.administered.download(target.path + path)
    size = 0
    first = next(parts)  # what is refused leaves no file behind
    with click.open_file(file, "wb") as output:
        for part in chain([first], parts):
            size += output.write(part)
    if file != "-":
        target.show({"file": file, "size": size}, lambda done: [f"{file}: {_in_units(done['size'])}"])


@snapshot.command("import", cls=Command, help="Make a snapshot of an exported file.")
@click.argument("file", type=click.File("rb"))
@click.option("--name", metavar="NAME", help="Its name; made up by default.")
@click.option("--note", metavar="TEXT", help="What it is for.")
@click.option("--load", is_flag=True, help="Let the namespace hold it, too.")
@on_target()
def import_snapshot(target: Target, file: BinaryIO, name: str | None, note: str | None, load: bool) -> None:
    name = name or f"imported-{time.time_ns() // 1000}"
    target.ask("GET")  # what is refused is refused before a large file is sent
    query = "" if note is None else "?" + urlencode({"note": note})
    path = f"/snapshots/{_part(name)}"
    made = target.administered.upload(f"{target.path}{path}/import{query}", file)
    if load:
        target.ask("POST", f"{path}/load")
    target.show(made, _name_line)


@click.group(help="Look at isolated databases, and make, empty or drop them.")
def namespace() -> None:
    pass


@namespace.command("list", cls=Command, help="List the namespaces.")
@on_target(in_namespace=False)
def list_namespaces(target: Target) -> None:
    found = target.administered.ask("GET", "namespaces")
    target.show(found, lambda found: [each["name"] for each in found["namespaces"]])


@namespace.command("show", cls=Command, help="Show what a namespace holds.")
@click.argument("name", default="default")
@on_target(in_namespace=False)
def show_namespace(target: Target, name: str) -> None:
    target.show(target.administered.ask("GET", _namespace(name)), _namespace_lines)


@namespace.command("create", cls=Command, help="Make an empty namespace.")
@click.argument("name")
@on_target(in_namespace=False)
def create_namespace(target: Target, name: str) -> None:
    target.show(target.administered.ask("POST", "namespaces", {"name": name}), _name_line)


@namespace.command("drop", cls=Command, help="Forget a namespace with its snapshots.")
@click.argument("name")
@on_target(in_namespace=False)
def drop_namespace(target: Target, name: str) -> None:
    target.show(target.administered.ask("DELETE", _namespace(name)), _name_line)


@namespace.command("reset", cls=Command, help="Delete everything in a namespace but its snapshots.")
@click.argument("name", default="default")
@on_target(in_namespace=False)
def reset_namespace(target: Target, name: str) -> None:
    target.show(target.administered.ask("POST", f"{_namespace(name)}/reset"), _name_line)


@namespace.command("branch", cls=Command, help="Make a new namespace of what another one holds.")
@click.argument("name")
@click.argument("new")
@click.option("--snapshot", metavar="NAME", help="A snapshot of it, in place of what it holds now.")
@on_target(in_namespace=False)
def branch_namespace(target: Target, name: str, new: str, snapshot: str | None) -> None:
    body = {"name": new, "snapshot": snapshot}
    target.show(target.administered.ask("POST", f"{_namespace(name)}/branch", body), _name_line)


@click.group(help="Look at the clock of a server's namespace, and move it.")
def clock() -> None:
    pass


def _clock_command(name: str, text: str, *parameters: tuple[str, bool]) -> None:
    def change(target: Target, **given: str | None) -> None:
        method, path = ("GET", "/clock") if name == "show" else ("POST", f"/clock/{name}")
        body = {member: _number(value) for member, value in given.items() if value is not None}
        target.show(target.ask(method, path, body if method == "POST" else None), _clock_lines)

    decorated = on_target(on_disk=False)(change)
    for parameter, is_required in reversed(parameters):
        decorated = click.argument(parameter, required=is_required)(decorated)
    # Numbers may be negative, which look like options.
    settings = {"ignore_unknown_options": True}
    clock.command(name, cls=Command, help=text, context_settings=settings)(decorated)


def _number(text: str) -> float | str:
    try:
        number = float(text)
    except ValueError:
        return text
    return number if math.isfinite(number) else text


_clock_command("show", "Show the time.")
_clock_command("freeze", "Let time stand still, now or AT a time.", ("at", False))
_clock_command("set", "Let it be AT a time, and time go on at RATE.", ("at", True), ("rate", False))
_clock_command("advance", "Let it be so many SECONDS later.", ("seconds", True))
_clock_command("rate", "Let time go on at RATE: 60 makes minutes of seconds.", ("rate", True))
_clock_command("reset", "Follow the clock of the machine again.")


@click.command(cls=Command, help="Tell how a PartiQL statement would be carried out, without doing it.")
@click.argument("statement")
@click.option("--parameters", metavar="JSON", help='Its parameters, such as \'[{"S": "a"}]\'.')
@click.option("--consistent", is_flag=True, help="Count units of consistent reads.")
@on_target()
def explain(target: Target, statement: str, parameters: str | None, consistent: bool) -> None:
    members: dict[str, Any] = {"statement": statement, "consistent": consistent}
    if parameters is not None:
        try:
            members["parameters"] = loads(parameters)
        except JSONDecodeError:
            raise OptionError(f"--parameters wants JSON, not {parameters!r}.") from None
    target.show(target.ask("POST", "/explain", members), lambda found: [found["text"]])


GROUPS = (snapshot, namespace, clock, explain)


def _part(name: str) -> str:
    return quote(name, safe="")


def _namespace(name: str) -> str:
    return f"namespaces/{_part(name)}"


def _name_line(document: Any) -> list[str]:
    return [document["name"]]


def _snapshot_line(found: Any) -> str:
    note = f"  {found['note']}" if found["note"] else ""
    size, shared = _in_units(found["size"]), _in_units(found["shared"])
    return f"{found['name']}  {size}, {shared} shared, {round(found['age'])} s old{note}"


def _namespace_lines(found: Any) -> list[str]:
    tables = [
        f"  {table['name']}: {table['items']} items, {_in_units(table['bytes'])}" for table in found["tables"]
    ]
    return [f"{found['name']}: {len(tables)} tables, {found['snapshots']} snapshots", *tables]


def _clock_lines(found: Any) -> list[str]:
    rate = "" if found["follows"] else f" (moved; {found['rate']:g} seconds a second)"
    return [f"{found['time']}{rate}"]


def _in_units(size: float) -> str:
    unit = 0
    while size >= 1000 and unit < len(_UNITS) - 1:
        size /= 1000
        unit += 1
    return f"{size:.0f} {_UNITS[unit]}" if unit == 0 else f"{size:.1f} {_UNITS[unit]}"
