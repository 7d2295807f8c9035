"""Clients that do not read, and many clients at once."""

import socket
import threading

import pytest

from tests.wire.peer import Peer, post


@pytest.fixture(scope="module")
def page(client):
    """A request whose answer is about 1 MB."""
    name = "large-pages"
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for number in range(4):
        client.put_item(TableName=name, Item={"pk": {"S": f"{number}"}, "text": {"S": "x" * 300_000}})
    return post({"TableName": name}, operation="Scan")


def test_a_client_that_reads_late_gets_every_answer(peer, connect, page):
    requests = 300
    sender = threading.Thread(target=peer.send, args=[page * requests], daemon=True)
    sender.start()
    assert peer.has_data(10)
    assert connect().ask(post()).status == 200
    sizes = [len(peer.read().body) for _ in range(requests)]
    sender.join(10)
    assert set(sizes) == {sizes[0]}
    assert sizes[0] > 900_000


def test_a_client_that_does_not_read_stops_being_read(peer, page):
    flood = page * 1000
    peer.socket.settimeout(1.0)
    sent = 0
    with pytest.raises(TimeoutError):
        while sent < 64 << 20:
            sent += peer.socket.send(flood)


def test_a_thousand_connections_are_served_at_once(server_url):
    peers = [Peer(server_url) for _ in range(1000)]
    try:
        for peer in peers:
            peer.send(post())
        assert {peer.read().status for peer in peers} == {200}
    finally:
        for peer in peers:
            peer.close()


def test_clients_that_vanish_disturb_nobody(connect, page):
    for _ in range(20):
        rude = connect()
        rude.send(page * 3)
        rude.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        rude.close()
    assert connect().ask(post()).status == 200
