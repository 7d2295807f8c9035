"""Where dynemu is known to differ from the service, and whom it follows where sources disagree.

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
        "The service is half way through a new request validator: PutItem, UpdateItem and DeleteItem "
        "put `1 validation error detected: ` in front, GetItem, BatchGetItem, Query and Scan do not; "
        "BatchWriteItem and transactions run on the older one, with some other words.",
        "as the service does now, operation by operation",
    ),
    Disagreement(
        "newer-words",
        "an empty name or a number out of range",
        "Newer answers say `Value at 'TableName' failed to …`, older ones `Value '' at 'tableName' "
        "failed to …`.",
        "the newer words; the older ones where a request also lacks its table name, as recorded",
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
        "One emulator leaves out TableId and shows dates of changes that never were; with a name it "
        "is the other way in every recording.",
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
)

DIFFERENCES = (
    Difference(
        "time",
        INTENTION,
        "**Time.** A table is usable as soon as it was created; `--table-delay` makes it pass through"
        " CREATING, UPDATING and DELETING for as long as asked. The answers themselves name these "
        "states in any case.",
    ),
    Difference(
        "expiry",
        INTENTION,
        "**Expiry.** An item goes within about a second of the end of its time to live; the service "
        "takes up to some days, and an application that counts on either is wrong. Time to live may "
        "be turned on and off as often as one likes.",
    ),
    Difference(
        "consistency",
        INTENTION,
        "**Consistency.** Every read sees every write that was answered before it, on indexes too. "
        "`ConsistentRead` decides what is charged, and is refused where the service refuses it.",
    ),
    Difference(
        "statistics",
        INTENTION,
        "**Statistics.** `ItemCount` and `TableSizeBytes` are exact and current; the service "
        "refreshes them every six hours.",
    ),
    Difference(
        "throughput",
        INTENTION,
        "**Throughput.** Units and maximums are kept, checked and shown, but nothing is throttled, "
        "and throughput may be lowered as often as one likes.",
    ),
    Difference(
        "accounts",
        INTENTION,
        "**Accounts.** Any credentials are accepted; signatures are checked for their form only. All "
        "regions and keys share one set of tables. A table's ARN has the region of the request that "
        "created it and the account of `--account-id`; where a name can be given as an ARN, its table"
        " name is what counts.",
    ),
    Difference(
        "conflicts",
        INTENTION,
        "**Conflicts.** Requests are carried out one after the other, so no transaction meets another"
        " one under way.",
    ),
    Difference(
        "quotas",
        INTENTION,
        "**Quotas of an account**, such as 2,500 tables or the rate of table operations, are not "
        "enforced. Those of a table, item, expression or request are.",
    ),
    Difference(
        "settings",
        INTENTION,
        "**Settings without effect.** Encryption, a table class and tags are accepted, checked, kept "
        "and shown; nothing depends on them.",
    ),
    Difference(
        "remembered",
        INTENTION,
        "**Remembered only.** Replicas, global tables, auto scaling, Kinesis destinations, "
        "contributor insights and resource policies are checked, kept and shown; nothing is "
        "replicated, scaled, sent, counted or forbidden.",
    ),
    Difference(
        "collection-size",
        NOT_DONE,
        "**Item collections** may grow past 10 GB.",
    ),
    Difference(
        "scan-order",
        UNKNOWN,
        "**The order of Scan** is arbitrary and stable on the service, and so it is here, but it is "
        "another order. The same holds for items under one key of a global index.",
    ),
    Difference(
        "index-pages",
        UNKNOWN,
        "**Page sizes of indexes** are counted on the projected attributes, as documented; the "
        "service's own bookkeeping is not published.",
    ),
)
"""In the order in which they are printed, by kind."""
