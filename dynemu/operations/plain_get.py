"""GetItem as nearly every request asks for it: a whole item by its key, answered without a call or a dict.

What is not that plain, or wrong in any way, is left to the operation, which then looks again and answers.
PERF: less than half of the time of the operation behind its door (benchmarks/micro, plain_get).
"""

from typing import Any

from dynemu._core import answers
from dynemu._core.codec import HEADER_SIZE
from dynemu._core.keys import KeyCodec
from dynemu._core.values import normalise_item
from dynemu.engine.database import Engine
from dynemu.storage.base import CommitRefused


def get_plainly(engine: Engine, request: dict[str, Any]) -> bytes | None:
    """Return the body of the answer to the GetItem *request*; None: ``dispatch.call`` has to find it.

    *engine* has no hooks. The key in *request* may be changed to its canonical form.
    Raises: ValidationException for a value that no operation takes.
    """
    name = request.get("TableName")
    key = request.get("Key")
    if type(name) is not str or type(key) is not dict or engine.stale is not None:
        return None
    if len(request) > 2 and (len(request) > 3 or type(request.get("ConsistentRead")) is not bool):
        return None
    try:
        view = engine.store.view()
        table = engine.catalogue.find(view, name)
        if table is None or table.busy:
            return None
        normalise_item(key)
        codec: KeyCodec = table.codec
        row_key = codec.encode(key)
        if row_key is None or len(key) != len(table.keys):
            return None
        row = view.get(row_key)
    except CommitRefused:
        return None
    return b"{}" if row is None else answers.wrap(b'{"Item":', row, HEADER_SIZE, b"}")
