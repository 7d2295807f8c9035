"""Auto scaling settings of global tables: checked, remembered and shown. Nothing scales by them.

Settings are kept as AWS shows them, those of version 2019.11.21 in ``TableSchema.extra["scaling"]``:

    {"": {"write": {…}, "read": {"eu-west-1": {…}}}, "gix": {"write": {…}, "read": {…}}}

The empty name stands for the table itself, the others for its indexes. Writes scale alike in all regions.

Source of rules and texts: the service's answers as public issues and field notes quote them; API reference,
UpdateTableReplicaAutoScaling.
"""

from typing import Any
from uuid import UUID

from dynemu.engine.replica_requests import quoted
from dynemu.errors import validation

Members = dict[str, Any]
Settings = dict[str, Any]

DISABLED: Settings = {"AutoScalingDisabled": True, "ScalingPolicies": []}
_NEEDED = ("MaximumUnits", "ScalingPolicyUpdate", "MinimumUnits")
"""In the order in which AWS names them."""
_LOWEST_TARGET, _HIGHEST_TARGET = 10.0, 90.0
_ROLE = (
    "role/aws-service-role/dynamodb.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_DynamoDBTable"
)


def check_complete(update: Members, table: str) -> None:
    """Raise ValidationException when *update* neither turns auto scaling off nor says how to scale."""
    given = [name for name in _NEEDED if update.get(name) is not None]
    if update.get("AutoScalingDisabled"):
        if given:
            raise validation(
                f"Failed to update settings for global table with name {quoted(table)}: "
                f"Parameters {_listed(given)} must be left blank when disabling auto scaling."
            )
        return
    missing = [name for name in _NEEDED if name not in given]
    if missing:
        raise validation(
            f"Failed to update settings for global table with name: {quoted(table)}: "
            f"Parameters {_listed(missing)} are required unless auto scaling is being disabled."
        )


def _listed(names: list[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def check_scalable(update: Members, metric: str, request_id: bytes) -> None:
    """Raise ValidationException for limits or a target that Application Auto Scaling would not take.

    *metric* is ``Read`` or ``Write``; *request_id* are 16 bytes, as the text names a request of that service.
    """
    if update.get("AutoScalingDisabled"):
        return
    problem = None
    target = update["ScalingPolicyUpdate"]["TargetTrackingScalingPolicyConfiguration"]["TargetValue"]
    if update["MaximumUnits"] < update["MinimumUnits"]:
        problem = "Maximum capacity cannot be less than minimum capacity"
    elif not 8.51592e-109 <= target <= 1.174271e108:
        problem = (
            "For target tracking scaling, target value must be between '8.51592E-109' and '1.174271E108', "
            f"but was '{float(target)}'."
        )
    elif not _LOWEST_TARGET <= target <= _HIGHEST_TARGET:
        problem = (
            f"For predefined metric type DynamoDB{metric}CapacityUtilization, target value must be between "
            f"'{_LOWEST_TARGET}' and '{_HIGHEST_TARGET}', but was '{float(target)}'."
        )
    if problem is not None:
        raise validation(
            f"{problem} (Service: AWSApplicationAutoScaling; Status Code: 400; "
            f"Error Code: ValidationException; Request ID: {UUID(bytes=request_id)}; Proxy: null)"
        )


def scaling_settings(update: Members, metric: str, resource: str, account: str) -> Settings | None:
    """Return what AWS shows of a checked *update*; None when it turns auto scaling off.

    *resource* is ``table/<name>`` or ``table/<name>/index/<name>``.
    """
    if update.get("AutoScalingDisabled"):
        return None
    policy = update["ScalingPolicyUpdate"]
    target = {
        name: value
        for name, value in policy["TargetTrackingScalingPolicyConfiguration"].items()
        if value is not None
    }
    return {
        "MinimumUnits": update["MinimumUnits"],
        "MaximumUnits": update["MaximumUnits"],
        "AutoScalingRoleArn": update.get("AutoScalingRoleArn") or f"arn:aws:iam::{account}:{_ROLE}",
        "ScalingPolicies": [
            {
                "PolicyName": policy.get("PolicyName") or f"DynamoDB{metric}CapacityUtilization:{resource}",
                "TargetTrackingScalingPolicyConfiguration": target,
            }
        ],
    }
