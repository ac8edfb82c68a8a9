"""``/grapevine link``: what an admin may do with short links."""

from collections.abc import AsyncIterator

import pytest

from grapevine.domain.links import Link
from grapevine.domain.shares import MY_LINK
from grapevine.store import Store, keys
from tests.bot.stage import Stage, staged
from tests.fakes import Birdsong
from tests.people import ADA, BEA, CY, NOON

SHORT = "https://go.example.com"
TARGET = "https://blog.example.com/offer?a=1"


@pytest.fixture
async def stage(store: Store, redis_url: str, birdsong: Birdsong) -> AsyncIterator[Stage]:
    async with staged(store, redis_url, {"birdsong": birdsong}, short_url=SHORT) as stage:
        yield stage


async def beas(stage: Stage) -> str:
    """A slug of Bea's."""
    bea = await BEA.joins(stage.store)
    return await stage.store.links.claim(Link(TARGET, bea.id, "abcdef", MY_LINK))


@pytest.mark.parametrize(
    "text", ["link make summer https://a.example/", "link takedown summer", "link restore x", "link"]
)
async def test_only_admins_may(stage: Stage, text: str) -> None:
    await stage.store.redis.set(keys.slug("summer"), f'["{TARGET}"]')
    assert "Only workspace owners and admins" in await stage.types(BEA, text)
    assert await stage.store.links.down() == set()


@pytest.mark.parametrize("text", ["link", "link help", "link make summer", "link takedown", "link restore a b"])
async def test_half_a_command_is_answered_with_all_of_them(stage: Stage, text: str) -> None:
    said = await stage.types(ADA, text)
    for word in ("make", "takedown", "restore"):
        assert f"/grapevine link {word}" in said


@pytest.mark.parametrize(
    "form", ["{}", "{short}/{}", "{short}/{}+", "{short}/{}?own", "<{short}/{}>", "HTTPS://GO.example.com/{}"]
)
async def test_a_link_is_taken_down_however_it_is_named(stage: Stage, form: str) -> None:
    slug = await beas(stage)
    said = await stage.types(ADA, f"link takedown {form.format(slug, short=SHORT)}")
    assert f"`{SHORT}/{slug}` is taken down. It led to {TARGET}." in said
    assert await stage.store.links.down() == {slug}


async def test_its_owner_is_told_and_learns_when_it_is_back(stage: Stage) -> None:
    slug = await beas(stage)
    await stage.types(ADA, f"link takedown {slug}")
    assert f"<@{ADA.user}> took down your short link `{SHORT}/{slug}`" in await stage.told(BEA)
    assert "was taken down before" in await stage.types(ADA, f"link takedown {slug}")
    assert f"leads to {TARGET} again" in await stage.types(ADA, f"link restore {slug}")
    assert "brought back" in await stage.told(BEA, 2)
    assert "was not taken down" in await stage.types(ADA, f"link restore {slug}")
    assert await stage.store.links.down() == set()
    assert len(stage.pg.dms(BEA.user)) == 2
    assert stage.pg.dms(ADA.user) == []


@pytest.mark.parametrize("which", ["nothing", "https://elsewhere.example/{}", f"{SHORT}/a/b", "*"])
async def test_what_is_no_short_link_of_ours_is_not_taken_down(stage: Stage, which: str) -> None:
    slug = await beas(stage)
    assert "short link" in await stage.types(ADA, f"link takedown {which.format(slug)}")
    assert await stage.store.links.down() == set()


async def test_nobody_takes_down_another_workspaces_link(stage: Stage) -> None:
    stranger = await stage.store.members.join("T0OTHER0001", CY.user, NOON, "UTC", "en")
    slug = await stage.store.links.claim(Link(TARGET, stranger.id, "abcdef", MY_LINK))
    for word in ("takedown", "restore"):
        said = await stage.types(ADA, f"link {word} {slug}")
        assert "There is no short link" in said
        assert TARGET not in said
    assert await stage.store.links.down() == set()


async def test_a_link_whose_owner_was_erased_can_be_taken_down(stage: Stage) -> None:
    slug = await beas(stage)
    await stage.store.links.forget_owner(slug)
    assert "is taken down" in await stage.types(ADA, f"link takedown {slug}")


async def test_a_link_of_a_chosen_name_is_a_share_of_the_admins(stage: Stage) -> None:
    said = await stage.types(ADA, f"link make Summer_26 <{TARGET}>")
    assert f"`{SHORT}/Summer_26` leads to {TARGET.replace('&', '&amp;')}" in said
    ada = await stage.member(ADA)
    (share,) = await stage.store.shares.newest(ada.id, 0, 5)
    (placement,) = share.placements
    assert (placement.network, placement.card, share.post.url) == (MY_LINK, "Summer_26", TARGET)
    link = await stage.store.links.get("Summer_26")
    assert link == Link(placement.links[0].target, ada.id, share.id, MY_LINK)
    assert link.target == f"{TARGET}&utm_source=mylink&utm_medium=advocacy"
    assert await stage.store.clicks.salt(ada.id, share.id) is not None  # it gathers clicks
    assert await stage.store.redis.smembers(keys.claimed(ada.id)) == set()
    assert await stage.store.publishing.due(NOON * 2) == []
    assert await stage.store.publishing.closings(NOON * 2, 5) == [(ada.id, share.id)]
    await stage.pg.until(lambda: TARGET.split("?")[0] in str(stage.pg.home(ADA.user)))


async def test_a_name_is_given_once(stage: Stage) -> None:
    await stage.types(ADA, f"link make summer {TARGET}")
    said = await stage.types(ADA, "link make summer https://other.example/")
    assert f"`{SHORT}/summer` is taken" in said
    ada = await stage.member(ADA)
    assert await stage.store.shares.count(ada.id) == 1


async def test_a_claim_that_a_crash_left_behind_is_taken_up_by_the_same_admin_only(stage: Stage) -> None:
    ada = await ADA.joins(stage.store)
    bea = await BEA.joins(stage.store)
    await stage.store.links.claim_custom("summer", Link(TARGET, ada.id, "abcdef", MY_LINK))
    await stage.store.links.claim_custom("winter", Link(TARGET, bea.id, "abcdef", MY_LINK))
    assert "leads to" in await stage.types(ADA, f"link make summer {TARGET}")
    assert "is taken" in await stage.types(ADA, f"link make winter {TARGET}")
    (share,) = await stage.store.shares.newest(ada.id, 0, 5)
    assert share.id == "abcdef"


@pytest.mark.parametrize(
    ("slug", "target", "why"),
    [
        ("ab", TARGET, "3 to 40 characters"),
        ("healthz", TARGET, "keeps for itself"),
        ("summer", "javascript:alert(1)", "https:// or http://"),
        ("summer", "blog.example.com/offer", "Did you mean https://blog.example.com/offer?"),
        ("summer", "https://bea:pw@a.example/", "password"),
        ("summer", f"{SHORT}/abc2345", "Grapevine's own short links"),
        ("summer", "http://127.0.0.1/", "private network"),
        ("summer", "https://bit.ly/x", "short link already"),
    ],
)
async def test_what_cannot_be_made_is_told_with_the_reason(stage: Stage, slug: str, target: str, why: str) -> None:
    assert why in await stage.types(ADA, f"link make {slug} {target}")
    assert await stage.store.links.get(slug) is None
    assert await stage.store.shares.count((await stage.member(ADA)).id) == 0
