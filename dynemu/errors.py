"""AWS errors as exceptions: one class per type on the wire.

    AwsError
    ├── CoralError                      com.amazon.coral.service#
    │   ├── SerializationException
    │   ├── UnknownOperationException
    │   ├── AccessDeniedException
    │   ├── MissingAuthenticationTokenException
    │   ├── IncompleteSignatureException
    │   └── InvalidSignatureException
    ├── ValidationException             com.amazon.coral.validate#
    └── DynamoDbError                   com.amazonaws.dynamodb.v20120810#
        ├── ResourceNotFoundException
        ├── TableNotFoundException
        ├── ResourceInUseException
        ├── ConditionalCheckFailedException
        ├── TransactionCanceledException
        ├── TransactionConflictException
        ├── TransactionInProgressException
        ├── IdempotentParameterMismatchException
        ├── ItemCollectionSizeLimitExceededException
        ├── LimitExceededException
        ├── ProvisionedThroughputExceededException
        ├── RequestLimitExceeded
        ├── ThrottlingException
        ├── TableAlreadyExistsException
        ├── TableInUseException
        ├── BackupNotFoundException
        ├── BackupInUseException
        ├── ContinuousBackupsUnavailableException
        ├── PointInTimeRecoveryUnavailableException
        ├── InvalidRestoreTimeException
        ├── ExportNotFoundException
        ├── ExportConflictException
        ├── InvalidExportTimeException
        ├── ImportNotFoundException
        ├── ImportConflictException
        ├── GlobalTableNotFoundException
        ├── GlobalTableAlreadyExistsException
        ├── ReplicaNotFoundException
        ├── ReplicaAlreadyExistsException
        ├── ReplicatedWriteConflictException
        ├── IndexNotFoundException
        ├── PolicyNotFoundException
        ├── DuplicateItemException
        ├── ExpiredIteratorException
        ├── TrimmedDataAccessException
        ├── InternalServerError (500)
        └── ServiceUnavailable (503)

``to_body`` gives the JSON body; HTTP formatting is the wire's business.
"""

from typing import Any


class AwsError(Exception):
    """An error that AWS would answer; ``message`` None leaves the member out."""

    prefix = ""
    status = 400
    message_key = "message"

    def __init__(self, message: str | None = None, **fields: Any) -> None:
        super().__init__(*(() if message is None else (message,)))
        self.message = message
        self.fields = fields

    @property
    def code(self) -> str:
        """The error's short name, as SDKs report it."""
        return type(self).__name__

    def to_body(self) -> dict[str, Any]:
        """Return the JSON body: ``{"__type": "prefix#Name", "message": "…", …}``."""
        body: dict[str, Any] = {"__type": f"{self.prefix}#{self.code}"}
        if self.message is not None:
            body[self.message_key] = self.message
        body.update(self.fields)
        return body


class CoralError(AwsError):
    prefix = "com.amazon.coral.service"


class SerializationException(CoralError):
    message_key = "Message"


class UnknownOperationException(CoralError):
    pass


class AccessDeniedException(CoralError):
    message_key = "Message"


class MissingAuthenticationTokenException(CoralError):
    pass


class IncompleteSignatureException(CoralError):
    pass


class InvalidSignatureException(CoralError):
    pass


class ValidationException(AwsError):
    """A request that AWS refuses as invalid.

    ``request_level`` marks what AWS finds before it looks at the table: the newer request validator
    (PutItem, UpdateItem, DeleteItem) puts those into an envelope, and the older one (BatchWriteItem,
    transactions, PartiQL) may use other words, kept in ``older``.
    """

    prefix = "com.amazon.coral.validate"

    def __init__(self, message: str, *, request_level: bool = False, older: str | None = None) -> None:
        super().__init__(message)
        self.request_level = request_level
        self.older = older


class DynamoDbError(AwsError):
    prefix = "com.amazonaws.dynamodb.v20120810"


class ResourceNotFoundException(DynamoDbError):
    pass


class TableNotFoundException(DynamoDbError):
    pass


class ResourceInUseException(DynamoDbError):
    pass


class ConditionalCheckFailedException(DynamoDbError):
    def to_body(self) -> dict[str, Any]:
        """Return the JSON body; with the item that failed in it, its text is under another key.

        Source: tests of getmoto verified against the service; botocore finds no ``message`` beside an item.
        """
        body = super().to_body()
        if "Item" in body:
            body["Message"] = body.pop("message")
        return body


class TransactionCanceledException(DynamoDbError):
    message_key = "Message"


class TransactionConflictException(DynamoDbError):
    pass


class TransactionInProgressException(DynamoDbError):
    message_key = "Message"


class IdempotentParameterMismatchException(DynamoDbError):
    message_key = "Message"


class ItemCollectionSizeLimitExceededException(DynamoDbError):
    pass


class LimitExceededException(DynamoDbError):
    pass


class ProvisionedThroughputExceededException(DynamoDbError):
    pass


class RequestLimitExceeded(DynamoDbError):
    pass


class ThrottlingException(DynamoDbError):
    pass


class TableAlreadyExistsException(DynamoDbError):
    pass


class TableInUseException(DynamoDbError):
    pass


class BackupNotFoundException(DynamoDbError):
    pass


class BackupInUseException(DynamoDbError):
    pass


class ContinuousBackupsUnavailableException(DynamoDbError):
    pass


class PointInTimeRecoveryUnavailableException(DynamoDbError):
    pass


class InvalidRestoreTimeException(DynamoDbError):
    pass


class ExportNotFoundException(DynamoDbError):
    pass


class ExportConflictException(DynamoDbError):
    pass


class InvalidExportTimeException(DynamoDbError):
    pass


class ImportNotFoundException(DynamoDbError):
    pass


class ImportConflictException(DynamoDbError):
    pass


class GlobalTableNotFoundException(DynamoDbError):
    pass


class GlobalTableAlreadyExistsException(DynamoDbError):
    pass


class ReplicaNotFoundException(DynamoDbError):
    pass


class ReplicaAlreadyExistsException(DynamoDbError):
    pass


class ReplicatedWriteConflictException(DynamoDbError):
    pass


class IndexNotFoundException(DynamoDbError):
    pass


class PolicyNotFoundException(DynamoDbError):
    pass


class DuplicateItemException(DynamoDbError):
    pass


class ExpiredIteratorException(DynamoDbError):
    pass


class TrimmedDataAccessException(DynamoDbError):
    pass


class InternalServerError(DynamoDbError):
    status = 500


class ServiceUnavailable(DynamoDbError):
    status = 503


def validation(message: str) -> ValidationException:
    """An invalid request whose text is the same on every surface."""
    return ValidationException(message)


def request_error(message: str, older: str | None = None) -> ValidationException:
    """An invalid request found before the table is looked at; see ``ValidationException``."""
    return ValidationException(message, request_level=True, older=older)


def parameter_error(problem: str) -> ValidationException:
    """``One or more parameter values were invalid: …``, the same on every surface."""
    return ValidationException("One or more parameter values were invalid: " + problem)


def invalid_request(problem: str) -> ValidationException:
    """``Invalid Request: …``, as backups, restores, exports and imports put it."""
    return ValidationException("Invalid Request: " + problem)


def constraint_error(problems: list[str]) -> ValidationException:
    """The list of broken constraints that AWS collects, at most ten of them."""
    noun = "error" if len(problems) == 1 else "errors"
    return ValidationException(f"{len(problems)} validation {noun} detected: {'; '.join(problems[:10])}")


class ConnectionDropped(ConnectionError):
    """A hook or fault closed the connection in place of an answer; this is no error of AWS."""

    def __init__(self) -> None:
        super().__init__("The connection was closed without an answer.")
