"""NextToken: where a SELECT goes on, in a form that only the same statement can use.

    base64url of: digest (16 bytes) | JSON of [span, key]

The digest covers the position, the statement, its parameters and the table, so a token that was changed, or
that comes from another statement or a table that is gone, is refused.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import orjson

from dynemu.engine.statements.opening import Statement
from dynemu.engine.statements.selecting import Position
from dynemu.engine.statements.wording import BAD_TOKEN
from dynemu.engine.table import Table
from dynemu.errors import validation

_DIGEST = 16


def write_token(statement: Statement, table: Table, position: Position) -> str:
    """Return the NextToken for *position* of *statement*."""
    content = orjson.dumps([position.span, position.key])
    return urlsafe_b64encode(_digest(statement, table, content) + content).decode()


def read_token(statement: Statement, table: Table, token: str) -> Position:
    """Return the position that *token* stands for. Raises ValidationException."""
    try:
        data = urlsafe_b64decode(token)
    except ValueError:
        raise validation(BAD_TOKEN) from None
    content = data[_DIGEST:]
    if data[:_DIGEST] != _digest(statement, table, content):
        raise validation(BAD_TOKEN)
    span, key = orjson.loads(content)
    return Position(span, key)


def _digest(statement: Statement, table: Table, content: bytes) -> bytes:
    parameters: list[Any] = [statement.values[name] for name in statement.prepared.parameters]
    bound = [table.id, statement.prepared.text, parameters]
    from hashlib import blake2b  # noqa: PLC0415 - loads OpenSSL, 4 MB; most answers need no token

    digest = blake2b(content, digest_size=_DIGEST)
    digest.update(orjson.dumps(bound, option=orjson.OPT_SORT_KEYS))
    return digest.digest()
