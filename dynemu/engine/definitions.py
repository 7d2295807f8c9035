"""Key schemas and indexes of a request: AWS's checks in AWS's order, and the definitions made of them.

Source of texts and order: recorded answers, topics create_table and update_table.
"""

from collections.abc import Sequence
from typing import Any

from dynemu.errors import ValidationException, parameter_error, validation
from dynemu.limits import GSI_COUNT, GSI_KEY_PARTS, LSI_COUNT, PROJECTED_ATTRIBUTES
from dynemu.model import Index, KeyAttribute

Members = dict[str, Any]

_UNDEFINED = "Invalid KeySchema: Some index key attribute have no definition"
_HASH_FIRST = "Invalid KeySchema: The first KeySchemaElement is not a HASH key type"
_RANGE_SECOND = "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type"
_SAME_NAME = "Both the Hash Key and the Range Key element in the KeySchema have the same name"
_REPEATED_NAME = "The KeySchema contains multiple key attributes with the same name"


def check_definitions(request: Members) -> None:
    """Raise ValidationException for the first thing wrong with keys and indexes of a CreateTable request."""
    keys, definitions = request["KeySchema"], request["AttributeDefinitions"]
    check_attribute_names(definitions)
    _check_table_keys(keys, definitions)
    local, glob = request.get("LocalSecondaryIndexes"), request.get("GlobalSecondaryIndexes")
    if local == []:
        raise parameter_error("List of LocalSecondaryIndexes is empty")
    if glob == []:
        raise parameter_error("List of GlobalSecondaryIndexes is empty")
    if local is not None:
        _check_local_indexes(local, keys, definitions)
    if glob is not None:
        _check_global_indexes(glob, definitions)
    indexes = [*(local or ()), *(glob or ())]
    vectors = request.get("VectorIndexes") or ()
    check_index_names([*indexes, *vectors])
    check_projected_count(sum(projected_count(index) for index in (*indexes, *vectors)))
    indexes += [{"KeySchema": index["SearchSchema"]} for index in vectors if index.get("SearchSchema")]
    _check_all_used(keys, indexes, definitions)


def check_attribute_names(definitions: list[Members]) -> None:
    """Raise ValidationException when two of the AttributeDefinitions have one name."""
    seen: set[str] = set()
    for name in names_of(definitions):
        if name in seen:
            raise validation(f"Attribute Name is duplicated: {name}")
        seen.add(name)


def check_new_global_index(index: Members, definitions: list[Members]) -> None:
    """Raise ValidationException for an index that UpdateTable cannot add with these AttributeDefinitions."""
    _check_global_key(index["KeySchema"])
    check_projection(index["Projection"])
    _check_index_keys_defined(index, definitions)


def _check_table_keys(keys: list[Members], definitions: list[Members]) -> None:
    names, defined = names_of(keys), names_of(definitions)
    if any(name not in defined for name in names):
        if len(names) == 1 and defined:
            raise _undefined_keys(names, defined)
        raise validation(_UNDEFINED)
    if len(set(names)) < len(names) and len(defined) == 1:
        raise validation(_UNDEFINED)
    _check_pair(keys)


def _check_pair(keys: list[Members]) -> None:
    if keys[0]["KeyType"] != "HASH":
        raise validation(_HASH_FIRST)
    if len(keys) == 2 and keys[0]["AttributeName"] == keys[1]["AttributeName"]:
        raise validation(_SAME_NAME)
    if len(keys) == 2 and keys[1]["KeyType"] != "RANGE":
        raise validation(_RANGE_SECOND)


def _check_local_indexes(indexes: list[Members], keys: list[Members], definitions: list[Members]) -> None:
    if len(keys) != 2:
        raise parameter_error(
            "Table KeySchema does not have a range key, "
            "which is required when specifying a LocalSecondaryIndex"
        )
    for index in indexes:
        _check_index_keys_defined(index, definitions)
    for index in indexes:
        _check_local_index(index, keys[0]["AttributeName"])
    check_index_names(indexes)
    if len(indexes) > LSI_COUNT:
        raise parameter_error(f"Number of LocalSecondaryIndexes exceeds per-table limit of {LSI_COUNT}")


def _check_local_index(index: Members, table_hash: str) -> None:
    keys, name = index["KeySchema"], index["IndexName"]
    _check_pair(keys)
    if len(keys) != 2:
        raise parameter_error(f"Index KeySchema does not have a range key for index: {name}")
    index_hash = keys[0]["AttributeName"]
    if index_hash != table_hash:
        raise parameter_error(
            "Index KeySchema does not have the same leading hash key as table KeySchema for index: "
            f"{name}. index hash key: {index_hash}, table hash key: {table_hash}"
        )
    check_projection(index["Projection"])


def _check_global_indexes(indexes: list[Members], definitions: list[Members]) -> None:
    for index in indexes:
        _check_index_keys_defined(index, definitions)
    for index in indexes:
        _check_global_key(index["KeySchema"])
        check_projection(index["Projection"])
    check_index_names(indexes)
    if len(indexes) > GSI_COUNT:
        raise parameter_error(f"GlobalSecondaryIndex count exceeds the per-table limit of {GSI_COUNT}")


def _check_global_key(keys: list[Members]) -> None:
    """Check a key of up to four HASH attributes and then up to four RANGE attributes."""
    names, types = names_of(keys), [element["KeyType"] for element in keys]
    if types[0] != "HASH":
        raise validation(_HASH_FIRST)
    if types == ["HASH", "RANGE"] and names[0] == names[1]:
        raise validation(_SAME_NAME)
    if len(set(names)) < len(names):
        raise validation(_REPEATED_NAME)
    if types != sorted(types):
        raise parameter_error("All HASH key attributes must precede RANGE key attributes in the KeySchema")
    for key_type in ("HASH", "RANGE"):
        if types.count(key_type) > GSI_KEY_PARTS:
            raise parameter_error(
                f"The KeySchema exceeds the maximum allowed number of {key_type} key attributes"
            )


def check_projection(projection: Members) -> None:
    """Raise ValidationException for a Projection whose members contradict each other."""
    kind, included = projection.get("ProjectionType"), projection.get("NonKeyAttributes")
    if kind is None:
        raise parameter_error("Unknown ProjectionType: null")
    if kind == "INCLUDE" and included is None:
        raise parameter_error("ProjectionType is INCLUDE, but NonKeyAttributes is not specified")
    if kind != "INCLUDE" and included is not None:
        raise parameter_error(f"ProjectionType is {kind}, but NonKeyAttributes is specified")
    seen: set[str] = set()
    for name in included or ():
        if name in seen:
            raise parameter_error(f"Duplicate element in NonKeyAttributes: {name}")
        seen.add(name)


def projected_count(index: Members) -> int:
    """Return how many attributes an index of a request has against the limit for its table.

    A vector counts, and each inline filter (API reference, CreateTable).
    """
    included: list[str] = index["Projection"].get("NonKeyAttributes") or []
    schema = index.get("SearchSchema") or ()
    filters: int = sum(element["SearchSchemaElementType"] != "HASH" for element in schema)
    return len(included) + filters + ("VectorAttribute" in index)


def check_projected_count(count: int) -> None:
    """Raise ValidationException when *count* included attributes are too many for one table."""
    if count > PROJECTED_ATTRIBUTES:
        raise parameter_error(
            f"Number of NonKeyAttributes in all indexes exceeds the per-table limit of {PROJECTED_ATTRIBUTES}"
        )


def check_index_names(indexes: list[Members]) -> None:
    """Raise ValidationException when two *indexes* of a request have one name."""
    seen: set[str] = set()
    for index in indexes:
        if index["IndexName"] in seen:
            raise parameter_error(f"Duplicate index name: {index['IndexName']}")
        seen.add(index["IndexName"])


def _check_index_keys_defined(index: Members, definitions: list[Members]) -> None:
    keys, defined = names_of(index["KeySchema"]), names_of(definitions)
    if all(name in defined for name in keys):
        return
    if len(defined) < len(set(keys)):
        raise validation(_UNDEFINED)
    raise _undefined_keys(keys, defined)


def _undefined_keys(keys: list[str], defined: list[str]) -> ValidationException:
    return parameter_error(
        "Some index key attributes are not defined in AttributeDefinitions. "
        f"Keys: {show_names(keys)}, AttributeDefinitions: {show_names(defined)}"
    )


def _check_all_used(keys: list[Members], indexes: list[Members], definitions: list[Members]) -> None:
    used = names_of(keys)
    for index in indexes:
        used += names_of(index["KeySchema"])
    defined = names_of(definitions)
    if set(defined) == set(used):
        return
    if not indexes:
        raise parameter_error(
            "Number of attributes in KeySchema does not exactly match number of attributes defined in "
            "AttributeDefinitions"
        )
    raise parameter_error(
        f"Some AttributeDefinitions are not used. AttributeDefinitions: {show_names(defined)}, "
        f"keys used: {show_names(used, buckets=16)}"
    )


def names_of(elements: Sequence[Members]) -> list[str]:
    """Return the AttributeName of each of *elements*."""
    return [element["AttributeName"] for element in elements]


def show_names(names: list[str], buckets: int | None = None) -> str:
    """Return *names* in brackets, once each, in the order in which AWS lists them.

    NOTE: that order is the one of a Java hash table with *buckets* buckets at first, or one for each name.
    Source: recorded answer create_table.gsi-key-not-defined.
    """
    unique = list(dict.fromkeys(names))
    size = buckets or 1 << (len(unique) - 1).bit_length()
    while len(unique) * 4 > size * 3:
        size *= 2
    return f"[{', '.join(sorted(unique, key=lambda name: _java_bucket(name, size)))}]"


def _java_bucket(name: str, size: int) -> int:
    code = 0
    units = name.encode("utf-16-be")
    for high, low in zip(units[::2], units[1::2], strict=True):
        code = (code * 31 + (high << 8 | low)) & 0xFFFFFFFF
    return (code ^ code >> 16) & (size - 1)


def define_keys(keys: list[Members], types: dict[str, str], key_type: str) -> tuple[KeyAttribute, ...]:
    """Return the attributes of a key schema that have *key_type*, with their types."""
    return tuple(
        KeyAttribute(element["AttributeName"], types[element["AttributeName"]])
        for element in keys
        if element["KeyType"] == key_type
    )


def define_index(members: Members, types: dict[str, str], index_id: int, *, is_global: bool) -> Index:
    """Return the definition of one index of a request; throughput is added elsewhere."""
    projection = members["Projection"]
    return Index(
        id=index_id,
        name=members["IndexName"],
        is_global=is_global,
        hash=define_keys(members["KeySchema"], types, "HASH"),
        range=define_keys(members["KeySchema"], types, "RANGE"),
        projection=projection["ProjectionType"],
        included=tuple(projection.get("NonKeyAttributes") or ()),
    )
