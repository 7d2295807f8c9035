"""Why a value was refused: AWS's error for an item or value that the fast walk gave up on.

AWS makes several passes, each in the order of the document: JSON types, values of no type or of several,
empty attribute names, false nulls, then the values themselves.
"""

from typing import Any

from orjson import dumps

from dynemu._core import numbers
from dynemu.errors import AwsError, SerializationException, request_error, validation
from dynemu.limits import NESTING_LEVELS

JSON = dict[str, Any]
"""An item, a key map or an attribute value as it came."""

TYPES = frozenset(("S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS"))
SETS = {"SS": "String", "NS": "String", "BS": "Blob"}
SCALARS = {"S": "String", "N": "String", "B": "Blob", "BOOL": "Boolean", "NULL": "Boolean"}
COLLECTIONS = {
    "String": "class java.lang.String",
    "Boolean": "class java.lang.Boolean",
    "Blob": "class java.nio.ByteBuffer",
    "Structure": "class com.amazonaws.dynamodb.v20120810.AttributeValue",
    "Map": "java.util.Map<java.lang.String, com.amazonaws.dynamodb.v20120810.AttributeValue>",
}
STRUCTURE_FOUND = "Start of structure or map found where not expected"
BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")

DEEPEST = 2 * NESTING_LEVELS
"""How deep a value is looked into. It is refused for its depth anyway, and so deep Python cannot follow."""

EMPTY_VALUE = "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
MANY_TYPES = (
    "Supplied AttributeValue has more than one datatypes set, "
    "must contain exactly one of the supported datatypes"
)
EMPTY_NAME = "Empty attribute name"
NESTED_TOO_DEEP = (
    "Nesting Levels have exceeded supported limits: "
    "Attributes in the item have nested levels beyond supported limit"
)
INVALID = "One or more parameter values were invalid: "
FALSE_NULL = INVALID + "Null attribute value types must have the value of true"
EMPTY_SETS = {
    "SS": INVALID + "An string set  may not be empty",
    "NS": INVALID + "An number set  may not be empty",
    "BS": INVALID + "Binary sets should not be empty",
}
NULL_MEMBERS = {
    "SS": INVALID + "An string set may not have a null string as a member",
    "NS": numbers.NOT_A_NUMBER,
    "BS": INVALID + "Binary sets may not contain null or empty values",
}


def find_item_error(item: JSON) -> AwsError:
    """Return the error for an item or key map that cannot be made canonical."""
    try:
        check_item_types(item)
        check_tags(item)
        check_names(item)
        check_nulls(item)
        for value in item.values():
            check_value(value, 1)
    except AwsError as error:
        return error
    raise AssertionError("the walk refused what the diagnosis accepts")


def find_value_error(value: JSON) -> AwsError:
    """Return the error for a value that cannot be made canonical."""
    try:
        check_types(value)
        check_tags_inside(value)
        check_names_inside(value)
        check_nulls_inside(value)
        check_value(value, 1)
    except AwsError as error:
        return error
    raise AssertionError("the walk refused what the diagnosis accepts")


def check_item_types(item: Any, depth: int = 1) -> None:
    """Refuse an item or key map that holds JSON of a wrong type. Raises: SerializationException."""
    if type(item) is not dict:
        raise wrong_collection(item, "Map")
    for value in item.values():
        check_types(value, depth)


def check_types(value: Any, depth: int = 1) -> None:
    """Refuse a value that holds JSON of a wrong type. Raises: SerializationException."""
    if value is None or depth > DEEPEST:
        return
    if type(value) is not dict:
        raise wrong_collection(value, "Structure")
    for tag, payload in value.items():
        if payload is None or tag not in TYPES:
            continue
        if tag in SCALARS:
            check_scalar(payload, SCALARS[tag])
        elif tag == "M":
            check_item_types(payload, depth + 1)
        else:
            check_list(payload, SETS.get(tag), depth + 1)


def check_list(payload: Any, scalar: str | None, depth: int) -> None:
    if type(payload) is not list:
        raise wrong_collection(payload, "List")
    for member in payload:
        if scalar is None:
            check_types(member, depth)
        elif member is not None:
            check_scalar(member, scalar)


def wrong_collection(found: Any, wanted: str) -> AwsError:
    if type(found) is dict:
        return SerializationException(STRUCTURE_FOUND)
    if type(found) is list:
        return SerializationException("Unrecognized collection type " + COLLECTIONS[wanted])
    if wanted == "Structure":
        return SerializationException("Unexpected value type in payload")
    return SerializationException("Unexpected field type")


def check_scalar(payload: Any, wanted: str) -> None:
    if type(payload) is dict or type(payload) is list:
        raise wrong_collection(payload, wanted)
    if wanted == "Blob":
        check_base64(payload)
    elif type(payload) is str:
        if wanted == "Boolean" and payload not in ("true", "false"):
            raise SerializationException("Unexpected token received from parser")
    elif wanted == "String" or type(payload) is not bool:
        raise SerializationException(f"{token(payload)} cannot be converted to {wanted}")


def token(payload: Any) -> str:
    """Return the name that AWS's JSON parser gives to a number or boolean."""
    if type(payload) is bool:
        return "TRUE_VALUE" if payload else "FALSE_VALUE"
    return "DECIMAL_VALUE" if type(payload) is float else "NUMBER_VALUE"


def check_base64(payload: Any) -> None:
    if type(payload) is not str:
        raise SerializationException("only base-64-encoded strings are convertible to bytes")
    if len(payload) % 4:
        raise SerializationException(
            f"Base64 encoded length is expected a multiple of 4 bytes but found: {len(payload)}"
        )
    body = payload.rstrip("=")
    for char in body:
        if char not in BASE64:
            raise SerializationException(f"Invalid Base64 character: '{char}'")
    if len(payload) - len(body) > 2 or has_loose_bits(body):
        raise SerializationException("Invalid last non-pad Base64 character dectected")


def has_loose_bits(body: str) -> bool:
    """Tell whether the last character sets bits that belong to no byte."""
    if len(body) % 4 == 2:
        return body[-1] not in "AQgw"
    return len(body) % 4 == 3 and body[-1] not in "AEIMQUYcgkosw048"


def check_tags(members: JSON, depth: int = 1) -> None:
    """Refuse an item or key map that holds a value of no type or of several. Raises: ValidationException."""
    for value in members.values():
        check_tags_inside(value, depth)


def check_tags_inside(value: JSON | None, depth: int = 1) -> None:
    if depth > DEEPEST:
        return
    known = [tag for tag, payload in (value or {}).items() if payload is not None and tag in TYPES]
    if value is None or not known:
        raise validation(EMPTY_VALUE)
    if len(known) > 1:
        raise validation(MANY_TYPES)
    check_tags(value.get("M") or {}, depth + 1)
    for member in value.get("L") or ():
        check_tags_inside(member, depth + 1)


def check_names(members: JSON, depth: int = 1) -> None:
    for name, value in members.items():
        if name == "":
            raise request_error(EMPTY_NAME)
        check_names_inside(value, depth)


def check_names_inside(value: JSON | None, depth: int = 1) -> None:
    if value is None or depth > DEEPEST:
        return
    check_names(value.get("M") or {}, depth + 1)
    for member in value.get("L") or ():
        check_names_inside(member, depth + 1)


def check_nulls(members: JSON, depth: int = 1) -> None:
    for value in members.values():
        check_nulls_inside(value, depth)


def check_nulls_inside(value: JSON | None, depth: int = 1) -> None:
    if value is None or depth > DEEPEST:
        return
    if value.get("NULL") in (False, "false"):
        raise request_error(FALSE_NULL)
    check_nulls(value.get("M") or {}, depth + 1)
    for member in value.get("L") or ():
        check_nulls_inside(member, depth + 1)


def check_value(value: JSON, depth: int) -> None:
    if depth > NESTING_LEVELS:
        raise request_error(NESTED_TOO_DEEP)
    tag, payload = next(pair for pair in value.items() if pair[1] is not None and pair[0] in TYPES)
    if tag == "N":
        numbers.canonical(payload)
    elif tag in SETS:
        check_set(tag, payload)
    elif tag == "M":
        for member in payload.values():
            check_value(member, depth + 1)
    elif tag == "L":
        for member in payload:
            check_value(member, depth + 1)


def check_set(tag: str, members: list[str | None]) -> None:
    if not members:
        raise request_error(EMPTY_SETS[tag])
    texts: list[str] = []
    for member in members:
        if member is None:
            raise request_error(NULL_MEMBERS[tag])
        texts.append(numbers.canonical(member) if tag == "NS" else member)
    if len(set(texts)) != len(texts):
        raise duplicates(tag, texts)


def duplicates(tag: str, members: list[str]) -> AwsError:
    """Return the error for a set with a member twice; the two validators print the set differently."""
    listed = "[" + ", ".join(members) + "]"
    if tag == "NS":
        return request_error(
            INVALID + "Input collection contains duplicates.", "Input collection contains duplicates"
        )
    if tag == "BS":
        sent = "[" + ",".join([quoted(member) for member in members]) + "]"
        return request_error(
            f"{INVALID}Input collection {sent}of type BS contains duplicates.",
            f"{INVALID}Input collection {listed}of type BS contains duplicates.",
        )
    shown = ", ".join([quoted(member) for member in in_order_of_reading(members)])
    return request_error(
        f"{INVALID}Input collection [{shown}] contains duplicates.",
        f"{INVALID}Input collection {listed} contains duplicates.",
    )


def in_order_of_reading(members: list[str]) -> list[str]:
    """Return the members read so far in byte order, then the repeated one and what follows it, as sent."""
    seen: set[str] = set()
    for position, member in enumerate(members):
        if member in seen:
            return sorted(seen) + members[position:]
        seen.add(member)
    return members


def quoted(text: str) -> str:
    return dumps(text).decode()
