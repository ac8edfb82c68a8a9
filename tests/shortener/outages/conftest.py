"""A shortener over a Redis of the test's own, which may go away."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from grapevine.store import Store
from grapevine.store.connection import connect
from tests.conftest import ENCRYPTION_KEY
from tests.shortener.conftest import Shortener, Start
from tests.shortener.outages.server import Server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "data")
    yield server
    server.go_on()
    server.stop()


@pytest.fixture
async def store(server: Server) -> AsyncIterator[Store]:
    """The store as the tests look into it."""
    store = Store.open(server.url, encryption_keys=[ENCRYPTION_KEY])
    yield store
    await store.close()


@pytest.fixture
async def over(server: Server) -> AsyncIterator[Store]:
    """The store as the program opens it."""
    over = Store(connect(server.url, timeout=0.25))
    yield over
    await over.close()


@pytest.fixture
async def shortener(server: Server, over: Store, start: Start) -> AsyncIterator[Shortener]:
    yield await start(over)
    server.go_on()
