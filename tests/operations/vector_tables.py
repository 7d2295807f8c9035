"""Tables with vector indexes, and the requests that the tests of them make."""

from typing import Any

from dynemu._core.codec import decode_row, row_size
from dynemu.engine.commit import until_committed
from dynemu.operations.dispatch import call
from tests.operations.conftest import ACCOUNT, REGION, Requests

INVALID = "One or more parameter values were invalid: "
TWICE = "One or more parameter values are not valid. One or more parameter values were invalid . "


def vector(*numbers: Any) -> list[dict[str, str]]:
    """Return *numbers* as elements of a list attribute."""
    return [{"N": str(number)} for number in numbers]


def index(name: str = "vix", dimensions: int = 3, **more: Any) -> dict[str, Any]:
    """Return the definition of an index on ``emb``; *more* replaces members."""
    return {
        "IndexName": name,
        "VectorAttribute": {"AttributeName": "emb"},
        "Dimensions": dimensions,
        "DistanceFunction": "COSINE",
        "Projection": {"ProjectionType": "ALL"},
        **more,
    }


def schema(hash: str = "", *filters: str) -> list[dict[str, str]]:
    """Return a SearchSchema; an empty *hash* leaves it out."""
    elements = [(name, "INLINE_FILTER") for name in filters]
    if hash:
        elements.insert(0, (hash, "HASH"))
    return [{"AttributeName": name, "SearchSchemaElementType": role} for name, role in elements]


def create(db: Requests, *indexes: dict[str, Any], **attributes: str) -> None:
    """Create the table ``things`` with the hash key ``pk``; *attributes* are the types of others."""
    db.create(range=None, attributes=attributes, VectorIndexes=list(indexes))


def added(definition: dict[str, Any], **attributes: str) -> dict[str, Any]:
    """Return an UpdateTable request for an index more."""
    definitions = [{"AttributeName": name, "AttributeType": kind} for name, kind in attributes.items()]
    return {
        "TableName": "things",
        "VectorIndexUpdates": [{"Create": definition}],
        **({"AttributeDefinitions": definitions} if definitions else {}),
    }


def dropped(name: str = "vix") -> dict[str, Any]:
    """Return an UpdateTable request for an index less."""
    return {"TableName": "things", "VectorIndexUpdates": [{"Delete": {"IndexName": name}}]}


def describe(db: Requests, name: str = "vix") -> dict[str, Any] | None:
    """Return what DescribeTable says of an index, or None."""
    indexes: list[dict[str, Any]] = answer(db, "DescribeTable", TableName="things")["Table"].get(
        "VectorIndexes", []
    )
    return next((found for found in indexes if found["IndexName"] == name), None)


def answer(db: Requests, operation: str, **request: Any) -> Any:
    """Call *operation* without doing background work."""
    return call(db.engine, operation, request, REGION, ACCOUNT)


def search(*numbers: Any, name: str = "vix", count: int = 10, **more: Any) -> dict[str, Any]:
    """Return a SearchVectors request."""
    return {
        "TableName": "things",
        "IndexName": name,
        "SearchVector": vector(*numbers),
        "TopK": count,
        **more,
    }


def found_keys(db: Requests, *numbers: Any, **more: Any) -> list[str]:
    """Return the keys of what a search finds."""
    results = db("SearchVectors", **search(*numbers, **more))["SearchResults"]
    return [result["Item"]["pk"]["S"] for result in results]


def check_entries(db: Requests) -> None:
    """Compare every entry and count of the vector indexes with the items of the table."""

    def compare() -> None:
        view = db.engine.store.view()
        table = db.engine.catalogue.find(view, "things")
        assert table is not None
        items = [decode_row(row) for row in view.values(table.codec.start, table.codec.end)]
        for rows in table.vectors:
            entries = dict(placed for item in items if (placed := rows.find_entry(item)) is not None)
            assert dict(view.scan(rows.codec.start, rows.codec.end)) == entries
            assert view.counts(rows.id) == (len(entries), sum(map(row_size, entries.values())))

    until_committed(compare)
