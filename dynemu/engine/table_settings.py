"""Settings of a table in a request: billing, throughput, stream, encryption, tags; checked, and as stored.

Source of texts: recorded answers, topics create_table and update_table; the order of checks is AWS's.
"""

from datetime import datetime, timezone
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from dynemu.engine.describe import ON_DEMAND_WARMTH
from dynemu.errors import parameter_error, validation
from dynemu.limits import TAGS, THROUGHPUT_UNITS
from dynemu.model import Throughput

Members = dict[str, Any]

ON_DEMAND = "PAY_PER_REQUEST"
PROVISIONED = "PROVISIONED"
UNITS_FOR_ON_DEMAND = (
    "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST"
)
TOO_MANY_TAGS = "Number of Tags exceed the current limit for the provided ResourceArn"
_TAG_SIGNS = "_.:/=+-@"
_UNIT_NAMES = ("ReadCapacityUnits", "WriteCapacityUnits")
_MAXIMUM_NAMES = ("MaxReadRequestUnits", "MaxWriteRequestUnits")
_WARM_NAMES = ("ReadUnitsPerSecond", "WriteUnitsPerSecond")
_WARM_PAGE = (
    "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html"
    "#on-demand-capacity-mode-initial"
)


def check_billing(request: Members) -> None:
    """Raise ValidationException when a CreateTable request's units do not go with its billing mode."""
    billing, units = request.get("BillingMode") or PROVISIONED, request.get("ProvisionedThroughput")
    if billing == ON_DEMAND and units is not None:
        raise parameter_error(UNITS_FOR_ON_DEMAND)
    check_units(units)
    if billing == PROVISIONED and units is None:
        raise parameter_error(
            "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED"
        )


def check_index_billing(request: Members) -> None:
    """Raise ValidationException when units of the indexes do not go with a new table's billing mode."""
    billing = request.get("BillingMode") or PROVISIONED
    for index in request.get("GlobalSecondaryIndexes") or ():
        units, name = index.get("ProvisionedThroughput"), index["IndexName"]
        if billing == ON_DEMAND and units is not None:
            raise parameter_error(
                f"ProvisionedThroughput should not be specified for index: {name} "
                "when BillingMode is PAY_PER_REQUEST"
            )
        if billing == PROVISIONED and units is None:
            raise parameter_error(f"ProvisionedThroughput is not specified for index: {name}")
        check_units(units, name)


def check_units(units: Members | None, index_name: str | None = None) -> None:
    """Raise ValidationException for more provisioned units than there can be."""
    where = "" if index_name is None else f" for index {index_name}"
    for name in _UNIT_NAMES:
        if units is not None and units[name] > THROUGHPUT_UNITS:
            raise validation(f"Given value {units[name]} for {name} is out of bounds{where}")


def new_throughput(units: Members | None) -> Throughput:
    """Return the stored form of a request's ProvisionedThroughput; zeros when there is none."""
    return (
        Throughput() if units is None else Throughput(units["ReadCapacityUnits"], units["WriteCapacityUnits"])
    )


def changed_throughput(old: Throughput, units: Members, now: float) -> Throughput:
    """Return *old* after a change to *units* at *now*."""
    read, write = units["ReadCapacityUnits"], units["WriteCapacityUnits"]
    decreased = read < old.read or write < old.write
    increased = read > old.read or write > old.write
    same_day = old.decreased_at is not None and int(old.decreased_at // 86_400) == int(now // 86_400)
    today = old.decreases_today if same_day else 0
    return Throughput(
        read,
        write,
        now if increased else old.increased_at,
        now if decreased else old.decreased_at,
        today + decreased,
    )


def check_on_demand(maximum: Members | None, billing: str, index_name: str | None = None) -> None:
    """Raise ValidationException for OnDemandThroughput of a new table or index that it cannot have."""
    for name in _MAXIMUM_NAMES:
        if (maximum or {}).get(name) is not None and billing == PROVISIONED:
            index = "" if index_name is None else f" for index: {index_name}"
            raise parameter_error(
                f"{name} for OnDemandThroughput{index} cannot be specified "
                "when table BillingMode is PROVISIONED."
            )
    check_maximum(maximum, 1, index_name)


def check_maximum(maximum: Members | None, low: int, index_name: str | None = None) -> None:
    """Raise ValidationException for a maximum below *low*; -1 is the least, as it takes a maximum away."""
    where = "table" if index_name is None else f"index : {index_name}"
    for name in _MAXIMUM_NAMES:
        value = (maximum or {}).get(name)
        if value is not None and (value < low or value == 0):
            raise parameter_error(
                f"Requested {name} for OnDemandThroughput for {where} is outside of valid range"
            )


def present(members: Members | None) -> Members | None:
    """Return those of *members* that have a value; None when there are none."""
    return {name: value for name, value in (members or {}).items() if value is not None} or None


def check_warm(
    warm: Members | None, billing: str, units: Members | None, index_name: str | None = None
) -> None:
    """Raise ValidationException for a new table's or index's WarmThroughput below what it has anyway."""
    where = "table" if index_name is None else f"index {index_name}"
    for place, name in enumerate(_WARM_NAMES):
        value = (warm or {}).get(name)
        if value is None:
            continue
        if billing == ON_DEMAND and value < ON_DEMAND_WARMTH[place]:
            raise parameter_error(
                f"Requested {name} for WarmThroughput for {where} is lower than initial throughput for "
                f"OnDemand. See: {_WARM_PAGE}"
            )
        if billing == PROVISIONED and units is not None and value < units[_UNIT_NAMES[place]]:
            raise parameter_error(
                f"Requested {name} for WarmThroughput for {where} is lower than {_UNIT_NAMES[place]} of "
                "ProvisionedThroughput"
            )


def check_any_warmth(warm: Members, index_name: str) -> None:
    """Raise ValidationException for a WarmThroughput of an index that says nothing."""
    if present(warm) is None:
        raise parameter_error(
            "WarmThroughput must have at least one of ReadUnitsPerSecond or WriteUnitsPerSecond specified "
            f"for index: {index_name}"
        )


def check_warmer(warm: Members | None, shown: Members, index_name: str | None = None) -> None:
    """Raise ValidationException when *warm* would cool what DescribeTable shows as WarmThroughput."""
    where = "table" if index_name is None else f"index {index_name}"
    for name in _WARM_NAMES:
        value = (warm or {}).get(name)
        if value is not None and value < shown[name]:
            raise parameter_error(
                f"Requested {name} for WarmThroughput for {where} is lower than current WarmThroughput, "
                "decreasing WarmThroughput is not supported"
            )


def check_new_stream(stream: Members | None) -> None:
    """Raise ValidationException for a CreateTable request's StreamSpecification that contradicts itself."""
    if stream is None:
        return
    has_view = stream.get("StreamViewType") is not None
    if stream["StreamEnabled"] and not has_view:
        raise parameter_error("Table is being created with a stream enabled, UpdateViewType is required")
    if has_view and not stream["StreamEnabled"]:
        raise parameter_error(
            "Table is being created with a stream disabled, UpdateViewType should not be specified"
        )


def stream_view(stream: Members | None) -> str | None:
    """Return the view type that *stream* asks for; None for no stream."""
    return None if stream is None or not stream["StreamEnabled"] else stream["StreamViewType"]


def stream_label(now: float) -> str:
    """Return the label of a stream that begins at *now*: ``2026-11-20T23:42:48.988``."""
    moment = datetime.fromtimestamp(round(now, 3), timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}"


def encryption(specification: Members | None, region: str, account: str) -> Members | None:
    """Return the SSEDescription that *specification* asks for; None for the key that AWS owns.

    Raises: ValidationException for members that contradict each other.
    """
    asked = present(specification)
    if asked is None:
        return None
    kind, key = asked.get("SSEType"), asked.get("KMSMasterKeyId")
    if asked.get("Enabled") is False:
        for name in ("SSEType", "KMSMasterKeyId"):
            if name in asked:
                raise parameter_error(f"{name} can not be specified if Enabled is false")
        return None
    if kind == "AES256":
        raise parameter_error("SSEType AES256 is not supported")
    if key is not None and kind is None:
        raise parameter_error("SSEType KMS is required if KMSMasterKeyId is specified")
    return {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": key_arn(key, region, account)}


def key_arn(key: str | None, region: str, account: str) -> str:
    """Return the ARN of a KMS key given by id, alias or ARN; None means the key that AWS manages.

    There is no KMS here: an alias stands for one key for ever.
    """
    key = key or "alias/aws/dynamodb"
    prefix = f"arn:aws:kms:{region}:{account}:"
    if key.startswith("arn:") and ":alias/" not in key:
        return key
    if key.startswith("arn:") or key.startswith("alias/"):
        alias = key.rpartition(":")[2]
        return f"{prefix}key/{uuid5(NAMESPACE_URL, prefix + alias)}"
    return f"{prefix}key/{key}"


def check_tag_key(key: str | None) -> None:
    """Raise ValidationException for a tag key that AWS does not take."""
    if key is None or not 1 <= len(key) <= 128 or not _is_tag_text(key):
        raise validation(f"The Tag Key provided is invalid, Key: {'null' if key is None else key}")
    if key.lower().startswith("aws:"):
        raise validation(f"Tag Key cannot be prefixed with aws:, Key: {key}")


def _is_tag_text(text: str) -> bool:
    """Tell whether *text* has only letters, digits and blanks of any script and the signs of tags."""
    from unicodedata import category  # noqa: PLC0415 - few tables have tags

    return all(sign in _TAG_SIGNS or category(sign)[0] in "LNZ" for sign in text)


def tags_of(tags: list[Members] | None) -> dict[str, str]:
    """Return a request's tags by key.

    Raises: ValidationException for a key or value that AWS does not take, a key twice, or too many of them.
    """
    seen: set[str] = set()
    for tag in tags or ():
        key = tag.get("Key")
        if key is not None and key in seen:
            raise validation(f"Duplicate Tag Keys provided as input: Duplicate Tag Key found {key}")
        seen.add(key or "")
    for tag in tags or ():
        check_tag_key(tag.get("Key"))
        value = tag.get("Value")
        if value is None or len(value) > 256 or not _is_tag_text(value):
            raise validation(
                f"The Tag Value provided is invalid, Value: {'null' if value is None else value}"
            )
    by_key = {tag["Key"]: tag["Value"] for tag in tags or ()}
    if len(by_key) > TAGS:
        raise validation(TOO_MANY_TAGS)
    return by_key
