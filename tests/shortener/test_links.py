"""What the process remembers of links."""

import pytest

from grapevine.domain.errors import TryLater
from grapevine.domain.links import Link
from grapevine.store import Store, keys
from shortener.links import Links
from shortener.patience import Breaker
from tests.people import NOON
from tests.shortener.conftest import TARGET, Clock


async def test_a_link_is_looked_up_again_after_a_minute(store: Store) -> None:
    clock = Clock(NOON)
    links = Links(store.links, Breaker(), clock=clock)
    slug = await store.links.claim(Link(TARGET, "member"))
    before = await links.get(slug)
    await store.links.forget_owner(slug)
    assert await links.get(slug) is before
    clock.now += 60
    after = await links.get(slug)
    assert before is not None
    assert after is not None
    assert (before.link.member, after.link.member) == ("member", "")


async def test_an_unknown_link_is_looked_up_again_after_two_seconds(store: Store) -> None:
    clock = Clock(NOON)
    links = Links(store.links, Breaker(), clock=clock)
    assert await links.get("Tomorrow") is None
    await store.redis.set(keys.slug("Tomorrow"), f'["{TARGET}"]')
    assert await links.get("Tomorrow") is None
    clock.now += 2
    found = await links.get("Tomorrow")
    assert found is not None
    assert found.location == TARGET


async def test_no_more_links_than_so_many_are_remembered(store: Store) -> None:
    links = Links(store.links, Breaker(), most=3)
    slugs = [await store.links.claim(Link(f"{TARGET}&n={number}")) for number in range(5)]
    for slug in [*slugs, slugs[2], "Unknown1"]:
        await links.get(slug)
    assert list(links._known) == [slugs[4], slugs[2], "Unknown1"]


async def test_reserved_and_malformed_names_are_not_looked_up() -> None:
    store = Store.open("unix:///nowhere.sock")
    links = Links(store.links, Breaker())
    for name in ("metrics", "Login", "a", "x" * 41, "a.b", ""):
        assert await links.get(name) is None
    with pytest.raises(TryLater):
        await links.get("Unknown1")
    await store.close()
