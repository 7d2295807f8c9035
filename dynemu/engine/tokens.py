"""ClientRequestTokens of transactions: kept for ten minutes in the same batch as what they stand for.

Two rows for each token: one to find it, one in the order of expiry to forget it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from dynemu.limits import TOKEN_SECONDS
from dynemu.storage.base import TOKENS, View, WriteSet

_BY_TOKEN = TOKENS + b"\0"
_BY_EXPIRY = TOKENS + b"\1"
_FORGET_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """What is remembered of an answered transaction."""

    fingerprint: str
    """Of the request that it answered."""
    units: dict[str, float]
    """Read units, by table, that an answer from memory costs."""


def find_token(view: View, token: str, now: float) -> TokenRecord | None:
    """Return what *token* stands for, or None when it is new or older than ten minutes."""
    row = view.get(_BY_TOKEN + token.encode())
    if row is None:
        return None
    record = orjson.loads(row)
    if record["until"] <= now:
        return None
    return TokenRecord(record["fingerprint"], record["units"])


def remember_token(view: View, writes: WriteSet, token: str, record: TokenRecord, now: float) -> None:
    """Add *token* to *writes*, and forget a few that have expired."""
    until = now + TOKEN_SECONDS
    key = _BY_TOKEN + token.encode()
    writes.expects.append((key, view.get(key)))
    row = {"fingerprint": record.fingerprint, "units": record.units, "until": until}
    writes.puts.append((key, orjson.dumps(row)))
    writes.puts.append((_expiry_key(until, token), b""))
    for place, (old_key, _) in enumerate(view.scan(_BY_EXPIRY, _expiry_key(now, ""))):
        if place >= _FORGET_AT_ONCE:
            break
        old_token = old_key[len(_BY_EXPIRY) + 8 :].decode()
        if old_token != token and find_token(view, old_token, now) is None:
            writes.deletes.append(_BY_TOKEN + old_token.encode())
        writes.deletes.append(old_key)


def find_unlisted(view: View) -> Iterator[str]:
    """Give the tokens that would never be forgotten, because no row in the order of expiry names them."""
    for key, row in view.scan(_BY_TOKEN, _BY_EXPIRY):
        token = key[len(_BY_TOKEN) :].decode()
        if view.get(_expiry_key(orjson.loads(row)["until"], token)) is None:
            yield token


def _expiry_key(until: float, token: str) -> bytes:
    return _BY_EXPIRY + int(until * 1000).to_bytes(8, "big") + token.encode()
