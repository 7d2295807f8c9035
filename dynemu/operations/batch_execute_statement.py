"""BatchExecuteStatement: up to 25 PartiQL statements on one item each, all reads or all writes."""

from typing import Any

from dynemu.engine.call import Call
from dynemu.engine.capacity import Consumption, start_consumption
from dynemu.engine.statements.opening import Statement, read_statement
from dynemu.engine.statements.planning import SelectPlan, WritePlan
from dynemu.engine.statements.selecting import charge_item, check_consistency, get_row_key, pick_item
from dynemu.engine.statements.wording import DUPLICATE_KEYS, EXISTS_OUTSIDE, MIXED_BATCH, PARTIAL_BATCH_KEY
from dynemu.engine.statements.writing import make_action, pick_returned
from dynemu.engine.table import Table
from dynemu.engine.transactions import Action
from dynemu.errors import (
    AwsError,
    ConditionalCheckFailedException,
    DuplicateItemException,
    ResourceNotFoundException,
    ValidationException,
    validation,
)
from dynemu.operations.api import input_shape
from dynemu.operations.operation import OLDER, Answer, Operation, Request
from dynemu.storage.base import WriteSet

SHAPE = input_shape("BatchExecuteStatement", order=("Statements", "ReturnConsumedCapacity"))
CODES: dict[type[AwsError], str] = {
    ConditionalCheckFailedException: "ConditionalCheckFailed",
    DuplicateItemException: "DuplicateItem",
    ResourceNotFoundException: "ResourceNotFound",
    ValidationException: "ValidationError",
}
"""Errors that are answered in the place of their statement."""


class Member:
    """One statement of the batch, and what becomes of it."""

    __slots__ = ("action", "consistent", "error", "item", "plan", "row_key", "statement")

    def __init__(self, request: Request) -> None:
        self.statement: Statement | None = None
        self.plan: SelectPlan | WritePlan | None = None
        self.action: Action | None = None
        self.row_key: bytes | None = None
        self.consistent = request.get("ConsistentRead") is True
        self.item: Any = None
        self.error: AwsError | None = None
        try:
            statement = read_statement(request)
            if statement.prepared.is_exists:
                raise validation(EXISTS_OUTSIDE)
            self.statement = statement
        except ValidationException as error:
            self.error = error

    def locate(self, call: Call) -> None:
        """Find the item, as far as there is no error yet."""
        if self.error is not None or self.statement is None:
            return
        try:
            plan = self.plan = self.statement.plan(call)
            if isinstance(plan, WritePlan):
                self.action = make_action(self.statement, plan)
                self.action.locate(call, plan.table)
                self.row_key = None if self.action.target is None else self.action.target.row_key
                return
            check_consistency(plan, self.consistent)
            if not plan.key:
                raise validation(PARTIAL_BATCH_KEY)
            self.row_key = get_row_key(plan, self.statement.values)
        except (ValidationException, ResourceNotFoundException) as error:
            self.error = error

    def read(self, row: bytes | None, consumption: Consumption | None) -> None:
        """Take the item from its *row*."""
        assert isinstance(self.plan, SelectPlan)
        assert self.statement is not None
        if row is not None:
            self.item = pick_item(self.plan, self.statement.values, row)
        if consumption is not None:
            charge_item(consumption, row, self.consistent)

    def write(self, writes: WriteSet, consumption: Consumption | None) -> None:
        """Add to *writes* what the statement changes, unless it cannot be done."""
        assert isinstance(self.plan, WritePlan)
        assert self.action is not None
        try:
            self.action.apply(writes, consumption)
        except (ValidationException, ConditionalCheckFailedException, DuplicateItemException) as error:
            self.error = error
            return
        returned = pick_returned(self.plan, self.action)
        self.item = returned[0] if returned else None

    def answer(self) -> Request:
        """Return the response to this statement.

        NOTE: the table is named but for statements that are invalid before their item is looked for
        (recorded answers of partiql_batch).
        """
        located = self.row_key is not None
        named = self.statement is not None and (located or not isinstance(self.error, ValidationException))
        answer = {"TableName": self.statement.prepared.table} if named and self.statement else {}
        if self.error is not None:
            return {"Error": {"Code": CODES[type(self.error)], **_details(self.error)}, **answer}
        return answer if self.item is None else {"Item": self.item, **answer}


def _details(error: AwsError) -> Request:
    return {"Message": _message(error), **error.fields}


def _message(error: AwsError) -> str | None:
    older = error.older if isinstance(error, ValidationException) else None
    return older or error.message


def run(call: Call, request: Request) -> Answer:
    members = [Member(part) for part in request["Statements"]]
    if len({each.statement.prepared.is_read for each in members if each.statement is not None}) > 1:
        raise validation(MIXED_BATCH)
    for member in members:
        member.locate(call)
    found = [member for member in members if member.error is None and member.row_key is not None]
    if len({member.row_key for member in found}) < len(found):
        raise validation(DUPLICATE_KEYS)
    consumptions: dict[str, Consumption] = {}
    writes = carry_out(call, found, request.get("ReturnConsumedCapacity"), consumptions)
    response: Request = {"Responses": [member.answer() for member in members]}
    if consumptions:
        response["ConsumedCapacity"] = [consumption.report() for consumption in consumptions.values()]
    return response, writes


def carry_out(
    call: Call, members: list[Member], mode: str | None, consumptions: dict[str, Consumption]
) -> WriteSet | None:
    """Do what *members* ask for and add up what it costs by table; return what is to be written, if anything.

    Every write stands for itself, but as no two are about one item they can go into one batch.
    """
    if any(member.action for member in members):
        writes = WriteSet()
        for member in members:
            member.write(writes, find_consumption(consumptions, get_table(member), mode))
        return writes
    for member in members:
        row = (call.view if member.consistent else call.eventual).get(member.row_key or b"")
        member.read(row, find_consumption(consumptions, get_table(member), mode))
    return None


def get_table(member: Member) -> Table:
    assert member.plan is not None
    return member.plan.table


def find_consumption(
    consumptions: dict[str, Consumption], table: Table, mode: str | None
) -> Consumption | None:
    """Return the one of *consumptions* for *table*, a new one if need be; None when none is asked for."""
    found = consumptions.get(table.name) or start_consumption(table, mode)
    if found is not None:
        consumptions[table.name] = found
    return found


OPERATION = Operation("BatchExecuteStatement", SHAPE, run, OLDER)
