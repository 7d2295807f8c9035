"""kill -9 while a server loads, makes and imports snapshots: the old state or the new one is there, whole."""

import os
import random
import signal
import threading
import time
from pathlib import Path
from typing import Any

import dynemu
from dynemu.engine.namespaces import Namespaces
from dynemu.storage.portable import write_export
from tests.wire.admin_client import TABLE, AdminClient
from tests.wire.test_killed import start

ROUNDS = 8
ITEMS = {"small": 3, "large": 400}


class Loader(threading.Thread):
    """Loads the two snapshots in turn, and imports one, until the server is gone."""

    def __init__(self, url: str, export: bytes) -> None:
        super().__init__(daemon=True)
        self.admin = AdminClient(url)
        self.export = export
        self.answered = ""
        self.asked = ""
        self.refused: Any = None

    def run(self) -> None:
        number = 0
        try:
            while self.refused is None:
                number += 1
                self.asked = ("small", "large")[number % 2]
                status, answer = self.admin.ask("POST", f"snapshots/{self.asked}/load")
                if status != 200:
                    self.refused = answer
                self.answered = self.asked
                name = f"import-{number}-{time.time_ns()}"
                self.admin.send("POST", f"/_dynemu/snapshots/{name}/import", self.export)
                self.admin.send("DELETE", f"/_dynemu/snapshots/{name}")
        except OSError:
            return
        except Exception as error:  # what http.client says of an answer that ends too early
            if "IncompleteRead" not in repr(error) and "RemoteDisconnected" not in repr(error):
                self.refused = error


def make(path: Path) -> bytes:
    """Make a directory with the two snapshots; return one of them as a file."""
    with dynemu.Database(path) as database:
        database.call("CreateTable", TABLE)
        for name, count in ITEMS.items():
            for number in range(count):
                item = {"pk": {"S": f"{name}-{number}"}, "v": {"S": "x" * 300}}
                database.call("PutItem", {"TableName": "things", "Item": item})
            database.snapshot(name)
            for number in range(count):
                key = {"pk": {"S": f"{name}-{number}"}}
                database.call("DeleteItem", {"TableName": "things", "Key": key})
        database.restore("small")
        return database.use_wire(export_large)


def export_large(namespaces: Namespaces) -> bytes:
    store = namespaces.copy("default", "large")
    try:
        return b"".join(write_export({}, store.dump()))
    finally:
        store.close()


def check(path: Path, loader: Loader) -> None:
    with dynemu.Database(path) as database:
        assert database.check() == []
        items = database.call("Scan", {"TableName": "things"})["Items"]
        names = {item["pk"]["S"].partition("-")[0] for item in items}
        assert len(names) == 1
        (name,) = names
        assert len(items) == ITEMS[name]
        assert name in (loader.answered or name, loader.asked)
        description = database.call("DescribeTable", {"TableName": "things"})["Table"]
        assert description["ItemCount"] == len(items)
        for kept in database.snapshots():
            if kept.name in ITEMS or kept.name.startswith("import-"):
                database.restore(kept.name)
                count = database.call("Scan", {"TableName": "things", "Select": "COUNT"})["Count"]
                assert count == ITEMS.get(kept.name, ITEMS["large"])
        database.restore("small")
    assert list((path / "namespaces").glob(".*")) == []
    assert list((path / "snapshots" / "default").glob(".*")) == []


def test_a_server_killed_while_it_loads_has_the_old_state_or_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "data"
    export = make(path)
    for _ in range(ROUNDS):
        process, url = start(path)
        loader = Loader(url, export)
        loader.start()
        time.sleep(random.uniform(0.15, 0.5))
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        loader.join(timeout=20)
        assert loader.refused is None
        assert loader.asked
        check(path, loader)
