"""Tests of the shop, each on a database of its own as far as it can tell."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from shop import TABLE, Shop, SoldOut


def test_an_order_takes_from_stock(shop: Shop) -> None:
    shop.order("1", "ada", "2026-03-01", {"tea": 3, "cup": 2})
    assert (shop.stock("tea"), shop.stock("cup")) == (7, 0)


def test_every_test_finds_the_stock_full(shop: Shop) -> None:
    assert (shop.stock("tea"), shop.stock("cup"), shop.stock("kettle")) == (10, 2, 1)


def test_nothing_is_taken_when_something_is_missing(shop: Shop) -> None:
    with pytest.raises(SoldOut):
        shop.order("1", "ada", "2026-03-01", {"tea": 3, "kettle": 2})
    assert shop.stock("tea") == 10
    assert shop.orders_of("ada") == []


def test_a_number_is_used_once(shop: Shop) -> None:
    shop.order("1", "ada", "2026-03-01", {"tea": 1})
    with pytest.raises(ClientError, match="TransactionCanceledException"):
        shop.order("1", "bob", "2026-03-02", {"tea": 1})


@pytest.mark.parametrize(
    ("since", "numbers"), [("", ["3", "2", "1"]), ("2026-03-02", ["3", "2"]), ("2027", [])]
)
def test_orders_are_listed(shop: Shop, since: str, numbers: list[str]) -> None:
    for number in ("1", "2", "3"):
        shop.order(number, "ada", f"2026-03-0{number}", {"tea": 1})
    assert shop.orders_of("ada", since) == numbers


@pytest.mark.dynemu(faults=[{"kind": "conflict", "operation": "TransactWriteItems", "times": 1}])
def test_a_conflict_is_not_taken_for_sold_out(shop: Shop) -> None:
    with pytest.raises(ClientError, match="TransactionConflict"):
        shop.order("1", "ada", "2026-03-01", {"tea": 1})
    shop.order("1", "ada", "2026-03-01", {"tea": 1})
    assert shop.stock("tea") == 9


@pytest.mark.dynemu(clock="2026-03-01T12:00:00Z")
def test_offers_end(dynamodb_client: Any, dynemu: Any) -> None:
    dynamodb_client.update_time_to_live(
        TableName=TABLE, TimeToLiveSpecification={"Enabled": True, "AttributeName": "ends"}
    )
    offer = {"pk": {"S": "offer#1"}, "sk": {"S": "offer"}}
    ends = int(dynemu.clock.now()) + 3600
    dynamodb_client.put_item(TableName=TABLE, Item={**offer, "ends": {"N": str(ends)}})
    dynemu.clock.advance(3599)
    assert "Item" in dynamodb_client.get_item(TableName=TABLE, Key=offer)
    dynemu.clock.advance(3600)
    assert "Item" not in dynamodb_client.get_item(TableName=TABLE, Key=offer)
