"""Asks the admin API of a server as any HTTP client does."""

import http.client
from typing import Any
from urllib.parse import urlsplit

import orjson

TABLE = {
    "TableName": "things",
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


class AdminClient:
    """One connection for each request; *headers* go with all of them."""

    def __init__(self, url: str, **headers: str) -> None:
        self.url = url
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def send(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, Any, bytes]:
        """Return status, headers and body of the answer."""
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        given = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        try:
            connection.request(method, path, body, given)
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Return status and document; *path* is what follows ``/_dynemu/``."""
        data = b"" if body is None else orjson.dumps(body)
        status, _, answer = self.send(method, f"/_dynemu/{path}", data, **headers)
        return status, orjson.loads(answer)

    def operate(self, name: str, body: Any = None, path: str = "/", **headers: str) -> tuple[int, Any]:
        """Call an operation that no SDK knows, without a signature."""
        target = {"X-Amz-Target": f"DynamoDB_20120810.{name}", "Content-Type": "application/x-amz-json-1.0"}
        data = b"" if body is None else orjson.dumps(body)
        status, _, answer = self.send("POST", path, data, **target, **headers)
        return status, orjson.loads(answer)


def fill(client: Any, *keys: str) -> None:
    """Put items into the table of a boto3 client, which makes it when it is missing."""
    if not client.list_tables()["TableNames"]:
        client.create_table(**TABLE)
    for key in keys:
        client.put_item(TableName="things", Item={"pk": {"S": key}})


def keys(client: Any) -> list[str]:
    return sorted(item["pk"]["S"] for item in client.scan(TableName="things")["Items"])
