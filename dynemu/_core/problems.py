"""What is wrong with a request, in AWS's words; for requests that the compiled walk did not accept."""

from typing import Any

import orjson

from dynemu.errors import SerializationException, constraint_error

_KINDS = {bool: "{}_VALUE", int: "NUMBER_VALUE", float: "DECIMAL_VALUE", str: "STRING_VALUE"}
STRUCTURE = "Start of structure or map found where not expected"
PACKAGE = "com.amazonaws.dynamodb.v20120810."


class Problems:
    """Broken constraints of one request: those of the newest checks come first and hide the others."""

    def __init__(self, nameless: bool) -> None:
        self.early: list[str] = []
        self.late: list[str] = []
        self.nameless = nameless
        """The request lacks its TableName: AWS then words the newest checks in the older way."""

    def add(self, value: Any, path: str, rule: str) -> None:
        """Add ``Value '…' at 'path' failed to satisfy constraint: rule``."""
        shown = "null" if value is None else f"'{echo(value)}'"
        self.late.append(f"Value {shown} at '{path}' failed to satisfy constraint: {rule}")

    def add_early(self, path: str, rule: str) -> None:
        """Add a problem in the newest wording, which shows no value."""
        self.early.append(f"Value at '{path}' failed to satisfy constraint: {rule}")

    def raise_first(self) -> None:
        """Raise ValidationException for the problems found so far, if there are any."""
        if self.early:
            raise constraint_error(self.early)
        if self.late:
            raise constraint_error(self.late)


def echo(value: Any) -> str:
    """Return *value* as AWS prints a request's value in a message; structures as JSON."""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def member_path(path: str, name: str) -> str:
    """Return the path of member *name*: lower camel case, dotted."""
    name = name[:1].lower() + name[1:]
    return f"{path}.{name}" if path else name


def newest_path(path: str) -> str:
    """Return *path* as the newest checks print it: the first and the last name with a capital."""
    first, dot, rest = path.partition(".")
    middle, dot_too, last = rest.rpartition(".")
    return f"{first[:1].upper()}{first[1:]}{dot}{middle}{dot_too}{last[:1].upper()}{last[1:]}"


def scalar_type_error(value: Any, java_name: str) -> SerializationException:
    """Return the SerializationException for *value* where a scalar ``java.lang.<java_name>`` is wanted."""
    if isinstance(value, dict):
        return SerializationException(STRUCTURE)
    if isinstance(value, list):
        return SerializationException(f"Unrecognized collection type class java.lang.{java_name}")
    kind = _KINDS[type(value)].format(str(value).upper())
    return SerializationException(f"{kind} cannot be converted to {java_name}")
