"""Operations through the one door, over every store: in memory, RocksDB, and one that makes trouble."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from dynemu.config import Settings
from dynemu.engine.checking import check
from dynemu.engine.database import Engine
from dynemu.errors import AwsError
from dynemu.operations.dispatch import call
from dynemu.storage.memory import MemoryStore
from dynemu.storage.rocks import RocksStore
from tests.chaos_store import ChaosStore

REGION = "eu-central-1"
ACCOUNT = "123456789012"


class ManualClock:
    """A clock that only a test moves."""

    def __init__(self) -> None:
        self.time = 1_700_000_000.0

    def now(self) -> float:
        return self.time


class Requests:
    """Calls operations of one engine and gives responses as plain JSON."""

    def __init__(self, engine: Engine, clock: ManualClock) -> None:
        self.engine = engine
        self.clock = clock

    def __call__(self, operation: str, **request: Any) -> Any:
        """Return the response of *operation*. Raises AwsError."""
        wire = orjson.loads(orjson.dumps(request))
        response = call(self.engine, operation, wire, REGION, ACCOUNT)
        while self.engine.has_work:
            self.engine.work(0.1)
        return None if response is None else orjson.loads(orjson.dumps(response))

    def refuse(self, operation: str, **request: Any) -> tuple[str, str | None]:
        """Return the code and message of the error that *operation* answers."""
        with pytest.raises(AwsError) as caught:
            self(operation, **request)
        return caught.value.code, caught.value.message

    def create(
        self, name: str = "things", hash: str = "pk:S", range: str | None = "sk:S", **more: Any
    ) -> None:
        """Create a table; keys are given as ``name:type``."""
        keys = [part.split(":") for part in (hash, range) if part]
        attributes = {key: kind for key, kind in keys} | more.pop("attributes", {})
        self(
            "CreateTable",
            TableName=name,
            KeySchema=[
                {"AttributeName": key, "KeyType": role}
                for (key, _), role in zip(keys, ("HASH", "RANGE"), strict=False)
            ],
            AttributeDefinitions=[
                {"AttributeName": key, "AttributeType": kind} for key, kind in attributes.items()
            ],
            **{"BillingMode": "PAY_PER_REQUEST", **more},
        )

    def put(self, table: str = "things", **item: Any) -> None:
        """Put an item; attribute values are given as on the wire."""
        self("PutItem", TableName=table, Item=item)


STORES: dict[str, Callable[[Any], Any]] = {
    "memory": lambda path: MemoryStore(),
    "rocks": lambda path: RocksStore(path / "store", "none"),
    "chaos": lambda path: ChaosStore(MemoryStore(), seed=7),
}


@pytest.fixture(params=STORES)
def db(request: pytest.FixtureRequest, tmp_path: Any) -> Iterator[Requests]:
    clock = ManualClock()
    engine = Engine(STORES[request.param](tmp_path), Settings(), clock)
    yield Requests(engine, clock)
    store = engine.store.inner if isinstance(engine.store, ChaosStore) else engine.store
    found = [] if engine.has_work else list(map(str, check(store.view(), clock.now())))
    engine.close()
    assert found == [], "the store disagrees with its items"


@pytest.fixture
def bucket(db: Requests, tmp_path: Path) -> Path:
    """The directory of the bucket ``data`` of the engine."""
    path = tmp_path / "s3" / "data"
    path.mkdir(parents=True)
    db.engine.settings = replace(db.engine.settings, s3_dir=str(path.parent))
    return path


def outcome(answer: Any, *given: Any) -> Any:
    """Return what *answer* returns as bytes, or the error that it raises."""
    try:
        answered = answer(*given)
    except AwsError as error:
        return error.to_body()
    return orjson.dumps(answered) if isinstance(answered, dict) else answered
