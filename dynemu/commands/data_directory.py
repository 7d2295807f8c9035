"""A data directory that no server uses, asked the way a server's admin API is."""

import os
from collections.abc import Iterator
from typing import Any, BinaryIO

from dynemu.commands.errors import CommandError
from dynemu.config import Settings
from dynemu.engine.namespaces import Namespaces
from dynemu.http.access import Refusal
from dynemu.http.admin import call, sentence_of
from dynemu.http.admin_answers import Answer, Stream
from dynemu.storage.base import StoreError


class DataDirectory:
    """The data directory *path*, which no server uses meanwhile."""

    def __init__(self, path: str) -> None:
        if not os.path.isfile(os.path.join(path, "FORMAT")):
            raise CommandError(f"There is no database in the directory {path}.")
        try:
            self._namespaces = Namespaces(Settings(db_path=path))
        except StoreError as error:
            raise CommandError(str(error)) from None

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        return self._finish(method, path, body)

    def download(self, path: str) -> Iterator[bytes]:
        try:
            reply = call(self._namespaces, "GET", path)
            assert isinstance(reply, Stream)
            yield from reply.chunks
        except (Refusal, StoreError, ValueError) as error:
            raise CommandError(sentence_of(error)) from None

    def upload(self, path: str, file: BinaryIO) -> Any:
        return self._finish("POST", path, None, file)

    def close(self) -> None:
        self._namespaces.close()

    def _finish(self, method: str, path: str, body: dict[str, Any] | None, file: Any = None) -> Any:
        try:
            reply = call(self._namespaces, method, path, body, file)
            answer: Any = reply
            if not isinstance(reply, (Answer, Stream)):
                for answer in reply:  # noqa: B007 - the last one counts
                    pass
        except (Refusal, StoreError, ValueError, KeyError) as error:
            raise CommandError(sentence_of(error)) from None
        return answer.document
