"""Records of an input object: one for each item, from any place on where one began.

A reader gets a stream and a place, which are two numbers of its own choice, and gives a ``Parsed`` for each
record: what it holds or what is wrong with it, and the place of the next one.
"""

import csv
from collections.abc import Callable, Iterator
from functools import partial
from json import JSONDecoder
from typing import Any, NamedTuple, TypeAlias

import orjson

from dynemu.engine.transfer.ion import NoItem, from_ion, read_values
from dynemu.engine.transfer.streams import LINE_BYTES, DamagedInput, Stream

Place: TypeAlias = tuple[int, int]


class Parsed(NamedTuple):
    """A record: ``{"Item": {...}}`` and what is beside it, or an error."""

    content: Any
    error: str | None
    next: Place


ReadRecords: TypeAlias = Callable[[Stream, Place], Iterator[Parsed]]
"""Iterates over the records of a stream from a place on. Raises: DamagedInput, MissingLibrary, OSError."""

START: Place = (0, 0)
NO_JSON = "The record is not valid JSON."
NO_CSV = "The line is not valid CSV: {}."
COLUMNS = "The line has {} columns, the header {}."
_decode_json = JSONDecoder().raw_decode


def find_reader(format: str, csv_options: dict[str, Any], types: dict[str, str]) -> ReadRecords:
    """Return what reads objects in *format*; *types* are those of key attributes in CSV."""
    if format == "CSV":
        return partial(read_csv, options=csv_options, types=types)
    return read_ion if format == "ION" else read_json


def read_json(stream: Stream, place: Place) -> Iterator[Parsed]:
    """Read DynamoDB JSON. A place is the position of a line and how many records of it are done.

    NOTE: AWS reads several objects on one line as well as one on each. Source: a test of getmoto that was
    verified against the service (test_import_table_single_file_with_multiple_items). Behind what is no JSON
    it reads no more of the object. Source: recorded counts of an import of ten lines.
    """
    stream.skip_to(place[0])
    done = place[1]
    while True:
        start = stream.position
        line = stream.read_line()
        if not line:
            return
        try:
            values: list[Any] = [orjson.loads(line)]
            broken = False
        except orjson.JSONDecodeError:
            values, broken = _split(line)
        errors = [None] * len(values) + [NO_JSON] * broken
        last = len(errors) - 1
        if broken:
            _skip_rest(stream)
        for number, error in enumerate(errors):
            if number >= done:
                content = None if error else values[number]
                after = (stream.position, 0) if number == last else (start, number + 1)
                yield Parsed(content, error, after)
        done = 0


def _skip_rest(stream: Stream) -> None:
    while stream.read_line():
        pass


def _split(line: bytes) -> tuple[list[Any], bool]:
    """Return the JSON values of a line, and whether something is left that is none."""
    values: list[Any] = []
    try:
        text = line.decode()
        at = len(text) - len(text.lstrip())
        while at < len(text):
            value, at = _decode_json(text, at)
            values.append(value)
            at = len(text) - len(text[at:].lstrip())
    except (ValueError, RecursionError):
        return values, True
    return values, False


def read_ion(stream: Stream, place: Place) -> Iterator[Parsed]:
    """Read Ion, text or binary. A place is the number of records that are done."""
    for number, value in enumerate(read_values(stream), 1):
        if number <= place[0]:
            continue
        try:
            record = _record(from_ion(value).get("M"))
        except (NoItem, RecursionError) as error:
            yield Parsed(None, str(error), (number, 0))
        else:
            yield Parsed(record, None, (number, 0))


def _record(members: dict[str, Any] | None) -> dict[str, Any]:
    """Return the members of a record in the form that they have in JSON: what holds them has no type."""
    if members is None:
        raise NoItem("The record is not a struct.")
    record: dict[str, Any] = {}
    for name, value in members.items():
        inner = value.get("M")
        record[name] = value.get("S") if inner is None else inner
    names = record.get("ExpressionAttributeNames")
    if isinstance(names, dict):
        record["ExpressionAttributeNames"] = {name: value.get("S") for name, value in names.items()}
    return record


def read_csv(
    stream: Stream, place: Place, options: dict[str, Any], types: dict[str, str]
) -> Iterator[Parsed]:
    """Read CSV. A place is the position of a line. Attributes not in *types* are strings."""
    csv.field_size_limit(LINE_BYTES)  # it holds for the whole process; the default is below that of an item
    delimiter = options.get("Delimiter") or ","
    header: list[str] | None = options.get("HeaderList")
    rows = csv.reader(_lines(stream), delimiter=delimiter, strict=True)
    if header is None:
        try:
            header = next(rows, [])
        except (csv.Error, UnicodeDecodeError) as error:
            raise DamagedInput(NO_CSV.format(error)) from error
    if place[0]:
        stream.skip_to(place[0])
    while True:
        try:
            row = next(rows, None)
        except (csv.Error, UnicodeDecodeError) as error:
            yield Parsed(None, NO_CSV.format(error), (stream.position, 0))
            # After an error the reader may still be inside of quotes, or its lines have ended.
            rows = csv.reader(_lines(stream), delimiter=delimiter, strict=True)
            continue
        if row is None:
            return
        if row and len(row) != len(header):
            yield Parsed(None, COLUMNS.format(len(row), len(header)), (stream.position, 0))
        elif row:
            item = {name: {types.get(name, "S"): text} for name, text in zip(header, row, strict=True)}
            yield Parsed({"Item": item}, None, (stream.position, 0))


def _lines(stream: Stream) -> Iterator[str]:
    while line := stream.read_line():
        yield line.decode()
