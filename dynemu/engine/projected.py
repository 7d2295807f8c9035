"""What an index has and lacks of what a read asks for."""

from typing import Any

from dynemu.engine.table import Source
from dynemu.errors import parameter_error


def needs_fetch(source: Source, wants_all: bool, projection: Any, condition: Any) -> bool:
    """Tell whether rows of a local index must be completed from the table, *wants_all* for every attribute.

    Raises: ValidationException where a global index lacks what is asked for.
    """
    rows = source.rows
    if rows is None or rows.wanted is None:
        return False
    name = rows.index.name
    if rows.index.is_global:
        if wants_all:
            raise parameter_error(
                f"Select type ALL_ATTRIBUTES is not supported for global secondary index {name} because its "
                "projection type is not ALL"
            )
        missing = [] if projection is None else sorted(projection.attributes - rows.wanted)
        if missing:
            raise parameter_error(f"Global secondary index {name} does not project [{', '.join(missing)}]")
        return False
    if wants_all or find_lacking(source, condition):
        return True
    return projection is not None and not projection.attributes <= rows.wanted


def check_filter_projected(source: Source, condition: Any) -> None:
    """Raise ValidationException when the filter of a Query names what its global index lacks.

    A Scan may do that: there the attribute is just missing. Source: answers of two other emulators.
    """
    lacking = find_lacking(source, condition)
    if lacking and source.rows is not None and source.rows.index.is_global:
        raise parameter_error(
            f"Secondary index {source.rows.index.name} does not project one or more filter attributes: "
            f"[{', '.join(lacking)}]"
        )


def find_lacking(source: Source, condition: Any) -> list[str]:
    """Return the attributes that *condition* (None: none) refers to and *source* has not got."""
    rows = source.rows
    if condition is None or rows is None or rows.wanted is None:
        return []
    return sorted(condition.attributes - rows.wanted)
