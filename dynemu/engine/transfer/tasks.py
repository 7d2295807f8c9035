"""What is remembered of exports, imports and bulk operations, and how their lists and tokens work.

Each is a document with its ``description``, as the operation that describes it answers it, and members for
its work, which goes on while a row under JOBS stands for it.
"""

from datetime import datetime, timezone
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import orjson

from dynemu.engine.documents import Document, find_document, list_documents, put_document
from dynemu.engine.jobs import job_key
from dynemu.errors import AccessDeniedException, AwsError, LimitExceededException, invalid_request
from dynemu.limits import CLIENT_TOKEN_SECONDS, REMEMBERED_SECONDS
from dynemu.storage.base import View, WriteSet

if TYPE_CHECKING:
    from dynemu.engine.call import Call

EXPORT = "export"
IMPORT = "import"
BULK = "bulk"
_TOKEN_BYTES = 8
"""Tokens of pages are whole groups of as many bytes, in hexadecimal."""


def new_id(call: "Call") -> str:
    """Return the id of what begins now: ``01658528578619-c4d4e311``, milliseconds and chance."""
    return f"{round(call.now * 1000):014d}-{call.random[:4].hex()}"


def start_task(view: View, writes: WriteSet, kind: str, arn: str, task: Document) -> None:
    """Add to *writes* that *task*, which has not been there, is to be done."""
    put_document(view, writes, kind, arn, task)
    writes.puts.append((job_key(kind, arn), arn.encode()))
    writes.adds_work = True


def check_room(view: View, kind: str, limit: int) -> None:
    """Raise LimitExceededException when *limit* tasks of *kind* are under way."""
    prefix = job_key(kind, "")
    if sum(1 for _ in view.scan(prefix, prefix + b"\xff")) >= limit:
        raise LimitExceededException(
            f"Subscriber limit exceeded: There is a limit of {limit} simultaneous {kind}s per account."
        )


def fingerprint(kind: str, request: dict[str, Any]) -> str:
    """Return what tells a request from another one, its token apart.

    NOTE: AWS does not look at the source of an import again.
    """
    ignored = ("ClientToken", "S3BucketSource") if kind == IMPORT else ("ClientToken",)
    members = {name: value for name, value in request.items() if name not in ignored and value is not None}
    return sha256(orjson.dumps(members, option=orjson.OPT_SORT_KEYS)).hexdigest()


def find_answered(call: "Call", kind: str, request: dict[str, Any], mismatch: AwsError) -> Document | None:
    """Return the task that the request's ClientToken started in the last hours, or None.

    Raises: *mismatch* when another request did.
    """
    token = request.get("ClientToken")
    known = None if token is None else find_document(call.view, kind + "-token", token)
    if known is None or known["until"] <= call.now:
        return None
    if known["fingerprint"] != fingerprint(kind, request):
        raise mismatch
    return find_document(call.view, kind, known["arn"])


def remember_token(call: "Call", writes: WriteSet, kind: str, request: dict[str, Any], arn: str) -> None:
    """Add to *writes* that the request's ClientToken, if it has one, stands for the task *arn*."""
    token = request.get("ClientToken")
    if token is not None:
        known = {
            "fingerprint": fingerprint(kind, request),
            "arn": arn,
            "until": call.now + CLIENT_TOKEN_SECONDS,
        }
        put_document(call.view, writes, kind + "-token", token, known)


def get_task(call: "Call", kind: str, arn: str, missing: AwsError) -> Document:
    """Return the task with this ARN. Raises: *missing*, AccessDeniedException for another account's."""
    task = find_document(call.view, kind, arn)
    owner = call.account if task is None else task["description"]["TableArn"].split(":")[4]
    if arn.split(":")[4] not in (call.account, owner):
        raise AccessDeniedException("Access is denied")
    if task is None:
        raise missing
    return task


def list_tasks(
    call: "Call", kind: str, table_arn: str | None, limit: int, after: str | None
) -> tuple[list[dict[str, Any]], str | None]:
    """Return descriptions of at most *limit* tasks of the last 90 days, of all tables or of *table_arn*.

    They come in the reverse order of their names, and are those behind *after*. Returns: also the name after
    which there are more, or None.
    """
    found: list[dict[str, Any]] = []
    last = None
    prefix = "" if table_arn is None else f"{table_arn}/{kind}/"
    for arn, task in list_documents(call.view, kind, prefix=prefix, after=after, reverse=True):
        description = task["description"]
        if description["StartTime"] < call.now - REMEMBERED_SECONDS:
            continue
        if len(found) == limit:
            return found, last
        found.append(description)
        last = arn
    return found, None


def encode_token(name: str, least_bytes: int = 0) -> str:
    """Return the token of the page that begins after *name*."""
    content = name.encode()
    size = max(least_bytes, len(content))
    return content.ljust(-(-size // _TOKEN_BYTES) * _TOKEN_BYTES, b"\0").hex()


def decode_token(token: str | None) -> str | None:
    """Return the name in a token that ``encode_token`` made. Raises: ValidationException."""
    if token is None:
        return None
    try:
        return bytes.fromhex(token).rstrip(b"\0").decode()
    except ValueError:
        raise invalid_request(f"Provided nextToken is invalid: {token}") from None


def iso_time(seconds: float) -> str:
    """Return a time as manifests show it: ``2020-11-04T07:28:34.028Z``."""
    moment = datetime.fromtimestamp(round(seconds, 3), timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
