"""Shard iterators: tokens that say where in a shard to read on, and since when."""

from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import blake2b
from struct import Struct

from dynemu.errors import ExpiredIteratorException, ValidationException, validation

ITERATOR_SECONDS = 15 * 60
"""Source: API reference, GetShardIterator."""
_POSITION = Struct(">12sQd")
_MARK = 8
_KEY = b"dynemu shard iterator 1"


@dataclass(frozen=True, slots=True)
class ShardIterator:
    """A place in a shard: the next record to read has *number* or a greater one."""

    arn: str
    shard: bytes
    number: int
    issued: float

    def encode(self) -> str:
        """Return the token: the stream's ARN, a version and what only the service can read."""
        packed = _POSITION.pack(self.shard, self.number, self.issued)
        return f"{self.arn}|1|{b64encode(packed + _mark(self.arn, packed)).decode()}"

    def check_age(self, now: float) -> None:
        """Raise ExpiredIteratorException for an iterator that is too old at *now*."""
        if now > self.issued + ITERATOR_SECONDS:
            raise ExpiredIteratorException("The provided iterator exceeds the maximum age allowed.")


def decode_iterator(token: str) -> ShardIterator:
    """Return what *token* says. Raises ValidationException for one that was not made here."""
    arn, _, text = token.partition("|1|")
    try:
        packed = b64decode(text, validate=True)
    except ValueError:
        raise _invalid() from None
    if len(packed) != _POSITION.size + _MARK or packed[-_MARK:] != _mark(arn, packed[:-_MARK]):
        raise _invalid()
    return ShardIterator(arn, *_POSITION.unpack(packed[:-_MARK]))


def _invalid() -> ValidationException:
    return validation("Invalid ShardIterator")


def _mark(arn: str, packed: bytes) -> bytes:
    return blake2b(arn.encode() + packed, key=_KEY, digest_size=_MARK).digest()
