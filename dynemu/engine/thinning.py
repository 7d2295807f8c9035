"""Gives up history that nothing needs: too old, too much, or let go by the last backup that read it.

Runs as background work, in slices, for one table after the other. First it is written down what can be
restored no more, then rows go; so what was begun and not ended is done by the next run.
"""

from bisect import bisect_right
from collections.abc import Generator, Iterator
from functools import partial
from typing import TYPE_CHECKING

from dynemu._core.keys import successor
from dynemu.engine import backups
from dynemu.engine.changes import next_number
from dynemu.engine.commit import commit, until_committed
from dynemu.engine.documents import delete_document, find_document, list_documents
from dynemu.engine.history import number_at
from dynemu.engine.history_rows import (
    bytes_id,
    decode_moment,
    entry_end,
    history_bytes,
    millisecond,
    moment_key,
)
from dynemu.engine.retention import (
    Retention,
    all_retentions,
    find_retention,
    is_over,
    put_retention,
    unpin,
)
from dynemu.storage.base import HISTORY, View, WriteSet

if TYPE_CHECKING:
    from dynemu.engine.database import Engine

SLICE_ROWS = 1000
SLICE_BYTES = 512 * 1024
"""History looked through in one slice: about 2 ms of work."""
LATE_SECONDS = 3600
"""How long a time may be over before its history goes: each run looks through all of a table's history."""
LEFT = 0.75
"""What is left of the limit when there was too much, so that the next run is not due at once."""
BINS = 64
_DAY = 86_400
_EXPIRY_SECONDS = 60


class Thinner:
    """Watches over the history of an engine's tables."""

    def __init__(self, engine: "Engine") -> None:
        self.running = False
        self._engine = engine
        self._expired_at = 0.0
        self._nothing_at: int | None = None
        """The version of the catalogue as of which there is neither history nor a backup."""

    def look(self) -> None:
        """Queue what is due as background work. Cheap without history."""
        if self.running or not self.has_history():
            return
        expired, due = until_committed(self._find_due)
        if expired or due:
            self.running = True
            self._engine.add_work(self._slices(expired, due))

    def has_history(self) -> bool:
        """Return False when there is neither history nor a backup."""
        # They begin with a change of a definition.
        return self._nothing_at != self._engine.store.view().catalogue_version

    def _find_due(self) -> tuple[list[str], list[int]]:
        """Return the names of backups whose time is over, and the ids of tables with too much history."""
        view, now = self._engine.store.view(), self._engine.clock.now()
        retentions = all_retentions(view)
        if not retentions and next(list_documents(view, backups.KIND), None) is None:
            self._nothing_at = view.catalogue_version
            return [], []
        due = [kept.table_id for kept in retentions if self._is_due(view, kept, now)]
        if abs(now - self._expired_at) < _EXPIRY_SECONDS:
            return [], due
        found = list_documents(view, backups.KIND)
        expired = [name for name, backup in found if backups.is_expired(backup, now)]
        self._expired_at = now
        return expired, due

    def _is_due(self, view: View, retention: Retention, now: float) -> bool:
        recovery = retention.recovery
        if recovery is not None and now - recovery.days * _DAY - recovery.since > LATE_SECONDS:
            return True
        return retention.loose or is_over(view, retention, self._engine.settings.history_bytes)

    def _slices(self, expired: list[str], due: list[int]) -> Iterator[None]:
        try:
            for name in expired:
                until_committed(partial(self._expire, name))
                yield
            for table_id in due:
                yield from self._thin(table_id)
        finally:
            self.running = False

    def _expire(self, name: str) -> None:
        """Delete the system backup with this name, unless that has been done."""
        view = self._engine.store.view()
        backup = find_document(view, backups.KIND, name)
        if backup is not None:
            writes = WriteSet()
            delete_document(view, writes, backups.KIND, name)
            unpin(self._engine.catalogue, view, writes, backup["schema"]["id"], backup["arn"])
            self._commit(writes)

    def _thin(self, table_id: int) -> Iterator[None]:
        number, since = yield from self._choose(table_id)
        until_committed(lambda: self._give_up(table_id, number, since))
        yield
        yield from self._drop_entries(table_id)
        while until_committed(lambda: self._drop_moments(table_id)):
            yield
        until_committed(lambda: self._note_end(table_id))

    def _choose(self, table_id: int) -> Generator[None, None, tuple[int, float]]:
        """Return, when it ends, the first state that can still be recovered, and from when it is.

        Zeros: recovery is off, or goes back as far as before.
        """
        number, since, bins = until_committed(partial(self._choose_by_age, table_id))
        if bins is None:
            return number, since
        start: bytes | None = HISTORY + table_id.to_bytes(4, "big")
        while start is not None:
            rows, start = until_committed(partial(self._read_slice, table_id, start))
            for key, row in rows:
                bins.add(key, len(key) + len(row))
            yield
        wanted = bins.cut(int(self._engine.settings.history_bytes * LEFT))
        if wanted is None:
            return number, since
        return until_committed(partial(self._first_moment, table_id, wanted, since))

    def _choose_by_age(self, table_id: int) -> tuple[int, float, "_Bins | None"]:
        """Return the first state that is young enough, its time, and bins to fill when there is too much."""
        view = self._engine.store.view()
        retention = find_retention(view, table_id)
        if retention is None or retention.recovery is None:
            return 0, 0.0, None
        recovery = retention.recovery
        since = max(recovery.since, self._engine.clock.now() - recovery.days * _DAY)
        number = max(recovery.number, number_at(view, table_id, since))
        over = is_over(view, retention, self._engine.settings.history_bytes)
        return number, since, _Bins(number, next_number(view)) if over else None

    def _first_moment(self, table_id: int, number: int, low: float) -> tuple[int, float]:
        """Return the first state not before *number* that has a time, from *low* on, and that time."""
        view = self._engine.store.view()
        begin, end = millisecond(low), millisecond(self._engine.clock.now())
        while begin < end:
            middle = (begin + end) // 2
            if number_at(view, table_id, middle / 1000) >= number:
                end = middle
            else:
                begin = middle + 1
        return max(number, number_at(view, table_id, begin / 1000)), begin / 1000

    def _read_slice(self, table_id: int, start: bytes) -> tuple[list[tuple[bytes, bytes]], bytes | None]:
        """Return history from *start* on, and where to go on, or None at the end."""
        rows = self._engine.store.view().read_rows(start, entry_end(table_id), False, SLICE_ROWS, SLICE_BYTES)
        if len(rows) < SLICE_ROWS and sum(len(row) for _, row in rows) <= SLICE_BYTES:
            return rows, None
        return rows, rows[-1][0] + b"\x00"

    def _give_up(self, table_id: int, number: int, since: float) -> None:
        view = self._engine.store.view()
        retention = find_retention(view, table_id)
        if retention is None:
            return
        recovery = retention.recovery
        if recovery is not None and number > recovery.number:
            recovery.number = number
        if recovery is not None and since > recovery.since:
            recovery.since = since
        writes = WriteSet()
        put_retention(view, writes, retention)
        self._commit(writes)

    def _drop_entries(self, table_id: int) -> Iterator[None]:
        start: bytes | None = HISTORY + table_id.to_bytes(4, "big")
        last = (b"", 0)
        while start is not None:
            start, last = until_committed(partial(self._drop_slice, table_id, start, last))
            yield

    def _drop_slice(
        self, table_id: int, start: bytes, last: tuple[bytes, int]
    ) -> tuple[bytes | None, tuple[bytes, int]]:
        """Drop what is not needed from *start* on, behind the entry *last*; return both for the next call."""
        view = self._engine.store.view()
        retention = find_retention(view, table_id)
        if retention is None:
            return None, last
        rows, rest = self._read_slice(table_id, start)
        writes = WriteSet()
        for key, row in rows:
            item, number = key[:-8], int.from_bytes(key[-8:], "big")
            if not retention.keeps(number, last[1] if item == last[0] else 0):
                writes.deletes.append(key)
                writes.count(bytes_id(table_id), -1, -len(key) - len(row))
            last = (item, number)
        self._commit(writes)
        return rest, last

    def _drop_moments(self, table_id: int) -> bool:
        """Drop some of the moments before all that can be recovered; return whether there may be more."""
        view = self._engine.store.view()
        retention = find_retention(view, table_id)
        if retention is None:
            return False
        recovery = retention.recovery
        first = next_number(view) if recovery is None else recovery.number
        start = moment_key(table_id, 0)
        rows = view.read_rows(start, successor(start[:-8]), False, SLICE_ROWS, SLICE_BYTES)
        writes = WriteSet()
        writes.deletes += [key for key, row in rows if decode_moment(key, row)[1] < first]
        self._commit(writes)
        return len(writes.deletes) == SLICE_ROWS

    def _note_end(self, table_id: int) -> None:
        view = self._engine.store.view()
        retention = find_retention(view, table_id)
        if retention is not None:
            retention.loose = False
            retention.kept = history_bytes(view, table_id)
            writes = WriteSet()
            put_retention(view, writes, retention)
            self._commit(writes)

    def _commit(self, writes: WriteSet) -> None:
        commit(self._engine.store, writes, self._engine.clock.now())


class _Bins:
    """How many bytes of history there are by number, roughly."""

    def __init__(self, first: int, end: int) -> None:
        self._bounds = [first + (end - first) * place // BINS for place in range(BINS + 1)]
        self._sizes = [0] * (BINS + 1)
        self._total = 0

    def add(self, key: bytes, size: int) -> None:
        number = int.from_bytes(key[-8:], "big")
        self._sizes[max(bisect_right(self._bounds, number) - 1, 0)] += size
        self._total += size

    def cut(self, limit: int) -> int | None:
        """Return a number from which on there are at most *limit* bytes, or None when there are no more."""
        left = self._total
        for place in range(BINS):
            if left <= limit:
                return self._bounds[place] if place else None
            left -= self._sizes[place]
        return self._bounds[BINS]
