"""What makes an AWS operation: its name, the shape of its request, its checks and its body."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dynemu._core.shapes import Structure
from dynemu.engine.call import Call
from dynemu.storage.base import WriteSet

Request = dict[str, Any]
Answer = tuple[dict[str, Any] | None, WriteSet | None]

ENVELOPE = "envelope"
BARE = "bare"
OLDER = "older"


Plain = Callable[[Any, Request], "bytes | None"]


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation; *run* is a pure function of its call and request.

    ``wording`` says how AWS words problems found before the table is looked at: ``ENVELOPE`` (the newer
    validator, with its prefix), ``BARE`` (the newer one without) or ``OLDER`` (the older validator).
    ``plain(engine, request)`` may give the body of the answer without all that when *engine* has no hooks, or
    None: then the request, of which it may have made values canonical, goes the usual way.
    """

    name: str
    shape: Structure
    run: Callable[[Call, Request], Answer]
    wording: str = BARE
    plain: Plain | None = None
