"""Resource policies of tables and streams: kept with the table, compared by revision.

Source of rules and texts: API reference; published recordings of the service's answers.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dynemu.engine.arns import FOREIGN, Arn, is_in_place, is_own_account, parse_arn
from dynemu.engine.policy_documents import Policy, locks_out, new_policy
from dynemu.engine.remembered import remember_extra
from dynemu.engine.tables import check_is_open, find_schema
from dynemu.errors import (
    AccessDeniedException,
    PolicyNotFoundException,
    ResourceNotFoundException,
    parameter_error,
    validation,
)
from dynemu.model import TableSchema
from dynemu.storage.base import WriteSet

if TYPE_CHECKING:
    from dynemu.engine.call import Call

NO_POLICY = "NO_POLICY"
_PREFIX = "Resource-based policy not found for the provided ResourceArn: "


@dataclass(frozen=True, slots=True)
class Resource:
    """A table or stream with the policy that it has, or had; None when it never had one."""

    arn: Arn
    schema: TableSchema
    policy: Policy | None

    @property
    def name(self) -> str:
        """How errors call it."""
        return f"table {self.arn.table}" if self.arn.stream is None else f"stream {self.arn.stream}"


def parse_resource(text: str) -> Arn:
    """Return the ARN of a table or stream. Raises: ValidationException."""
    arn = parse_arn(text)
    if arn.index is not None:
        raise parameter_error(
            f"Invalid resource arn provided, only table or stream is accepted. Provided resource arn: {text}"
        )
    return arn


def get_resource(call: "Call", arn: Arn) -> Resource:
    """Return the table or stream that *arn* names.

    Raises: ValidationException for one of another account or region, ResourceNotFoundException.
    """
    schema = find_schema(call, arn.table)
    if not is_own_account(call, arn, schema):
        raise validation(FOREIGN)
    if not is_in_place(call, arn, schema):
        raise parameter_error(f"Invalid resource Arn: {arn.text}")
    if schema is None:
        raise _table_not_found(arn)
    if arn.stream is None:
        return Resource(arn, schema, schema.extra.get("policy"))
    policies = schema.extra.get("stream_policies", {})
    if arn.stream != schema.stream_label and arn.stream not in policies:
        raise ResourceNotFoundException(
            f"Requested resource not found: Stream: {arn.stream} not found for Table: {arn.table}"
        )
    return Resource(arn, schema, policies.get(arn.stream))


def _table_not_found(arn: Arn) -> ResourceNotFoundException:
    return ResourceNotFoundException(f"Requested resource not found: Table: {arn.table} not found")


def find_policy(resource: Resource) -> Policy | None:
    """Return the policy that *resource* has now."""
    policy = resource.policy
    return None if policy is None or policy["document"] is None else policy


def get_policy(resource: Resource) -> Policy:
    """Return the policy that *resource* has now. Raises PolicyNotFoundException."""
    policy = find_policy(resource)
    if policy is None:
        raise PolicyNotFoundException(_PREFIX + resource.arn.text)
    return policy


def put_policy(
    call: "Call",
    writes: WriteSet,
    resource: Resource,
    document: str,
    expected: str | None,
    *,
    confirmed: bool,
) -> str:
    """Add to *writes* that *resource* has the policy *document*, in canonical form.

    Returns: its revision, the one that it had already when it is the same policy.
    Raises: PolicyNotFoundException when *expected* is another revision than the present one;
    AccessDeniedException for a policy that cannot be changed again, unless that is *confirmed*.
    """
    current = find_policy(resource)
    if current is not None and expected == NO_POLICY:
        raise PolicyNotFoundException(
            f"{_PREFIX}Requested policy update expecting none to be present for {resource.name}, but a "
            f"policy exists with revision id {current['revision']}."
        )
    if current is not None or expected != NO_POLICY:
        _check_expected(resource, current, expected)
    if not confirmed and locks_out(document, call.account):
        raise AccessDeniedException(
            "The new resource policy will not allow you to update the resource policy in the future."
        )
    if current is not None and current["document"] == document:
        return str(current["revision"])
    return _set_policy(call, writes, resource, document)


def delete_policy(call: "Call", writes: WriteSet, resource: Resource, expected: str | None) -> str | None:
    """Add to *writes* that *resource* has no policy.

    Returns: the revision that goes; of a policy that is gone already, that of its deletion; None if there
    never was one.
    Raises: PolicyNotFoundException when *expected* is another revision than the present one.
    """
    current = find_policy(resource)
    _check_expected(resource, current, expected)
    if current is not None:
        _set_policy(call, writes, resource, None)
        return str(current["revision"])
    return None if resource.policy is None else str(resource.policy["revision"])


def _check_expected(resource: Resource, current: Policy | None, expected: str | None) -> None:
    if expected is None:
        return
    wanted = f"{_PREFIX}Requested update for policy with revision id {expected}, but "
    if current is None:
        raise PolicyNotFoundException(f"{wanted}{resource.name} has no associated policy.")
    if current["revision"] != expected:
        raise PolicyNotFoundException(
            f"{wanted}the policy associated to target {resource.name} has revision id {current['revision']}."
        )


def _set_policy(call: "Call", writes: WriteSet, resource: Resource, document: str | None) -> str:
    schema = resource.schema
    if schema.status == "CREATING":
        raise _table_not_found(resource.arn)
    check_is_open(schema)
    policy = new_policy(document, call.now, resource.policy)
    if resource.arn.stream is None:
        remember_extra(call, writes, schema, "policy", policy)
    else:
        policies = {**schema.extra.get("stream_policies", {}), resource.arn.stream: policy}
        remember_extra(call, writes, schema, "stream_policies", policies)
    return str(policy["revision"])
