"""What HTTP costs one request: ``python -m benchmarks.micro.http_requests``.

A GetItem as boto3 sends it goes through a connection whose engine answers from a dict and whose transport
drops what it gets: parsing, checks, JSON, CRC and response are measured, sockets and storage are not. boto3
sends head and body in one piece with urllib3 1, apart with urllib3 2.
"""

import os
import subprocess
import sys
import time

import orjson

REQUEST = (
    b"POST / HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nX-Amz-Target: DynamoDB_20120810.GetItem\r\n"
    b"Content-Type: application/x-amz-json-1.0\r\nX-Amz-Date: 20240101T000000Z\r\n"
    b"User-Agent: Boto3/1.44.5 md/Botocore#1.44.5 ua/2.1 os/linux#6.1 md/arch#x86_64 lang/python#3.11.7\r\n"
    b"Accept-Encoding: identity\r\n"
    b"Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20240101/us-east-1/dynamodb/aws4_request, "
    b"SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=%064d\r\nContent-Length: 53\r\n\r\n"
    b'{"TableName":"bench","Key":{"pk":{"S":"user%06d"}}}'
)
ROW = orjson.dumps({"pk": {"S": "user000001"}, "name": {"S": "x" * 300}})
ROWS = {f"user{number:06}": ROW for number in range(1000)}
ROUNDS = 15
REPEATS = 7


class Transport:
    """Drops what is written."""

    def write(self, data):
        pass


class Engine:
    """Has nothing to do besides answering."""

    needs_sync = False
    hooks = None

    def __init__(self):
        self.default = self


class Server:
    """What a connection asks of its server."""

    ticks = 0
    syncs = False
    stopping = False

    def __init__(self, wire, engine):
        self.wire = wire
        self.databases = engine
        self.connections = set()


def answer(engine, name, request, region, account):
    return {"Item": orjson.Fragment(ROWS[request["Key"]["pk"]["S"]])}


def microseconds(apart):
    """Return the processor time of one request, the best of several rounds; *apart*: head and body are."""
    from dynemu.config import Settings  # noqa: PLC0415 - DYNEMU_PURE decides before the first import
    from dynemu.http.protocol import Connection  # noqa: PLC0415
    from dynemu.http.wire import Wire  # noqa: PLC0415

    engine = Engine()
    wire = Wire(engine, Settings(), {b"DynamoDB_20120810.GetItem": "GetItem"}, answer)
    connection = Connection(Server(wire, engine))
    connection.connection_made(Transport())
    end = REQUEST.index(b"\r\n\r\n") + 4
    requests = [
        piece
        for number in range(1000)
        for piece in (
            (REQUEST[:end] % number, REQUEST[end:] % number) if apart else (REQUEST % (number, number),)
        )
    ]
    return min(_round(connection, requests) for _ in range(REPEATS))


def _round(connection, pieces):
    start = time.process_time()
    for _ in range(ROUNDS):
        for piece in pieces:
            connection.data_received(piece)
    return (time.process_time() - start) / (ROUNDS * 1000) * 1e6


def main():
    """Print compiled | pure | ratio, for requests in one piece and in two."""
    if sys.argv[1:]:
        print(microseconds(sys.argv[1] == "apart"))
        return
    for form, title in (("whole", "one request"), ("apart", "head and body apart")):
        command = [sys.executable, "-m", "benchmarks.micro.http_requests", form]
        compiled, pure = (
            float(subprocess.check_output(command, env={**os.environ, "DYNEMU_PURE": value}))
            for value in ("0", "1")
        )
        print(f"{title}, us: built {compiled:.2f} | pure {pure:.2f} | ratio {pure / compiled:.2f}")


if __name__ == "__main__":
    main()
