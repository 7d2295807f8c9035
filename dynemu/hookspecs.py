"""The hooks that dynemu calls: functions of these names in a plugin, marked with ``dynemu.hookimpl``.

A plugin is a module or an object. All hooks of one name are called, the last registered one first; pluggy's
``tryfirst``, ``trylast`` and ``wrapper`` change that.
"""

from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from dynemu.hooks import CommittedChange, OperationContext

hookspec = pluggy.HookspecMarker("dynemu")


@hookspec(firstresult=True)
def before_operation(context: "OperationContext") -> "dict[str, Any] | None":
    """See a request before its operation: change it, raise an AwsError, or return a response in its place.

    In both of the last cases the operation is not carried out, and no further plugin is asked.
    """


@hookspec
def after_operation(context: "OperationContext") -> None:
    """See what an operation answered: change ``context.response``, or raise an AwsError in its place.

    It is called for every request, those that a before_operation answered or refused too.
    """


@hookspec
def changes_committed(context: "OperationContext | None", changes: "list[CommittedChange]") -> None:
    """See the items that one commit changed; *context* is None when the service wrote, as for an expiry."""
