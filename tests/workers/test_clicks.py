"""Closing shares for clicks (rule 9): 180 days after the last new visitor, 13 months after the share at the latest."""

import asyncio
import re
import time
from pathlib import Path

import pytest

from grapevine.domain.closing import closes_at
from grapevine.domain.posts import Post, PostKind
from grapevine.domain.shares import Placement, PlacementState, Share, Status
from grapevine.domain.visitors import share_key, visitor_tag
from grapevine.store import Store, keys
from grapevine.store.clicks import Batch, Click
from grapevine.store.embedded import EmbeddedServer
from tests.people import BEA
from tests.workers.stage import Stage
from workers import clicks, publishing

DAY = 86400.0
WINDOW, LONGEST = 180 * DAY, 396 * DAY


def test_the_last_new_visitor_keeps_a_share_open_but_not_for_ever() -> None:
    assert closes_at(0.0, 0.0, WINDOW, LONGEST) == 180 * DAY
    assert closes_at(0.0, 100 * DAY, WINDOW, LONGEST) == 280 * DAY
    assert closes_at(0.0, 300 * DAY, WINDOW, LONGEST) == 396 * DAY


async def test_a_share_closes_180_days_after_its_last_new_visitor_and_keeps_its_numbers(stage: Stage) -> None:
    share = await stage.share()
    receipt = keys.receipt(share.member, share.id)
    await stage.store.redis.hset(receipt, mapping={"u:x": 3, "last": int(share.created + 100 * DAY)})
    await stage.store.redis.sadd(keys.visitors(share.member, share.id), 1, 2, 3)
    await publishing.plan(stage.store, stage.jobs, share.created)
    for day in (0, 180, 279):
        assert await clicks.close(stage.store, WINDOW, LONGEST, share.created + day * DAY) == 0
    assert await stage.store.clicks.salt(share.member, share.id) is not None
    assert await clicks.close(stage.store, WINDOW, LONGEST, share.created + 280 * DAY) == 1
    assert await stage.store.clicks.salt(share.member, share.id) is None
    assert await stage.store.redis.hget(receipt, "salt") is None
    assert await stage.store.redis.exists(keys.visitors(share.member, share.id)) == 0
    assert (await stage.store.shares.receipt(share.member, share.id)).unique == 3
    assert await stage.hints(keys.DUE_CLOSINGS) == {}


async def test_a_hint_to_a_share_that_is_about_to_be_made_is_kept(stage: Stage) -> None:
    now = time.time()
    await stage.store.shares.hint_publication(stage.bea.id, "abcdef", now)
    assert await stage.store.publishing.due(now + 1) == []
    assert await stage.hints(keys.DUE_PUBLICATIONS) == {f"{stage.bea.id}:abcdef": now}
    assert await stage.store.publishing.due(now + 301) == []
    assert await stage.hints(keys.DUE_PUBLICATIONS) == {}


async def test_a_closing_that_was_cut_short_is_finished_in_the_next_slot(stage: Stage) -> None:
    share = await stage.share()
    await stage.store.redis.sadd(keys.visitors(share.member, share.id), 1, 2, 3)
    await stage.store.redis.hset(keys.receipt(share.member, share.id), "open", "0")  # … and there it died
    await stage.store.publishing.close_at(share.member, share.id, 0)
    assert await clicks.close(stage.store, WINDOW, LONGEST, share.created) == 0
    assert await stage.store.redis.exists(keys.visitors(share.member, share.id)) == 0
    assert await stage.hints(keys.DUE_CLOSINGS) == {}


async def test_a_rewrite_is_asked_for_once_for_all_and_again_until_it_is_granted(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, granted = 0, False

    async def rewrite(patience: float) -> bool:
        nonlocal asked
        asked += 1
        return granted

    monkeypatch.setattr(stage.store.erasure, "rewrite", rewrite)
    assert await clicks.close(stage.store, WINDOW, LONGEST, time.time()) == 0
    assert asked == 0  # nothing was destroyed
    for share in [await stage.share() for _ in range(3)]:
        await stage.store.publishing.close_at(share.member, share.id, 0)
    over = time.time() + 400 * DAY
    assert await clicks.close(stage.store, WINDOW, LONGEST, over) == 3
    assert asked == 1
    granted = True
    assert await clicks.close(stage.store, WINDOW, LONGEST, over + 3600) == 0
    assert asked == 2
    await clicks.close(stage.store, WINDOW, LONGEST, over + 7200)
    assert asked == 2


async def test_rule_9_nothing_of_a_closed_shares_visitors_is_left_in_the_data_folder(tmp_path: Path) -> None:
    """Looked for bytewise, as text and as an intset holds it; what comes late from a writer brings nothing back."""
    server = await asyncio.to_thread(EmbeddedServer.start, tmp_path)
    store = Store.open(server.url)
    try:
        bea, now = await BEA.joins(store), time.time()
        for sid in ("abcdef", "abcdeg"):
            post = Post(PostKind.LINK, "https://example.com/")
            share = Share(sid, bea.id, post, now, (Placement("mylink", "", ""),))
            await store.shares.make(share, {"mylink": Status(PlacementState.PUBLISHED, now)}, now)
        salt, other = [await store.clicks.salt(bea.id, sid) or "" for sid in ("abcdef", "abcdeg")]
        key = share_key("secret", salt)
        tags = [visitor_tag(key, f"4{number}".encode(), "Firefox", "en") for number in range(1500)]
        visits = [Click(None, "mylink", "", now, tag, tag // 2) for tag in tags]
        for number in range(15):
            batch = Batch(bea.id, "abcdef", "writer", number + 1, tuple(visits[number * 100 : number * 100 + 100]))
            await store.clicks.settle([batch], now)
        assert await asyncio.to_thread(held, tmp_path, salt, tags)
        await store.publishing.close_at(bea.id, "abcdef", now)
        assert await clicks.close(store, 0.0, LONGEST, now + 1) == 1
        late = Batch(bea.id, "abcdef", "journal", 1, tuple(visits[:100]))
        assert await store.clicks.settle([late], now) == [(None,) * 100]
        deadline = time.monotonic() + 15
        while await asyncio.to_thread(held, tmp_path, salt, tags):
            assert time.monotonic() < deadline, "the file was not written anew in time"
            await asyncio.sleep(0.05)
        assert await asyncio.to_thread(held, tmp_path, other, []) == {"salt"}  # the look finds what is there
        assert (await store.shares.receipt(bea.id, "abcdef")).unique == 1500
    finally:
        await store.close()
        await asyncio.to_thread(server.stop)
    assert await asyncio.to_thread(held, tmp_path, salt, tags) == set()


def held(data: Path, salt: str, tags: list[int]) -> set[str]:
    """What any file under *data* holds of these: the salt, tags, addresses' tags."""
    files = [file for file in data.rglob("*") if file.is_file()]
    content = b"".join(file.read_bytes() for file in files)
    found = {"salt"} if salt.encode() in content else set()
    spelled = {str(number).encode() for tag in tags for number in (tag, tag // 2)}
    if spelled & set(re.findall(rb"-?\d{15,20}", content)):
        found.add("written tags")
    if any(tag.to_bytes(8, "little", signed=True) in content for tag in tags[::10]):
        found.add("tags in a set")
    return found
