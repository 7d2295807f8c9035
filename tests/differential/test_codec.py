"""Rows in both builds."""

from types import SimpleNamespace
from typing import Any

from hypothesis import given

from tests.core_builds import BUILDS
from tests.differential.wire_values import ITEMS


@given(ITEMS)
def test_a_row_gives_back_the_item(core: SimpleNamespace, item: Any) -> None:
    size = core.values.normalise_item(item)
    row = core.codec.encode_row(item)
    assert core.codec.decode_row(row) == item
    assert core.codec.row_size(row) == size


@given(ITEMS)
def test_builds_make_the_same_rows(item: Any) -> None:
    for build in BUILDS.values():
        build.values.normalise_item(item)
    assert len({build.codec.encode_row(item) for build in BUILDS.values()}) == 1
