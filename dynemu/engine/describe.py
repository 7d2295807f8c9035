"""What AWS shows of a table: TableDescription, from its definition and its counts."""

from typing import Any

from dynemu.engine.replica_views import add_replicas
from dynemu.model import Index, KeyAttribute, TableSchema, Throughput, VectorIndex
from dynemu.storage.base import View

Description = dict[str, Any]

ON_DEMAND_WARMTH = (12_000, 4_000)
"""Reads and writes a second that every on-demand table takes at once.

Source: developer guide, "Initial throughput for on-demand capacity mode".
"""


def describe_table(view: View, schema: TableSchema) -> Description:
    """Return the description of *schema* as DescribeTable gives it."""
    description = describe_deleted(view, schema)
    description["KeySchema"] = _key_schema((schema.hash,), () if schema.range is None else (schema.range,))
    description["AttributeDefinitions"] = [
        {"AttributeName": part.name, "AttributeType": part.type}
        for part in sorted(schema.attributes, key=lambda part: part.name)
    ]
    description["CreationDateTime"] = round(schema.created, 3)
    description["WarmThroughput"] = warmth(schema, schema)
    _add_indexes(description, view, schema)
    _add_stream(description, schema)
    if schema.on_demand:
        description["OnDemandThroughput"] = schema.on_demand
    if schema.sse is not None:
        description["SSEDescription"] = schema.sse
    if schema.table_class is not None:
        description["TableClassSummary"] = {"TableClass": schema.table_class}
    description.update(schema.extra.get("described", {}))
    add_replicas(description, schema)
    return description


def describe_new(view: View, schema: TableSchema) -> Description:
    """Return the description in the answer of CreateTable, which knows less than DescribeTable."""
    description = describe_table(view, schema)
    for member in ("BillingModeSummary", "TableThroughputModeSummary"):
        if member in description:
            description[member].pop("LastUpdateToPayPerRequestDateTime", None)
    if schema.warm is None:
        del description["WarmThroughput"]
    for index in description.get("GlobalSecondaryIndexes", ()):
        del index["WarmThroughput"]
    return description


def describe_deleted(view: View, schema: TableSchema) -> Description:
    """Return the short description in the answer of DeleteTable."""
    items, size = view.counts(schema.id)
    description: Description = {
        "TableName": schema.name,
        "TableId": schema.uuid,
        "TableArn": schema.arn,
        "TableStatus": schema.status,
        "ItemCount": items,
        "TableSizeBytes": size,
        "ProvisionedThroughput": _throughput(schema.throughput),
        "DeletionProtectionEnabled": schema.protected,
    }
    if schema.on_demand_since is not None:
        since = {"LastUpdateToPayPerRequestDateTime": round(schema.on_demand_since, 3)}
        description["BillingModeSummary"] = {"BillingMode": schema.billing, **since}
        description["TableThroughputModeSummary"] = {"TableThroughputMode": schema.billing, **since}
    return description


def _add_indexes(description: Description, view: View, schema: TableSchema) -> None:
    local = [_index(view, schema, index) for index in schema.indexes if not index.is_global]
    shown = [*(index for index in schema.indexes if index.is_global), *schema.leaving]
    if local:
        description["LocalSecondaryIndexes"] = local
    if shown:
        description["GlobalSecondaryIndexes"] = [_global_index(view, schema, index) for index in shown]
    vectors = (*schema.vector_indexes, *schema.leaving_vectors)
    if vectors:
        description["VectorIndexes"] = [_vector_index(view, schema, index) for index in vectors]


def _index(view: View, schema: TableSchema, index: Index) -> Description:
    items, size = view.counts(index.id)
    return {
        "IndexName": index.name,
        "IndexArn": f"{schema.arn}/index/{index.name}",
        "KeySchema": _key_schema(index.hash, index.range),
        "Projection": _projection(index),
        "ItemCount": items,
        "IndexSizeBytes": size,
    }


def _projection(index: Index | VectorIndex) -> Description:
    projection: Description = {"ProjectionType": index.projection}
    if index.included:
        projection["NonKeyAttributes"] = sorted(index.included)
    return projection


def _vector_index(view: View, schema: TableSchema, index: VectorIndex) -> Description:
    items, size = view.counts(index.id)
    description: Description = {
        "IndexName": index.name,
        "IndexArn": f"{schema.arn}/index/{index.name}",
        "IndexStatus": index.status,
        "VectorAttribute": {"AttributeName": index.attribute},
        "Dimensions": index.dimensions,
        "DistanceFunction": index.distance,
        "Projection": _projection(index),
        "ItemCount": items,
        "IndexSizeBytes": size,
    }
    if index.backfilling:
        description["Backfilling"] = schema.status == "ACTIVE"
    if index.hash or index.filters:
        description["SearchSchema"] = [
            *({"AttributeName": part.name, "SearchSchemaElementType": "HASH"} for part in index.hash),
            *(
                {"AttributeName": part.name, "SearchSchemaElementType": "INLINE_FILTER"}
                for part in index.filters
            ),
        ]
    return description


def _global_index(view: View, schema: TableSchema, index: Index) -> Description:
    description = _index(view, schema, index)
    description["IndexStatus"] = index.status
    if index.backfilling:
        # NOTE: while the table itself is UPDATING, AWS is allocating the index and has not begun to fill it.
        description["Backfilling"] = schema.status == "ACTIVE"
    description["ProvisionedThroughput"] = _throughput(index.throughput)
    description["WarmThroughput"] = warmth(schema, index)
    if index.on_demand:
        description["OnDemandThroughput"] = index.on_demand
    return description


def _add_stream(description: Description, schema: TableSchema) -> None:
    if schema.stream_view is not None:
        description["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": schema.stream_view}
    if schema.stream_label is not None:
        description["LatestStreamLabel"] = schema.stream_label
        description["LatestStreamArn"] = f"{schema.arn}/stream/{schema.stream_label}"


def _key_schema(hashes: tuple[KeyAttribute, ...], ranges: tuple[KeyAttribute, ...]) -> list[dict[str, str]]:
    return [
        *({"AttributeName": part.name, "KeyType": "HASH"} for part in hashes),
        *({"AttributeName": part.name, "KeyType": "RANGE"} for part in ranges),
    ]


def _throughput(throughput: Throughput) -> Description:
    description: Description = {
        "NumberOfDecreasesToday": throughput.decreases_today,
        "ReadCapacityUnits": throughput.read,
        "WriteCapacityUnits": throughput.write,
    }
    if throughput.increased_at is not None:
        description["LastIncreaseDateTime"] = round(throughput.increased_at, 3)
    if throughput.decreased_at is not None:
        description["LastDecreaseDateTime"] = round(throughput.decreased_at, 3)
    return description


def warmth(schema: TableSchema, part: TableSchema | Index) -> Description:
    """Return WarmThroughput of *part*, the table itself or one of its indexes; no less than its units."""
    reads, writes = part.throughput.read, part.throughput.write
    if schema.billing == "PAY_PER_REQUEST":
        reads, writes = ON_DEMAND_WARMTH
    warm = part.warm or {}
    return {
        "ReadUnitsPerSecond": max(reads, warm.get("ReadUnitsPerSecond", 0)),
        "WriteUnitsPerSecond": max(writes, warm.get("WriteUnitsPerSecond", 0)),
        "Status": warm.get("Status", "ACTIVE"),
    }


def kept_warmth(schema: TableSchema, part: TableSchema | Index) -> dict[str, int]:
    """Return the warmth that *part* keeps whatever changes: AWS never takes any away.

    Source: published recordings of the service's answers.
    """
    shown = warmth(schema, part)
    return {name: shown[name] for name in ("ReadUnitsPerSecond", "WriteUnitsPerSecond")}
