"""What is recorded of changed items: stream records and history, in the write set that changes the items.

Every recorded change has a number, one more than that of the one before it in the whole database.
"""

from typing import TYPE_CHECKING

from dynemu._core import records, scanning
from dynemu.engine.history_rows import MOMENTS, bytes_id, millisecond
from dynemu.engine.stream_records import BY_SERVICE, INSERT, MODIFY, NEW_IMAGE, OLD_IMAGE, REMOVE
from dynemu.engine.streams import RECORDS, OpenShards, find_open, roll_shards
from dynemu.storage.base import HISTORY, META, Store, View, WriteSet

if TYPE_CHECKING:
    from dynemu.engine.writes import Target

NEXT_NUMBER = META + b"next-change"
"""Row with the number of the next change, eight bytes, big endian; absent before the first one."""


def next_number(view: View) -> int:
    """Return the number that the next recorded change gets."""
    return _decode(view.get(NEXT_NUMBER))


def take_number(view: View, writes: WriteSet) -> int:
    """Take a number that no change gets, in *writes* that hold no changes, and return it."""
    row = view.get(NEXT_NUMBER)
    number = _decode(row)
    _put_next(writes, row, number + 1)
    return number


def count_on(store: Store, number: int) -> None:
    """Let the next recorded change of *store*, which has gone back, have *number* if it were a smaller one.

    Readers of a stream that were beyond the state gone back to would not see what comes after it otherwise.
    """
    view = store.view()
    row = view.get(NEXT_NUMBER)
    if _decode(row) < number:
        writes = WriteSet()
        _put_next(writes, row, number)
        store.commit(writes)


def record_changes(view: View, writes: WriteSet, now: float) -> None:
    """Add to *writes* the rows that its changes, made at *now*, are recorded with."""
    row: bytes | None = None
    number = 0
    opened: dict[bytes, OpenShards] = {}
    last: dict[int, int] = {}
    for target in writes.changes:
        # Others are there because hooks want to see them.
        if target.table.stream is None and not target.table.history:
            continue
        if number == 0:
            row = view.get(NEXT_NUMBER)
            number = _decode(row)
        if target.table.stream is not None:
            number = _record(view, writes, target, number, now, opened)
        if target.table.history:
            _keep(writes, target, number, now)
            last[target.table.id] = number
        number += 1
    for table_id, last_number in last.items():
        writes.puts.append(
            (
                records.pack_moment(MOMENTS, table_id, millisecond(now)),
                records.pack_key(b"", b"", last_number),
            )
        )
    if number:
        _put_next(writes, row, number)


def _record(
    view: View, writes: WriteSet, target: "Target", number: int, now: float, opened: dict[bytes, OpenShards]
) -> int:
    """Add to *writes* the record of *target* in the stream of its table; a change of nothing has none.

    *opened* holds the open shards of the streams that this commit has met.
    Returns: the number that the change has; a greater one than *number* when shards had to be closed.
    """
    table, row_key, old_row, new_row = target.table, target.row_key, target.row, target.new_row
    if old_row is not None and new_row is not None and _is_same(target, old_row, new_row):
        return number
    stream = table.stream or b""
    current = opened.get(stream)
    if current is None:
        current = find_open(view, writes, stream)
        if current is None:
            return number
        if current.is_due(now):
            shards = roll_shards(view, writes, stream, current, number, now)
            current = OpenShards(now, tuple([shard.key for shard in shards if shard.end is None]))
            number += 1
        opened[stream] = current
    kind = INSERT if old_row is None else REMOVE if new_row is None else MODIFY
    if target.by_service:
        kind |= BY_SERVICE
    kept = table.schema.stream_view
    new = new_row if kept in NEW_IMAGE else None
    old = old_row if kept in OLD_IMAGE else None
    key = records.pack_key(RECORDS + stream, current.find(row_key), number)
    writes.puts.append((key, records.pack_record(now, kind, row_key, new, old)))
    return number


def _is_same(target: "Target", old_row: bytes, new_row: bytes) -> bool:
    """Return whether both rows hold equal items; their attributes may be in another order."""
    if old_row == new_row:
        return True
    # PERF: the order of the attributes does not change the sum of the bytes. That spares the parsing of the
    # rows, which costs as much as all else that is done for a record.
    if len(old_row) != len(new_row) or scanning.byte_sum(old_row) != scanning.byte_sum(new_row):
        return False
    return bool(target.image == target.new_image)


def _keep(writes: WriteSet, target: "Target", number: int, now: float) -> None:
    """Add to *writes* the history of the change of *target*, which has this *number*."""
    key, entry = records.pack_key(HISTORY, target.row_key, number), records.pack_entry(now, target.row)
    writes.puts.append((key, entry))
    writes.count(bytes_id(target.table.id), 1, len(key) + len(entry))


def _decode(row: bytes | None) -> int:
    return 1 if row is None else int.from_bytes(row, "big")


def _put_next(writes: WriteSet, row: bytes | None, number: int) -> None:
    writes.expects.append((NEXT_NUMBER, row))
    writes.puts.append((NEXT_NUMBER, records.pack_key(b"", b"", number)))
