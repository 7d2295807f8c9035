"""Keys with which replicas are encrypted: all of a global table are of one kind.

Source of rules and texts: the service's answers as public issues and field notes quote them.
"""

from dataclasses import replace
from typing import Any
from uuid import UUID

from dynemu.engine.replica_views import replicas_of
from dynemu.engine.table_settings import key_arn
from dynemu.errors import parameter_error, validation
from dynemu.model import TableSchema

Members = dict[str, Any]


def check_new_key(schema: TableSchema, action: Members, request_id: bytes) -> None:
    """Raise ValidationException when a new replica cannot have the key that *action* names, or none.

    *request_id* are 16 bytes, as one of the texts names a request of the key service.
    """
    key = action.get("KMSMasterKeyId")
    managed = key_arn(None, action["RegionName"], schema.account)
    if (schema.sse is None) if key is not None else has_own_key(schema):
        raise missing_key()
    if key is None:
        return
    if has_own_key(schema) == (key_arn(key, action["RegionName"], schema.account) == managed):
        raise parameter_error("All replica keys must either be Customer Managed CMK or AWS Managed CMK.")
    if key.startswith("arn:") and key.split(":")[3:4] != [action["RegionName"]]:
        raise validation(
            f"KMS validation error for region {action['RegionName']}: "
            "com.amazonaws.services.kms.model.NotFoundException: "
            f"Invalid arn {''.join(key.split(':')[3:4])} (Service: AWSKMS; Status Code: 400; "
            f"Error Code: NotFoundException; Request ID: {UUID(bytes=request_id)}; Proxy: null)"
        )


def check_changed_keys(schema: TableSchema, actions: list[Members]) -> None:
    """Raise ValidationException unless keys are changed for every region of the table at once, or not."""
    named = {action["RegionName"] for action in actions if action.get("KMSMasterKeyId") is not None}
    members = {schema.region, *(replica["region"] for replica in replicas_of(schema))}
    if named and (named != members or schema.sse is None):
        raise missing_key()


def missing_key() -> Exception:
    """Return the error for keys that are not of one kind in every region."""
    return parameter_error("KMSMasterKeyId must be specified for each replica.")


def has_own_key(schema: TableSchema) -> bool:
    """Return whether the table is encrypted with a key of the customer's."""
    if schema.sse is None:
        return False
    arn: str = schema.sse["KMSMasterKeyArn"]
    return arn != key_arn(None, schema.region, schema.account)


def key_of(schema: TableSchema, region: str, key: str | None) -> str | None:
    """Return the ARN of a replica's new key; None to leave it as it is."""
    if schema.sse is None or (key is None and has_own_key(schema)):
        return None
    return key_arn(key, region, schema.account)


def changed_encryption(schema: TableSchema, action: Members) -> Members:
    """Return the SSEDescription of the table in its own region after an action that names its key."""
    return {
        **(schema.sse or {}),
        "KMSMasterKeyArn": key_arn(action["KMSMasterKeyId"], schema.region, schema.account),
    }


def replicas_encrypted_as(schema: TableSchema) -> TableSchema:
    """Return *schema*, whose encryption was changed for all regions, with the keys of its replicas.

    Raises: ValidationException for a key of the customer's, which is a key of one region only.
    """
    if not replicas_of(schema):
        return schema
    if has_own_key(schema):
        raise missing_key()
    return _with_managed_keys(schema)


def _with_managed_keys(schema: TableSchema) -> TableSchema:
    keys = [
        None if schema.sse is None else key_arn(None, replica["region"], schema.account)
        for replica in replicas_of(schema)
    ]
    replicas = [{**replica, "kms": key} for replica, key in zip(replicas_of(schema), keys, strict=True)]
    return replace(schema, extra={**schema.extra, "replicas": replicas})
