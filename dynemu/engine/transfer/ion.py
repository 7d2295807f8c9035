"""Items as Amazon Ion: read with its library, which knows all of the format, written here, as text.

    $ion_1_0 {Item:{pk:"x",n:6d2,tags:$dynamodb_SS::["a","b"]}}

Source: developer guide, "DynamoDB table export output format" and "Amazon S3 import formats for DynamoDB".
"""

import re
from base64 import b64encode
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from orjson import dumps

from dynemu.engine.transfer.streams import DamagedInput, MissingLibrary, Stream

TEXT_BYTES = 4 * 1024 * 1024
"""No text or blob is longer than this in its written form: an item has 400 KB."""
_SET = "$dynamodb_"
_PLAIN_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_TAKEN = re.compile(r"null|true|false|nan|\$[0-9]+|\$ion_[0-9]+_[0-9]+")
_ESCAPED = re.compile(r"[\x00-\x1f\x7f'\\]")


class NoItem(Exception):
    """An Ion value that stands for no attribute value; the text says why."""


class _Tail:
    """The rest of a stream, in the form that the library reads."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        return self._stream.read(size)


def read_values(stream: Stream) -> Iterator[Any]:
    """Iterate over the values of a stream, as the library gives them.

    Raises: DamagedInput at what is no Ion; MissingLibrary.
    """
    library = load_library()
    values = library.simpleion.load(
        _Tail(stream), single_value=False, parse_eagerly=False, text_buffer_size_limit=TEXT_BYTES
    )
    while True:
        try:
            value = next(values)
        except StopIteration:
            return
        except (library.exceptions.IonException, RecursionError, ValueError) as error:
            raise DamagedInput(f"The object is no Ion any further: {error}.") from error
        yield value


def from_ion(value: Any) -> Any:
    """Return the attribute value that a value of the library stands for. Raises: NoItem."""
    kind = "NULL" if type(value).__name__ == "IonPyNull" else value.ion_type.name
    if kind == "STRUCT":
        return {"M": {_name(name): from_ion(member) for name, member in value.items()}}
    if kind == "LIST":
        return _from_list(value)
    if kind in ("STRING", "SYMBOL"):
        return {"S": _name(value)}
    if kind == "BOOL":
        return {"BOOL": bool(value)}
    if kind == "NULL":
        return {"NULL": True}
    if kind == "DECIMAL":
        return {"N": str(Decimal(value))}
    if kind in ("INT", "FLOAT"):
        return {"N": repr(+value)}
    if kind in ("BLOB", "CLOB"):
        return {"B": b64encode(bytes(value)).decode()}
    raise NoItem(f"An Ion {kind.lower()} has no DynamoDB data type.")


def _from_list(value: Any) -> Any:
    members = [from_ion(member) for member in value]
    for annotation in value.ion_annotations:
        name = _name(annotation)
        if name in ("$dynamodb_SS", "$dynamodb_NS", "$dynamodb_BS"):
            tag = name[len(_SET)]
            if not all(tag in member for member in members):
                raise NoItem(f"A {name} holds a member of another type.")
            return {tag + "S": [member[tag] for member in members]}
    return {"L": members}


def _name(symbol: Any) -> str:
    text = getattr(symbol, "text", symbol)
    if text is None:
        raise NoItem("An Ion symbol has no known text.")
    return str(text)


def load_library() -> Any:
    """Return the package ``amazon.ion``. Raises: MissingLibrary."""
    try:
        import amazon.ion.exceptions  # noqa: PLC0415 - an extra, for those who import such objects
        import amazon.ion.simpleion  # noqa: PLC0415
    except ImportError:
        raise MissingLibrary(
            "Objects in Ion format need the package amazon.ion: pip install 'dynemu[import]'."
        ) from None
    return amazon.ion


def to_ion(value: dict[str, Any]) -> str:
    """Return an attribute value as Ion text."""
    for tag, payload in value.items():
        if tag == "M":
            return struct({name: to_ion(member) for name, member in payload.items()})
        if tag == "L":
            return f"[{','.join(map(to_ion, payload))}]"
        if len(tag) == 2:
            members = [to_ion({tag[0]: member}) for member in payload]
            return f"{_SET}{tag}::[{','.join(members)}]"
        if tag == "N":
            return decimal(payload)
        if tag == "B":
            return f"{{{{{payload}}}}}"
        if tag == "BOOL":
            return "true" if payload else "false"
        return "null" if tag == "NULL" else dumps(payload).decode()
    raise AssertionError("an attribute value has one member")


def struct(members: dict[str, str]) -> str:
    """Return an Ion struct of values that are Ion text already."""
    return f"{{{','.join(f'{_field(name)}:{text}' for name, text in members.items())}}}"


def _field(name: str) -> str:
    if _PLAIN_NAME.fullmatch(name) and not _TAKEN.fullmatch(name):
        return name
    return "'" + _ESCAPED.sub(lambda found: f"\\x{ord(found[0]):02x}", name) + "'"


def decimal(number: str) -> str:
    """Return a number as an Ion decimal: ``103.``, ``6d2``, ``1.5``, ``1d-130``."""
    sign, digits, exponent = Decimal(number).as_tuple()
    assert isinstance(exponent, int)
    text = "".join(map(str, digits))
    if stripped := text.rstrip("0"):
        exponent += len(text) - len(stripped)
        text = stripped
    minus = "-" if sign else ""
    whole = len(text) + exponent
    if exponent == 0:
        return f"{minus}{text}."
    if exponent > 0 or whole < -5:
        return f"{minus}{text}d{exponent}"
    if whole > 0:
        return f"{minus}{text[:whole]}.{text[whole:]}"
    return f"{minus}0.{'0' * -whole}{text}"
