"""The load of a soak: everything a server can do, over a fixed set of keys: what it keeps is bounded."""

import json
import random
import socket
from collections.abc import Callable
from typing import Any

from benchmarks.macro.load import AUTHORIZATION, DATE

KEYS = 2_000
TABLE = "soak"
STREAMED = "soak-streamed"

Call = Callable[..., Any]


class Connection:
    """One connection to the server on *port*, with as little work as a client can do."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), 30)
        self._rest = b""
        self.closes = False
        """Whether the server closes it after its last answer."""

    def request(
        self, method: str, path: str, body: bytes = b"", target: str | None = None
    ) -> tuple[int, Any]:
        """Send a request; return the status and the JSON of the answer, or its bytes."""
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
        if target is not None:
            head += f"Content-Type: application/x-amz-json-1.0\r\nX-Amz-Target: {target}\r\n"
            head += f"X-Amz-Date: {DATE}\r\nAuthorization: {AUTHORIZATION}\r\n"
        self.send(head.encode() + b"\r\n" + body)
        return self._answer()

    def send(self, data: bytes) -> None:
        """Send bytes, whatever they are."""
        self._socket.sendall(data)

    def _answer(self) -> tuple[int, Any]:
        while b"\r\n\r\n" not in self._rest:
            self._read()
        head, _, self._rest = self._rest.partition(b"\r\n\r\n")
        lengths = [line[15:] for line in head.split(b"\r\n") if line[:15].lower() == b"content-length:"]
        size = int(lengths[0]) if lengths else 0
        self.closes = b"\r\nconnection: close" in head.lower()
        while len(self._rest) < size:
            self._read()
        body, self._rest = self._rest[:size], self._rest[size:]
        try:
            return int(head[9:12]), json.loads(body)
        except ValueError:
            return int(head[9:12]), body

    def _read(self) -> None:
        data = self._socket.recv(1 << 18)
        if not data:
            raise ConnectionError("the server closed the connection")
        self._rest += data

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()


class Load:
    """Random requests to the server on *port*, the same for the same *seed*."""

    def __init__(self, port: int, seed: int = 1) -> None:
        self.port = port
        self.random = random.Random(seed)
        self.connection = Connection(port)
        self.requests = 0
        self.refused = 0
        """Answers of status 500 and above: there must be none."""
        self._number = 0
        self._iterators: list[str] = []
        actions: dict[Call, int] = {
            self.put: 20, self.get: 20, self.update: 15, self.delete: 6, self.query: 10, self.filtered: 5,
            self.scan: 2, self.batch_write: 3, self.batch_get: 3, self.transact: 4, self.transact_get: 2,
            self.statement: 8, self.streamed: 10, self.read_stream: 5, self.fail: 8, self.reconnect: 3,
            self.settings: 2, self.passing_table: 1, self.savepoint: 2, self.namespace: 1, self.snapshot: 1,
            self.backup: 1, self.index: 0.3,
        }  # fmt: skip
        self._actions = list(actions)
        self._weights = list(actions.values())

    def start(self) -> None:
        """Make the tables. Time runs fast, so that what is kept for a day is seen to go."""
        self.admin("POST", "/clock/rate", {"rate": 600})
        self.make_table(TABLE, indexed=True)
        self.make_table(STREAMED, streamed=True)

    def step(self) -> None:
        """Do one thing: one request, or some that belong together."""
        self.random.choices(self._actions, self._weights)[0]()

    # What everything is made of

    def call(self, operation: str, request: dict[str, Any], path: str = "/") -> Any:
        """Send an operation and return the answer, an error's too."""
        service = "DynamoDBStreams_20120810" if operation in _STREAMS else "DynamoDB_20120810"
        body = json.dumps(request).encode()
        return self._count(*self.connection.request("POST", path, body, f"{service}.{operation}"))

    def admin(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Send a request of the admin API."""
        return self._count(
            *self.connection.request(method, "/_dynemu" + path, json.dumps(body or {}).encode())
        )

    def _count(self, status: int, answer: Any) -> Any:
        self.requests += 1
        if status >= 500:
            self.refused += 1
            print("answered", status, answer, flush=True)
        return answer

    def make_table(
        self, name: str, path: str = "/", *, indexed: bool = False, streamed: bool = False
    ) -> None:
        """Create a table of the string keys pk and sk."""
        names = ["pk", "sk", "holder"] if indexed else ["pk", "sk"]
        request: dict[str, Any] = {
            "TableName": name,
            "KeySchema": _schema("pk", "sk"),
            "AttributeDefinitions": [{"AttributeName": each, "AttributeType": "S"} for each in names],
            "BillingMode": "PAY_PER_REQUEST",
        }
        if indexed:
            request["GlobalSecondaryIndexes"] = [_index("by-holder")]
        if streamed:
            request["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
        self.call("CreateTable", request, path)

    def unique(self) -> str:
        """Return a text that was never used before."""
        self._number += 1
        return f"new{self._number}"

    def key(self) -> dict[str, Any]:
        number = self.random.randrange(KEYS)
        return {"pk": {"S": f"p{number % 100}"}, "sk": {"S": f"s{number}"}}

    def item(self) -> dict[str, Any]:
        size = int(self.random.paretovariate(1.0) * 100) % 8_000
        item = self.key() | {"holder": {"S": f"o{self.random.randrange(50)}"}, "body": {"S": "x" * size}}
        return item | {
            "tally": {"N": str(self.random.randrange(1_000))},
            "list": {"L": [{"S": "a"}] * (size % 9)},
        }

    # Items

    def put(self) -> None:
        self.call("PutItem", {"TableName": TABLE, "Item": self.item(), "ReturnValues": "ALL_OLD"})

    def get(self) -> None:
        self.call("GetItem", {"TableName": TABLE, "Key": self.key(), "ProjectionExpression": "pk, body"})

    def update(self) -> None:
        name = self.unique() if self.random.random() < 0.3 else "tally"
        self.call("UpdateItem", {
            "TableName": TABLE, "Key": self.key(), "UpdateExpression": f"SET #{name} = :v, #o = :o",
            "ExpressionAttributeNames": {f"#{name}": "tally", "#o": "holder"},
            "ExpressionAttributeValues": {":v": {"N": "7"}, ":o": {"S": f"o{self.random.randrange(50)}"}},
        })  # fmt: skip

    def delete(self) -> None:
        self.call("DeleteItem", {"TableName": TABLE, "Key": self.key()})

    def query(self) -> None:
        index = self.random.random() < 0.3
        key = {"S": f"o{self.random.randrange(50)}"} if index else self.key()["pk"]
        name = "holder" if index else "pk"
        request = {"TableName": TABLE, "KeyConditionExpression": f"{name} = :k", "Limit": 10}
        request |= {"ExpressionAttributeValues": {":k": key}} | ({"IndexName": "by-holder"} if index else {})
        self.call("Query", request)

    def filtered(self) -> None:
        name = self.unique()
        self.call("Query", {
            "TableName": TABLE, "KeyConditionExpression": f"pk = :{name}", "FilterExpression": "#c > :c",
            "ExpressionAttributeNames": {"#c": "tally"},
            "ExpressionAttributeValues": {f":{name}": self.key()["pk"], ":c": {"N": "500"}},
        })  # fmt: skip

    def scan(self) -> None:
        self.call("Scan", {"TableName": TABLE, "Limit": 50})

    def batch_write(self) -> None:
        items = {item["sk"]["S"]: item for item in (self.item() for _ in range(10))}
        self.call("BatchWriteItem", {
            "RequestItems": {TABLE: [{"PutRequest": {"Item": item}} for item in items.values()]}
        })  # fmt: skip

    def batch_get(self) -> None:
        keys = {key["sk"]["S"]: key for key in (self.key() for _ in range(10))}
        self.call("BatchGetItem", {"RequestItems": {TABLE: {"Keys": list(keys.values())}}})

    def transact(self) -> None:
        items = {item["sk"]["S"]: item for item in (self.item() for _ in range(3))}
        puts = [{"Put": {"TableName": TABLE, "Item": item}} for item in items.values()]
        self.call("TransactWriteItems", {"TransactItems": puts, "ClientRequestToken": self.unique()})

    def transact_get(self) -> None:
        gets = [{"Get": {"TableName": TABLE, "Key": self.key()}} for _ in range(3)]
        self.call("TransactGetItems", {"TransactItems": gets})

    def statement(self) -> None:
        key = self.key()
        where = f"WHERE pk = '{key['pk']['S']}' AND sk = '{key['sk']['S']}'"
        self.call("ExecuteStatement", {"Statement": self.random.choice([
            f'SELECT * FROM "{TABLE}" {where}',
            f'SELECT {self.unique()} FROM "{TABLE}" {where} AND body <> \'{self.unique()}\'',
            f"INSERT INTO \"{TABLE}\" VALUE {{'pk': '{key['pk']['S']}', 'sk': '{key['sk']['S']}'}}",
            f'UPDATE "{TABLE}" SET tally = {self.random.randrange(10**6)} {where}',
            f'DELETE FROM "{TABLE}" {where}',
        ])})  # fmt: skip

    # Streams

    def streamed(self) -> None:
        self.call("PutItem", {"TableName": STREAMED, "Item": self.item()})

    def read_stream(self) -> None:
        if not self._iterators:
            streams = self.call("ListStreams", {"TableName": STREAMED}).get("Streams", [])
            for arn in [stream["StreamArn"] for stream in streams][:1]:
                shards = self.call("DescribeStream", {"StreamArn": arn})["StreamDescription"]["Shards"]
                for shard in shards[-3:]:
                    request = {"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "LATEST"}
                    self._iterators.append(self.call("GetShardIterator", request).get("ShardIterator"))
        elif iterator := self._iterators.pop(0):
            following = self.call("GetRecords", {"ShardIterator": iterator}).get("NextShardIterator")
            if following and self.random.random() < 0.95:
                self._iterators.append(following)

    # What goes wrong

    def fail(self) -> None:
        unknown = self.unique()
        self.random.choice([
            lambda: self.call("GetItem", {"TableName": unknown, "Key": self.key()}),
            lambda: self.call(unknown, {}),
            lambda: self.call("PutItem", {"TableName": TABLE, "Item": {unknown: {"S": "x"}}}),
            lambda: self.call("PutItem", {
                "TableName": TABLE, "Item": self.item(), "ConditionExpression": "attribute_exists(nothing)",
            }),
            lambda: self.call("Query", {"TableName": TABLE, "KeyConditionExpression": f"{unknown} ="}),
            lambda: self.call("ExecuteStatement", {"Statement": f"CHOOSE {unknown}"}),
            lambda: self.admin("GET", f"/{unknown}"),
            lambda: self._count(*self.connection.request("POST", "/ns/broken", b"{", "DynamoDB_20120810.X")),
            lambda: self.admin("DELETE", f"/namespaces/{unknown}"),
        ])()  # fmt: skip

    def reconnect(self) -> None:
        half = Connection(self.port)
        half.send(b"POST / HTTP/1.1\r\nContent-Length: 100000\r\n\r\n" + b"x" * self.random.randrange(50_000))
        half.close()
        self.connection.close()
        self.connection = Connection(self.port)

    # Tables, and what is remembered of them

    def passing_table(self) -> None:
        name = self.unique()
        self.make_table(name, indexed=True, streamed=self.random.random() < 0.3)
        for _ in range(4):
            self.call("PutItem", {"TableName": name, "Item": self.item()})
        self.call("DeleteTable", {"TableName": name})

    def index(self) -> None:
        name = f"index-{self.unique()}"
        self.call("UpdateTable", {
            "TableName": TABLE, "AttributeDefinitions": [
                {"AttributeName": each, "AttributeType": "S"} for each in ("pk", "sk", "holder")
            ],
            "GlobalSecondaryIndexUpdates": [{"Create": _index(name, "sk")}],
        })  # fmt: skip
        delete = [{"Delete": {"IndexName": name}}]
        self.call("UpdateTable", {"TableName": TABLE, "GlobalSecondaryIndexUpdates": delete})

    def settings(self) -> None:
        arn = f"arn:aws:dynamodb:us-east-1:123456789012:table/{TABLE}"
        self.call("TagResource", {"ResourceArn": arn, "Tags": [{"Key": "k", "Value": self.unique()}]})
        self.call("DescribeTable", {"TableName": TABLE})
        self.call("ListTables", {"Limit": 10})

    def backup(self) -> None:
        made = self.call("CreateBackup", {"TableName": STREAMED, "BackupName": self.unique()})
        if details := made.get("BackupDetails"):
            self.call("DeleteBackup", {"BackupArn": details["BackupArn"]})

    # What AWS does not have

    def savepoint(self) -> None:
        name = self.admin("POST", "/savepoints").get("name")
        for _ in range(5):
            self.put()
        self.passing_table()
        self.admin("POST", f"/savepoints/{name}/rollback")
        self.admin("DELETE", f"/savepoints/{name}")

    def namespace(self) -> None:
        name = self.unique()
        self.make_table(TABLE, f"/ns/{name}")
        for _ in range(10):
            self.call("PutItem", {"TableName": TABLE, "Item": self.item()}, f"/ns/{name}")
        self.admin("DELETE", f"/namespaces/{name}")

    def snapshot(self) -> None:
        name = self.admin("POST", "/snapshots").get("name")
        for _ in range(5):
            self.put()
        if self.random.random() < 0.2:
            self.admin("POST", f"/snapshots/{name}/load")
        self.admin("GET", f"/snapshots/{name}/diff?limit=10")
        self.admin("DELETE", f"/snapshots/{name}")


_STREAMS = ("ListStreams", "DescribeStream", "GetShardIterator", "GetRecords")


def _schema(*names: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ("HASH", "RANGE"), strict=False)
    ]


def _index(name: str, *following: str) -> dict[str, Any]:
    return {
        "IndexName": name,
        "KeySchema": _schema("holder", *following),
        "Projection": {"ProjectionType": "ALL"},
    }
