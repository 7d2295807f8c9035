"""Faults on request: throttling, conflicts, latency, errors, lost connections; seeded, so that they repeat.

A ``Fault`` says what goes wrong and when, the ``FaultPlan`` of a namespace holds its faults and is the plugin
that carries them out. A database without faults has no plan, and pays nothing.
"""

from dynemu.faults.fault import Fault
from dynemu.faults.plan import FaultPlan, plan_of

__all__ = ["Fault", "FaultPlan", "plan_of"]
