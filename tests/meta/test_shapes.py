"""The request shapes against the service's own model, as botocore carries it."""

from typing import Any

import botocore.session
import pytest

from dynemu.operations import OPERATIONS, STREAM_OPERATIONS

SERVICES = {**dict.fromkeys(OPERATIONS, "dynamodb"), **dict.fromkeys(STREAM_OPERATIONS, "dynamodbstreams")}


@pytest.fixture(scope="module")
def models() -> dict[str, Any]:
    session = botocore.session.Session()
    return {service: session.get_service_model(service) for service in set(SERVICES.values())}


@pytest.mark.parametrize("name", SERVICES)
def test_members_are_those_of_the_service(models: dict[str, Any], name: str) -> None:
    model = models[SERVICES[name]].operation_model(name).input_shape
    ours = {**OPERATIONS, **STREAM_OPERATIONS}[name].shape
    assert set(model.members) - set(ours.members) == set()
    assert set(ours.required) <= set(model.required_members)
