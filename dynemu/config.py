"""Settings of one server: defaults < environment < command line.

``OPTIONS`` is the one list of settings: the command line, the environment variables (``DYNEMU_`` and the
name in capitals) and the documentation all follow it.
"""

import math
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

NAMESPACE_BY = ("path", "access-key", "region", "access-key+region")
CONSISTENCIES = ("strong", "lagged", "adversarial")
DURABILITIES = ("none", "wal", "fsync")
MOST_SHARDS = 1000
MOST_WORKERS = 32
LOG_LEVELS = ("debug", "info", "warning", "error", "critical")


class ConfigError(Exception):
    """A setting that cannot be used; the text is one sentence for the user."""


def check_consistency(consistency: str) -> None:
    """Raise ValueError, with one sentence, when *consistency* is none."""
    if consistency not in CONSISTENCIES:
        raise ValueError(f"Consistency is one of {', '.join(CONSISTENCIES)}.")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a server is started with."""

    host: str = "127.0.0.1"
    port: int = 8000
    """0 asks the system for a free one."""
    db_path: str | None = None
    """Directory of the data; None keeps everything in memory."""
    durability: str = ""
    """``none``, ``wal`` (survives a killed process) or ``fsync`` (survives power loss).

    Left out, it is ``wal`` with a directory and ``none`` in memory.
    """
    log_level: str = "warning"
    table_delay: float = 0.0
    """Seconds that a table stays CREATING, UPDATING or DELETING."""
    account_id: str = "123456789012"
    region: str = "us-east-1"
    """Region of requests whose credentials name none."""
    stream_shards: int = 1
    """Open shards of a new stream."""
    history_bytes: int = 256 << 20
    """What is kept of a table's history for point-in-time recovery."""
    s3_dir: str | None = None
    """Directory that stands for S3; None for no buckets at all."""
    namespace_by: str = "path"
    """What names the namespace of a request besides its path: one of ``NAMESPACE_BY``."""
    admin_token: str = ""
    """What the admin API asks for, if anything."""
    allowed_host: tuple[str, ...] = ()
    """Further names, with a port or for any, under which the admin API may be asked, and whose pages may."""
    snapshot: str | None = None
    """File of an exported snapshot that an empty default namespace starts with."""
    consistency: str = "strong"
    """What eventually consistent reads see: one of ``CONSISTENCIES``."""
    seed: int = 0
    """What the randomness of faults and stale reads follows from."""
    hooks: str | None = None
    """Python file whose hooks are called in every namespace."""
    faults: tuple[Any, ...] = ()
    """Faults of every namespace from its start on, as JSON objects."""
    workers: int = 1
    """Processes that share out the namespaces."""

    def __post_init__(self) -> None:
        if not self.durability:
            object.__setattr__(self, "durability", "none" if self.db_path is None else "wal")

    @property
    def in_memory(self) -> bool:
        """True when nothing outlives the process."""
        return self.db_path is None


@dataclass(frozen=True, slots=True)
class Option:
    """One setting as a user gives it; ``parse`` raises ValueError with what it wants instead."""

    name: str
    parse: Callable[[str], Any]
    help: str
    is_flag: bool = False
    metavar: str | None = None

    @property
    def flag(self) -> str:
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        return "DYNEMU_" + self.name.upper()


def _parse_text(text: str) -> str:
    if not text.strip():
        raise ValueError("some text")
    return text


def _parse_port(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", text) or int(text) > 65_535:
        raise ValueError("a port from 0 to 65535")
    return int(text)


def _parse_shards(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", text) or not 1 <= int(text) <= MOST_SHARDS:
        raise ValueError(f"a number from 1 to {MOST_SHARDS}")
    return int(text)


def _parse_workers(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,2}", text) or not 1 <= int(text) <= MOST_WORKERS:
        raise ValueError(f"a number from 1 to {MOST_WORKERS}")
    return int(text)


def _parse_path(text: str) -> str:
    if not text.strip():
        raise ValueError("a directory")
    return os.path.expanduser(text)


def _parse_file(text: str) -> str:
    if not text.strip():
        raise ValueError("a file")
    return os.path.expanduser(text)


def parse_token(text: str) -> str:
    # A header holds nothing else, and loses blanks at its ends.
    if not re.fullmatch(r"[!-~]([ -~]*[!-~])?", text):
        raise ValueError("some text of ASCII characters, without blanks around it")
    return text


def _parse_hosts(text: str) -> tuple[str, ...]:
    names = tuple(name.strip().lower() for name in text.split(",") if name.strip())
    if not names or not all(re.fullmatch(r"[a-z0-9.-]+(:[0-9]+)?", name) for name in names):
        raise ValueError("host names such as dynemu.test or dynemu.test:8000, with commas between them")
    return names


def _parse_flag(text: str) -> bool:
    word = text.strip().lower()
    if word in ("1", "true", "yes", "on"):
        return True
    if word in ("0", "false", "no", "off"):
        return False
    raise ValueError("1 or 0")


def _parse_choice(choices: tuple[str, ...]) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text.lower() not in choices:
            raise ValueError("one of " + ", ".join(choices))
        return text.lower()

    return parse


def _parse_seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise ValueError("a number of seconds, 0 or more")
    return seconds


def _parse_bytes(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,15}", text):
        raise ValueError("a number of bytes")
    return int(text)


def _parse_seed(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise ValueError("a whole number, 0 or more")
    return int(text)


def _parse_faults(text: str) -> tuple[Any, ...]:
    import json  # noqa: PLC0415 - few servers start with faults

    try:
        given = json.loads(text)
    except ValueError:
        raise ValueError("a JSON object or a list of them") from None
    return tuple(given) if isinstance(given, list) else (given,)


def _parse_account(text: str) -> str:
    if not re.fullmatch(r"[0-9]{12}", text):
        raise ValueError("twelve digits")
    return text


def _parse_region(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9-]+", text):
        raise ValueError("a region such as us-east-1")
    return text


OPTIONS: tuple[Option, ...] = (
    Option("host", _parse_text, "Address to listen on; 127.0.0.1 by default."),
    Option("port", _parse_port, "Port to listen on; 8000 by default, 0 takes a free one.", metavar="NUMBER"),
    Option(
        "workers",
        _parse_workers,
        "Processes that share out the namespaces, each of which stays with one of them; 1 by default.",
        metavar="NUMBER",
    ),
    Option("db_path", _parse_path, "Keep the data in this directory.", metavar="DIRECTORY"),
    Option("in_memory", _parse_flag, "Keep the data in memory; the default without --db-path.", is_flag=True),
    Option(
        "durability",
        _parse_choice(DURABILITIES),
        "What a written item survives: none, wal (a killed process; the default with --db-path) "
        "or fsync (power loss).",
        metavar="MODE",
    ),
    Option(
        "log_level",
        _parse_choice(LOG_LEVELS),
        "Least severe messages to log: debug, info, warning (the default), error or critical.",
        metavar="LEVEL",
    ),
    Option(
        "table_delay",
        _parse_seconds,
        "Seconds that a table stays CREATING, UPDATING or DELETING; 0 by default.",
        metavar="SECONDS",
    ),
    Option(
        "history_bytes",
        _parse_bytes,
        "History kept for point-in-time recovery of a table; 268435456 by default.",
        metavar="BYTES",
    ),
    Option("account_id", _parse_account, "Account in ARNs; 123456789012 by default.", metavar="DIGITS"),
    Option("region", _parse_region, "Region of requests that name none; us-east-1 by default."),
    Option(
        "stream_shards",
        _parse_shards,
        "Open shards of a new stream, which share out its partition keys; 1 by default.",
        metavar="NUMBER",
    ),
    Option(
        "s3_dir",
        _parse_path,
        "Directory that stands for S3 in exports, imports and bulk operations: bucket B is its directory B.",
        metavar="DIRECTORY",
    ),
    Option(
        "namespace_by",
        _parse_choice(NAMESPACE_BY),
        "What separates requests into namespaces: path (of the endpoint, /ns/NAME; the default), "
        "access-key, region or access-key+region.",
        metavar="WHAT",
    ),
    Option("admin_token", parse_token, "Token that the admin API asks for; none by default.", metavar="TEXT"),
    Option(
        "allowed_host",
        _parse_hosts,
        "Further host names, with commas between them, under which the admin API answers.",
        metavar="NAMES",
    ),
    Option(
        "snapshot", _parse_file, "Start with this exported snapshot when there are no tables.", metavar="FILE"
    ),
    Option(
        "consistency",
        _parse_choice(CONSISTENCIES),
        "What eventually consistent reads see: strong (the newest state; the default), lagged (an older one "
        "at random) or adversarial (the oldest that is allowed).",
        metavar="MODE",
    ),
    Option(
        "seed",
        _parse_seed,
        "What the randomness of faults and stale reads follows from; 0 by default.",
        metavar="NUMBER",
    ),
    Option("hooks", _parse_file, "Call the hooks of this Python file in every namespace.", metavar="FILE"),
    Option(
        "faults",
        _parse_faults,
        'Faults of every namespace, such as {"kind": "throttle", "probability": 0.1}, or a list of them.',
        metavar="JSON",
    ),
)


def load_settings(
    command_line: Mapping[str, str] | None = None, environment: Mapping[str, str] | None = None
) -> Settings:
    """Return the settings that the two sources ask for; the command line wins.

    *command_line* maps names such as ``db_path`` to their texts, a flag to ``"1"``. *environment* is
    ``os.environ`` when None. Raises: ConfigError.
    """
    environment = os.environ if environment is None else environment
    given = _read({option.name: option.flag for option in OPTIONS}, command_line or {})
    # NOTE: an empty variable counts as unset, as compose files write it.
    texts = {
        option.name: environment[option.variable] for option in OPTIONS if environment.get(option.variable)
    }
    inherited = _read({option.name: option.variable for option in OPTIONS}, texts)
    _choose_place(given, inherited)
    return _settle({**inherited, **given})


def _read(spelling: Mapping[str, str], texts: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for option in OPTIONS:
        text = texts.get(option.name)
        if text is None:
            continue
        try:
            values[option.name] = option.parse(text)
        except ValueError as error:
            raise ConfigError(f"{spelling[option.name]} wants {error}, not {text!r}.") from None
    if values.get("in_memory") and "db_path" in values:
        raise ConfigError(f"{spelling['db_path']} and {spelling['in_memory']} exclude each other.")
    return values


def _choose_place(given: Mapping[str, Any], inherited: dict[str, Any]) -> None:
    """Let a place on the command line replace the one of the environment."""
    if given.get("in_memory"):
        inherited.pop("db_path", None)
        if inherited.get("durability") != "none":
            inherited.pop("durability", None)
    elif "db_path" in given:
        inherited.pop("in_memory", None)


def _settle(values: dict[str, Any]) -> Settings:
    values.pop("in_memory", None)
    if values.get("db_path") is None and values.get("durability", "none") != "none":
        raise ConfigError(
            f"Durability {values['durability']} needs a database directory: "
            "what is kept in memory ends with the process."
        )
    return Settings(**values)
