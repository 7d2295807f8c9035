"""The admin API's view of snapshots: made, loaded, exported, imported, compared."""

import time
from collections.abc import Iterator
from typing import Any

import dynemu
from dynemu.engine.differences import LISTED, Comparison, as_text
from dynemu.http.admin_answers import COUNT, NAME, WORDS, Answer, Asked, Reply, Route, Stream
from dynemu.storage.base import Store
from dynemu.storage.places import SnapshotExists, SnapshotInfo, UnknownSnapshot, check_name
from dynemu.storage.portable import Export, write_export


def list_snapshots(asked: Asked) -> Answer:
    found = asked.namespaces.snapshots(asked.namespace)
    return Answer(200, {"snapshots": [to_json(info) for info in found]})


def describe_snapshot(asked: Asked) -> Answer:
    return Answer(200, to_json(_find(asked, asked.names[1])))


def create_snapshot(asked: Asked) -> Iterator[Answer | None]:
    name = asked.get("name") or new_name()
    check_name("snapshot", name)
    for _ in asked.namespaces.preparing_snapshot(asked.namespace):
        yield None
    asked.namespaces.create_snapshot(asked.namespace, name, asked.get("note", ""))
    yield Answer(201, to_json(_find(asked, name)))


def load_snapshot(asked: Asked) -> Answer:
    source = asked.get("source")
    if source is not None and not asked.namespaces.exists(source):
        raise UnknownSnapshot(f"There is no namespace called {source}.")
    asked.namespaces.load_snapshot(asked.namespace, asked.names[1], source)
    return Answer(200, {"name": asked.names[1]})


def delete_snapshot(asked: Asked) -> Answer:
    asked.namespaces.delete_snapshot(asked.namespace, asked.names[1])
    return Answer(200, {"name": asked.names[1]})


def to_json(info: SnapshotInfo) -> dict[str, Any]:
    """Return what is known of a snapshot; sizes in bytes, times in seconds."""
    return {
        "name": info.name,
        "created": info.created,
        "age": max(round(time.time() - info.created, 3), 0),
        "note": info.note,
        "automatic": info.automatic,
        "size": info.size,
        "shared": info.shared,
    }


def new_name() -> str:
    """Return a name for a snapshot that was given none."""
    return f"snapshot-{time.time_ns() // 1000}"


def _find(asked: Asked, name: str) -> SnapshotInfo:
    return asked.namespaces.find_snapshot(asked.namespace, name)


# Files


def export_snapshot(asked: Asked) -> Stream:
    """Send what a snapshot holds, or what the namespace holds now, as one file."""
    snapshot = asked.names[1] if len(asked.names) > 1 else None
    about = {"namespace": asked.namespace, "created": time.time(), "note": "", "dynemu": dynemu.__version__}
    if snapshot is not None:
        info = _find(asked, snapshot)
        about.update(snapshot=snapshot, created=info.created, note=info.note)
    store = asked.namespaces.copy(asked.namespace, snapshot)
    line = f'Content-Disposition: attachment; filename="{snapshot or asked.namespace}.dynemu"\r\n'
    return Stream(_export(about, store), line.encode())


def _export(about: dict[str, Any], store: Store) -> Iterator[bytes]:
    try:
        yield from write_export(about, store.dump())
    finally:
        store.close()


def import_snapshot(asked: Asked) -> Iterator[Answer | None]:
    """Make a snapshot of the file that was sent."""
    name = asked.names[1]
    check_name("snapshot", name)
    if any(info.name == name for info in asked.namespaces.snapshots(asked.namespace)):
        raise SnapshotExists(f"There is a snapshot called {name} already.")
    with asked.upload as file:
        for _ in asked.namespaces.importing(asked.namespace, name, Export(file), asked.get("note", "")):
            yield None
    yield Answer(201, to_json(_find(asked, name)))


# Differences


def compare(asked: Asked) -> Reply:
    """Tell what differs from a snapshot, or from what a namespace holds now, to another one."""
    namespaces = asked.namespaces
    other = asked.get("namespace", asked.namespace)
    check_name("namespace", other)
    if not namespaces.exists(other):
        raise UnknownSnapshot(f"There is no namespace called {other}.")
    if asked.get("format", "json") not in ("json", "text"):
        raise ValueError("The member 'format' is json or text.")
    old = namespaces.copy(asked.namespace, asked.names[1] if len(asked.names) > 1 else None)
    try:
        new = namespaces.copy(other, asked.get("to"))
    except Exception:
        old.close()
        raise
    return _compare(old, new, asked.get("limit", LISTED), asked.get("format") == "text")


def _compare(old: Store, new: Store, limit: int, as_words: bool) -> Iterator[Answer | None]:
    comparison = Comparison(old, new, limit)
    slices = comparison.slices()
    try:
        for _ in slices:
            yield None
    finally:
        slices.close()
        old.close()
        new.close()
    yield Answer(200, as_text(comparison.result) if as_words else comparison.result)


_HERE = "namespaces/{namespace}"
_SNAPSHOT = f"{_HERE}/snapshots/{{snapshot}}"
_COMPARED = {"to": NAME, "namespace": NAME, "limit": COUNT, "format": WORDS}
ROUTES = (
    Route("GET", f"{_HERE}/snapshots", list_snapshots),
    Route("POST", f"{_HERE}/snapshots", create_snapshot, {"name": NAME, "note": WORDS}),
    Route("GET", _SNAPSHOT, describe_snapshot),
    Route("DELETE", _SNAPSHOT, delete_snapshot),
    Route("POST", f"{_SNAPSHOT}/load", load_snapshot, {"source": NAME}),
    Route("GET", f"{_SNAPSHOT}/export", export_snapshot),
    Route("GET", f"{_HERE}/export", export_snapshot),
    Route("POST", f"{_SNAPSHOT}/import", import_snapshot, {"note": WORDS}, takes_file=True),
    Route("GET", f"{_SNAPSHOT}/diff", compare, _COMPARED),
    Route("GET", f"{_HERE}/diff", compare, _COMPARED),
)
