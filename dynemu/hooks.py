"""Hooks around operations and after commits: who registered what, and how it is called.

A database without hooks does not come here at all. ``hookspecs`` lists the hooks.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
import pluggy

from dynemu import hookspecs
from dynemu.errors import AwsError

hookimpl = pluggy.HookimplMarker("dynemu")
Wire = dict[str, Any]


@dataclass(frozen=True, slots=True)
class CommittedChange:
    """One item that a commit changed; images are items in DynamoDB JSON, None where there is none."""

    table: str
    keys: Wire
    old: Wire | None
    new: Wire | None
    by_service: bool
    """Whether the service wrote, because the item expired."""


class OperationContext:
    """One call of an operation, as hooks see and change it."""

    def __init__(self, operation: str, request: Wire, namespace: str, region: str, account: str) -> None:
        self.operation = operation
        """The wire name, such as ``PutItem``."""
        self.request = request
        """The JSON of the request; hooks may change it before the operation."""
        self.namespace = namespace
        self.region = region
        self.account = account
        self.error: AwsError | None = None
        """What the operation raised, after it."""
        self.delay = 0.0
        """Seconds by which the answer is held back; hooks may add to it."""
        self.drops = False
        """Whether the connection is closed in place of an answer."""
        self.notes: dict[str, Any] = {}
        """What plugins keep of this call from one hook to the next, under names of their own."""
        self._response: Wire | None = None
        self._is_plain = True

    @property
    def tables(self) -> list[str]:
        """Names (or ARNs) of the tables that the request names, in its order; a statement's are not known.

        The request is not checked yet: what does not have its form names nothing.
        """
        request = self.request
        named = [request.get("TableName")]
        requested, actions = request.get("RequestItems"), request.get("TransactItems")
        named += list(requested) if isinstance(requested, dict) else []
        for action in actions if isinstance(actions, list) else ():
            parts = action.values() if isinstance(action, dict) else ()
            named += [part.get("TableName") for part in parts if isinstance(part, dict)]
        return list(dict.fromkeys(name for name in named if isinstance(name, str)))

    @property
    def response(self) -> Wire | None:
        """The JSON of the answer, after the operation; None for an empty body or an error."""
        if not self._is_plain:
            self._response = orjson.loads(orjson.dumps(self._response))
            self._is_plain = True
        return self._response

    @response.setter
    def response(self, response: Wire | None) -> None:
        self._response = response
        self._is_plain = True

    def answer(self, response: Wire | None) -> None:
        """Note what the operation answered, with rows as they are stored."""
        self._response = response
        self._is_plain = response is None

    def result(self) -> Wire | None:
        """Return the answer as it is sent."""
        return self._response


class Hooks:
    """The plugins of one database."""

    def __init__(self) -> None:
        self._plugins = pluggy.PluginManager("dynemu")
        self._plugins.add_hookspecs(hookspecs)

    def register(self, plugin: object) -> None:
        """Call the hooks of *plugin*, a module or object, from now on.

        Raises: ValueError when it is registered, or when a hook of it is none.
        """
        try:
            self._plugins.register(plugin)
            self._plugins.check_pending()
        except pluggy.PluginValidationError as error:
            if self._plugins.is_registered(plugin):
                self._plugins.unregister(plugin)
            raise ValueError(" ".join(str(error).split())) from None

    def unregister(self, plugin: object) -> None:
        """Call the hooks of *plugin* no more. Raises: ValueError when it is not registered."""
        if not self._plugins.is_registered(plugin):
            raise ValueError("this plugin is not registered")
        self._plugins.unregister(plugin)

    def plugins(self) -> list[object]:
        """Return what is registered, in that order."""
        return [plugin for _, plugin in self._plugins.list_name_plugin() if plugin is not None]

    def context(
        self, operation: str, request: Wire, namespace: str, region: str, account: str
    ) -> OperationContext:
        """Return the context of one call."""
        return OperationContext(operation, request, namespace, region, account)

    @property
    def observes(self) -> bool:
        """Whether any hook wants to see what was committed."""
        return bool(self._plugins.hook.changes_committed.get_hookimpls())

    def run(self, context: OperationContext, operate: Callable[[Wire], Wire | None]) -> Wire | None:
        """Return the answer to the request of *context*, which *operate* gives unless a hook does.

        Raises: AwsError of the operation or of a hook.
        """
        try:
            response = self._plugins.hook.before_operation(context=context)
            if response is not None:
                context.response = response
            else:
                context.answer(operate(context.request))
        except AwsError as error:
            context.error = error
        self._plugins.hook.after_operation(context=context)
        if context.error is not None:
            raise context.error
        return context.result()

    def tell(self, context: OperationContext | None, changes: list[CommittedChange]) -> None:
        """Show the items that a commit changed to the hooks that want them."""
        self._plugins.hook.changes_committed(context=context, changes=changes)
