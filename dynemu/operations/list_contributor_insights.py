"""ListContributorInsights."""

from collections.abc import Iterator
from typing import Any

from dynemu._core.scalars import Integer
from dynemu.engine.call import Call, table_name
from dynemu.engine.insights import list_insights
from dynemu.engine.tables import find_schema, get_schema
from dynemu.errors import validation
from dynemu.model import TableSchema
from dynemu.operations.arn_shapes import arn_shape
from dynemu.operations.operation import BARE, Operation, Request

PAGE = 100
SHAPE = arn_shape("ListContributorInsights", MaxResults=Integer(1, PAGE))


def run(call: Call, request: Request) -> tuple[dict[str, Any], None]:
    """List what is watched of one table or of all, in the order of their names."""
    after = _parse_token(request.get("NextToken"))
    limit = request.get("MaxResults") or PAGE
    names: list[tuple[str, str]] = []
    summaries: list[dict[str, Any]] = []
    for schema in _schemas(call, request.get("TableName"), after):
        for name, summary in list_insights(schema, call.now):
            if after is not None and (schema.name, name) <= after:
                continue
            if len(summaries) == limit:
                table, part = names[-1]
                return {"ContributorInsightsSummaries": summaries, "NextToken": f"{table}/{part}"}, None
            names.append((schema.name, name))
            summaries.append(summary)
    return {"ContributorInsightsSummaries": summaries}, None


def _parse_token(token: str | None) -> tuple[str, str] | None:
    """Return table and index that *token* stands for: where the page before ended."""
    if token is None:
        return None
    table, slash, index = token.partition("/")
    if not slash:
        raise validation("Invalid NextToken")
    return table, index


def _schemas(call: Call, wanted: str | None, after: tuple[str, str] | None) -> Iterator[TableSchema]:
    if wanted is not None:
        yield get_schema(call, table_name(wanted))
        return
    last = None
    if after is not None:
        first = find_schema(call, after[0])
        if first is not None:
            yield first
        last = after[0]
    while True:
        names = call.catalogue.names(call.view, last, PAGE, call.now)
        for name in names:
            schema = find_schema(call, name)
            if schema is not None:
                yield schema
        if len(names) < PAGE:
            return
        last = names[-1]


OPERATION = Operation("ListContributorInsights", SHAPE, run, BARE)
