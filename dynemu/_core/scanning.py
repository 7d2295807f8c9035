"""Looks into rows without parsing them; ``scanning.pxd`` holds the same in C for the compiled modules.

A row's item is compact JSON that ``codec`` has written: no space between tokens, canonical numbers, one way
of escaping, so that texts are equal where values are. Positions are those of bytes in the row; 0 is none.
This module is not compiled, it only lends its inline functions. PERF: benchmarks/micro, fields.
"""

from array import array
from json.decoder import JSONDecoder

from dynemu._core.numbers import compare as compare_numbers

UNORDERED = 2
"""What ``compare`` returns for values of different types."""
UNKNOWN = 3
"""What a function returns that would have to parse the value."""
_scan = JSONDecoder().raw_decode


def pays() -> bool:
    """Tell whether looking into rows is faster than parsing them: only when it is compiled."""
    return False


def value_end(row: bytes, at: int) -> int:
    """Return the position behind the value at *at*. Raises: ValueError for a damaged row."""
    # Each byte becomes one character, so that positions are the same.
    return _scan(row.decode("latin-1"), at)[1]


def find_members(row: bytes, at: int, names: list[bytes], spans: "array[int]") -> None:
    """Set where the members of the object at *at* begin and end, two *spans* each, in the order of *names*.

    *names* are JSON, with their quotes. A member that is missing begins and ends at 0.
    """
    try:
        for place, name in enumerate(names):
            start = spans[2 * place] = find_member(row, at, name)
            spans[2 * place + 1] = value_end(row, start) if start else 0
    except IndexError:
        raise ValueError("a row that ends too early") from None


def find_member(row: bytes, at: int, name: bytes) -> int:
    """Return where the value of the member *name* (JSON, with its quotes) of the object at *at* begins."""
    if row[at + 1] == ord("}"):
        return 0
    while row[at] != ord("}"):
        start = at + 1
        at = value_end(row, start)
        if row[start:at] == name:
            return at + 1
        at = value_end(row, at + 1)
    return 0


def first_element(row: bytes, at: int) -> int:
    """Return where the first element of the array at *at* begins."""
    return 0 if row[at + 1] == ord("]") else at + 1


def next_element(row: bytes, at: int) -> int:
    """Return where the element of an array behind the one at *at* begins."""
    at = value_end(row, at)
    return at + 1 if row[at] == ord(",") else 0


def number_at(numbers: "array[int]", place: int) -> int:
    """Return ``numbers[place]``."""
    return numbers[place]


def is_tagged(row: bytes, at: int, tag: str) -> bool:
    """Tell whether the attribute value at *at* is of the type *tag*, which has one letter."""
    return row[at + 2 : at + 4] == tag.encode() + b'"'


def compare(row: bytes, start: int, end: int, tag: str, payload: str) -> int:
    """Return how the attribute value in the row compares to the one of type *tag*, which is S, N or B.

    Returns: -1, 0, 1, UNORDERED or UNKNOWN. For B it only says whether they are equal.
    """
    if not is_tagged(row, start, tag):
        return UNORDERED
    text = row[start + 6 : end - 2]
    if tag == "N":
        return compare_numbers(text.decode(), payload)
    if b"\\" in text:
        return UNKNOWN
    other = payload.encode()
    return (text > other) - (text < other)


def is_flag(row: bytes, start: int, end: int, flag: bool) -> bool:
    """Tell whether the attribute value is the BOOL *flag*."""
    return row[start:end] == (b'{"BOOL":true}' if flag else b'{"BOOL":false}')


def starts_with(row: bytes, start: int, end: int, prefix: str) -> int:
    """Return whether the attribute value is an S that starts with *prefix*, or UNKNOWN."""
    if not is_tagged(row, start, "S"):
        return 0
    text = row[start + 6 : end - 2]
    return UNKNOWN if b"\\" in text else text.startswith(prefix.encode())


def has_member(row: bytes, start: int, end: int, tag: str, member: str) -> int:
    """Return whether the attribute value is a set of *tag* (S, N or B) with *member*, or UNKNOWN.

    UNKNOWN is the answer for all other types, too.
    """
    if row[start + 2 : start + 4] != tag.encode() + b"S" or b"\\" in row[start:end]:
        return UNKNOWN
    return member.encode() in row[start + 8 : end - 3].split(b'","')


def room(size: int) -> bytearray:
    """Return room for *size* bytes; what is in it is not defined."""
    return bytearray(size)


def text_value(row: bytes, start: int, end: int) -> dict[str, str] | None:
    """Return the attribute value if it is an N, or an S without escapes; None leaves it to a parser."""
    return None


def put(out: bytearray, at: int, source: bytes, start: int, end: int) -> int:
    """Write ``source[start:end]`` at *at*, where there is room; return where that ends."""
    out[at : at + end - start] = source[start:end]
    return at + end - start


def put_all(out: bytearray, at: int, source: bytes) -> int:
    """Write all of *source* at *at*; return where it ends."""
    return put(out, at, source, 0, len(source))


def cut(out: bytearray, start: int, end: int) -> bytes:
    """Return ``out[start:end]``."""
    return bytes(out[start:end])


def byte_sum(row: bytes) -> int:
    """Return the sum of the bytes, modulo 2**32 in C."""
    return sum(row)


def join_bodies(rows: list[bytes], header: int, before: bytes, after: bytes) -> bytes:
    """Return *before*, as a JSON array what follows the first *header* bytes of each row, and *after*."""
    return before + b"[" + b",".join([row[header:] for row in rows]) + b"]" + after
