"""A statement of a request: its parameters checked, its table found, its plan made."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dynemu._core.values import normalise_value
from dynemu.engine.call import Call
from dynemu.engine.statements.planning import Plan, plan_for
from dynemu.engine.statements.preparing import Prepared, recognise
from dynemu.engine.statements.resolving import resolve

Values = dict[str, Any]


@dataclass(slots=True)
class Statement:
    """One statement of a request, before its table is looked at."""

    prepared: Prepared
    values: Values
    request: dict[str, Any]

    def plan(self, call: Call) -> Plan:
        """Return the plan. Raises ResourceNotFoundException, ValidationException."""
        prepared = self.prepared
        table = call.get_table(prepared.table)
        resolved = prepared.resolved or resolve(prepared)
        resolved.checks.run(self.values)
        return prepared.plans.get(table) or plan_for(prepared, table)


def read_statement(request: dict[str, Any]) -> Statement:
    """Return the statement in *request*, a whole one of ExecuteStatement or a part of a batch.

    Parameters are checked before the text. Raises: ValidationException.
    """
    given: Sequence[Values] = request.get("Parameters") or ()
    for value in given:
        normalise_value(value)
    prepared, slots = recognise(request["Statement"])
    return Statement(prepared, prepared.bind(given, slots), request)
