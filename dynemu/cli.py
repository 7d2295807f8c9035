"""The command line: ``dynemu serve`` (the same without a command), and the commands of ``commands``.

A line that only starts the server is read from ``config.OPTIONS`` directly; help and everything that does
not read as such a line is click's, which costs 10-40 ms to import.
"""

import gc
import os
import sys
from collections.abc import Mapping, Sequence

from dynemu.config import OPTIONS, ConfigError, Option, load_settings

_MISSING = "\0"
"""Stands for no next word; no argument can hold this character."""
_FLAGS: dict[str, Option] = {option.flag: option for option in OPTIONS}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that *arguments* (``sys.argv[1:]`` when None) name; return the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or (words[0].startswith("-") and words[0] not in ("--help", "-h", "--version")):
        words.insert(0, "serve")
    given = _read_serve(words)
    if given is not None:
        return serve(given)
    try:
        code = _run_click(words)
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        _stop_printing()  # as after "| head"
        return 1
    return code


def serve(given: Mapping[str, str]) -> int:
    """Serve until a signal comes; *given* maps setting names to the texts of the command line."""
    try:
        settings = load_settings(given)
    except ConfigError as error:
        return _complain(str(error), 2)
    gc.disable()  # PERF: saves 10 ms of imports; the server turns it on again
    if settings.hooks is None:  # hooks may want TLS on the loop
        from dynemu.http.without_tls import import_loop  # noqa: PLC0415

        import_loop()
    from dynemu.http.listening import ServerError  # noqa: PLC0415 - help needs none of it
    from dynemu.http.server import run  # noqa: PLC0415

    try:
        run(settings, announce=_announce)
    except ServerError as error:
        return _complain(str(error), error.exit_code)
    return 0


def _announce(line: str) -> None:
    try:
        print(line, flush=True)
    except OSError:
        _stop_printing()  # nobody reads it: no reason not to serve


def _stop_printing() -> None:
    """Let what nobody reads go nowhere: it would be tried again when the process ends, and reported."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def show_capabilities(as_json: bool) -> int:
    """Print what becomes of every operation, and the known differences, as tables or as JSON."""
    import orjson  # noqa: PLC0415 - neither is needed to serve

    import dynemu  # noqa: PLC0415
    from dynemu.capabilities import report  # noqa: PLC0415

    if as_json:
        found = report.as_json(dynemu.__version__)
        print(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode())
    else:
        print(report.as_text(os.get_terminal_size().columns if sys.stdout.isatty() else None))
    return 0


def check(db_path: str | None, as_json: bool) -> int:
    """Check all namespaces in a directory and print what is wrong; return 1 for that, 2 if it cannot be."""
    import orjson  # noqa: PLC0415 - none of it is needed to serve

    from dynemu.engine.checking import check_directory  # noqa: PLC0415
    from dynemu.storage.base import StoreError  # noqa: PLC0415

    try:
        settings = load_settings({} if db_path is None else {"db_path": db_path})
        if settings.db_path is None:
            return _complain("check wants the directory of a database: --db-path DIRECTORY.", 2)
        count = 0
        for namespace, problem in check_directory(settings):
            count += 1
            found = {"namespace": namespace, **problem.to_json()}
            print(orjson.dumps(found).decode() if as_json else f"{namespace}: {problem}")
    except (ConfigError, StoreError) as error:
        return _complain(str(error), 2)
    if not as_json:
        print("No problems found." if not count else f"{count} problem{'s' * (count > 1)} found.")
    return 1 if count else 0


def _complain(sentence: str, code: int) -> int:
    print(f"dynemu: {sentence}", file=sys.stderr)
    return code


def _read_serve(words: Sequence[str]) -> dict[str, str] | None:
    """Return the option texts of a plain ``serve`` line, or None when click has to look at it."""
    if words[0] != "serve":
        return None
    given: dict[str, str] = {}
    rest = iter(words[1:])
    for word in rest:
        flag, has_text, text = word.partition("=")
        option = _FLAGS.get(flag)
        if option is None or (option.is_flag and has_text):
            return None
        if option.is_flag:
            text = "1"
        elif not has_text:
            text = next(rest, _MISSING)
            if text is _MISSING:
                return None
        given[option.name] = text
    return given


def _run_click(words: list[str]) -> int:
    import click  # noqa: PLC0415 - see the module's docstring

    import dynemu  # noqa: PLC0415
    from dynemu.commands.groups import GROUPS  # noqa: PLC0415

    def start(**values: str | bool | None) -> int:
        return serve(
            {name: "1" if v is True else str(v) for name, v in values.items() if v not in (None, False)}
        )

    options: list[click.Parameter] = [
        click.Option([option.flag], is_flag=option.is_flag or None, help=option.help, metavar=option.metavar)
        for option in OPTIONS
    ]
    commands = [
        click.Command(
            "serve", params=options, callback=start, help="Start the server (the default command)."
        ),
        click.Command(
            "capabilities",
            params=[click.Option(["--json", "as_json"], is_flag=True, help="Print all of it as JSON.")],
            callback=show_capabilities,
            help="List what becomes of every operation, and the known differences from AWS.",
        ),
        click.Command(
            "check",
            params=[
                click.Option(["--db-path"], help="The directory of the database.", metavar="DIRECTORY"),
                click.Option(["--json", "as_json"], is_flag=True, help="Print a line of JSON per problem."),
            ],
            callback=check,
            help="Derive all indexes, counts and queues of a database that no server has open from its items "
            "again, and list what is not like that. Exit code: 0, or 1 if something is found, 2 on failure.",
        ),
    ]
    group = click.Group(
        "dynemu",
        commands=[*commands, *GROUPS],
        help="A DynamoDB emulator. Options can be set in the environment too: --db-path as DYNEMU_DB_PATH.",
    )
    group = click.version_option(dynemu.__version__, prog_name="dynemu", message="%(prog)s %(version)s")(
        group
    )
    try:
        code = group.main(words, prog_name="dynemu", standalone_mode=False)
    except click.ClickException as error:
        if isinstance(error, getattr(click.exceptions, "NoArgsIsHelpError", ())):  # since click 8.2
            print(error.format_message(), file=sys.stderr)
            return error.exit_code
        return _complain(error.format_message(), error.exit_code)
    return code if isinstance(code, int) else 0
