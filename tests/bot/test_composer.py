"""The composer's listeners, as a member meets them in Slack."""

from dataclasses import replace

from grapevine.domain.accounts import Account, AccountState
from grapevine.playground.config import JSON
from grapevine.store import Store
from tests.bot.stage import Stage, staged, text_of
from tests.fakes import Birdsong
from tests.people import ADA, BEA, NOON

BIRDSONG = Account("birdsong", "1", "Bea", AccountState.CONNECTED, NOON)


async def composer(stage: Stage, text: str) -> JSON:
    """Bea's, with an account to share on."""
    await BEA.joins(stage.store)
    await stage.store.accounts.connect(await stage.member(BEA), BIRDSONG, "token")
    await stage.pg.command(BEA.user, "/grapevine", f"share {text}")
    return await stage.pg.until(lambda: stage.pg.modal(BEA.user))


async def said_in_modal(stage: Stage, words: str) -> JSON:
    return await stage.pg.until(lambda: one if (one := stage.pg.modal(BEA.user)) and words in text_of(one) else None)


def input_of(view: JSON, name: str) -> JSON:
    return next(one for one in view["blocks"] if one.get("block_id", "").startswith(name))


async def test_an_address_without_its_scheme_is_corrected_in_its_box_and_looked_at_first(stage: Stage) -> None:
    view = await composer(stage, "example.com/news")
    outcome = await stage.pg.submit(BEA.user, view["id"], {input_of(view, "caption:")["block_id"]: "Look"})
    assert outcome.ok
    view = await said_in_modal(stage, "put https:// before")
    assert input_of(view, "url:")["element"]["initial_value"] == "https://example.com/news"
    assert input_of(view, "caption:")["element"]["initial_value"] == "Look"
    assert not await stage.store.shares.count((await stage.member(BEA)).id)
    assert (await stage.pg.submit(BEA.user, view["id"], {})).ok
    await stage.eventually(lambda: _shares(stage), lambda count: count == 1)


async def _shares(stage: Stage) -> int:
    return await stage.store.shares.count((await stage.member(BEA)).id)


async def test_another_remark_than_the_one_that_was_shown_is_shown_too(stage: Stage) -> None:
    view = await composer(stage, "https://example.com/news")
    caption = input_of(view, "caption:")["block_id"]
    for wrong in ("see example.com", "see example.org"):
        await stage.pg.submit(BEA.user, view["id"], {caption: wrong})
        view = await said_in_modal(stage, f"{wrong[4:]} is not a link")
        assert "Nothing was shared yet" in text_of(view)
        assert not await _shares(stage)
    await stage.pg.submit(BEA.user, view["id"], {caption: wrong})
    await stage.eventually(lambda: _shares(stage), lambda count: count == 1)


async def test_one_caption_fills_those_that_are_empty_and_replaces_none(store: Store, redis_url: str) -> None:
    names = ("birdsong", "chirp", "tweet")
    async with staged(store, redis_url, {name: Birdsong(name, name.title()) for name in names}) as stage:
        bea = await BEA.joins(store)
        for name in names:
            await store.accounts.connect(bea, replace(BIRDSONG, network=name), "token")
        await stage.pg.command(BEA.user, "/grapevine", "share https://example.com/news")
        view = await stage.pg.until(lambda: stage.pg.modal(BEA.user))
        typed = {"birdsong": "", "chirp": "Look", "tweet": "See"}
        state = {input_of(view, f"caption:{name}")["block_id"]: text for name, text in typed.items()}
        assert (await stage.pg.click(BEA.user, view, "compose:fill", state=state)).ok
        hash_ = view["hash"]
        view = await stage.pg.until(lambda: one if (one := stage.pg.modal(BEA.user)) and one["hash"] != hash_ else None)
        shown = [input_of(view, f"caption:{name}")["element"]["initial_value"] for name in names]
    assert shown == ["Look", "Look", "See"]


async def test_an_admin_s_home_stays_an_admin_s_after_a_share(stage: Stage) -> None:
    await stage.pg.command(ADA.user, "/grapevine", "share https://example.com/news")
    view = await stage.pg.until(lambda: stage.pg.modal(ADA.user))
    await stage.pg.submit(ADA.user, view["id"], {})
    home = await stage.pg.until(lambda: stage.pg.home(ADA.user))
    assert "You are an admin" in text_of(home)
    assert "Your link to https://example.com/news, to paste anywhere" in await stage.told(ADA)


async def test_the_first_link_of_a_message_leaves_no_hole_in_the_caption(stage: Stage) -> None:
    view = await composer(stage, "")
    await stage.pg.close(BEA.user, view["id"])
    stage.pg.say(ADA.user, "Please share https://example.com/q?x=1&y=2 today, Bea", "C0GENERAL1")
    ts = list(stage.pg.workspace.channels["C0GENERAL1"].messages)[-1]
    await stage.pg.shortcut(BEA.user, "share_message", "C0GENERAL1", ts)
    view = await stage.pg.until(lambda: stage.pg.modal(BEA.user))
    assert input_of(view, "url:")["element"]["initial_value"] == "https://example.com/q?x=1&y=2"
    assert input_of(view, "caption:")["element"]["initial_value"] == "Please share today, Bea"
