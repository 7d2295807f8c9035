"""What the server does between requests."""

from types import SimpleNamespace
from typing import Any

from dynemu.http.server import SILENT_SECONDS, Server


class Turns:
    """A loop that keeps what it is asked to call, and does it when it is told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[float, Any]] = []

    def create_future(self) -> None:
        return None

    def call_soon(self, function: Any, *given: Any) -> None:
        self.call_later(0.0, function, *given)

    def call_later(self, delay: float, function: Any, *given: Any) -> None:
        self.asked.append((delay, lambda: function(*given)))

    def turn(self) -> float:
        """Do what was asked for last; return how long it should wait."""
        delay, function = self.asked.pop()
        function()
        return delay


def test_preparations_go_on_while_clients_are_silent() -> None:
    loop: Any = Turns()
    wire: Any = SimpleNamespace(answers=0)
    server = Server(SimpleNamespace(), wire, loop, syncs=False)  # type: ignore[arg-type]
    done: list[int] = []
    server.prepare(done.append(number) for number in range(4))
    assert (loop.turn(), done) == (SILENT_SECONDS, [0])
    assert (loop.turn(), done) == (0.0, [0, 1])
    wire.answers += 1
    assert (loop.turn(), done) == (0.0, [0, 1])
    assert (loop.turn(), done) == (SILENT_SECONDS, [0, 1, 2])
    assert (loop.turn(), done) == (0.0, [0, 1, 2, 3])
    assert (loop.turn(), loop.asked) == (0.0, [])
