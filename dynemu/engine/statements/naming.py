"""The item that a statement is about, found without carrying it out."""

from typing import Any

from dynemu.engine.call import Call
from dynemu.engine.statements.opening import read_statement
from dynemu.engine.statements.planning import WritePlan
from dynemu.engine.statements.writing import make_action

Item = dict[str, Any]


def named_by(call: Call, request: Item) -> Item:
    """Return the item that an INSERT puts, or the key attributes that another statement compares with =.

    *request* is changed to its canonical form. Raises: ResourceNotFoundException, ValidationException.
    """
    statement = read_statement(request)
    plan = statement.plan(call)
    if isinstance(plan, WritePlan):
        return make_action(statement, plan).item
    patterns = [] if plan.match is None else plan.match.patterns
    return {
        pattern.name: statement.values[pattern.operands[0]]
        for pattern in patterns
        if pattern.operator == "=" and len(pattern.operands) == 1
    }
