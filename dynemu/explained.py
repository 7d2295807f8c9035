"""``dynemu explain``: asks a data directory, or a running server through its admin API."""

import http.client
import json
import sys
from typing import Any
from urllib.parse import quote, urlsplit

from dynemu.database import Database
from dynemu.errors import AwsError
from dynemu.storage.base import StoreError

DEFAULT_URL = "http://localhost:8000"
_TIMEOUT = 60


class CannotExplain(Exception):
    """There is no plan; the text is one sentence for the user."""


def show_plan(
    statement: str,
    parameters: str | None,
    consistent: bool,
    db_path: str | None,
    url: str | None,
    namespace: str,
    token: str | None,
    as_json: bool,
) -> int:
    """Print the plan of *statement*; return the exit code."""
    try:
        given = _read_parameters(parameters)
        if db_path is not None:
            found = explain_here(db_path, statement, given, consistent)
        else:
            members = {"statement": statement, "parameters": given, "consistent": consistent}
            found = explain_there(url or DEFAULT_URL, namespace, token, members)
    except CannotExplain as error:
        print(f"dynemu: {error}", file=sys.stderr)
        return 1
    print(json.dumps(found["plan"], indent=2) if as_json else found["text"])
    return 0


def _read_parameters(text: str | None) -> list[Any]:
    """Return the list of attribute values in *text*, such as ``[{"S": "a"}]``. Raises CannotExplain."""
    try:
        found = json.loads(text or "[]")
    except ValueError:
        found = None
    if not isinstance(found, list):
        raise CannotExplain('--parameters wants a JSON list of attribute values, such as \'[{"S": "a"}]\'.')
    return found


def explain_here(db_path: str, statement: str, parameters: list[Any], consistent: bool) -> dict[str, Any]:
    """Ask the data directory *db_path*. Raises CannotExplain."""
    try:
        with Database(db_path) as database:
            return database.explain(statement, parameters, consistent=consistent)
    except StoreError as error:
        raise CannotExplain(str(error)) from None
    except AwsError as error:
        raise CannotExplain(error.message or error.code) from None


def explain_there(url: str, namespace: str, token: str | None, members: dict[str, Any]) -> dict[str, Any]:
    """Ask the server at *url*. Raises CannotExplain."""
    parts = urlsplit(url if "://" in url else f"http://{url}")
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    headers = {"Content-Type": "application/json"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    path = f"/_dynemu/namespaces/{quote(namespace, safe='')}/explain"
    try:
        connection = kind(parts.hostname or "", parts.port, timeout=_TIMEOUT)
        connection.request("POST", path, json.dumps(members), headers)
        response = connection.getresponse()
        found = json.loads(response.read() or b"{}")
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise CannotExplain(f"There is no answer from {url}: {error}.") from None
    if response.status != 200:
        raise CannotExplain(str(found.get("error") or found.get("message") or f"status {response.status}"))
    return dict(found)
