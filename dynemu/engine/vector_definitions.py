"""Vector indexes of a request: AWS's checks, and the definitions made of them.

Source of texts: developer guide, "Troubleshooting vector indexes"; for those that it leaves out or shortens,
answers that the authors of other emulators measured (docs/compatibility.md).
"""

from typing import Any

from dynemu.engine.definitions import check_projection, names_of
from dynemu.engine.table_settings import ON_DEMAND
from dynemu.errors import ValidationException, parameter_error
from dynemu.limits import VECTOR_DIMENSIONS, VECTOR_FILTERS, VECTOR_INDEX_COUNT
from dynemu.model import KeyAttribute, VectorIndex

Members = dict[str, Any]

ROLES = ("HASH", "INLINE_FILTER")


def check_vector_indexes(request: Members) -> None:
    """Raise ValidationException for the first thing wrong with VectorIndexes of a CreateTable request."""
    indexes = request.get("VectorIndexes")
    if indexes is None:
        return
    if not indexes:
        raise parameter_error("List of VectorIndexes is empty")
    if request.get("BillingMode") != ON_DEMAND:
        raise only_on_demand()
    if len(indexes) > VECTOR_INDEX_COUNT:
        raise parameter_error(f"VectorIndex count exceeds the per-table limit of {VECTOR_INDEX_COUNT}")
    for index in indexes:
        check_vector_index(index, request["AttributeDefinitions"])
    check_dimensions([(vector_attribute(index), index["Dimensions"]) for index in indexes])


def only_on_demand() -> ValidationException:
    """Return the error for a vector index on a table with provisioned throughput."""
    return parameter_error("Vector indexes are only supported for PAY_PER_REQUEST tables")


def check_vector_index(index: Members, definitions: list[Members]) -> None:
    """Raise ValidationException for an index that no table can have with these AttributeDefinitions."""
    schema, defined = index.get("SearchSchema") or [], names_of(definitions)
    for role, most in zip(ROLES, (1, VECTOR_FILTERS), strict=True):
        count = sum(element["SearchSchemaElementType"] == role for element in schema)
        if count > most:
            raise parameter_error(
                f"Value '{count}' at 'SearchSchema' failed to satisfy constraint: "
                f"Member must have {role} count less than or equal to {most}"
            )
    if not 1 <= index["Dimensions"] <= VECTOR_DIMENSIONS:
        raise parameter_error(f"Number of dimensions must be between 1 and {VECTOR_DIMENSIONS} inclusive.")
    name = vector_attribute(index)
    if name in defined:
        raise parameter_error(
            f"Conflicting attribute definition for '{name}'. An attribute cannot be defined in "
            "AttributeDefinitions when used as a VectorAttribute."
        )
    names = names_of(schema)
    if any(part not in defined for part in names):
        raise parameter_error("One element in SearchSchema is not defined in attribute definitions")
    if len(set(names)) < len(names):
        raise parameter_error("The SearchSchema contains multiple attributes with the same name")
    check_projection(index["Projection"])


def check_dimensions(vectors: list[tuple[str, int]]) -> None:
    """Raise ValidationException when indexes on one attribute, given as (attribute, dimensions), differ."""
    known: dict[str, int] = {}
    for name, dimensions in vectors:
        if known.setdefault(name, dimensions) != dimensions:
            raise parameter_error(
                f"Conflicting attribute definition for '{name}'. All VectorIndexes on the same vector "
                "attribute must use the same dimensions."
            )


def vector_attribute(index: Members) -> str:
    """Return the name of the attribute that holds the vectors of an index of a request."""
    name: str = index["VectorAttribute"]["AttributeName"]
    return name


def new_vector_indexes(request: Members, types: dict[str, str], end: int) -> tuple[VectorIndex, ...]:
    """Return the definitions, in status ACTIVE, of the vector indexes of a CreateTable request.

    Their ids are the last ones before *end*.
    """
    indexes = request.get("VectorIndexes") or ()
    first_id = end - len(indexes)
    return tuple(define_vector_index(index, types, first_id + place) for place, index in enumerate(indexes))


def define_vector_index(index: Members, types: dict[str, str], index_id: int) -> VectorIndex:
    """Return the definition of one vector index of a request, in status ACTIVE."""
    parts: dict[str, tuple[KeyAttribute, ...]] = {
        role: tuple(
            KeyAttribute(element["AttributeName"], types[element["AttributeName"]])
            for element in index.get("SearchSchema") or ()
            if element["SearchSchemaElementType"] == role
        )
        for role in ROLES
    }
    return VectorIndex(
        id=index_id,
        name=index["IndexName"],
        attribute=vector_attribute(index),
        dimensions=index["Dimensions"],
        distance=index["DistanceFunction"],
        hash=parts["HASH"],
        filters=parts["INLINE_FILTER"],
        projection=index["Projection"]["ProjectionType"],
        included=tuple(index["Projection"].get("NonKeyAttributes") or ()),
    )
