"""What the API model does not say of requests about items: names, and enumerations with their own words."""

from typing import Any

from dynemu._core.problems import Problems
from dynemu._core.scalars import Name, OlderName, String
from dynemu.operations.api import Nodes


class ReturnValues(String):
    """ReturnValues: the newest check words an unknown value in a way of its own, misspelling included."""

    def __init__(self) -> None:
        super().__init__(enum=("NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"))

    def check(self, value: Any, path: str, problems: Problems) -> None:
        if not self.accepts(value):
            problems.late.append(
                "Failed to satisfy constraint: Member must satisfy enum value set: "
                "[ALL_OLD, UPDATED_OLD, ALL_NEW, UPDATE_NEW, NONE]"
            )


_CHECKED_LATER = String()
"""An enumeration that is checked with the members it belongs to, in words of its own."""
ITEM_SHAPES: Nodes = {
    "TableArn": Name(),
    "ReturnValue": ReturnValues(),
    "AttributeAction": _CHECKED_LATER,
    "ComparisonOperator": _CHECKED_LATER,
    "ConditionalOperator": _CHECKED_LATER,
    "Select": _CHECKED_LATER,
}
"""In requests about items. Source: recorded answers, topics validation_order, legacy_params and select."""
ACTION_SHAPES: Nodes = {"TableArn": OlderName()}
"""In the actions of a transaction. Source: recorded answers, topic transact."""
WRITE_ENUMS = (
    "ReturnConsumedCapacity",
    "ReturnValues",
    "ReturnItemCollectionMetrics",
    "ReturnValuesOnConditionCheckFailure",
)
"""Enumerations of PutItem and DeleteItem in the order in which AWS reports them."""
TABLE_KEY = Name()
TABLE_KEY_RULE = (
    "[Member must have length less than or equal to 255, Member must have length greater than or equal to 3, "
    "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+]"
)
"""How AWS prints the rule for a map whose keys are table names."""
