"""Where dynemu is known to differ from the service.

An entry is Markdown, as it is printed in ``docs/compatibility.md``, which ``make docs`` writes.
"""

from typing import NamedTuple

INTENTION = "intention"
"""Another answer serves a test suite better."""
NOT_DONE = "not done"
"""It may come."""
UNKNOWN = "unknown"
"""Nobody outside of the service can know."""
KINDS = (INTENTION, NOT_DONE, UNKNOWN)


class Difference(NamedTuple):
    """A known difference from the service; *text* begins with its subject in bold."""

    id: str
    kind: str
    text: str


DIFFERENCES = (
    Difference(
        "time",
        INTENTION,
        "**Time.** A table is usable as soon as it was created; `--table-delay` makes it pass through "
        "CREATING, UPDATING and DELETING for as long as asked. The answers themselves name these states "
        "in any case.",
    ),
    Difference(
        "expiry",
        INTENTION,
        "**Expiry.** An item goes within about a second of the end of its time to live; the service takes"
        " up to some days, and an application that counts on either is wrong. Time to live may be turned "
        "on and off as often as one likes.",
    ),
    Difference(
        "consistency",
        INTENTION,
        "**Consistency.** Every read sees every write that was answered before it, on indexes too, unless"
        " [`--consistency`](consistency.md) asks for older states. `ConsistentRead` decides what is "
        "charged, and is refused where the service refuses it.",
    ),
    Difference(
        "statistics",
        INTENTION,
        "**Statistics.** `ItemCount` and `TableSizeBytes` are exact and current; the service refreshes "
        "them every six hours.",
    ),
    Difference(
        "throughput",
        INTENTION,
        "**Throughput.** Units and maximums are kept, checked and shown, but nothing is throttled except "
        "by a [fault](faults.md), and throughput may be lowered as often as one likes. The words of "
        "`ServiceUnavailable`, and of `RequestLimitExceeded` in a fault, are those of the documentation.",
    ),
    Difference(
        "accounts",
        INTENTION,
        "**Accounts.** Any credentials are accepted; signatures are checked for their form only. All "
        "regions and keys share one set of tables. A table's ARN has the region of the request that "
        "created it and the account of `--account-id`; where a name can be given as an ARN, its table "
        "name is what counts, and in a stream's ARN the label too.",
    ),
    Difference(
        "conflicts",
        INTENTION,
        "**Conflicts.** Requests are carried out one after the other, so no transaction meets another one"
        " under way, unless a [fault](faults.md#transactions-under-way) holds one open. That "
        "BatchWriteItem gives items of such a transaction back as unprocessed is a guess. PartiQL "
        "statements do not meet held transactions.",
    ),
    Difference(
        "quotas",
        INTENTION,
        "**Quotas of an account**, such as 2,500 tables or the rate of table operations, are not "
        "enforced. Those of a table, item, expression or request are.",
    ),
    Difference(
        "streams",
        INTENTION,
        "**Streams.** A record can be read as soon as its write was answered. A stream has one open "
        "shard, or as many as `--stream-shards` says when it is enabled; the service decides by load. "
        "Open shards are closed and followed by one child each every four hours of the clock, as on the "
        "service, and whenever `Database.rotate_shards` is called, which can also split them in two. "
        "Readers of a shard are not throttled. Records are trimmed when they are 24 hours old to the "
        "second, a shard and its rows 24 hours after it was closed.",
    ),
    Difference(
        "backups",
        INTENTION,
        "**Backups** are made at once, and `--table-delay` is their time too. They cannot be made by "
        "another service: the filter `AWS_BACKUP` finds none.",
    ),
    Difference(
        "point-in-time",
        INTENTION,
        "**Point-in-time recovery** reaches up to now: `LatestRestorableDateTime` is the time of the "
        "request, five minutes later than the service's, so that a test can restore what it has just "
        "written. A `RestoreDateTime` without a fraction means all of that second, because most SDKs cut "
        "the fraction off; one with a fraction is exact to the millisecond. How far back it reaches is "
        "bounded by `--history-bytes` for each table as well as by its period: when there is more "
        "history, the oldest goes and `EarliestRestorableDateTime` moves. Backups are not bounded by "
        "that.",
    ),
    Difference(
        "s3",
        INTENTION,
        "**S3** is a directory, `--s3-dir`: bucket B is its directory B, and the key of an object is the "
        "path below. Without the setting, or without the bucket, a job ends as FAILED with "
        "`S3NoSuchBucket`, as on the service, and the message says what is missing. What S3 would take "
        "and a file system cannot (a key with `//`, `.` or `..`, or below another object's key) or what "
        "would leave the bucket's directory, by a symbolic link too, ends it with `S3AccessDenied` or "
        "`S3InternalError`. Encryption and the bucket's owner are remembered and shown only.",
    ),
    Difference(
        "exports",
        INTENTION,
        "**Exports, imports and bulk operations** take as long as their work takes, in the background, "
        "and go on after a restart. An export may be of the present, or cover less than the 15 minutes "
        "that the service wants of an incremental one. Tables have one partition, so an export has one "
        "data file for each 4 MB. There is no CloudWatch: what an import refuses is logged by dynemu "
        "itself, one line of JSON for each item in the form of the service's logs, with `--log-level "
        "info`. The rate of a bulk operation (`MaxWriteRequestUnits`) and its tier are kept and shown. "
        "Objects compressed with ZSTD and objects in Ion format need `pip install 'dynemu[import]'`.",
    ),
    Difference(
        "settings",
        INTENTION,
        "**Settings.** Encryption, a table class, tags, resource policies, Kinesis destinations, "
        "contributor insights and warm throughput are checked, kept and shown, and nothing comes of them:"
        " no policy allows or denies, no record is sent, nothing is measured. They change at once, or "
        "with `--table-delay` in as long as a table does. The service makes a second change of tags wait "
        "for some seconds and one of a policy for 15, and shows the first one late; dynemu does neither. "
        "Any ARN that looks like one of a Kinesis stream is taken for a stream that exists. Actions in a "
        "policy are not looked up, and the position in a syntax error is a guess.",
    ),
    Difference(
        "endpoints",
        INTENTION,
        "**Endpoints.** DescribeEndpoints names the service's own address; an SDK that was given an "
        "endpoint does not ask for it.",
    ),
    Difference(
        "replicas",
        INTENTION,
        "**Replicas.** Replicas, witnesses, consistency modes and their settings are checked, remembered "
        "and shown, but nothing is copied: every region reads and writes the one table. From the region "
        "of a replica DescribeTable shows that replica: its ARN, key, table class, throughput and "
        "deletion protection. A region without one sees the table as its own region does. DeleteTable in "
        "the region of a replica takes the replica away; DeleteTable in the table's own region, a day "
        "after its last replica was made, deletes the table for all regions. There are no opt-in regions.",
    ),
    Difference(
        "auto-scaling",
        INTENTION,
        "**Auto scaling** is another service's. UpdateTableReplicaAutoScaling and "
        "UpdateGlobalTableSettings check and remember what is asked for, and nothing scales by it. As no "
        "table can be registered for auto scaling here, a provisioned table gets no replica, in the words"
        " of the service; an on-demand table with replicas may be made provisioned.",
    ),
    Difference(
        "global-settings",
        INTENTION,
        "**Settings of version 2017.11.29** are remembered for the global table and do not change the "
        "table that it is made of.",
    ),
    Difference(
        "accounts-global",
        INTENTION,
        "**Multi-account global tables.** There is one account: CreateTable with GlobalTableSourceArn, in"
        " another region, adds a replica to the table of that name, whatever account the ARN has.",
    ),
    Difference(
        "vector-search",
        INTENTION,
        "**Vector search** compares every vector of the index, or of the partition that is asked for, so "
        "the nearest are found without fail, and equally near ones come in the order of their keys. The "
        "service searches approximately: do not test for an exact list. An index is searchable when it is"
        " full, within moments of UpdateTable; the service takes many minutes and refuses searches for a "
        "while after `ACTIVE`. No other request is answered during a search: about 0.06 seconds in memory"
        " and 0.17 on disk for 100,000 vectors of 768 dimensions on the machine of the benchmarks, a "
        "hundred times that when nothing is compiled.",
    ),
    Difference(
        "collection-size",
        NOT_DONE,
        "**Item collections** may grow past 10 GB.",
    ),
    Difference(
        "scan-order",
        UNKNOWN,
        "**The order of Scan** is that of an MD5 sum of the partition key, which others have found to be the "
        "service's and recorded answers bear out; nothing is known of indexes with several partition key "
        "attributes. Items under one key of a global index without a sort key come in the order of their own "
        "keys, on the service in an arbitrary one.",
    ),
    Difference(
        "index-pages",
        UNKNOWN,
        "**Page sizes of indexes** are counted on the projected attributes, as documented; the service's "
        "own bookkeeping is not published.",
    ),
    Difference(
        "stream-texts",
        UNKNOWN,
        "**What an iterator or sequence number that never was is told.** The texts `Invalid "
        "ShardIterator`, `Invalid SequenceNumber`, `Invalid StreamArn: …` and those about `Timestamp` and"
        " `ShardFilter` are guesses; the texts of expired iterators and trimmed records are those of the "
        "service model. A sequence number from before the shard's first counts as trimmed.",
    ),
    Difference(
        "restore-texts",
        UNKNOWN,
        "**Restores.** Words of errors are those of recorded answers; units of an index that its billing "
        "mode of old forbids are refused in words like those for the table. A backup "
        "is restored from any region without `SSESpecificationOverride`, which the service wants for "
        "another region.",
    ),
    Difference(
        "import-details",
        UNKNOWN,
        "**What the documentation of imports leaves open.** Nothing of an object is read behind a line "
        "that is no JSON, as recorded; after a line of CSV that cannot be read, the next line is; an "
        "object that cannot be decompressed, or is no Ion, counts as one error from there on. An empty "
        "cell of CSV is an empty string. The name of the new table is taken at once; the service lets "
        "several imports for one name begin and all but one fail.",
    ),
    Difference(
        "bulk-details",
        UNKNOWN,
        "**What is public of bulk operations** is the API reference and little more. A record is an item "
        "with, beside it, the members of PutItem for a condition; one that cannot be read stops its "
        "object. Items are put as PutItem does it, with index rows, stream records and expiry. The report"
        " lies below `AWSDynamoDB/<id>/` of the output location, with manifests like those of an export "
        'and lines `{"outputType", "itemS3Pointer", "errorMessages", "Item", "ExistingItem"}`. Bytes of '
        "usage are the sizes of items and index rows, not rounded. Codes of failures other than "
        "`S3NoSuchBucket`, and the refusal to cancel what has ended, are guesses.",
    ),
    Difference(
        "export-texts",
        UNKNOWN,
        "**Exports.** That an increment is longer than 24 hours is refused in words of dynemu's own; the "
        "service also refuses less than 15 minutes. Manifests of full exports have "
        'the documented members, and `WriteTimestampMicros` of an incremental export is `{"N": "…"}`, as '
        "exports of the service have it.",
    ),
    Difference(
        "global-texts",
        UNKNOWN,
        "**Texts of some refusals** about global tables are guesses after the nearest known one: what a "
        "strongly consistent table cannot have (items, local indexes, time to live), disassociation, "
        "multi-account tables, and most of version 2017.11.29.",
    ),
    Difference(
        "vector-scores",
        UNKNOWN,
        "**Scores.** They are computed with 64 bits and shown with 32; the service's differ in the last "
        "digits (an item searched for by its own vector scores 0 here and up to 0.00000003 there), and "
        "its bytes for one search vary between two numbers, of which dynemu gives the lower one. A vector"
        " of zeros has no direction: its cosine distance is 1. An attribute in ProjectionExpression that "
        "the index lacks is left out, and answers of a search may be larger than 16 MB.",
    ),
    Difference(
        "partiql-syntax-errors",
        UNKNOWN,
        "**PartiQL syntax errors.** What follows `Statement wasn't well formed, can't be processed:` is "
        "dynemu's own: it says what was expected, and where.",
    ),
    Difference(
        "partiql-order-by",
        UNKNOWN,
        "**PartiQL ORDER BY.** `ORDER BY` over several partitions (`pk IN [...]`) must name the partition "
        "key; without it, one emulator refuses and the other orders within each partition. A SELECT of one"
        " item by its whole key never gives a NextToken.",
    ),
    Difference(
        "partiql-functions",
        UNKNOWN,
        "**PartiQL functions.** `attribute_exists`, `attribute_not_exists` and `if_not_exists` are not "
        "documented, but emulators know them, and so does dynemu. Function names may be in any case.",
    ),
    Difference(
        "partiql-null",
        UNKNOWN,
        "**PartiQL NULL.** `IS NULL` means a value of type NULL, not a missing attribute.",
    ),
    Difference(
        "partiql-exists",
        UNKNOWN,
        "**PartiQL EXISTS.** `EXISTS` is a ConditionCheck as in TransactWriteItems, so `... AND a IS "
        "MISSING` also holds for an item that is not there.",
    ),
    Difference(
        "partiql-words",
        UNKNOWN,
        '**PartiQL words.** Which words are reserved, and are names only in double quotes (`"size"`), is '
        "taken from DynamoDB Local.",
    ),
    Difference(
        "partiql-values",
        UNKNOWN,
        "**PartiQL values.** Parameters may stand in lists and maps (`[?]`), which DynamoDB Local refuses, "
        "and for the whole item of an INSERT; in bags (`<<?>>`) they may not.",
    ),
    Difference(
        "partiql-refusals",
        UNKNOWN,
        "**PartiQL refusals.** Most texts that say why a well-formed statement is refused are those of "
        "DynamoDB Local.",
    ),
    Difference(
        "partiql-capacity",
        UNKNOWN,
        "**PartiQL capacity.** `ConsumedCapacity` of batches and transactions has one entry for each "
        "table, in the order of the statements.",
    ),
    Difference(
        "partiql-key-conditions",
        UNKNOWN,
        "**PartiQL key conditions.** Key attributes with conditions that no key range takes (`sk > 1 AND "
        "sk < 5`) are read by the first and filtered by the others.",
    ),
)
"""In the order in which they are printed, by kind."""
