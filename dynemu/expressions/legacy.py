"""The members that expressions replaced: Expected, filters, KeyConditions, AttributeUpdates, AttributesToGet.

They become the same trees, with their values as constants in them.
"""

from typing import Any

from dynemu._core import updates
from dynemu._core.conditions import (
    And,
    AttributeExists,
    BeginsWith,
    Between,
    Compare,
    ConstantOperand,
    Contains,
    In,
    Node,
    Not,
    Or,
    PathOperand,
)
from dynemu._core.paths import Path, Projection
from dynemu._core.updates import Update
from dynemu._core.values import compare, normalise_value
from dynemu.errors import parameter_error, request_error, validation
from dynemu.expressions.checks import ORDERED_TYPES, PREFIX_TYPES, SECTION_TYPES, get_tag
from dynemu.expressions.keys import KeyTerm

Value = dict[str, Any]
Conditions = dict[str, dict[str, Any]]

_PROBLEM = "One or more parameter values were invalid: "
_COMPARISONS = {"EQ": "=", "NE": "<>", "LT": "<", "LE": "<=", "GT": ">", "GE": ">="}
_ORDERINGS = frozenset(("LT", "LE", "GT", "GE", "BETWEEN", "IN"))
_CONTAINMENTS = frozenset(("CONTAINS", "NOT_CONTAINS"))
_EXISTENCE = frozenset(("NULL", "NOT_NULL"))
_OPERATORS = _ORDERINGS | _CONTAINMENTS | _EXISTENCE | {"EQ", "NE", "BEGINS_WITH"}
_KEY_OPERATORS = {
    "EQ": "=",
    "LT": "<",
    "LE": "<=",
    "GT": ">",
    "GE": ">=",
    "BETWEEN": "BETWEEN",
    "BEGINS_WITH": "begins_with",
}
_MEMBER_TYPES = frozenset(("S", "N", "B", "BOOL", "NULL"))
_ADDED_TYPES = SECTION_TYPES["ADD"] | {"L"}
_UPDATE_MISMATCH = "Type mismatch for attribute to update"


def check_conditional_operator(request: dict[str, Any]) -> None:
    """Raise ValidationException when ConditionalOperator is given; for requests without legacy conditions."""
    if request.get("ConditionalOperator") is not None:
        raise request_error("ConditionalOperator cannot be used without Filter or Expected")


def _check_operator(conditions: Conditions, operator: str | None) -> None:
    """Raise ValidationException when *operator*, the ConditionalOperator, does not fit the conditions."""
    if operator is None:
        return
    if not conditions:
        raise request_error("ConditionalOperator cannot be used without Filter or Expected")
    if len(conditions) < 2:
        raise request_error(
            "ConditionalOperator can only be used when Filter or Expected has two or more elements"
        )
    if operator not in ("AND", "OR"):
        raise request_error("Failed to satisfy constraint: Member must satisfy enum value set: [ALL, OR]")


def condition_from_expected(expected: Conditions, operator: str | None) -> tuple[Node | None, dict[str, Any]]:
    """Return the condition that Expected stands for (None when it is empty), and its values: none, ``{}``.

    Raises: ValidationException.
    """
    _check_operator(expected, operator)
    _normalise(expected)
    nodes = []
    for name, entry in expected.items():
        _check_expected(name, entry)
        nodes.append(_expected_node(name, entry))
    return _join(nodes, operator), {}


def _check_expected(name: str, entry: dict[str, Any]) -> None:
    """Raise ValidationException when the members of an entry of Expected contradict each other."""
    value, listed = entry.get("Value"), entry.get("AttributeValueList")
    exists, comparison = entry.get("Exists"), entry.get("ComparisonOperator")
    problem = None
    if comparison is not None and exists is not None:
        problem = "Exists and ComparisonOperator cannot be used together"
    elif value is not None and listed is not None:
        problem = "Value and AttributeValueList cannot be used together"
    elif comparison is None and listed is not None:
        problem = "AttributeValueList can only be used with a ComparisonOperator"
    elif comparison is not None:
        if comparison not in _OPERATORS:
            raise request_error(_PROBLEM + "Invalid comparison operator")
        if comparison not in _EXISTENCE and value is None and listed is None:
            problem = f"Value or AttributeValueList must be used with ComparisonOperator: {comparison}"
    elif exists is False:
        if value is not None:
            problem = "Value cannot be used when Exists is false"
    elif value is None:
        problem = f"Value must be provided when Exists is {'true' if exists else 'null'}"
    if problem is not None:
        raise request_error(f"{_PROBLEM}{problem} for Attribute: {name}")


def _expected_node(name: str, entry: dict[str, Any]) -> Node:
    value: Value | None = entry.get("Value")
    if entry.get("ComparisonOperator") is not None:
        arguments = entry.get("AttributeValueList") or [] if value is None else [value]
        return _comparison(name, entry["ComparisonOperator"], arguments)
    if value is None:
        return Not(AttributeExists(_attribute(name)))
    return Compare("=", _attribute(name), ConstantOperand(value))


def filter_from_conditions(
    conditions: Conditions, operator: str | None, member: str
) -> tuple[Node | None, dict[str, Any]]:
    """Return the condition that QueryFilter or ScanFilter stands for (None when empty), and no values.

    Raises: ValidationException.
    """
    _check_operator(conditions, operator)
    _normalise(conditions)
    return _join([_filter_node(name, entry) for name, entry in conditions.items()], operator), {}


def _filter_node(name: str, entry: dict[str, Any]) -> Node:
    return _comparison(name, entry.get("ComparisonOperator"), entry.get("AttributeValueList") or [])


def _normalise(conditions: Conditions) -> None:
    """Make all values of *conditions* canonical. Raises ValidationException."""
    if "" in conditions:
        raise request_error("Empty attribute name")
    for entry in conditions.values():
        if entry.get("Value") is not None:
            normalise_value(entry["Value"])
        for value in entry.get("AttributeValueList") or ():
            normalise_value(value)


def _attribute(name: str) -> PathOperand:
    return PathOperand(Path(name))


def _join(nodes: list[Node], operator: str | None) -> Node | None:
    if len(nodes) < 2:
        return nodes[0] if nodes else None
    return Or(nodes) if operator == "OR" else And(nodes)


def _comparison(name: str, comparison: str | None, arguments: list[Value]) -> Node:
    """Return the node of one legacy comparison. Raises ValidationException."""
    _check_arguments(comparison, arguments)
    attribute = _attribute(name)
    constants = [ConstantOperand(argument) for argument in arguments]
    if comparison in _COMPARISONS:
        return Compare(_COMPARISONS[comparison], attribute, constants[0])
    if comparison == "BETWEEN":
        return Between(attribute, *constants)
    if comparison == "IN":
        return In(attribute, constants)
    if comparison == "BEGINS_WITH":
        return BeginsWith(attribute, constants[0])
    exists = AttributeExists(attribute)
    if comparison == "CONTAINS":
        return Contains(attribute, constants[0])
    if comparison == "NOT_CONTAINS":
        return And([exists, Not(Contains(attribute, constants[0]))])
    return exists if comparison == "NOT_NULL" else Not(exists)


def _check_arguments(comparison: str | None, arguments: list[Value]) -> None:
    """Raise ValidationException for an operator that is none, or arguments it does not take."""
    if comparison not in _OPERATORS:
        raise request_error(_PROBLEM + "Invalid comparison operator")
    if not _is_count(comparison, len(arguments)):
        raise request_error(
            f"{_PROBLEM}Invalid number of argument(s) for the {comparison} ComparisonOperator"
        )
    tags = [get_tag(argument) for argument in arguments]
    allowed = _allowed_types(comparison)
    for tag in tags:
        if allowed is not None and tag not in allowed:
            raise request_error(
                f"{_PROBLEM}ComparisonOperator {comparison} is not valid for {tag} AttributeValue type"
            )
    if len(set(tags)) > 1:
        raise request_error(_PROBLEM + "AttributeValues inside AttributeValueList must be of same type")
    if comparison == "BETWEEN" and compare(arguments[0], arguments[1]) > 0:
        raise request_error(
            "The BETWEEN condition was provided a range where the lower bound is greater than the upper bound"
        )


def _is_count(comparison: str, count: int) -> bool:
    if comparison in _EXISTENCE:
        return count == 0
    if comparison == "IN":
        return count > 0
    return count == (2 if comparison == "BETWEEN" else 1)


def _allowed_types(comparison: str) -> frozenset[str] | None:
    """Return the types that the arguments of a comparison may have; None for all."""
    if comparison in _ORDERINGS:
        return ORDERED_TYPES
    if comparison in _CONTAINMENTS:
        return _MEMBER_TYPES
    return PREFIX_TYPES if comparison == "BEGINS_WITH" else None


def key_terms_from_conditions(conditions: Conditions) -> list[KeyTerm]:
    """Return the key terms of KeyConditions; one with a comparison that no key takes has no operator.

    Raises: ValidationException.
    """
    if not conditions:
        raise validation(
            "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."
        )
    _normalise(conditions)
    terms = []
    for name, entry in conditions.items():
        comparison, arguments = entry.get("ComparisonOperator"), entry.get("AttributeValueList") or []
        _check_arguments(comparison, arguments)
        terms.append(KeyTerm(name, _KEY_OPERATORS.get(str(comparison), ""), arguments))
    return terms


def update_from_attribute_updates(attributes: Conditions) -> tuple[Update, dict[str, Any]]:
    """Return the update that AttributeUpdates stands for, and its values: none, ``{}``.

    Raises: ValidationException.
    """
    _normalise(attributes)
    return Update([_action(name, entry) for name, entry in attributes.items()]), {}


def _action(name: str, entry: dict[str, Any]) -> updates.Action:
    value, action = entry.get("Value"), entry.get("Action")
    if action is None:
        action = "PUT"
    if action not in ("ADD", "DELETE", "PUT"):
        # NOTE: the odd quotation mark is AWS's (recorded case of legacy_params).
        raise request_error("Member must satisfy enum value set: [ADD, DELETE, PUT]' for Action")
    path = Path(name)
    if value is None:
        if action != "DELETE":
            raise parameter_error("Only DELETE action is allowed when no attribute value is specified")
        return updates.remove_path(path)
    operand, tag = ConstantOperand(value), get_tag(value)
    if action == "ADD":
        if tag not in _ADDED_TYPES:
            raise parameter_error(f"ADD action is not supported for the type {tag}")
        return updates.add_to_path(path, operand, _UPDATE_MISMATCH)
    if action == "DELETE":
        if tag not in SECTION_TYPES["DELETE"]:
            raise parameter_error(f"DELETE action with value is not supported for the type {tag}")
        return updates.delete_from_path(path, operand, _UPDATE_MISMATCH)
    return updates.set_path(path, operand)


def projection_from_attributes(names: list[str]) -> Projection:
    """Return the projection of AttributesToGet. Raises ValidationException for an empty or repeated name."""
    if "" in names:
        raise validation("Empty attribute name")
    known = set()
    for name in names:
        if name in known:
            raise parameter_error(f"Duplicate value in attribute name: {name}")
        known.add(name)
    return Projection([Path(name) for name in names])
