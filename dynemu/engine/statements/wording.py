"""How AWS words what is wrong with a statement."""

from dynemu.errors import ValidationException, validation
from partiql import ast, render

NO_FULL_KEY = "Where clause does not contain a mandatory equality on all key attributes"
TOO_FEW_PARAMETERS = "Number of parameters in request and statement don't match."
BAD_TOKEN = "Invalid NextToken"
ALIASED = "Aliasing is not supported"
DUPLICATE_ITEM = "Duplicate primary key exists in table"
DUPLICATE_KEYS = "Provided list of item keys contains duplicates"
MIXED_BATCH = "Read and write requests together in the same batch is not supported."
PARTIAL_BATCH_KEY = (
    "Select statements within BatchExecuteStatement must specify the primary key in the where clause."
)
MIXED_TRANSACTION = (
    "ExecuteTransaction API does not support both read and write operations in the same request."
)
PARTIAL_TRANSACTION_KEY = (
    "Select statements within ExecuteTransaction must specify the primary key in the where clause."
)
RETURNING_IN_TRANSACTION = "RETURNING clause is not supported in ExecuteTransaction."
INDEX_IN_TRANSACTION = "Reads on indices are not supported within transactions."
INCOMPLETE_EXISTS = "EXISTS() must contain a single item read with additional condition"
EXISTS_OUTSIDE = "EXISTS can only be used in ExecuteTransaction write requests."
UNKNOWN_INDEX = "The table does not have the specified index"
CONSISTENT_GLOBAL = "Strongly consistent read is not supported on Global Secondary Indexes"
TOO_MANY_PARTITIONS = "The IN operator is provided with too many operands; number of operands: {}"
ORDER_WITHOUT_WHERE = "Must have WHERE clause in the statement when using ORDER BY clause."
ORDER_WITHOUT_HASH = (
    "Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause."
)
ORDER_WITHOUT_ITS_HASH = (
    "Must have hash key in ORDER BY clause when more than one hash key condition specified in WHERE clause."
)
INDEX_WRITTEN = "This operation is not supported on an index"
INDEX_INSERTED = "FROM clause may only contain a single table name in data manipulation statements"
LONG_SOURCE = "A path may contain at most 2 components in the FROM clause"
EMPTY_NAME = "Path component cannot be an empty string"
INSERT_RETURNING = "RETURNING is not supported in INSERT"
NOT_BOOLEAN = "WHERE clause must contain an expression that resolves to a boolean"
NOT_EXPRESSIONS = "The arguments to AND/OR must be Expressions"
MISSING_COMPARED = "MISSING must be compared using IS operator"
WRONG_BAG = "Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags"
SEVERAL_KEYS = "Multiple conditions on same key {}. Only single item Update/Insert/Delete are supported"
NO_KEY_TYPE = "Key value must be of type S, N, or B. Key name: {}, Key type: {}"
WRONG_KEY_TYPE = "Key attribute's data type should match its data type in table's schema: Key {}"
WRONG_RETURNING = "Invalid returning clause: {}. Only RETURNING ALL OLD * is allowed in DELETE statements."


def malformed(detail: str) -> ValidationException:
    """Return the error for a text that is no statement of DynamoDB's dialect.

    NOTE: what AWS says after the colon is its parser's own and changes; clients can only match the start.
    """
    return validation(f"Statement wasn't well formed, can't be processed: {detail}")


def place(text: str, node: ast.Node) -> str:
    """Return `` at line:column:length`` of the first token of a literal, parameter or call in *text*."""
    if isinstance(node, ast.Call):
        length = len(node.name)
    elif isinstance(node, ast.List | ast.Map):
        length = 1
    else:
        length = 2 if isinstance(node, ast.Bag) else len(render(node))
    return f" at {place_of(text, node.position, length)}"


def place_of(text: str, position: int, length: int) -> str:
    """Return ``line:column:length`` of a part of *text*, as AWS names places."""
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    return f"{line}:{column}:{length}"


def unknown_function(text: str, call: ast.Call) -> ValidationException:
    """Return the error for a function that DynamoDB has not got."""
    return validation(
        f"Unrecognized function: {call.name} at {place_of(text, call.position, len(call.name))}"
    )


def in_transaction(place: int, error: ValidationException) -> ValidationException:
    """Return *error* as it is answered for the statement at *place* of a transaction."""
    return validation(f"Validation failed in TransactStatements[{place}]: {error.older or error.message}")
