"""What many tests stand on: a real Redis, empty for each test, and the store over it."""

from collections.abc import AsyncIterator, Iterator

import pytest
from cryptography.fernet import Fernet
from redis import Redis

from grapevine.store import Store
from grapevine.store.embedded import EmbeddedServer

ENCRYPTION_KEY = Fernet.generate_key().decode()


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of one server for the whole session; ask for ``redis_url``, which is empty."""
    server = EmbeddedServer.start(tmp_path_factory.mktemp("redis"))
    yield server.url
    server.stop()


@pytest.fixture
def redis_url(redis_server: str) -> str:
    with Redis.from_url(redis_server) as redis:
        redis.flushall()
    return redis_server


@pytest.fixture
async def store(redis_url: str) -> AsyncIterator[Store]:
    store = Store.open(redis_url, encryption_keys=[ENCRYPTION_KEY])
    yield store
    await store.close()
