"""What the tests of exports, imports and bulk operations share."""

import gzip
import json
from pathlib import Path
from typing import Any

import zstandard

from dynemu.engine.commit import until_committed
from dynemu.engine.database import Engine
from dynemu.engine.jobs import pending_work
from dynemu.operations.dispatch import call
from tests.operations.conftest import ACCOUNT, REGION, Requests

NOW = 1_700_000_000.0
ARN = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/"
EVERY_TYPE: dict[str, Any] = {
    "pk": {"S": "every type"},
    "sk": {"S": "é\n\"'\\ \u2028 \U0001f600"},
    "empty": {"S": ""},
    "number": {"N": "-12.5"},
    "hundreds": {"N": "600"},
    "zero": {"N": "0"},
    "long": {"N": "12345678901234567890123456789012345678"},
    "large": {"N": "9" * 38 + "0" * 88},
    "small": {"N": "0." + "0" * 129 + "1"},
    "binary": {"B": "AP+A"},
    "nothing": {"B": ""},
    "yes": {"BOOL": True},
    "no": {"BOOL": False},
    "null": {"NULL": True},
    "strings": {"SS": ["", "a", "b"]},
    "numbers": {"NS": ["-1", "0.0000001", "0.000001", "2000"]},
    "binaries": {"BS": ["AA==", "YQ=="]},
    "list": {"L": [{"S": "a"}, {"L": []}, {"M": {}}, {"N": "1"}]},
    "map": {"M": {"a b": {"S": "c"}, "null": {"NULL": True}, "$1": {"N": "1"}, "it's \\": {"B": "YQ=="}}},
    "name with blanks": {"S": "x"},
    "ключ": {"S": "x"},
}
COMPRESSIONS = {"NONE": bytes, "GZIP": gzip.compress, "ZSTD": zstandard.compress}


def lines(*records: Any) -> bytes:
    """Return records as JSON lines; a text stays as it is."""
    texts = (record if isinstance(record, str) else json.dumps(record) for record in records)
    return "".join(text + "\n" for text in texts).encode()


def items(*numbers: int, **more: Any) -> bytes:
    """Return one JSON line for an item with each of *numbers*."""
    return lines(*({"Item": item(number, **more)} for number in numbers))


def item(number: int, **more: Any) -> dict[str, Any]:
    return {"pk": {"S": f"item {number}"}, "number": {"N": str(number)}, **more}


def answer(db: Requests, operation: str, **request: Any) -> Any:
    """Call *operation* without doing background work."""
    return call(db.engine, operation, request, REGION, ACCOUNT)


def scan(db: Requests, table: str = "things") -> list[dict[str, Any]]:
    """Return all items in the order of their keys."""
    found: list[dict[str, Any]] = []
    page = db("Scan", TableName=table)
    while True:
        found += page["Items"]
        if "LastEvaluatedKey" not in page:
            return sorted(found, key=lambda each: json.dumps([each.get("pk"), each.get("sk")]))
        page = db("Scan", TableName=table, ExclusiveStartKey=page["LastEvaluatedKey"])


def slices(db: Requests, count: int) -> None:
    """Do so many slices of each piece of background work."""
    for _ in range(count):
        for work in until_committed(lambda: pending_work(db.engine, set())):
            next(work, None)


def restart(db: Requests) -> None:
    """Go on with another engine on the same store."""
    for kept in db.engine.kept.values():
        kept.close()
    db.engine = Engine(db.engine.store, db.engine.settings, db.clock)


def files(folder: Path) -> dict[str, bytes]:
    """Return the content of all files below *folder*, hidden ones too, by their path there."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}
