"""A server on a thread of its own, with an engine that does what a test wants."""

import asyncio
import threading
import time

import orjson

from dynemu.config import Settings
from dynemu.http.listening import describe_address, open_sockets
from dynemu.http.server import Server
from dynemu.http.wire import Wire
from dynemu.storage.base import StoreError


class ScriptedEngine:
    """An engine that writes, works and fails as a test wants it to; each request is a call of ``answer``."""

    def __init__(self):
        self.needs_sync = False
        self.slices = 0
        self.events = []
        self.fails_to_sync = False
        self.default = self
        self.on_work = None
        self.hooks = None

    @property
    def has_work(self):
        return self.slices > 0

    def work(self, seconds):
        time.sleep(seconds)
        self.slices -= 1
        self.events.append("work")

    def sync(self):
        if self.fails_to_sync:
            raise OSError("the disk is gone")
        self.events.append("sync")
        self.needs_sync = False

    def answer(self, name, request, region, account):
        self.events.append(request.get("id"))
        if request.get("id") == "bug":
            raise ZeroDivisionError("a bug")
        if request.get("id") == "full":
            raise StoreError("The database has no space left on its disk.")
        if request.get("id") == "nothing":
            return None
        self.needs_sync = self.needs_sync or "write" in request
        if request.get("slices"):
            self.slices += request["slices"]
            self.on_work()
        return {"id": orjson.Fragment(orjson.dumps(request.get("id")))}


class RunningServer:
    """A server on a thread of its own."""

    def __init__(self, engine, make_loop):
        settings = Settings()
        self.engine = engine
        self.loop = make_loop()
        wire = Wire(engine, settings, {b"DynamoDB_20120810.Do": "Do"}, ScriptedEngine.answer)
        self.server = Server(engine, wire, self.loop, syncs=True)
        self.sockets = open_sockets("127.0.0.1", 0)
        self.url = describe_address(self.sockets)
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self):
        self.loop.run_until_complete(self.server.listen(self.sockets))
        self.loop.run_until_complete(self.server.stopped)
        self.loop.run_until_complete(asyncio.sleep(0.01))
        self.loop.close()

    def pass_time(self, seconds):
        """Let the server find at once that *seconds* have passed."""

        def move():
            self.server.ticks += seconds
            for connection in tuple(self.server.connections):
                connection.expire()

        self.loop.call_soon_threadsafe(move)

    def stop(self):
        self.loop.call_soon_threadsafe(self.server.stop)
        self.thread.join(10)
        assert not self.thread.is_alive()
