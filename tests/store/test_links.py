"""Slugs: claimed once, leading to their target for ever."""

import asyncio
import json
import secrets

import pytest

from grapevine.domain.errors import Refused
from grapevine.domain.links import ALPHABET, RESERVED, SLUG, Link
from grapevine.domain.shares import ShortLink
from grapevine.store import Store, keys
from tests.people import BEA, NOON
from tests.store.full import TARGET, a_share, pending

FULL = Link(TARGET, "abcdefgh", "abcdef", "mastodon", "mastodon:https://social.example/@bea")


@pytest.mark.parametrize(
    "link",
    [FULL, Link(TARGET), Link(TARGET, "abcdefgh", "abcdef", "mylink"), Link('https://example.com/"ß🍇{}?|:')],
)
async def test_a_slug_leads_where_it_was_claimed_for(store: Store, link: Link) -> None:
    slug = await store.links.claim(link)
    assert SLUG.fullmatch(slug)
    assert set(slug) <= set(ALPHABET)
    assert await store.links.get(slug) == link
    assert await store.redis.pttl(keys.slug(slug)) == -1


async def test_slugs_claimed_at_once_differ(store: Store) -> None:
    slugs = await asyncio.gather(*(store.links.claim(Link(f"{TARGET}&n={number}")) for number in range(200)))
    assert len(set(slugs)) == 200
    assert [(await store.links.get(slug) or Link("")).target for slug in slugs[:3]] == [
        f"{TARGET}&n={number}" for number in range(3)
    ]


async def test_a_taken_or_reserved_slug_is_never_given(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = await store.links.claim(Link(TARGET, "abcdefgh"))
    word = next(word for word in sorted(RESERVED) if len(word) == 7 and set(word) <= set(ALPHABET))
    letters = iter(taken + word + "freefre")
    monkeypatch.setattr(secrets, "choice", lambda _: next(letters))
    assert await store.links.claim(Link("https://example.com/2", "abcdefgh")) == "freefre"
    assert await store.links.get(taken) == Link(TARGET, "abcdefgh")
    assert await store.redis.smembers(keys.claimed("abcdefgh")) == {taken, "freefre"}


async def test_an_unknown_slug_leads_nowhere(store: Store) -> None:
    for slug in ("", "nothing", "*", "{x}"):
        assert await store.links.get(slug) is None
        await store.links.forget_owner(slug)
    assert [key async for key in store.redis.scan_iter(match="*")] == []


async def test_rule_23_a_nameless_slug_keeps_its_target_only(store: Store) -> None:
    slug = await store.links.claim(FULL)
    for _ in range(2):
        await store.links.forget_owner(slug)
        assert await store.redis.get(keys.slug(slug)) == json.dumps([TARGET])


async def test_a_slug_that_a_newer_version_wrote_leads_on(store: Store) -> None:
    await store.redis.set(keys.slug("newer22"), json.dumps([TARGET, "m", "s", "x", "x:1", {"expires": 1}]))
    assert await store.links.get("newer22") == Link(TARGET, "m", "s", "x", "x:1")


async def test_a_slug_is_noted_with_its_member_until_its_share_is_made(store: Store) -> None:
    bea = await BEA.joins(store)
    slug, other = [await store.links.claim(Link(TARGET, bea.id, "abcdef")) for _ in range(2)]
    assert await store.redis.smembers(keys.claimed(bea.id)) == {slug, other}
    share = a_share(bea, links=(ShortLink(slug, TARGET),))
    await store.shares.make(share, pending(share), NOON)
    assert await store.redis.smembers(keys.claimed(bea.id)) == {other}


@pytest.mark.parametrize(
    "target",
    ["", "javascript:alert(1)", "ftp://example.com/", "//example.com/", "https://", "https://bea:pw@example.com/",
     "https://example.com/a b", f"https://example.com/{'x' * 3000}"],
)  # fmt: skip
async def test_no_slug_is_claimed_for_what_is_no_address_for_readers(store: Store, target: str) -> None:
    with pytest.raises(Refused):
        await store.links.claim(Link(target, "abcdefgh"))
    with pytest.raises(Refused):
        await store.links.claim_custom("summer", Link(target, "abcdefgh"))
    assert [key async for key in store.redis.scan_iter(match="*")] == []


@pytest.mark.parametrize(
    "slug", ["ab", "x" * 41, "a b", "a.b", "ümlaut", "a/b", "", "healthz", "Admin", "METRICS", "a+"]
)
async def test_a_chosen_slug_is_well_formed_and_not_reserved(store: Store, slug: str) -> None:
    with pytest.raises(Refused):
        await store.links.claim_custom(slug, Link(TARGET))
    assert [key async for key in store.redis.scan_iter(match="*")] == []


async def test_a_chosen_slug_is_given_once_also_to_many_who_want_it_at_once(store: Store) -> None:
    links = [Link(TARGET, f"member{number}", "abcdef", "mylink") for number in range(8)]
    given = await asyncio.gather(*(store.links.claim_custom("Summer_26", link) for link in links))
    assert given.count(True) == 1
    winner = links[given.index(True)]
    assert await store.links.get("Summer_26") == winner
    assert await store.redis.smembers(keys.claimed(winner.member)) == {"Summer_26"}
    assert sorted([key async for key in store.redis.scan_iter(match="*")]) == sorted(
        [keys.slug("Summer_26"), keys.claimed(winner.member)]
    )


async def test_a_link_is_taken_down_and_brought_back_and_knows_where_it_led(store: Store) -> None:
    slug = await store.links.claim(FULL)
    assert await store.links.take_down(slug)
    assert not await store.links.take_down(slug)
    assert await store.links.down() == {slug}
    await store.links.forget_owner(slug)
    assert await store.links.down() == {slug}  # erasing its owner brings nothing back
    assert await store.links.restore(slug)
    assert not await store.links.restore(slug)
    assert await store.links.down() == set()
    assert await store.links.get(slug) == Link(TARGET)
