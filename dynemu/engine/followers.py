"""What follows from a write besides the item and its index rows, in the same write set.

A table without time to live, stream, backups and the like has none of them, and its writes pay nothing.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from dynemu.engine import expiry
from dynemu.model import TableSchema
from dynemu.storage.base import WriteSet

if TYPE_CHECKING:
    from dynemu.engine.writes import Target

Follower: TypeAlias = Callable[["Target", WriteSet], None]
"""Called with the target, which knows its new row, and the writes.

The item was there before or is there afterwards; both images may be equal.
"""


def followers_of(schema: TableSchema) -> tuple[Follower, ...]:
    """Return what has to be told of every write to the table."""
    followers: list[Follower] = []
    if schema.ttl is not None:
        followers.append(expiry.follow)
    return tuple(followers)
