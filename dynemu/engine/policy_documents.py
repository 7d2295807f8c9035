"""Resource policies as text: what AWS takes for one, and the form in which it keeps and compares them.

Nobody's access depends on them here.
Source of rules and texts: published recordings of the service's answers.
"""

import re
from fnmatch import fnmatchcase
from typing import Any

import orjson

from dynemu.errors import ValidationException, parameter_error, validation
from dynemu.limits import POLICY_BYTES

Statement = dict[str, Any]
Policy = dict[str, Any]
"""``{"document": canonical form, "revision": milliseconds as text}``; no document once it was deleted."""

DEFAULT_VERSION = "2008-10-17"
_UNBOUNDED = (
    "Resource-based policy grants unbounded access in one or more elements. Please revise the policy to "
    "ensure least-privilege form of access"
)
_TOP_MEMBERS = ("Version", "Id", "Statement")
_MEMBERS = (
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
)
_NEEDED = (
    ("Effect",),
    ("Principal", "NotPrincipal"),
    ("Action", "NotAction"),
    ("Resource", "NotResource"),
)
_POLICY_ACTIONS = ("putresourcepolicy", "getresourcepolicy", "deleteresourcepolicy")
_STREAM_ACTIONS = ("describestream", "getrecords", "getsharditerator")
_ACCOUNT = re.compile(r"\d{12}")


def parse_policy(text: str, *, for_stream: bool = False) -> str:
    """Return the canonical form of the policy *text*; two texts with one form are one policy.

    Raises: ValidationException for a text that AWS does not take.
    """
    if len(text.encode()) > POLICY_BYTES:
        raise parameter_error(f"Maximum policy size of {POLICY_BYTES} bytes exceeded")
    try:
        policy = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise _invalid("This policy contains invalid Json") from None
    if policy is None:
        raise _invalid("This text appears not to be a policy")
    if not isinstance(policy, dict):
        raise _invalid("This policy contains invalid Json")
    if "Statement" not in policy or not policy.keys() <= set(_TOP_MEMBERS):
        raise _syntax_error(text, "}")
    statements = policy["Statement"]
    if isinstance(statements, dict):
        statements = [statements]
    if not statements:
        raise _invalid("Could not parse the policy: Statement is empty!")
    if not isinstance(statements, list):
        raise _syntax_error(text, "Statement")
    policy["Statement"] = [_canonical(statement, text) for statement in statements]
    _check_statements(policy["Statement"], for_stream)
    return orjson.dumps({name: policy[name] for name in _TOP_MEMBERS if name in policy}).decode()


def shown_policy(canonical: str) -> str:
    """Return a policy in *canonical* form as GetResourcePolicy gives it: with a version.

    NOTE: AWS adds the version to what it shows, and yet takes the two for different policies.
    """
    policy = orjson.loads(canonical)
    return orjson.dumps({"Version": policy.get("Version", DEFAULT_VERSION), **policy}).decode()


def new_policy(document: str | None, now: float, before: Policy | None = None) -> Policy:
    """Return a policy with the revision of a change at *now*, which is later than the one *before*."""
    revision = int(now * 1000)
    if before is not None:
        revision = max(revision, int(before["revision"]) + 1)
    return {"document": document, "revision": str(revision)}


def locks_out(canonical: str, account: str) -> bool:
    """Tell whether the policy in *canonical* form denies *account* to change it, on no condition."""
    for statement in orjson.loads(canonical)["Statement"]:
        if statement["Effect"] != "Deny" or "Condition" in statement:
            continue
        named = _matches(statement, "dynamodb:PutResourcePolicy")
        if named and {"*", f"arn:aws:iam::{account}:root"} & set(_principals(statement)):
            return True
    return False


def _invalid(problem: str) -> ValidationException:
    return parameter_error(f"Invalid policy document: {problem}")


def _syntax_error(text: str, near: str) -> ValidationException:
    before = text[: text.rfind(near) + len(near)]
    row, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return _invalid(f"Syntax error at position ({row},{column})")


def _canonical(statement: Any, text: str) -> Statement:
    """Return *statement* in AWS's order and spelling. Raises: ValidationException."""
    if not isinstance(statement, dict):
        raise _syntax_error(text, "Statement")
    for names in _NEEDED:
        if not any(statement.get(name) is not None for name in names):
            raise _invalid(f"Missing required field {names[0]}")
    for name in statement:
        if name not in _MEMBERS:
            raise _syntax_error(text, name)
    result = {name: statement[name] for name in _MEMBERS if name in statement}
    effect = result["Effect"]
    if not isinstance(effect, str) or effect.capitalize() not in ("Allow", "Deny"):
        raise _syntax_error(text, "Effect")
    result["Effect"] = effect.capitalize()
    for name in ("Action", "NotAction", "Resource", "NotResource"):
        if name in result:
            result[name] = _single(result[name])
            if not all(isinstance(part, str) for part in _listed(result[name])):
                raise _syntax_error(text, name)
    for name in ("Principal", "NotPrincipal"):
        if name in result:
            result[name] = _canonical_principal(result[name], name, text)
    return result


def _canonical_principal(principal: Any, name: str, text: str) -> Any:
    if principal == "*":
        return principal
    if not isinstance(principal, dict) or not principal:
        raise _syntax_error(text, name)
    result = {}
    for kind, named in principal.items():
        if not all(isinstance(part, str) for part in _listed(named)):
            raise _syntax_error(text, kind)
        spelt = [f"arn:aws:iam::{part}:root" if _ACCOUNT.fullmatch(part) else part for part in _listed(named)]
        result[kind] = _single(list(dict.fromkeys(spelt)))
    return result


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _single(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _principals(statement: Statement) -> list[str]:
    principal = statement.get("Principal", ())
    return ["*"] if principal == "*" else _listed(principal["AWS"]) if "AWS" in principal else []


def _matches(statement: Statement, action: str) -> bool:
    """Tell whether *statement* is about *action*."""
    if "Action" in statement:
        return any(fnmatchcase(action.lower(), name.lower()) for name in _listed(statement["Action"]))
    return not any(fnmatchcase(action.lower(), name.lower()) for name in _listed(statement["NotAction"]))


def _check_statements(statements: list[Statement], for_stream: bool) -> None:
    names = [statement["Sid"] for statement in statements if "Sid" in statement]
    if len(set(names)) < len(names):
        raise _invalid("The Statement Ids in the policy are not unique")
    for statement in statements:
        _check_actions(statement, for_stream)
        for resource in _listed(statement.get("Resource", statement.get("NotResource"))):
            _check_resource(resource, for_stream)
    for statement in statements:
        if statement["Effect"] == "Allow" and "Condition" not in statement and "*" in _principals(statement):
            raise validation(_UNBOUNDED)


def _check_actions(statement: Statement, for_stream: bool) -> None:
    actions = _listed(statement.get("Action", statement.get("NotAction")))
    wrong = [name for name in actions if not _is_action(name.lower(), for_stream)]
    if wrong:
        listed = ", ".join(f'"{name}"' for name in wrong)
        raise _invalid(f"The following action names are invalid: {listed}")


def _is_action(name: str, for_stream: bool) -> bool:
    service, _, action = name.partition(":")
    if name == "*" or (service == "dynamodb" and ("*" in action or "?" in action)):
        return True
    if service != "dynamodb" or not action.isalpha():
        return False
    return action in (*_STREAM_ACTIONS, *_POLICY_ACTIONS) if for_stream else action not in _STREAM_ACTIONS


def _check_resource(resource: str, for_stream: bool) -> None:
    """Raise ValidationException for a resource of another kind than what the policy is for."""
    if resource == "*":
        return
    parts = resource.split(":", 5)
    named = len(parts) == 6 and parts[2] == "dynamodb" and parts[5].startswith("table/")
    if not named or ("/stream/" in parts[5]) is not for_stream:
        raise _invalid(f'The relative-id "{parts[-1]}" is invalid for ARN "{resource}"')
