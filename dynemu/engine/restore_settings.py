"""Settings of a restored table: those of its source, with what a request overrides."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dynemu.engine import table_settings as settings
from dynemu.engine.definitions import check_index_names, check_projection, define_index
from dynemu.engine.vector_definitions import define_vector_index, only_on_demand
from dynemu.errors import invalid_request
from dynemu.model import Index, TableSchema, Throughput, VectorIndex

if TYPE_CHECKING:
    from dynemu.engine.call import Call

Members = dict[str, Any]

_OVERRIDES = ("LocalSecondaryIndexOverride", "GlobalSecondaryIndexOverride", "VectorIndexOverride")


def restored_settings(call: "Call", source: TableSchema, request: Members) -> dict[str, Any]:
    """Return billing, throughput, encryption and indexes of a table restored from *source*.

    Raises: ValidationException for overrides that contradict each other or the source.
    """
    units, maximum = request.get("ProvisionedThroughputOverride"), request.get("OnDemandThroughputOverride")
    billing = request.get("BillingModeOverride") or source.billing
    _check_units(request.get("BillingModeOverride"), billing, units)
    _check_maximum(maximum, billing)
    overrides = [index for kind in _OVERRIDES for index in request.get(kind) or ()]
    check_index_names(overrides)
    for index in overrides:
        check_projection(index["Projection"])
    vectors = _vector_indexes(source, request.get("VectorIndexOverride"))
    if vectors and billing != settings.ON_DEMAND:
        raise only_on_demand()
    provisioned = billing == settings.PROVISIONED
    encryption = source.sse
    if request.get("SSESpecificationOverride") is not None:
        encryption = settings.encryption(request["SSESpecificationOverride"], call.region, call.account)
    return {
        "billing": billing,
        "on_demand_since": None if provisioned else call.now,
        "throughput": _throughput(units, source.throughput) if provisioned else Throughput(),
        "on_demand": None if provisioned else settings.present(maximum) or source.on_demand,
        "sse": encryption,
        "indexes": (
            *_local_indexes(source, request.get("LocalSecondaryIndexOverride")),
            *_global_indexes(
                source,
                request.get("GlobalSecondaryIndexOverride"),
                billing,
                request.get("BillingModeOverride"),
            ),
        ),
        "vector_indexes": tuple(vectors),
    }


def _check_units(override: str | None, billing: str, units: Members | None) -> None:
    """Raise ValidationException when the units do not go with the billing mode of the new table."""
    if override == settings.ON_DEMAND and units is not None:
        raise invalid_request(
            "Cannot override ProvisionedThroughput if BillingMode is overridden to PAY_PER_REQUEST"
        )
    if billing == settings.ON_DEMAND and units is not None:
        raise invalid_request("Cannot override ProvisionedThroughput unless BillingMode is PROVISIONED")
    settings.check_units(units)
    if override == settings.PROVISIONED and units is None:
        raise invalid_request(
            "Must override ProvisionedThroughput if BillingMode is overridden to PROVISIONED"
        )


def _check_maximum(maximum: Members | None, billing: str) -> None:
    """Raise ValidationException for an OnDemandThroughput that the new table cannot have."""
    for name, value in (settings.present(maximum) or {}).items():
        if billing == settings.PROVISIONED:
            raise invalid_request(
                f"Cannot override {name} for OnDemandThroughput unless BillingModeOverride is PAY_PER_REQUEST"
            )
        if value < 1:
            raise invalid_request(f"Requested {name} for OnDemandThroughput is outside of valid range")


def _throughput(units: Members | None, source: Throughput) -> Throughput:
    return Throughput(source.read, source.write) if units is None else settings.new_throughput(units)


def _local_indexes(source: TableSchema, override: list[Members] | None) -> list[Index]:
    known = [_settled(index) for index in source.indexes if not index.is_global]
    if override is None:
        return known
    return [_match(source, known, members) for members in override]


def _global_indexes(
    source: TableSchema, override: list[Members] | None, billing: str, asked: str | None
) -> list[Index]:
    """Return the global indexes of the new table; *asked* is the billing mode that the request names."""
    known = [_settled(index) for index in source.indexes if index.is_global]
    if override is None:
        return [_with_throughput(index, {}, source, billing) for index in known]
    for members in override:
        _check_index_units(members, billing, asked)
    settings.check_index_billing({"BillingMode": billing, "GlobalSecondaryIndexes": override})
    return [
        _with_throughput(_match(source, known, members), members, source, billing) for members in override
    ]


def _check_index_units(members: Members, billing: str, asked: str | None) -> None:
    """Raise ValidationException when an index of an override has units it cannot have, or lacks them."""
    units, name = members.get("ProvisionedThroughput"), members["IndexName"]
    if billing == settings.PROVISIONED and units is None:
        raise _no_units(name)
    if billing == settings.ON_DEMAND and units is not None:
        when = (
            "if BillingMode is overridden to PAY_PER_REQUEST"
            if asked
            else "unless BillingMode is PROVISIONED"
        )
        raise invalid_request(f"Cannot override ProvisionedThroughput {when} for index {name}")


def _no_units(name: str) -> Exception:
    return invalid_request(f"Must specify provisioned throughput for index {name}")


def _with_throughput(index: Index, members: Members, source: TableSchema, billing: str) -> Index:
    maximum, units = members.get("OnDemandThroughput"), members.get("ProvisionedThroughput")
    settings.check_on_demand(maximum, billing, index.name)
    settings.check_warm(members.get("WarmThroughput"), billing, units, index.name)
    warm = settings.present(members.get("WarmThroughput"))
    if billing == settings.ON_DEMAND:
        kept = settings.present(maximum) or index.on_demand
        return replace(index, throughput=Throughput(), on_demand=kept, warm=warm)
    if units is None and source.billing == settings.ON_DEMAND:
        raise _no_units(index.name)
    return replace(index, throughput=_throughput(units, index.throughput), on_demand=None, warm=warm)


def _vector_indexes(source: TableSchema, override: list[Members] | None) -> list[VectorIndex]:
    known = [replace(index, status="ACTIVE", backfilling=False) for index in source.vector_indexes]
    if override is None:
        return known
    types = {part.name: part.type for part in source.attributes}
    chosen = []
    for members in override:
        names = [element["AttributeName"] for element in members.get("SearchSchema") or ()]
        index = next((index for index in known if index.name == members["IndexName"]), None)
        if index is None or any(part not in types for part in names):
            raise _unknown_index(members["IndexName"])
        asked = define_vector_index(members, types, index.id)
        if _sorted_parts(asked) != _sorted_parts(index):
            raise _unknown_index(index.name)
        chosen.append(index)
    return chosen


def _sorted_parts(index: VectorIndex) -> VectorIndex:
    filters = tuple(sorted(index.filters, key=lambda part: part.name))
    return replace(index, filters=filters, included=tuple(sorted(index.included)))


def _settled(index: Index) -> Index:
    return replace(index, status="ACTIVE", backfilling=False)


def _match(source: TableSchema, known: list[Index], members: Members) -> Index:
    """Return the one of the *known* indexes that *members* describe, with the name that it has there.

    Raises: ValidationException.
    """
    types = {part.name: part.type for part in source.attributes}
    name = members["IndexName"]
    if any(element["AttributeName"] not in types for element in members["KeySchema"]):
        raise _unknown_index(name)
    # NOTE: AWS compares keys and projections, and takes another name for a new one.
    for index in sorted(known, key=lambda index: index.name != name):
        asked = define_index(members, types, index.id, is_global=index.is_global)
        same = (asked.hash, asked.range, asked.projection) == (index.hash, index.range, index.projection)
        if same and set(asked.included) == set(index.included):
            return replace(index, name=name)
    raise _unknown_index(name)


def _unknown_index(name: str) -> Exception:
    return invalid_request(
        f"Index {name} does not match a secondary index that existed in the source table and cannot be "
        "created during the restore operation"
    )
