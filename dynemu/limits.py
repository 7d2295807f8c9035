"""AWS's quotas and the limits of the wire, as named constants.

Source, where nothing else is said: developer guide, "Quotas in Amazon DynamoDB".
"""

ITEM_BYTES = 409_600
NESTING_LEVELS = 32
HASH_KEY_BYTES = 2048
RANGE_KEY_BYTES = 1024
ATTRIBUTE_NAME_BYTES = 65_535
KEY_NAME_BYTES = 255
NUMBER_DIGITS = 38
NUMBER_MAX_EXPONENT = 125
NUMBER_MIN_EXPONENT = -130

EXPRESSION_BYTES = 4096
EXPRESSION_OPERATORS = 300
IN_OPERANDS = 100
PLACEHOLDER_BYTES = 2 * 1024 * 1024
TOKEN_CHARACTERS = 255

PAGE_BYTES = 1024 * 1024
BATCH_GET_KEYS = 100
BATCH_WRITE_REQUESTS = 25
BATCH_BYTES = 16 * 1024 * 1024
TRANSACTION_ACTIONS = 100
TRANSACTION_BYTES = 4 * 1024 * 1024
TOKEN_SECONDS = 600
STATEMENT_PARTITIONS = 50
"""Partitions that one SELECT may name (developer guide, "PartiQL operators", IN)."""
COLLECTION_BYTES = 10 * 1024 * 1024 * 1024

READ_UNIT_BYTES = 4096
WRITE_UNIT_BYTES = 1024

GSI_COUNT = 20
LSI_COUNT = 5
GSI_KEY_PARTS = 4
PROJECTED_ATTRIBUTES = 100
INCLUDED_ATTRIBUTES = 20
VECTOR_INDEX_COUNT = 5
VECTOR_DIMENSIONS = 4096
VECTOR_FILTERS = 20
VECTOR_FILTER_BYTES = 10_240
VECTOR_RESULTS = 100
"""The highest TopK of a search."""
TABLES_PER_PAGE = 100
STREAMS_PER_PAGE = 100
SHARDS_PER_PAGE = 100
RECORDS_PER_PAGE = 1000
TAGS = 50
ACCOUNT_UNITS = 80_000
TABLE_UNITS = 40_000
POLICY_BYTES = 20_480
"""Source: developer guide, "DynamoDB resource-based policy considerations"."""
THROUGHPUT_UNITS = 1_000_000_000_000
SEGMENTS = 1_000_000
CONCURRENT_RESTORES = 50
BACKUPS_PER_PAGE = 100

IMPORTS = 50
EXPORTS = 300
"""Imports and exports at a time."""
TASKS_PER_PAGE = 10
"""Of a list of exports or imports."""
BULK_OPERATIONS_PER_PAGE = 10
CLIENT_TOKEN_SECONDS = 8 * 3600
"""How long a ClientToken of an export, import or bulk operation is known (API reference)."""
REMEMBERED_SECONDS = 90 * 86_400
"""How long exports, imports and bulk operations are listed (API reference)."""
INCREMENT_SECONDS = 24 * 3600
"""Most time that an incremental export covers (developer guide, "DynamoDB data export to Amazon S3")."""

REQUEST_BYTES = 16 * 1024 * 1024
"""Body of one HTTP request (API reference, BatchWriteItem)."""
MOST_LISTED = 10_000
"""Entries of a list that the admin API, which is our own, gives at once."""
