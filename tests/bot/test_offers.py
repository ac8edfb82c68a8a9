"""Offers: an admin puts a post on offer and takes it back; members find it on Home until it is over."""

import json
from dataclasses import asdict, replace

import pytest

from bot import home_view
from grapevine.domain.posts import Offer, Post, PostKind
from grapevine.playground.config import JSON
from grapevine.store import keys
from tests.blockkit import takes
from tests.bot.stage import Stage, text_of
from tests.bot.test_home_view import home, words
from tests.people import ADA, BEA, NOON, TEAM, Person

POST = Post(PostKind.LINK, "https://example.com/launch", "We launched")


async def home_of(stage: Stage, person: Person) -> JSON:
    """Drawn anew."""
    old = (stage.pg.home(person.user) or {}).get("hash")
    await stage.pg.open_home(person.user)

    def drawn() -> JSON | None:
        one = stage.pg.home(person.user)
        return one if one and one["hash"] != old and "My accounts" in text_of(one) else None

    return await stage.pg.until(drawn)


async def test_an_admin_offers_a_post_from_home_and_withdraws_it(stage: Stage) -> None:
    await stage.pg.click(ADA.user, await home_of(stage, ADA), "offer")
    form = await stage.pg.until(lambda: stage.pg.modal(ADA.user))
    outcome = await stage.pg.submit(ADA.user, form["id"], {"url": POST.url, "title": "We <launched>"})
    assert outcome.ok
    assert "“We &lt;launched&gt;” is on offer" in await stage.told(ADA)
    mine = await stage.pg.until(
        lambda: one if (one := stage.pg.home(ADA.user)) and "Offered by" in text_of(one) else None
    )
    assert "Withdraw" not in text_of(await home_of(stage, BEA))
    await stage.pg.click(ADA.user, mine, "offer:withdraw")
    await stage.pg.until(lambda: "Offered by" not in text_of(stage.pg.home(ADA.user)))
    assert "Something to share" not in text_of(await home_of(stage, BEA))


async def test_a_member_cannot_withdraw_what_a_home_of_their_time_as_admin_still_shows(stage: Stage) -> None:
    offer = await stage.store.workspaces.offer(TEAM, POST, (), ADA.user, NOON, None)
    view = await home_of(stage, ADA)
    ada = stage.pg.workspace.users[ADA.user]
    ada.is_admin = ada.is_owner = False
    stage.bot.slack.people.forget(TEAM, ADA.user)
    await stage.pg.click(ADA.user, view, "offer:withdraw")
    assert "Only workspace owners and admins" in text_of(await stage.pg.until(lambda: stage.pg.modal(ADA.user)))
    assert await stage.store.workspaces.get_offer(TEAM, offer.id)


@pytest.mark.parametrize("ended", ["withdrawn", "over"])
async def test_an_offer_that_has_ended_is_not_shared_from_an_old_home(stage: Stage, ended: str) -> None:
    offer = await stage.store.workspaces.offer(TEAM, POST, (), ADA.user, NOON, None)
    view = await home_of(stage, BEA)
    (row,) = [one["block_id"] for one in view["blocks"] if one.get("accessory", {}).get("value") == offer.id]
    if ended == "withdrawn":
        await stage.store.workspaces.withdraw(TEAM, offer.id)
    else:
        over = json.dumps(asdict(replace(offer, expires=NOON)))
        await stage.store.redis.set(keys.offer(TEAM, offer.id), over)
    await stage.pg.click(BEA.user, view, "share", block_id=row)
    assert "not on offer any more" in text_of(await stage.pg.until(lambda: stage.pg.modal(BEA.user)))


def test_an_offer_is_said_to_end_on_the_day_that_was_chosen() -> None:
    until_christmas = 1798156800.0  # the end of 24 December 2026, UTC
    offer = Offer("o1", POST, (), ADA.user, NOON, until_christmas)
    assert "until 24 Dec" in words(home_view.view(home(offers=[offer]), chart=False))


def test_slack_takes_an_admin_s_home_with_offers_and_without() -> None:
    offers = [Offer(f"o{number}", POST, (), ADA.user, NOON) for number in range(5)]
    takes(home_view.view(home(offers=offers, is_admin=True), chart=True))
    takes(home_view.view(home(is_admin=True), chart=True))
