"""How AWS words what is wrong with an expression."""

from dynemu.errors import ValidationException, request_error

MISUSED = "The function is not allowed to be used this way in an expression; function: "


def expression_error(member: str, problem: str, older: str | None = None) -> ValidationException:
    """Return ``Invalid <member>: <problem>``; *older* is the problem as the older validator words it.

    An empty *member* is a PartiQL statement, whose problems stand alone.
    """
    prefix = f"Invalid {member}: " if member else ""
    return request_error(prefix + problem, None if older is None else prefix + older)


def wrong_type(member: str, operator: str, tag: str) -> ValidationException:
    """Return the error for an operand of type *tag* that *operator* cannot take."""
    return expression_error(
        member,
        "Incorrect operand type for operator or function; "
        f"operator or function: {operator}, operand type: {tag}",
    )
