"""Row keys: where an item lies in the store.

    id (4 bytes) | hash of the hash attributes (4 bytes, spreading.py) | hash attributes | range attributes

The row key of an index goes on with those key attributes of the base table that it lacks, so that it is
unique and tells the item's key. The bytes of an attribute sort as its value does and tell where they end.
"""

from binascii import a2b_base64, b2a_base64
from typing import Any

from dynemu._core import numbers, packing, scanning
from dynemu._core.fields import Fields
from dynemu.limits import HASH_KEY_BYTES, RANGE_KEY_BYTES
from dynemu.model import KeyAttribute

JSON = dict[str, Any]
"""An item, a key map or an attribute value."""

_HEAD_BYTES = 8
_HASHES = 1 << 32
_NUL = b"\x00"
_ESCAPED_NUL = b"\x00\xff"
_END = b"\x00\x00"
_BYTES = [bytes((byte,)) for byte in range(256)]
_TEXT = 0
_NUMBER = 1
_BINARY = 2
_ABSENT = -1
_ROOM = 512
"""Bytes of a key's attributes that are put together without an object for each of them."""
_KINDS = {"S": _TEXT, "N": _NUMBER, "B": _BINARY}


class KeyCodec:
    """Encodes and decodes the row keys of one table or index."""

    def __init__(
        self,
        prefix: bytes,
        hash: tuple[KeyAttribute, ...],
        range: tuple[KeyAttribute, ...],
        base: "KeyCodec | None" = None,
    ) -> None:
        """Take the id in four bytes, the key attributes, and for an index the codec of its table."""
        self.start = prefix
        """The first key that a row can have."""
        self.end = successor(prefix)
        """The first key that is too high for a row."""
        self.hash = [KeyPart(attribute.name, attribute.type) for attribute in hash]
        self.range = [KeyPart(attribute.name, attribute.type) for attribute in range]
        self.rest: list[KeyPart] = []
        """The key attributes of the base table that follow."""
        if base is not None:
            known = {attribute.name for attribute in (*hash, *range)}
            self.rest = [part for part in base.hash + base.range if part.name not in known]
        self.parts = self.hash + self.range + self.rest
        self._hashes = len(self.hash)
        self._room = bytearray(_ROOM)
        """PERF: where keys are put together; one for all, as nothing else runs meanwhile."""

    def encode(self, item: JSON) -> bytes | None:
        """Return the row key of an item or key map of canonical values; other attributes are passed over.

        None: a key attribute is missing, of another type, an empty string or binary, or too long.
        """
        at = head_size = 0
        for place in range(len(self.parts)):
            part = self.parts[place]
            at = part.put(item, self._room, at)
            if at <= 0:
                return None if at == _ABSENT else self._encode_apart(item)
            if place < self._hashes:
                head_size = at
        return packing.pack_parts(self.start, self._room, head_size, at)

    def encode_keys(self, keys: list[JSON]) -> list[bytes] | None:
        """Return the row keys of key maps; None when one of them is not a key with nothing else in it."""
        row_keys: list[bytes] = []
        for key in keys:
            row_key = self.encode(key)
            if row_key is None or len(key) != len(self.parts):
                return None
            row_keys.append(row_key)
        return row_keys

    def encode_fields(self, fields: Fields) -> bytes | None:
        """Return the row key of the row of *fields*, which have all the key attributes; None as above."""
        at = head_size = 0
        for place in range(len(self.parts)):
            part = self.parts[place]
            at = part.put_field(fields, self._room, at)
            if at <= 0:
                if at == _ABSENT:
                    return None
                return self._encode_apart(fields.item(frozenset([part.name for part in self.parts])))
            if place < self._hashes:
                head_size = at
        return packing.pack_parts(self.start, self._room, head_size, at)

    def _encode_apart(self, item: JSON) -> bytes | None:
        """Do what ``encode`` does for any attributes."""
        head = _encode_parts(self.hash, item, HASH_KEY_BYTES)
        if head is None:
            return None
        tail = _encode_parts(self.range, item, RANGE_KEY_BYTES)
        if tail is None:
            return None
        if self.rest:
            rest = _encode_parts(self.rest, item, HASH_KEY_BYTES + RANGE_KEY_BYTES)
            if rest is None:
                return None
            tail = tail + rest
        return packing.pack_key(self.start, head, tail)

    def hash_prefix(self, values: list[JSON]) -> bytes:
        """Return what the row keys of one partition begin with; *values* has one per hash attribute."""
        head = encode_part(values[0])
        for value in values[1:]:
            head = head + encode_part(value)
        return packing.pack_key(self.start, head, b"")

    def decode(self, row_key: bytes) -> JSON:
        """Return the key attributes in *row_key*, those of the base table too: ``{"pk": {"S": "a"}}``."""
        item: JSON = {}
        position = _HEAD_BYTES
        for part in self.parts:
            item[part.name], position = part.decode(row_key, position)
        return item

    def segment(self, number: int, total: int) -> tuple[bytes, bytes]:
        """Return the (start, end) of segment *number* of *total*; (0, 1) is the whole range."""
        start = self.start if number == 0 else self._boundary(number, total)
        end = self.end if number + 1 == total else self._boundary(number + 1, total)
        return start, end

    def _boundary(self, number: int, total: int) -> bytes:
        return self.start + (number * _HASHES // total).to_bytes(4, "big")


class KeyPart:
    """One attribute of a row key."""

    def __init__(self, name: str, type: str) -> None:
        self.name = name
        self.type = type
        self.kind = _KINDS[type]

    def encode(self, item: JSON, limit: int) -> bytes | None:
        """Return the bytes of the attribute, or None if it is missing, unfit or over *limit* bytes."""
        value = item.get(self.name)
        if value is None:
            return None
        payload = value.get(self.type)
        if payload is None:
            return None
        if self.kind == _NUMBER:
            return numbers.encode(payload)
        raw = payload.encode() if self.kind == _TEXT else a2b_base64(payload)
        size = len(raw)
        if size == 0 or size > limit:
            return None
        return (raw.replace(_NUL, _ESCAPED_NUL) if 0 in raw else raw) + _END

    def put(self, item: JSON, out: bytearray, at: int) -> int:
        """Write the bytes of the attribute to *out* at *at*; return where they end.

        _ABSENT: it is missing or of another type. 0: that takes ``encode``, which may find it unfit.
        """
        value = item.get(self.name)
        if value is None:
            return _ABSENT
        payload = value.get(self.type)
        if payload is None:
            return _ABSENT
        if self.kind == _TEXT:
            return packing.put_text(out, at, payload)
        return packing.put_number(out, at, payload) if self.kind == _NUMBER else 0

    def put_field(self, fields: Fields, out: bytearray, at: int) -> int:
        """Do what ``put`` does with the attribute of a row."""
        place = fields.place(self.name)
        if place < 0:
            return _ABSENT
        start, end = fields.start(place), fields.end(place)
        if not scanning.is_tagged(fields.row, start, self.type):
            return _ABSENT
        if self.kind == _TEXT:
            return packing.put_text_of(out, at, fields.row, start + 6, end - 2)
        return packing.put_number_of(out, at, fields.row, start + 6, end - 2) if self.kind == _NUMBER else 0

    def size(self, item: JSON) -> int:
        """Return the bytes of the attribute's value, which the item has, as AWS counts them."""
        payload = item[self.name][self.type]
        if self.kind == _NUMBER:
            return numbers.size(payload)
        return len(payload.encode() if self.kind == _TEXT else a2b_base64(payload))

    def decode(self, row_key: bytes, start: int) -> tuple[JSON, int]:
        """Return the wire value that begins at *start* in *row_key*, and the position after it."""
        if self.kind == _NUMBER:
            number, end = numbers.decode(row_key, start)
            return {"N": number}, end
        end = row_key.find(_NUL, start)
        while row_key[end + 1] == 255:
            end = row_key.find(_NUL, end + 2)
        raw = row_key[start:end].replace(_ESCAPED_NUL, _NUL)
        text = raw.decode() if self.kind == _TEXT else b2a_base64(raw, newline=False).decode()
        return {self.type: text}, end + 2


def _encode_parts(parts: list[KeyPart], item: JSON, limit: int) -> bytes | None:
    """Return the bytes of *parts*, or None if one is missing or unfit, or all are over *limit* bytes."""
    count = len(parts)
    if count == 0:
        return b""
    part = parts[0]
    encoded = part.encode(item, limit)
    for i in range(1, count):
        if encoded is None:
            return None
        limit -= part.size(item)
        part = parts[i]
        following = part.encode(item, limit)
        encoded = None if following is None else encoded + following
    return encoded


def encode_part(value: JSON) -> bytes:
    """Return the bytes of a canonical S, N or B value within a row key."""
    for tag, payload in value.items():
        if tag == "N":
            return numbers.encode(payload)
    return encode_prefix(value) + _END


def encode_prefix(value: JSON) -> bytes:
    """Return what the bytes of every value begin with that begins with the canonical S or B *value*."""
    for tag, payload in value.items():
        if tag == "S" or tag == "B":
            return _escaped(payload, tag == "B")
    raise ValueError("an attribute value that cannot begin another")


def _escaped(text: str, is_binary: bool) -> bytes:
    raw = a2b_base64(text) if is_binary else text.encode()
    return raw.replace(_NUL, _ESCAPED_NUL) if 0 in raw else raw


def successor(prefix: bytes) -> bytes:
    """Return the first key after every key that starts with *prefix*, a prefix with a byte below 255."""
    last = len(prefix) - 1
    while prefix[last] == 255:
        last -= 1
    return prefix[:last] + _BYTES[prefix[last] + 1]
