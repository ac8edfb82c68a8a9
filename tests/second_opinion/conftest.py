"""Bluesky's own servers, what they find at Grapevine's address, and a browser: one of each for all tests."""

from collections.abc import Iterator

import pytest

from tests.second_opinion import servers
from tests.second_opinion.acme import Acme, acme
from tests.second_opinion.visitor import Visitor, visitor


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Acme]:
    with acme(tmp_path_factory.mktemp("acme")) as house:
        yield house


@pytest.fixture(scope="session")
def there(house: Acme) -> Iterator[servers.Bluesky]:
    with servers.bluesky(house) as there:
        yield there


@pytest.fixture(scope="session")
def browsing(house: Acme) -> Iterator[Visitor]:
    with visitor(house) as browsing:
        yield browsing
