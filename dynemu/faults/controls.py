"""What can be set of a namespace besides its data: its clock, table delay, consistency and faults.

Tests change it and it is put back after them, in process and through the admin API alike.
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dynemu.config import Settings, check_consistency
from dynemu.engine.clock import MovableClock
from dynemu.engine.database import Engine
from dynemu.faults.fault import Fault
from dynemu.faults.plan import plan_of

Wire = dict[str, Any]
_COUNTED = ("id", "asked", "hit")


def describe_controls(engine: Engine) -> Wire:
    """Return the controls of *engine* as a JSON object, as ``apply_controls`` takes them."""
    clock = engine.clock
    assert isinstance(clock, MovableClock)
    mode, seed = engine.consistency
    faults = engine.faults
    return {
        "clock": clock.to_dict(),
        "table_delay": engine.settings.table_delay,
        "consistency": {"mode": mode, "seed": seed},
        "faults": [] if faults is None else faults.list(),
        "seed": engine.settings.seed if faults is None else faults.seed,
    }


def apply_controls(engine: Engine, wanted: Mapping[str, Any], own: Settings) -> None:
    """Set the controls that *wanted* names; *own* are the settings of the process, for those that are null.

    ``clock`` is what ``describe_controls`` tells of one, or a change as ``MovableClock.apply`` takes it;
    ``faults`` take the place of those that there are, and begin again. Nothing is set when anything is wrong.
    Raises: ValueError with one sentence.
    """
    known = ("clock", "table_delay", "consistency", "faults", "seed")
    if not isinstance(wanted, Mapping) or any(name not in known for name in wanted):
        raise ValueError(f"Controls are an object with some of {', '.join(known)}.")
    delay = _read_delay(wanted.get("table_delay"), own)
    consistency = _read_consistency(wanted.get("consistency"), own)
    faults = _read_faults(wanted.get("faults"))
    seed = _read_seed(wanted.get("seed"), own)
    if wanted.get("clock") is not None:
        _set_clock(engine, wanted["clock"])
    if "table_delay" in wanted:
        engine.settings = own if delay == own.table_delay else replace(own, table_delay=delay)
    if "consistency" in wanted and consistency != engine.consistency:
        engine.simulate(*consistency)
    if "faults" in wanted and (faults or engine.faults is not None):
        plan = plan_of(engine)
        plan.clear()
        for id, fault in faults:
            plan.add(fault, id)
    if "seed" in wanted and (engine.faults is not None or seed != own.seed):
        plan_of(engine).restart(seed)


def _set_clock(engine: Engine, wanted: Any) -> None:
    clock = engine.clock
    assert isinstance(clock, MovableClock)
    if not isinstance(wanted, Mapping) or "follows" not in wanted:
        clock.apply(wanted)
    elif wanted["follows"]:
        clock.reset()
    else:
        clock.apply({"set": wanted.get("now"), "rate": wanted.get("rate")})
        if wanted.get("rate") == 0:
            clock.apply({"freeze": wanted.get("now")})


def _read_delay(wanted: Any, own: Settings) -> float:
    if wanted is None:
        return own.table_delay
    if type(wanted) not in (int, float) or not 0 <= wanted < math.inf:
        raise ValueError("The table_delay is a number of seconds, 0 or more.")
    return float(wanted)


def _read_consistency(wanted: Any, own: Settings) -> tuple[str, int]:
    if wanted is None:
        return own.consistency, own.seed
    if not isinstance(wanted, Mapping) or not isinstance(wanted.get("mode"), str):
        raise ValueError("The consistency is an object with a mode.")
    check_consistency(wanted["mode"])
    return wanted["mode"], _read_seed(wanted.get("seed"), own)


def _read_seed(wanted: Any, own: Settings) -> int:
    if wanted is None:
        return own.seed
    if type(wanted) is not int or wanted < 0:
        raise ValueError("A seed is a whole number, 0 or more.")
    return wanted


def _read_faults(wanted: Any) -> list[tuple[str | None, Fault]]:
    if wanted is None:
        return []
    if not isinstance(wanted, list) or not all(isinstance(each, (Mapping, Fault)) for each in wanted):
        raise ValueError("The faults are a list of objects.")
    return [_read_fault(each) for each in wanted]


def _read_fault(wanted: Any) -> tuple[str | None, Fault]:
    if isinstance(wanted, Fault):
        return None, wanted
    id = wanted.get("id")
    if id is not None and not isinstance(id, str):
        raise ValueError("The id of a fault is a name.")
    members = {name: value for name, value in wanted.items() if name not in _COUNTED}
    return id, Fault.from_dict(members)
