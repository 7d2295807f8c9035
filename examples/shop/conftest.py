"""What all tests begin with. The fixtures come from dynemu's pytest plugin."""

import pytest
from shop import Shop, create_table


@pytest.fixture(scope="session")
def dynemu_baseline() -> None:
    """Make the table and the catalogue, once; every test starts from here."""
    create_table()
    shop = Shop()
    for name, stock, price in (("tea", 10, 450), ("cup", 2, 1200), ("kettle", 1, 3900)):
        shop.add_article(name, stock, price)


@pytest.fixture
def shop(dynemu: object) -> Shop:
    """The shop, with what the baseline left; what the test does to it is undone."""
    return Shop()
