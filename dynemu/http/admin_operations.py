"""Snapshots as DynamoDB operations, for programs that speak to their database through an SDK only.

They are in the namespace of the request, need no signature, and obey the same rules as the admin API.
"""

from collections.abc import Callable
from typing import Any

from orjson import dumps

from dynemu.engine.namespaces import Namespaces
from dynemu.errors import (
    AccessDeniedException,
    ResourceInUseException,
    ResourceNotFoundException,
    SerializationException,
    ValidationException,
)
from dynemu.http.access import AdminAccess, Refusal
from dynemu.http.admin_snapshots import new_name
from dynemu.http.request import Request
from dynemu.storage.places import SnapshotExists, SnapshotInfo, UnknownSnapshot

Wire = dict[str, Any]


def operate(
    namespaces: Namespaces, access: AdminAccess, request: Request, document: Any, namespace: str
) -> bytes:
    """Return the body of the answer to the operation that the target of *request* names. Raises: AwsError."""
    if not isinstance(document, (dict, type(None))):
        raise SerializationException("Unexpected value type in payload")
    run = _OPERATIONS[(request.target or b"").partition(b".")[2].decode()]
    try:
        access.check(request)
        return dumps(run(namespaces, namespace, document or {}))
    except Refusal as error:
        raise AccessDeniedException(str(error)) from None
    except UnknownSnapshot as error:
        raise ResourceNotFoundException(str(error)) from None
    except SnapshotExists as error:
        raise ResourceInUseException(str(error)) from None
    except ValueError as error:
        raise ValidationException(str(error)) from None


def _create(namespaces: Namespaces, namespace: str, request: Wire) -> Wire:
    name = _text(request, "SnapshotName") or new_name()
    namespaces.create_snapshot(namespace, name, _text(request, "Note") or _text(request, "Description") or "")
    (info,) = [info for info in namespaces.snapshots(namespace) if info.name == name]
    return _describe(info)


def _list(namespaces: Namespaces, namespace: str, request: Wire) -> Wire:
    return {"Snapshots": [_describe(info) for info in namespaces.snapshots(namespace)]}


def _load(namespaces: Namespaces, namespace: str, request: Wire) -> Wire:
    name = _name(request)
    namespaces.load_snapshot(namespace, name)
    return {"SnapshotName": name}


def _delete(namespaces: Namespaces, namespace: str, request: Wire) -> Wire:
    name = _name(request)
    namespaces.delete_snapshot(namespace, name)
    return {"SnapshotName": name}


def _delete_all(namespaces: Namespaces, namespace: str, request: Wire) -> Wire:
    namespaces.reset(namespace)
    return {}


def _describe(info: SnapshotInfo) -> Wire:
    return {
        "SnapshotName": info.name,
        "SnapshotCreationDateTime": round(info.created, 3),
        "SnapshotSizeBytes": info.size,
        "SharedSizeBytes": info.shared,
        "Note": info.note,
        "Automatic": info.automatic,
    }


def _name(request: Wire) -> str:
    name = _text(request, "SnapshotName")
    if name is None:
        raise ValidationException("SnapshotName names the snapshot, and is missing.")
    return name


def _text(request: Wire, member: str) -> str | None:
    value = request.get(member)
    if value is not None and not isinstance(value, str):
        raise ValidationException(f"{member} is text.")
    return value


_OPERATIONS: dict[str, Callable[[Namespaces, str, Wire], Wire]] = {
    "CreateSnapshot": _create,
    "ListSnapshots": _list,
    "LoadSnapshot": _load,
    "DeleteSnapshot": _delete,
    "DeleteAllData": _delete_all,
}
