"""Shapes that several operations share."""

from typing import Any

from dynemu._core.shapes import (
    AttributeMap,
    Boolean,
    List,
    Map,
    Name,
    OlderName,
    Problems,
    String,
    Structure,
    Value,
)

TABLE_NAME = Name()
"""On item operations: an empty name is reported first, in the newest wording."""
ACTION_TABLE_NAME = OlderName()
"""In the actions of a transaction."""
INDEX_NAME = String(3, 255, "[a-zA-Z0-9_.-]+")
ITEM = AttributeMap()
KEY = AttributeMap()
VALUE = Value()
VALUES = Map(VALUE, java_name="com.amazonaws.dynamodb.v20120810.AttributeValue")
NAMES = Map(String())
EXPRESSION = String()
TEXT = String()
ATTRIBUTES_TO_GET = List(String(0, 65535), 1)


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


RETURN_VALUES = ReturnValues()
CAPACITY = String(enum=("INDEXES", "TOTAL", "NONE"))
METRICS = String(enum=("SIZE", "NONE"))
ON_FAILURE = String(enum=("ALL_OLD", "NONE"))
CONDITIONAL_OPERATOR = String()
COMPARISON = String()
CONDITION = Structure(
    {"AttributeValueList": List(VALUE), "ComparisonOperator": COMPARISON},
    ("ComparisonOperator",),
    "Condition",
)
CONDITIONS = Map(CONDITION, java_name="com.amazonaws.dynamodb.v20120810.Condition")
EXPECTED = Map(
    Structure(
        {
            "Value": VALUE,
            "Exists": Boolean(),
            "ComparisonOperator": COMPARISON,
            "AttributeValueList": List(VALUE),
        },
        java_name="ExpectedAttributeValue",
    ),
    java_name="com.amazonaws.dynamodb.v20120810.ExpectedAttributeValue",
)
ATTRIBUTE_UPDATES = Map(
    Structure({"Value": VALUE, "Action": String()}, java_name="AttributeValueUpdate"),
    java_name="com.amazonaws.dynamodb.v20120810.AttributeValueUpdate",
)
SELECT = String(enum=("SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"))
TABLE_KEY = Name()
TABLE_KEY_RULE = (
    "[Member must have length less than or equal to 255, Member must have length greater than or equal to 3, "
    "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+]"
)
"""How AWS prints the rule for a map whose keys are table names."""
