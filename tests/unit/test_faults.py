"""Faults as users write them: JSON objects there and back, and one sentence for what cannot be one."""

from typing import Any

import pytest

from dynemu.faults import Fault

SOME: list[dict[str, Any]] = [
    {"kind": "throttle"},
    {"kind": "throttle", "operation": "writes", "table": "orders", "probability": 0.25},
    {"kind": "throttle", "reason": "IndexWriteKeyRangeThroughputExceeded", "index": "by-date"},
    {"kind": "throttle", "operation": "DescribeTable"},
    {"kind": "conflict", "key": {"pk": {"S": "a"}}, "every": 3, "times": 2},
    {"kind": "latency", "operation": ["GetItem", "writes"], "seconds": 0.5},
    {"kind": "error", "code": "ServiceUnavailable", "after": True},
    {"kind": "drop", "after": True},
    {"kind": "unprocessed", "operation": "reads", "share": 1},
    {"kind": "hold", "seconds": 5},
]


@pytest.mark.parametrize("members", SOME, ids=lambda members: "-".join(map(str, members)))
def test_a_fault_is_written_as_it_was_read(members: dict[str, Any]) -> None:
    assert Fault.from_dict(members).to_dict() == members


def test_a_fault_keeps_nothing_of_the_caller() -> None:
    key = {"pk": {"N": "1.0"}}
    fault = Fault("drop", key=key, operation=["GetItem"])  # type: ignore[arg-type]
    assert fault.to_dict() == {"kind": "drop", "key": {"pk": {"N": "1"}}, "operation": ["GetItem"]}
    assert key == {"pk": {"N": "1.0"}}


def test_a_status_stands_for_the_error() -> None:
    assert Fault.from_dict({"kind": "error", "status": 503}) == Fault("error", code="ServiceUnavailable")
    assert Fault.from_dict({"kind": "error", "status": 500}).to_dict() == {"kind": "error"}


def test_null_is_as_good_as_absent() -> None:
    assert Fault.from_dict({"kind": "drop", "table": None}) == Fault("drop")


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        ("throttle", "A fault is an object with a kind."),
        (
            {"table": "orders"},
            "The kind of a fault is one of throttle, conflict, latency, error, drop, unprocessed, hold.",
        ),
        ({"kind": "throttle", "likelihood": 1}, "A fault has no member likelihood."),
        ({"kind": "throttle", "seconds": 1}, "A fault of the kind throttle has no member seconds."),
        ({"kind": "latency"}, "A fault of the kind latency needs seconds."),
        ({"kind": "latency", "seconds": -1}, "The seconds of a fault is a number above 0."),
        ({"kind": "latency", "seconds": True}, "The seconds of a fault is a number above 0."),
        ({"kind": "drop", "operation": "GetItems"}, "There is no operation GetItems: it is a wire name, "
         "reads or writes."),
        ({"kind": "drop", "operation": [1]}, "The operation of a fault is a name or a list of names."),
        ({"kind": "drop", "operation": 1.5}, "The operation of a fault is a name or a list of names."),
        ({"kind": "unprocessed", "operation": "Scan"}, "A fault of the kind unprocessed cannot hit Scan."),
        ({"kind": "hold", "seconds": 1, "operation": "reads"}, "A fault of the kind hold cannot hit reads."),
        ({"kind": "error", "status": 418}, "The status of an error is 500 or 503."),
        ({"kind": "error", "code": "Teapot"}, "The code of a fault is InternalServerError or "
         "ServiceUnavailable."),
        ({"kind": "drop", "probability": 1.5}, "The probability of a fault is a number from 0 to 1."),
        ({"kind": "drop", "every": 0}, "The every of a fault is a whole number, 1 or more."),
        ({"kind": "drop", "times": 2.5}, "The times of a fault is a whole number, 1 or more."),
        ({"kind": "drop", "key": {"pk": "a"}}, "The key of a fault is attributes in DynamoDB JSON."),
        ({"kind": "drop", "after": 1}, "The after of a fault is true or false."),
        ({"kind": "unprocessed", "share": 0}, "The share of a fault is a number above 0, 1 at most."),
        ({"kind": "drop", "table": 7}, "The table of a fault is the name of a table."),
    ],
)  # fmt: skip
def test_what_cannot_be_a_fault_is_refused_in_a_sentence(members: Any, sentence: str) -> None:
    with pytest.raises(ValueError) as caught:
        Fault.from_dict(members)
    assert str(caught.value) == sentence


def test_a_wrong_reason_is_refused_with_the_right_ones() -> None:
    with pytest.raises(
        ValueError, match="The reason of a fault is one of ProvisionedThroughputExceeded, Key"
    ):
        Fault("throttle", reason="TooFast")
