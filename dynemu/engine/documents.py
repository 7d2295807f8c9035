"""What control operations remember: JSON documents by kind and name, in the order of their names.

    DOCUMENTS | kind | 0 | name

Kinds are fixed words such as ``backup``; names come from requests or are made here, and hold no zero byte.
"""

from collections.abc import Iterator
from typing import Any

import orjson

from dynemu.storage.base import DOCUMENTS, View, WriteSet

Document = dict[str, Any]


def find_document(view: View, kind: str, name: str) -> Document | None:
    """Return the document, or None when there is none."""
    row = view.get(_key(kind, name))
    return None if row is None else dict(orjson.loads(row))


def put_document(view: View, writes: WriteSet, kind: str, name: str, document: Document) -> None:
    """Add to *writes* that the document is *document*, in place of the one that *view* shows, if any."""
    key = _key(kind, name)
    writes.expects.append((key, view.get(key)))
    writes.puts.append((key, orjson.dumps(document)))


def delete_document(view: View, writes: WriteSet, kind: str, name: str) -> None:
    """Add to *writes* that the document goes."""
    key = _key(kind, name)
    writes.expects.append((key, view.get(key)))
    writes.deletes.append(key)


def list_documents(
    view: View, kind: str, *, prefix: str = "", after: str | None = None, reverse: bool = False
) -> Iterator[tuple[str, Document]]:
    """Iterate over (name, document) of a kind in the order of the names' UTF-8 bytes.

    Only names that start with *prefix*, and only those behind *after* in the direction of the walk.
    """
    start = _key(kind, prefix)
    end = start + b"\xff"
    if after is not None and reverse:
        end = min(end, _key(kind, after))
    elif after is not None:
        start = max(start, _key(kind, after) + b"\x00")
    skipped = len(_key(kind, ""))
    for key, row in view.scan(start, end, reverse):
        yield key[skipped:].decode(), orjson.loads(row)


def _key(kind: str, name: str) -> bytes:
    return DOCUMENTS + kind.encode() + b"\x00" + name.encode()
