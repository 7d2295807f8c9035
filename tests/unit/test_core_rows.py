"""Pages taken from an iterator of rows."""

from types import SimpleNamespace

ROWS = [(b"a", b"xx"), (b"b", b""), (b"c", b"xxx")]


def test_page_holds_what_there_is(core: SimpleNamespace) -> None:
    assert core.rows.take_rows(iter(ROWS), 9, 100) == ROWS
    assert core.rows.take_rows(iter([]), 9, 100) == []


def test_page_ends_at_its_limit_and_reads_no_further(core: SimpleNamespace) -> None:
    rows = iter(ROWS)
    assert core.rows.take_rows(rows, 2, 100) == ROWS[:2]
    assert list(rows) == ROWS[2:]


def test_page_ends_with_the_row_that_passes_its_bytes(core: SimpleNamespace) -> None:
    assert core.rows.take_rows(iter(ROWS), 9, 1) == ROWS[:1]
    assert core.rows.take_rows(iter(ROWS), 9, 2) == ROWS
    assert core.rows.take_rows(iter(ROWS), 9, 0) == ROWS[:1]
