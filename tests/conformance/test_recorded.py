"""Recorded requests and answers, replayed against a server over a real connection."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dynemu.operations import find_operation
from tests.conformance import replay

VECTORS = Path(__file__).parent / "vectors"
CONTRADICTED = {
    "describe_delete_list.describe-by-arn": "without TableId and with dates of changes that never were",
    "update_table.create-and-delete-in-one-call": "an on-demand index without ProvisionedThroughput",
    "update_table.gsi-throughput": "the throughput of an index after UpdateTable is the one before it",
}
"""Answers of one emulator that other recorded answers rule out: docs/compatibility.md."""


def is_answered(scenario: dict[str, Any]) -> bool:
    """Tell whether dynemu has every operation called; http_protocol calls some that nobody has."""
    used = {step.get("op") for step in scenario["steps"]} - {None}
    return scenario["topic"] == "http_protocol" or all(map(find_operation, used))


SCENARIOS = [
    scenario
    for scenario in replay.load(str(VECTORS))
    if is_answered(scenario) and scenario["id"] not in CONTRADICTED
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
