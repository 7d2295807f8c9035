"""What an operation may see: one view of the store, the catalogue, the time, the caller's region."""

import os
from typing import TYPE_CHECKING

from dynemu.engine.table import Table
from dynemu.errors import ResourceNotFoundException
from dynemu.storage.base import View
from dynemu.storage.catalogue import Catalogue

if TYPE_CHECKING:
    from dynemu.config import Settings


class Call:
    """One run of one operation. An operation reads only through this, and may run again on a newer view."""

    __slots__ = ("_random", "account", "catalogue", "eventual", "now", "region", "settings", "view")

    def __init__(
        self,
        view: View,
        catalogue: Catalogue[Table],
        now: float,
        region: str,
        account: str,
        settings: "Settings",
    ) -> None:
        self.view = view
        self.eventual = view
        """What an eventually consistent read sees: an older view where that is simulated, else the same."""
        self.catalogue = catalogue
        self.now = now
        """Seconds since the epoch, from the database's clock."""
        self.region = region
        self.account = account
        self.settings = settings
        self._random: bytes | None = None

    @property
    def random(self) -> bytes:
        """Sixteen random bytes, the same each time this call runs."""
        if self._random is None:
            self._random = os.urandom(16)
        return self._random

    def get_table(self, name: str) -> Table:
        """Return the table called *name* (or with that ARN) for reading and writing items.

        Raises: ResourceNotFoundException when there is none or it is being created or deleted.
        """
        table = self.catalogue.find(self.view, name)
        if table is None:
            table = self.catalogue.find(self.view, table_name(name))
        if table is not None and table.busy:
            table = table.at(self.now)
        if table is None:
            raise ResourceNotFoundException("Requested resource not found")
        return table


def table_name(name: str) -> str:
    """Return the table's name from a name or an ARN ``arn:aws:dynamodb:region:account:table/name``."""
    if name.startswith("arn:"):
        _, _, rest = name.partition(":table/")
        return rest.partition("/")[0]
    return name
