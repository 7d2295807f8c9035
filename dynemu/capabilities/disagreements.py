"""Where sources disagree about the service, and what dynemu answers then; Markdown, as ``differences``."""

from typing import NamedTuple


class Disagreement(NamedTuple):
    """What sources say differently, and what dynemu answers."""

    id: str
    about: str
    sources: str
    dynemu: str


DISAGREEMENTS = (
    Disagreement(
        "validators",
        "errors found before the table is looked at",
        "The service is half way through a new request validator: PutItem, UpdateItem and DeleteItem put "
        "`1 validation error detected: ` in front, GetItem, BatchGetItem, Query and Scan "
        "do not, except for Query's `Select`; BatchWriteItem and transactions run on the older one, with "
        "some other words.",
        "as the service does now, operation by operation",
    ),
    Disagreement(
        "newer-words",
        "an empty name or a number out of range",
        "Newer answers say `Value at 'TableName' failed to …`, older ones `Value '' at 'tableName' failed"
        " to …`. Requests about a whole table had a sentence of their own, `TableName must be at least 3 "
        "characters long …`; in recordings of October 2026 from two regions it is left in "
        "RestoreTableFromBackup and the descriptions of global tables of version 2017.11.29 only.",
        "the newer words for items; the older ones where a request also lacks its table name, and for "
        "tables, as recorded",
    ),
    Disagreement(
        "regions",
        "regions",
        "A few texts differ between regions.",
        "what most regions answer",
    ),
    Disagreement(
        "reserved-words",
        "reserved words",
        "The documentation lists 573. DynamoDB Local does not refuse CONVERT and SIZE.",
        "the list",
    ),
    Disagreement(
        "empty-update",
        "an update that only removes, of an item that is not there",
        "Some emulators create the item.",
        "it is not created, as recorded",
    ),
    Disagreement(
        "long-sums",
        "the sum of two numbers with more than 38 digits",
        "A matter of precision, reported as an overflow.",
        "the overflow message, as recorded",
    ),
    Disagreement(
        "set-order",
        "order of set members",
        "Sets have no order; recorded answers are sorted in most operations.",
        "sorted everywhere",
    ),
    Disagreement(
        "echoed-lists",
        "a list echoed in a broken constraint",
        "The service prints its own Java objects.",
        "as recorded for key schemas; JSON elsewhere",
    ),
    Disagreement(
        "describe-by-arn",
        "DescribeTable with an ARN",
        "One emulator leaves out TableId and shows dates of changes that never were; with a name it is "
        "the other way in every recording.",
        "the same description by name and by ARN",
    ),
    Disagreement(
        "on-demand-indexes",
        "indexes of an on-demand table",
        "One emulator leaves out their ProvisionedThroughput and shows it elsewhere.",
        "shown, with zeros, as the service does",
    ),
    Disagreement(
        "index-throughput",
        "throughput of an index after UpdateTable",
        "One emulator keeps showing the one before.",
        "the new one, as the API reference says",
    ),
    Disagreement(
        "scan-units",
        "reads charged for a Scan",
        "The service rounds per partition: a Scan of a tiny new on-demand table costs 2 or 4 units.",
        "one partition, rounded once",
    ),
    Disagreement(
        "number-size",
        "the size of a number",
        "The developer guide gives about a byte for two digits. Records of streams show more exactly "
        "which: the decimal point divides a number into pairs of digits, zeros at either end that make a "
        "pair do not count, one byte is added, and one below zero; 21 at most.",
        "as in those records; what is said of numbers below zero is from a calculator that others made",
    ),
    Disagreement(
        "missing-tags",
        "tags of a missing table",
        "Older answers say `ResourcArn: … not found`, the newest ones `ResourceArn: …`.",
        "the newest spelling, recorded in October 2026; so is what another account's table (`Access is "
        "denied`) and a stream are told",
    ),
    Disagreement(
        "empty-table-updates",
        "UpdateTable that changes nothing",
        "Older answers list six members of which one is required, recordings of October 2026 thirteen.",
        "the longer list",
    ),
    Disagreement(
        "index-again",
        "a new index with a name that is taken",
        "Emulators say `Index already exists: …`; recordings say `Attempting to create an index which "
        "already exists`.",
        "as recorded",
    ),
    Disagreement(
        "table-class-words",
        "a table class that there is not",
        "Emulators word it as a broken constraint; recordings say `Invalid table-class parameter provided. "
        "…`.",
        "as recorded",
    ),
    Disagreement(
        "stream-view",
        "a new table with a stream and no view type",
        "One emulator takes NEW_AND_OLD_IMAGES; recordings refuse it: `UpdateViewType is required`.",
        "refused, as recorded",
    ),
    Disagreement(
        "failed-condition-key",
        "the key of a failed condition's text",
        "Most emulators always say `message`; in the service's answers with an `Item` it is `Message`.",
        "`Message` beside an `Item`, `message` otherwise",
    ),
    Disagreement(
        "double-tags",
        "a tag key twice in CreateTable",
        "The service refuses it in a recording that does not say with which words; one emulator keeps the "
        "later value.",
        "refused, in the words of TagResource",
    ),
    Disagreement(
        "kinesis-count",
        "Kinesis destinations of a table",
        "Some descriptions allow two; published answers of the service refuse a second live one.",
        "one, and any number that were disabled",
    ),
    Disagreement(
        "global-2017",
        "global tables of version 2017.11.29",
        "The API reference describes them; since 2026 the service is reported to refuse "
        "CreateGlobalTable, and new replicas in UpdateGlobalTable, in every region.",
        "as documented: they are made, changed and listed",
    ),
    Disagreement(
        "strong-regions",
        "regions of a strongly consistent global table",
        "The API reference wants all three in one set of regions; the service is reported to take others "
        "too.",
        "any three of the regions that support it",
    ),
    Disagreement(
        "replica-stream",
        "the stream of a table that gets a replica",
        "Older pages ask for NEW_AND_OLD_IMAGES beforehand; the service is reported to turn such a stream"
        " on by itself, and to leave another view type as it is.",
        "as reported",
    ),
    Disagreement(
        "vector-texts",
        "texts about vector indexes",
        "The developer guide shortens them and nothing was recorded. Three other emulators quote what "
        "their authors were answered by the service, with some differences.",
        "the quoted ones that are exact to the letter, the guide's where there is none; where neither "
        "says a word, those for global indexes (a SearchSchema with one name twice, empty or "
        "contradicting VectorIndexUpdates)",
    ),
    Disagreement(
        "vector-writes",
        "what a write to a vector index costs",
        "The guide says that only changed indexed attributes count. Measured on the service, whatever "
        "changes the projected entry does.",
        "as measured: four bytes a dimension and the projected attributes, 1,024 at least, twice for an "
        "entry that changes its partition",
    ),
    Disagreement(
        "vector-members",
        "members of a search's ConsumedCapacity",
        "The model knows VectorSearchRequestBytes only; the service was seen to add VectorSearchUnits "
        "with the same number.",
        "both",
    ),
    Disagreement(
        "vector-results",
        "the vector in the results of a search",
        "The guide speaks of projected attributes. The service was seen to leave the vector out unless "
        "ProjectionExpression names it.",
        "left out unless named, and then with the 32 bits of the index",
    ),
    Disagreement(
        "partiql-delete",
        "a PartiQL DELETE of an item that is not there, with further conditions",
        "The developer guide says that nothing is deleted and that this is a success; as a condition it "
        "would fail.",
        "success",
    ),
    Disagreement(
        "partiql-names",
        "PartiQL names of nested columns",
        "Recorded: `m.k` comes back as `k`, `m.l[0]` as `l[0]`.",
        "so, and the last one wins when two columns get one name",
    ),
)
