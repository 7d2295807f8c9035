"""Batches that are done in part: cut before the operation, what was cut added to its answer."""

from typing import Any

from dynemu.hooks import OperationContext

Wire = dict[str, Any]
_NOTE = "dynemu.faults.unprocessed"
_REFUSED = "dynemu.faults.refused"


def cut(context: OperationContext, places: set[int]) -> Wire | None:
    """Take the keys or writes at *places* (counted over all tables) out of the request.

    Returns: what the operation answers, when there is nothing left to do; else None.
    """
    kept: Wire = {}
    left: Wire = context.notes.setdefault(_NOTE, {})
    place = 0
    for name, part in context.request["RequestItems"].items():
        entries = _entries(part)
        stay = [entry for n, entry in enumerate(entries, place) if n not in places]
        go = [entry for n, entry in enumerate(entries, place) if n in places]
        place += len(entries)
        if stay:
            kept[name] = _with_entries(part, stay)
        if go:
            _add(left, name, _with_entries(part, go))
    reads = context.operation == "BatchGetItem"
    if not kept:
        return {"Responses": {name: [] for name in left}} if reads else {}
    context.request["RequestItems"] = kept
    return None


def refuse(context: OperationContext, errors: dict[int, tuple[str, str]], tables: list[str]) -> Wire | None:
    """Take statements out of the request; their errors, (code, message) by place, come into the answer.

    *tables* are those of all statements. Returns: what the operation answers, when there is nothing left.
    Source: API reference, BatchStatementError.
    """
    refused = context.notes.setdefault(_REFUSED, {})
    places = [place for place in range(len(tables) + len(refused)) if place not in refused]
    statements = context.request["Statements"]
    for n, (code, message) in errors.items():
        refused[places[n]] = {"Error": {"Code": code, "Message": message}, "TableName": tables[n]}
    kept = [statement for n, statement in enumerate(statements) if n not in errors]
    if not kept:
        return {"Responses": []}
    context.request["Statements"] = kept
    return None


def give_back(context: OperationContext) -> None:
    """Add to the answer what was cut out of the request."""
    refused = context.notes.pop(_REFUSED, {})
    if refused and context.response is not None:
        for place in sorted(refused):
            context.response["Responses"].insert(place, refused[place])
    left = context.notes.pop(_NOTE, None)
    response = context.response
    if not left or response is None:
        return
    reads = context.operation == "BatchGetItem"
    unprocessed = response.setdefault("UnprocessedKeys" if reads else "UnprocessedItems", {})
    for name, part in left.items():
        _add(unprocessed, name, part)
        if reads:
            response["Responses"].setdefault(name, [])


def _entries(part: Any) -> list[Any]:
    entries: list[Any] = part["Keys"] if isinstance(part, dict) else part
    return entries


def _with_entries(part: Any, entries: list[Any]) -> Any:
    return {**part, "Keys": entries} if isinstance(part, dict) else entries


def _add(parts: Wire, name: str, part: Any) -> None:
    if name in parts:
        part = _with_entries(part, _entries(parts[name]) + _entries(part))
    parts[name] = part
