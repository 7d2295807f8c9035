"""Where a request begins in what a client sent."""

from typing import Any

from dynemu.http.reader import RequestReader
from dynemu.http.request import Request


class _Counter(RequestReader):
    """Counts the requests that it reads."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def submit(self, request: Request) -> None:
        self.count += 1

    def expect_body(self) -> None:
        pass

    def find_upload(self, request: Request) -> Any:
        return _Nowhere()


class _Nowhere:
    """Stands for the file of an upload."""

    def write(self, body: bytes) -> None:
        pass


def start_of(data: bytes, index: int) -> int:
    """Return where the request with this *index* begins in *data*, which begins with a request.

    The parser does not tell where a request ends, so this looks for the shortest start of *data* that has
    *index* whole ones. It is asked only for requests that were sent behind another one's.
    """
    low, high = 0, len(data) if index else 0
    while low < high:
        middle = (low + high) // 2
        counter = _Counter()
        counter.read(data[:middle])
        if counter.count < index:
            low = middle + 1
        else:
            high = middle
    return low
