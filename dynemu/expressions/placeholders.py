"""ExpressionAttributeNames and ExpressionAttributeValues: what must hold for the maps themselves."""

from collections.abc import Iterable
from typing import Any

from dynemu._core.diagnosis import EMPTY_SETS, EMPTY_VALUE
from dynemu._core.values import normalise_all, normalise_value
from dynemu.errors import AwsError, ValidationException, request_error, validation
from dynemu.limits import ATTRIBUTE_NAME_BYTES, PLACEHOLDER_BYTES, TOKEN_CHARACTERS

NAMES = "ExpressionAttributeNames"
VALUES = "ExpressionAttributeValues"
_EMPTY_NAME = "Empty attribute name"


def check_names(names: dict[str, str]) -> None:
    """Raise ValidationException for an empty map, and for the first bad key or name in it."""
    if not names:
        raise request_error(f"{NAMES} must not be empty")
    _check_keys(NAMES, "#", names)
    total = 0
    for key, name in names.items():
        if not name:
            raise request_error(f"{NAMES} contains invalid value: {_EMPTY_NAME} for key {key}")
        size = len(name.encode(errors="surrogatepass"))
        if size > ATTRIBUTE_NAME_BYTES:
            raise request_error(
                f"{NAMES} contains invalid value: Attribute name is too large, must be less than 65536 bytes "
                f"for key {key}"
            )
        total += size + len(key)
    if total > PLACEHOLDER_BYTES:
        raise request_error(f"{NAMES} exceeds max size")


def check_value_keys(keys: tuple[str, ...]) -> None:
    """Raise ValidationException for an empty map, and for the first bad key of it."""
    if not keys:
        raise request_error(f"{VALUES} must not be empty")
    _check_keys(VALUES, ":", keys)


def _check_keys(member: str, sign: str, keys: Iterable[str]) -> None:
    for key in keys:
        if key[:1] != sign:
            # NOTE: only the first character is looked at (recorded cases of put_item), and the text is never
            # put into an envelope.
            raise validation(f'{member} contains invalid key: Syntax error; key: "{key}"')
        if len(key) > TOKEN_CHARACTERS:
            size = f" size of key: {len(key)}" if member == NAMES else ""
            raise request_error(
                f"{member} contains invalid key: The expression attribute map contains a key that is too "
                f"long;{size}"
            )


def normalise_values(values: dict[str, Any], *, names_empty: bool = False) -> None:
    """Make all *values* canonical in place; *names_empty*: the error for one without a type names it.

    Raises: ValidationException for a bad value, or over 2 MB.
    """
    total = normalise_all(values)
    if total < 0:
        _raise_first(values, names_empty)
    if total > PLACEHOLDER_BYTES:
        raise request_error(f"{VALUES} exceeds max size")


def _raise_first(values: dict[str, Any], names_empty: bool) -> None:
    """Raise the error for the first of *values* that is refused."""
    for key, value in values.items():
        try:
            normalise_value(value)
        except ValidationException as error:
            raise _named(error, key, names_empty) from None


def _named(error: ValidationException, key: str, names_empty: bool) -> AwsError:
    """Return *error* with the wording of the older validator, which names the value.

    The newer one names it only for an empty set and, in Query alone, for a value without a type.
    """
    problem = error.older or error.message
    older = f"{VALUES} contains invalid value: {problem} for key {key}"
    message = error.message or ""
    if message in EMPTY_SETS.values() or (names_empty and message == EMPTY_VALUE):
        message = older
    return ValidationException(message, request_level=error.request_level, older=older)


def hash_order(keys: Iterable[str]) -> list[str]:
    """Return *keys* in the order of a Java HashSet, in which AWS lists the unused ones."""
    found = list(keys)
    capacity = 16
    while capacity * 3 < len(found) * 4:
        capacity *= 2
    return sorted(found, key=lambda key: _spread(key) & (capacity - 1))


def _spread(text: str) -> int:
    """Return Java's ``String.hashCode``, its high half mixed in as HashMap does."""
    units = text.encode("utf-16-be", "surrogatepass")
    code = 0
    for position in range(0, len(units), 2):
        code = (code * 31 + units[position] * 256 + units[position + 1]) & 0xFFFFFFFF
    return code ^ code >> 16


def unused_error(member: str, keys: Iterable[str]) -> ValidationException:
    """Return the error for placeholders that no expression uses."""
    listed = ", ".join(hash_order(keys))
    return request_error(f"Value provided in {member} unused in expressions: keys: {{{listed}}}")
