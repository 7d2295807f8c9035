"""Recorded requests and answers, replayed against a server over a real connection."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conformance import replay

VECTORS = Path(__file__).parent / "vectors"
LATER = frozenset(
    {
        "other_operations",
        "partiql_batch",
        "partiql_dml",
        "partiql_errors",
        "partiql_select",
        "streams",
        "ttl_tags",
    }
)
"""Topics about operations that dynemu does not answer yet."""
USED = (
    "UpdateTimeToLive",
    "DescribeTimeToLive",
    "ExecuteStatement",
    "BatchExecuteStatement",
    "ExecuteTransaction",
)
SCENARIOS = [
    scenario
    for scenario in replay.load(str(VECTORS))
    if scenario["topic"] not in LATER and not any(step.get("op") in USED for step in scenario["steps"])
]


@pytest.fixture(scope="module")
def client(server_url: str) -> Iterator[Any]:
    connection = replay.Client(server_url, 30)
    yield connection
    connection.close()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[scenario["id"] for scenario in SCENARIOS])
def test_answers_as_recorded(client: Any, scenario: dict[str, Any]) -> None:
    failures = replay.run_scenario(client, scenario, strict=False)
    assert not failures, failures
