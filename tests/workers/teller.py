"""A worker process in which one placement of a share comes out and its member is told.

``python -m tests.workers.teller MEMBER SHARE NETWORK`` says "ready", waits for a line, then moves the placement and
tells, once more whenever it is asked to come back.
"""

import asyncio
import sys
import time

from grapevine.domain.errors import TryLater
from grapevine.domain.shares import PlacementState, Status
from grapevine.settings import WorkerSettings, load
from grapevine.store import Store
from workers.slack import Slack
from workers.telling import Telling


def out(network: str) -> Status:
    return Status(PlacementState.PUBLISHED, time.time(), f"{network}-1", f"https://{network}.example/1")


async def run(mid: str, sid: str, network: str) -> None:
    settings = load(WorkerSettings)
    keys = [key.get_secret_value() for key in settings.encryption_keys]
    store = Store.open(settings.redis_url or "", encryption_keys=keys)
    member, share = await store.members.get(mid), await store.shares.get(mid, sid)
    assert member is not None
    assert share is not None
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.readline)
    await store.shares.move(mid, sid, network, out(network), [PlacementState.PENDING])
    for _ in range(200):
        try:
            await Telling(member, share, store, {}, Slack(settings, store), 5.0, time.time()).tell()
            break
        except TryLater:
            await asyncio.sleep(0.05)
    await store.close()


if __name__ == "__main__":
    asyncio.run(run(*sys.argv[1:]))
