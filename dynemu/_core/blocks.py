"""Rows in key order, in blocks: what a database in memory consists of (docs/adr/0007-memory-store.md).

``SortedRows.take_over`` shares another one's blocks. Who writes after that copies the list of blocks, once,
and each block that is written to.
"""

from array import array
from collections.abc import Iterator

from dynemu._core import search

Row = tuple[bytes, bytes]

BLOCK_ROWS = 256
"""Rows in a block at most; PERF: docs/adr/0007-memory-store.md."""
FREED_ROWS = 32
"""Rows that a write frees of what earlier ones dropped: a million at once take a tenth of a second."""


class Block:
    """Some rows: their keys in order, the keys' heads, and their values in the same places."""

    def __init__(self, owner: object, keys: list[bytes], heads: "array[int]", values: list[bytes]) -> None:
        # PERF: bytes are in no cycles, and the collector would touch every one of them to see that.
        for part in (self, keys, heads, values):
            search.untrack(part)
        self.owner = owner
        """The token of the only one who may change this block; None: it is dropped, to be freed in parts."""
        self.is_copy = False
        """Whether most of the rows are another block's as well, so that freeing them is quickly done."""
        self.keys = keys
        self.heads = heads
        self.values = values
        self.newest: bytes | None = None
        """The key that was added last: another one beside it makes a run."""

    def copy(self, owner: object) -> "Block":
        """Return a block of the same rows that *owner* may change."""
        block = Block(owner, self.keys[:], self.heads[:], self.values[:])
        block.is_copy = True
        block.newest = self.newest
        return block

    def insert(self, at: int, key: bytes, value: bytes) -> None:
        """Add a row before the one at *at*."""
        self.keys.insert(at, key)
        self.heads.insert(at, search.head_of(key))
        self.values.insert(at, value)

    def extend(self, other: "Block") -> None:
        """Add the rows of *other*, which follow the own ones."""
        self.keys.extend(other.keys)
        self.heads.extend(other.heads)
        self.values.extend(other.values)

    def cut(self, start: int, end: int) -> None:
        """Remove the rows from *start* to before *end*."""
        del self.keys[start:end]
        del self.heads[start:end]
        del self.values[start:end]

    def split(self, at: int) -> "Block":
        """Remove the rows from *at* on; return a block of them."""
        end = len(self.keys)
        rest = Block(self.owner, self.keys[at:], self.heads[at:], self.values[at:])
        rest.is_copy = self.is_copy
        rest.newest = self.newest
        self.cut(at, end)
        return rest

    def split_place(self, at: int) -> int:
        """Return where to split a block into which the row at *at* has just been inserted.

        In the middle; but rows that come one after the other would leave half-empty blocks behind, so behind
        (or, in descending order, before) the newest row of such a run.
        """
        last = len(self.keys) - 1
        if at > 0 and self.keys[at - 1] is self.newest:
            return min(at + 1, last)
        if at < last and self.keys[at + 1] is self.newest:
            return max(at, 1)
        return (last + 1) // 2


class SortedRows:
    """A mapping of bytes to bytes, ordered by key."""

    def __init__(self) -> None:
        self._token = object()
        self._shares = False
        """Whether another one has the same three lists, so that they must be copied before a change."""
        self._blocks = [Block(self._token, [], array("Q"), [])]
        self._bounds: list[bytes] = []
        """The last key that belongs into each block but the last one, which takes all that follow."""
        self._heads = array("Q")
        """The heads of the bounds."""
        self._dropped: list[Block] = []
        """Blocks that are still to be freed."""
        search.untrack(self._blocks)
        search.untrack(self._bounds)

    def take_over(self, other: "SortedRows") -> None:
        """Hold the rows of *other* instead of the own ones; from now on both may change without the other.

        What the own rows take in memory is freed by later writes, unless others have them too.
        """
        if other is self:
            return
        if not self._shares:
            for block in self._blocks:
                if block.owner is self._token:
                    self._drop(block)
        self._blocks = other._blocks
        self._bounds = other._bounds
        self._heads = other._heads
        self._shares = other._shares = True
        self._token = object()
        other._token = object()

    def shared_blocks(self, other: "SortedRows") -> tuple[int, int]:
        """Return how many of the own blocks *other* has too, and how many there are."""
        theirs = set(map(id, other._blocks))
        return len(theirs.intersection(map(id, self._blocks))), len(self._blocks)

    def shared_spans(self, other: "SortedRows") -> list[Row]:
        """Return the first and last key of each block that *other* has too: between them rows are alike."""
        theirs = set(map(id, other._blocks))
        spans: list[Row] = []
        for block in self._blocks:
            if block.keys and id(block) in theirs:
                spans.append((block.keys[0], block.keys[-1]))
        return spans

    def clear(self) -> None:
        """Remove and free all rows."""
        self.take_over(SortedRows())
        self._dropped.clear()

    def free(self, writes: int) -> bool:
        """Free as much of what was dropped as that many *writes* would; return whether there is more."""
        rows = writes * FREED_ROWS
        while self._dropped and rows > 0:
            rows -= self._free()
        return len(self._dropped) > 0

    def inherit(self, other: "SortedRows") -> None:
        """Free later, as what was dropped here, what *other* holds, which is empty then."""
        for block in other._blocks:
            if block.owner is other._token and not block.is_copy:
                block.owner = None
        self._dropped += other._blocks
        self._dropped += other._dropped
        other.clear()

    def get(self, key: bytes) -> bytes | None:
        """Return the value of *key*, or None."""
        block = self._blocks[search.find_place(self._bounds, self._heads, key)]
        at = search.find_place(block.keys, block.heads, key)
        if at < len(block.keys) and block.keys[at] == key:
            return block.values[at]
        return None

    def get_many(self, keys: list[bytes]) -> list[bytes | None]:
        """Return the values of *keys*, in their order."""
        return [self.get(key) for key in keys]

    def is_as_expected(self, expected: list[tuple[bytes, bytes | None]]) -> bool:
        """Tell whether every key has this value; None: it has none."""
        for key, value in expected:
            found = self.get(key)
            if found is not value and found != value:
                return False
        return True

    def put_many(self, rows: list[Row]) -> None:
        """Add *rows*, or replace those of the same keys."""
        for key, value in rows:
            if self._dropped:
                self._free()
            self.put(key, value)

    def put(self, key: bytes, value: bytes) -> None:
        """Add a row, or replace the one of the same key."""
        place = search.find_place(self._bounds, self._heads, key)
        block = self._own_block(place)
        at = search.find_place(block.keys, block.heads, key)
        if at < len(block.keys) and block.keys[at] == key:
            block.values[at] = value
            return
        block.insert(at, key, value)
        if len(block.keys) > BLOCK_ROWS:
            self._split(place, block.split_place(at))
        block.newest = key

    def delete_many(self, keys: list[bytes]) -> None:
        """Remove the rows of *keys*, as far as there are such."""
        for key in keys:
            self.delete(key)

    def delete(self, key: bytes) -> None:
        """Remove the row of *key*, if there is one."""
        place = search.find_place(self._bounds, self._heads, key)
        block = self._blocks[place]
        at = search.find_place(block.keys, block.heads, key)
        if at < len(block.keys) and block.keys[at] == key:
            self._own_block(place).cut(at, at + 1)
            self._join(place)

    def delete_range(self, start: bytes, end: bytes) -> None:
        """Remove the rows of ``start <= key < end``."""
        if start >= end:
            return
        first = search.find_place(self._bounds, self._heads, start)
        last = search.find_place(self._bounds, self._heads, end)
        block = self._own_block(first)
        low = search.find_place(block.keys, block.heads, start)
        if first == last:
            block.cut(low, search.find_place(block.keys, block.heads, end))
        else:
            block.cut(low, len(block.keys))
            block = self._own_block(last)
            block.cut(0, search.find_place(block.keys, block.heads, end))
            for block in self._blocks[first + 1 : last]:
                self._drop(block)
            del self._blocks[first + 1 : last]
            del self._bounds[first + 1 : last]
            del self._heads[first + 1 : last]
            self._join(first + 1)
        self._join(first)

    def scan(self, start: bytes, end: bytes, reverse: bool = False) -> Iterator[Row]:
        """Iterate over (key, value) of ``start <= key < end`` in key order, or from the end backwards."""
        rows = RowIterator()
        rows.begin(self, start, end, reverse)
        return rows

    def values(self, start: bytes, end: bytes, reverse: bool = False) -> Iterator[bytes]:
        """Iterate over the values of the same rows."""
        values = ValueIterator()
        values.begin(self, start, end, reverse)
        return values

    def _own_block(self, place: int) -> Block:
        """Return the block at *place*; it and the list of blocks are then this object's own."""
        block = self._blocks[place]
        if block.owner is not self._token:
            if self._shares:
                self._blocks, self._bounds, self._heads = self._blocks[:], self._bounds[:], self._heads[:]
                search.untrack(self._blocks)
                search.untrack(self._bounds)
                self._shares = False
            block = block.copy(self._token)
            self._blocks[place] = block
        return block

    def _drop(self, block: Block) -> None:
        """Leave *block*, which is no longer used here, to be freed by later writes."""
        if block.owner is self._token and not block.is_copy:
            block.owner = None
        self._dropped.append(block)

    def _free(self) -> int:
        """Free a block that others had too, or some rows of another one; return how many these may be."""
        block = self._dropped[-1]
        count = len(block.keys)
        if count > FREED_ROWS and block.owner is None:
            block.cut(count - FREED_ROWS, count)
            return FREED_ROWS
        self._dropped.pop()
        return max(count, 1)

    def _split(self, place: int, at: int) -> None:
        """Split the block at *place*, which is owned, before its row *at*."""
        block = self._blocks[place]
        self._blocks.insert(place + 1, block.split(at))
        bound = block.keys[at - 1]
        self._bounds.insert(place, bound)
        self._heads.insert(place, search.head_of(bound))

    def _join(self, place: int) -> None:
        """Put the block at *place*, which has lost rows, together with a neighbour if it is small."""
        block = self._blocks[place]
        if len(block.keys) <= BLOCK_ROWS // 4 and not self._join_next(place):
            self._join_next(place - 1)

    def _join_next(self, place: int) -> bool:
        """Put the rows of the block after *place* into that one, if there is one and it is worth it."""
        if place < 0 or place >= len(self._bounds):
            return False
        block, following = self._blocks[place], self._blocks[place + 1]
        count = len(block.keys) + len(following.keys)
        if count > BLOCK_ROWS // 2 and block.keys and following.keys:
            return False
        block = self._own_block(place)
        block.extend(following)
        del self._blocks[place + 1]
        del self._bounds[place]
        del self._heads[place]
        return True


class BlockWalk:
    """Goes through a range of rows, which must not change meanwhile."""

    def begin(self, rows: SortedRows, start: bytes, end: bytes, reverse: bool) -> None:
        """Stand before the first of the rows, or behind the last one."""
        self._blocks = rows._blocks
        self._first = search.find_place(rows._bounds, rows._heads, start)
        self._last = search.find_place(rows._bounds, rows._heads, end)
        block = self._blocks[self._first]
        self._low = search.find_place(block.keys, block.heads, start)
        block = self._blocks[self._last]
        self._high = search.find_place(block.keys, block.heads, end)
        self._step = -1 if reverse else 1
        self._place = self._last if reverse else self._first
        """The block to be entered next."""
        self._more = self._last - self._first + 1 if start < end else 0
        """How many blocks are still to be entered."""
        self._left = 0
        """How many rows of the current block are still to come."""
        self._at = 0
        """The place of the row that came last."""
        self._block = block

    def _enter(self) -> bool:
        """Go on to the next block in which there is a row of the range; return whether there is one."""
        while self._more > 0:
            self._block = self._blocks[self._place]
            low = self._low if self._place == self._first else 0
            high = self._high if self._place == self._last else len(self._block.keys)
            self._at = low - 1 if self._step > 0 else high
            self._left = high - low
            self._place += self._step
            self._more -= 1
            if self._left > 0:
                return True
        return False


class ValueIterator(BlockWalk):
    """Gives the values of a range."""

    def __iter__(self) -> "ValueIterator":
        return self

    def __next__(self) -> bytes:
        if self._left <= 0 and not self._enter():
            raise StopIteration
        self._left -= 1
        self._at += self._step
        return self._block.values[self._at]


class RowIterator(BlockWalk):
    """Gives the keys and values of a range."""

    def __iter__(self) -> "RowIterator":
        return self

    def __next__(self) -> Row:
        if self._left <= 0 and not self._enter():
            raise StopIteration
        self._left -= 1
        self._at += self._step
        return self._block.keys[self._at], self._block.values[self._at]
