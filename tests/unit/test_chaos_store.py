"""The store that makes trouble makes it as promised, and catches what an engine must not do."""

import pytest

from dynemu.storage.base import CommitRefused, OutcomeUnknown, Store, WriteSet
from dynemu.storage.memory import MemoryStore
from tests.chaos_store import BrokenContract, ChaosStore, RunAgain

KEY, OTHER = b"\0\0\1\1a", b"\0\0\1\1b"


def quiet(**chances: float) -> ChaosStore:
    """Return a store on which nothing goes wrong but what *chances* say."""
    return ChaosStore(MemoryStore(), 0, **{"again": 0.0, "refuse": 0.0, "unknown": 0.0, **chances})


def one_put(key: bytes = KEY, row: bytes = b"1") -> WriteSet:
    writes = WriteSet()
    writes.puts.append((key, row))
    return writes


def increment(store: Store) -> list[str]:
    """Add one to the row at KEY as an engine does; return what went wrong on the way."""
    troubles = []
    while True:
        try:
            row = store.view().get(KEY)
            writes = one_put(row=str(int(row or b"0") + 1).encode())
            writes.expects.append((KEY, row))
            store.commit(writes)
        except CommitRefused as error:
            troubles.append(type(error).__name__)
            continue
        except OutcomeUnknown:
            troubles.append("OutcomeUnknown")
            if not store.was_committed(writes):
                continue
        return troubles


def test_operations_that_stand_trouble_happen_once() -> None:
    store = ChaosStore(MemoryStore(), seed=1)
    troubles = [increment(store) for _ in range(300)]
    assert store.view().get(KEY) == b"300"
    assert {name for names in troubles for name in names} == {"CommitRefused", "OutcomeUnknown", "RunAgain"}
    assert any(len(names) > 2 for names in troubles) and any(not names for names in troubles)


def test_trouble_depends_on_the_seed() -> None:
    one, same, other = (ChaosStore(MemoryStore(), seed=seed) for seed in (5, 5, 6))
    history = [increment(one) for _ in range(50)]
    assert history == [increment(same) for _ in range(50)]
    assert history != [increment(other) for _ in range(50)]


def test_first_read_of_anything_may_run_the_operation_again() -> None:
    store = quiet(again=1.0)
    view = store.view()
    reads = (
        lambda: view.get(KEY),
        lambda: view.get_many([KEY, OTHER]),
        lambda: list(view.scan(KEY, OTHER)),
        lambda: list(view.values(KEY, OTHER, True)),
        lambda: view.read_rows(OTHER, OTHER, False, 1, 1),
    )
    for read in reads:
        with pytest.raises(RunAgain):
            read()
        read()


def test_other_writes_on_a_second_run_are_caught() -> None:
    store = quiet(refuse=1.0)
    with pytest.raises(CommitRefused):
        store.commit(one_put())
    with pytest.raises(CommitRefused):
        store.commit(one_put())
    with pytest.raises(BrokenContract):
        store.commit(one_put(row=b"2"))


def test_outcome_is_told_to_those_who_may_ask() -> None:
    store = quiet(unknown=1.0)
    told = set()
    for _ in range(20):
        writes = one_put()
        with pytest.raises(OutcomeUnknown):
            store.commit(writes)
        told.add(store.was_committed(writes))
        assert store.was_committed(writes) == (store.inner.view().get(KEY) == b"1")
        with pytest.raises(BrokenContract):
            store.was_committed(one_put())
        store.inner.commit(delete_key())
    assert told == {True, False}


def delete_key() -> WriteSet:
    writes = WriteSet()
    writes.deletes.append(KEY)
    return writes


def test_iterator_is_not_used_after_a_commit() -> None:
    store = quiet()
    for key in (KEY, OTHER):
        store.commit(one_put(key))
    rows = store.view().scan(KEY, b"\xff")
    next(rows)
    store.commit(one_put(b"\0\0\1\1c"))
    with pytest.raises(BrokenContract):
        next(rows)


def test_bad_write_sets_are_caught() -> None:
    twice = one_put()
    twice.puts.append((KEY, b"2"))
    both = one_put()
    both.deletes.append(KEY)
    unread = one_put()
    unread.expects.append((KEY, b"never there"))
    for writes in (twice, both, unread):
        with pytest.raises(BrokenContract):
            quiet().commit(writes)
    with pytest.raises(BrokenContract):
        quiet().view().read_rows(KEY, OTHER, False, 0, 1)
