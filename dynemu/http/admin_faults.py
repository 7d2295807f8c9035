"""The admin API's view of faults, and of what eventually consistent reads see."""

from typing import TYPE_CHECKING

from dynemu.http.admin_answers import COUNT, WORDS, Answer, Asked, Route

if TYPE_CHECKING:
    from dynemu.faults import FaultPlan


def list_faults(asked: Asked) -> Answer:
    plan = _plan(asked)
    return Answer(200, {"seed": plan.seed, "faults": plan.list()})


def add_fault(asked: Asked) -> Answer:
    members = dict(asked.members)
    id = members.pop("id", None)
    if id is not None and not isinstance(id, str):
        raise ValueError("The member 'id' is a name.")
    return Answer(201, {"id": _plan(asked).add(members, id)})


def remove_fault(asked: Asked) -> Answer:
    _plan(asked).remove(asked.names[1])
    return list_faults(asked)


def clear_faults(asked: Asked) -> Answer:
    _plan(asked).clear()
    return list_faults(asked)


def restart_faults(asked: Asked) -> Answer:
    _plan(asked).restart(asked.get("seed"))
    return list_faults(asked)


def simulate(asked: Asked) -> Answer:
    asked.engine.simulate(asked.get("mode"), asked.get("seed"))
    return Answer(200, {"mode": asked.get("mode")})


def _plan(asked: Asked) -> "FaultPlan":
    from dynemu.faults import plan_of  # noqa: PLC0415 - half of what the whole admin API takes to import

    return plan_of(asked.engine)


_HERE = "namespaces/{namespace}"
ROUTES = (
    Route("GET", f"{_HERE}/faults", list_faults),
    Route("POST", f"{_HERE}/faults", add_fault, None),
    Route("DELETE", f"{_HERE}/faults", clear_faults),
    Route("DELETE", f"{_HERE}/faults/{{fault}}", remove_fault),
    Route("POST", f"{_HERE}/faults/restart", restart_faults, {"seed": COUNT}),
    Route("POST", f"{_HERE}/consistency", simulate, {"mode": WORDS, "seed": COUNT}, ("mode",)),
)
