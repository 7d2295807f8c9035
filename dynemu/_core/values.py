"""Attribute values: canonical form, size in bytes as AWS counts it, and order.

One walk over a request's values makes them canonical and adds up their size. It only accepts or gives up;
``diagnosis`` then looks again and finds the error that AWS would answer.
"""

from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from typing import Any

from dynemu._core import diagnosis, numbers
from dynemu.errors import AwsError
from dynemu.limits import NESTING_LEVELS

JSON = dict[str, Any]
"""An item, a key map or an attribute value."""

UNORDERED = 2
"""What ``compare`` returns for values without an order: of different types, or not S, N or B."""

_REFUSED = -1
_MEMBER_BYTES = 1
"""Counted for each member of a list or map, beside its name and value."""
_DOCUMENT_BYTES = 3
"""Counted for a list or map itself."""


def normalise_item(item: JSON) -> int:
    """Make every value of an item or key map canonical in place; return its size in bytes, names included.

    Raises: the error that AWS answers for the first thing that is wrong.
    """
    try:
        total = _walk_map(item, 1, 0) if type(item) is dict else _REFUSED
    except AwsError:
        total = _REFUSED
    if total == _REFUSED:
        raise diagnosis.find_item_error(item)
    return total


def normalise_items(items: list[JSON]) -> None:
    """Make several items or key maps canonical in place. Raises as ``normalise_item`` does."""
    for item in items:
        normalise_item(item)


def normalise_value(value: JSON) -> int:
    """Make one value canonical in place; return its size in bytes. Raises as ``normalise_item`` does."""
    try:
        total = _walk_value(value, 1) if type(value) is dict else _REFUSED
    except AwsError:
        total = _REFUSED
    if total == _REFUSED:
        raise diagnosis.find_value_error(value)
    return total


def normalise_all(values: JSON) -> int:
    """Make every value of *values* canonical in place; return their size in bytes, names not included.

    Returns: -1 when one of them is refused; ``normalise_value`` then says why.
    """
    total = 0
    try:
        for value in values.values():
            part = _walk_value(value, 1) if type(value) is dict else _REFUSED
            if part < 0:
                return _REFUSED
            total += part
    except AwsError:
        return _REFUSED
    return total


def _walk_map(members: JSON, depth: int, overhead: int) -> int:
    total = 0
    for name, value in members.items():
        if len(name) == 0 or type(value) is not dict:
            return _REFUSED
        part = _walk_value(value, depth)
        if part < 0:
            return _REFUSED
        total += size_of_text(name) + part + overhead
    return total


def _walk_value(value: JSON, depth: int) -> int:
    """Return the size of a value made canonical, or _REFUSED."""
    if len(value) != 1 or depth > NESTING_LEVELS:
        return _walk_odd(value, depth)
    for tag, payload in value.items():
        if type(payload) is str:
            return _walk_text(value, tag, payload)
        if type(payload) is bool:
            return 1 if tag == "BOOL" or (tag == "NULL" and payload) else _REFUSED
        if type(payload) is list:
            return _walk_list(tag, payload, depth + 1)
        if tag == "M" and type(payload) is dict:
            part = _walk_map(payload, depth + 1, _MEMBER_BYTES)
            return part + _DOCUMENT_BYTES if part >= 0 else _REFUSED
    return _REFUSED


def _walk_text(value: JSON, tag: str, text: str) -> int:
    if tag == "S":
        return size_of_text(text)
    if tag == "N":
        number = numbers.canonical(text)
        if number is not text:
            value["N"] = number
        return numbers.size(number)
    if tag == "B":
        return _base64_size(text)
    # NOTE: AWS takes these two strings for booleans (recorded cases of put_item).
    if (tag == "BOOL" and (text == "true" or text == "false")) or (tag == "NULL" and text == "true"):
        value[tag] = text == "true"
        return 1
    return _REFUSED


def _walk_odd(value: JSON, depth: int) -> int:
    """Drop the members that AWS ignores, unknown names and nulls, and walk what is left."""
    if depth > NESTING_LEVELS:
        return _REFUSED
    known = [tag for tag in value if tag in diagnosis.TYPES and value[tag] is not None]
    if len(known) != 1:
        return _REFUSED
    tag = known[0]
    payload = value[tag]
    value.clear()
    value[tag] = payload
    return _walk_value(value, depth)


def _walk_list(tag: str, members: list[Any], depth: int) -> int:
    if tag == "L":
        total = _DOCUMENT_BYTES
        for member in members:
            part = _walk_value(member, depth) if type(member) is dict else _REFUSED
            if part < 0:
                return _REFUSED
            total += part + _MEMBER_BYTES
        return total
    if tag == "SS":
        return _walk_set(members)
    if tag == "NS":
        return _walk_number_set(members)
    return _walk_binary_set(members) if tag == "BS" else _REFUSED


def _walk_set(members: list[str]) -> int:
    total = 0
    for member in members:
        if type(member) is not str:
            return _REFUSED
        total += size_of_text(member)
    if not members or len(set(members)) != len(members):
        return _REFUSED
    members.sort()
    return total


def _walk_number_set(members: list[str]) -> int:
    total = 0
    texts = []
    for member in members:
        if type(member) is not str:
            return _REFUSED
        number = numbers.canonical(member)
        total += numbers.size(number)
        texts.append(number)
    if not texts or len(set(texts)) != len(texts):
        return _REFUSED
    sort_numbers(texts)
    members[:] = texts
    return total


def _walk_binary_set(members: list[str]) -> int:
    total = 0
    for member in members:
        part = _base64_size(member) if type(member) is str else _REFUSED
        if part < 0:
            return _REFUSED
        total += part
    if not members or len(set(members)) != len(members):
        return _REFUSED
    sort_binaries(members)
    return total


def sort_numbers(members: list[str]) -> None:
    """Sort canonical numbers in place, as an NS keeps them."""
    members.sort(key=_number_order)


def _number_order(text: str) -> bytes:
    return numbers.encode(text)


def sort_binaries(members: list[str]) -> None:
    """Sort base64 texts in place by the bytes that they stand for, as a BS keeps them."""
    members.sort(key=a2b_base64)


def check_item_types(item: JSON) -> None:
    """Refuse an item or key map that holds JSON of a wrong type. Raises: SerializationException."""
    if type(item) is not dict or not _has_json_types_inside(item, 1):
        diagnosis.check_item_types(item)


def check_types(value: JSON) -> None:
    """Refuse a value that holds JSON of a wrong type. Raises: SerializationException."""
    if type(value) is not dict or not _has_json_types(value, 1):
        diagnosis.check_types(value)


def _has_json_types_inside(members: JSON, depth: int) -> bool:
    for value in members.values():
        if type(value) is not dict or not _has_json_types(value, depth):
            return False
    return True


def _has_json_types(value: JSON, depth: int) -> bool:
    """Tell whether all JSON in *value* is surely of the right type; False calls for a closer look."""
    if depth > NESTING_LEVELS:
        return False
    for tag, payload in value.items():
        if type(payload) is str:
            if not (tag == "S" or tag == "N" or (tag == "B" and _base64_size(payload) >= 0)):
                return False
        elif type(payload) is bool:
            if not (tag == "BOOL" or tag == "NULL"):
                return False
        elif type(payload) is dict:
            if tag != "M" or not _has_json_types_inside(payload, depth + 1):
                return False
        elif type(payload) is not list or not _has_member_types(tag, payload, depth + 1):
            return False
    return True


def _has_member_types(tag: str, members: list[Any], depth: int) -> bool:
    if tag == "L":
        for member in members:
            if type(member) is not dict or not _has_json_types(member, depth):
                return False
        return True
    if tag != "SS" and tag != "NS" and tag != "BS":
        return False
    for member in members:
        if type(member) is not str or (tag == "BS" and _base64_size(member) < 0):
            return False
    return True


def size_of_text(text: str) -> int:
    """Return the bytes of *text* in UTF-8."""
    return len(text) if text.isascii() else len(text.encode())


def _base64_size(text: str) -> int:
    """Return the number of bytes that *text* stands for, or _REFUSED unless it is padded standard base64."""
    try:
        data = a2b_base64(text)
    except (Base64Error, ValueError):
        return _REFUSED
    return len(data) if b2a_base64(data, newline=False).decode() == text else _REFUSED


def have_types(values: JSON, rules: tuple[tuple[str, frozenset[str]], ...]) -> bool:
    """Tell whether the value of each name in *rules* is of a type that stands beside it."""
    for name, allowed in rules:
        value = values[name]
        for tag in value:
            if tag not in allowed:
                return False
    return True


def are_ordered(values: JSON, bounds: tuple[tuple[str, str], ...]) -> bool:
    """Tell whether of each pair of names in *bounds* the first one's value is not greater, and comparable."""
    for low, high in bounds:
        if compare(values[low], values[high]) > 0:
            return False
    return True


def type_of(value: JSON) -> str:
    """Return the type code of a canonical value, such as ``"S"``."""
    for tag in value:
        return tag
    raise ValueError("an attribute value without a type")


def size_of_item(item: JSON) -> int:
    """Return the size in bytes of an item of canonical values, names included."""
    total = 0
    for name, value in item.items():
        total += size_of_text(name) + size_of(value)
    return total


def size_of(value: JSON) -> int:
    """Return the size in bytes of a canonical value."""
    for tag, payload in value.items():
        if tag == "M":
            return _DOCUMENT_BYTES + len(payload) * _MEMBER_BYTES + size_of_item(payload)
        if type(payload) is list:
            return _size_of_members(tag, payload)
        return _size_of_scalar(tag, payload)
    raise ValueError("an attribute value without a type")


def _size_of_members(tag: str, members: list[Any]) -> int:
    if tag == "L":
        total = _DOCUMENT_BYTES
        for member in members:
            total += size_of(member) + _MEMBER_BYTES
        return total
    scalar = tag[:1]
    total = 0
    for member in members:
        total += _size_of_scalar(scalar, member)
    return total


def _size_of_scalar(tag: str, payload: Any) -> int:
    if tag == "S":
        return size_of_text(payload)
    if tag == "N":
        return numbers.size(payload)
    if tag == "B":
        return _decoded_size(payload)
    return 1


def _decoded_size(text: str) -> int:
    """Return the number of bytes that padded base64 stands for."""
    return len(text) // 4 * 3 - text[-2:].count("=")


def compare(a: JSON, b: JSON) -> int:
    """Return -1, 0 or 1 by the order of two canonical values, or UNORDERED."""
    for tag, left in a.items():
        right = b.get(tag)
        if right is None:
            return UNORDERED
        if tag == "S":
            return _compare_texts(left, right)
        if tag == "N":
            return numbers.compare(left, right)
        return _compare_bytes(a2b_base64(left), a2b_base64(right)) if tag == "B" else UNORDERED
    return UNORDERED


def _compare_texts(left: str, right: str) -> int:
    """Compare by code points, which is the order of the UTF-8 bytes too."""
    if left == right:
        return 0
    return -1 if left < right else 1


def _compare_bytes(left: bytes, right: bytes) -> int:
    if left == right:
        return 0
    return -1 if left < right else 1
