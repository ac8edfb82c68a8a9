"""A Redis Cluster of three masters, for the tests that ask for one."""

from collections.abc import AsyncIterator, Iterator

import pytest

from grapevine.store import Store
from tests.store import servers


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of one cluster for the whole session; ask for ``clustered``, which is empty."""
    ports = servers.free_ports(3)
    with servers.cluster(tmp_path_factory.mktemp("cluster"), ports):
        yield f"redis+cluster://127.0.0.1:{ports[0]}"


@pytest.fixture
async def clustered(cluster: str) -> AsyncIterator[Store]:
    """The store over a cluster, where a member's keys and everybody's lie on different nodes."""
    store = Store.open(cluster)
    await store.redis.execute_command("FLUSHALL")
    yield store
    await store.close()
