"""What is recorded of changed items: stream records and history, in the write set that changes the items.

Every recorded change has a number, one more than that of the one before it in the whole database.
"""

from typing import TYPE_CHECKING

from dynemu.engine import history, stream_records
from dynemu.engine.streams import OpenShards
from dynemu.storage.base import META, Store, View, WriteSet

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
    recorded = [target for target in writes.changes if _is_recorded(target)]
    if not recorded:
        return
    row = view.get(NEXT_NUMBER)
    number = _decode(row)
    opened: dict[bytes, OpenShards] = {}
    last: dict[int, int] = {}
    for target in recorded:
        table = target.table
        if table.stream is not None:
            number = stream_records.record(view, writes, target, number, now, opened)
        if table.schema.history:
            history.record(writes, target, number, now)
            last[table.id] = number
        number += 1
    history.record_moments(writes, last, now)
    _put_next(writes, row, number)


def _is_recorded(target: "Target") -> bool:
    """Tell whether a write leaves a trace in the store: hooks may be all that wants to see it."""
    table = target.table
    return table.stream is not None or table.schema.history


def _decode(row: bytes | None) -> int:
    return 1 if row is None else int.from_bytes(row, "big")


def _put_next(writes: WriteSet, row: bytes | None, number: int) -> None:
    writes.expects.append((NEXT_NUMBER, row))
    writes.puts.append((NEXT_NUMBER, number.to_bytes(8, "big")))
