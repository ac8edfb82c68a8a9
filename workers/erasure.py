"""Members who left: everything about them is erased after 30 days (rule 25)."""

import logging

from grapevine.store import Store
from grapevine.store.queue import ERASE, Jobs, Work

log = logging.getLogger("workers.erasure")


async def plan(store: Store, jobs: Jobs, now: float) -> None:
    for mid in await store.members.erasures.now(now):
        await jobs.put_all([Work(ERASE, (mid,), f"erase-{mid}", timeout=900)])


async def erase(mid: str, *, store: Store, jobs: Jobs) -> None:
    """Erases a member who is still gone; somebody who came back is left alone."""
    member = await store.members.get(mid)
    if member is None or member.left is None:
        await store.members.erasures.done(mid)
        return
    await store.erasure.erase(member)
    await jobs.forget(mid)
    await store.erasure.rewrite()
    log.info("%s left and was erased.", mid)
