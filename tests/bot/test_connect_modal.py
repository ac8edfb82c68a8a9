"""[Connect …] on Home opens a modal, which says what came of it in the browser."""

from grapevine.playground.config import JSON
from grapevine.store import keys
from tests.bot.dance import way_back
from tests.bot.stage import Browser, Stage, text_of, urls_of
from tests.people import BEA


async def opened(stage: Stage) -> JSON:
    """The modal behind Home's button."""
    await stage.pg.open_home(BEA.user)
    home = await stage.pg.until(lambda: h if "My accounts" in text_of(h := stage.pg.home(BEA.user)) else None)
    assert (await stage.pg.click(BEA.user, home, "home:connect:birdsong")).ok
    return await stage.pg.until(lambda: stage.pg.modal(BEA.user))


async def allows(browser: Browser, modal: JSON) -> str:
    """The last page of the way that the modal's button opens."""
    (url,) = urls_of(modal)
    prompt = await browser.press(await browser.get(url), follow=False)
    return (await browser.get(way_back(prompt, code="bea"))).text


async def test_the_modal_says_what_is_connected_now_and_offers_no_stale_link(stage: Stage, browser: Browser) -> None:
    modal = await opened(stage)
    assert "You can close this page" in await allows(browser, modal)
    after = stage.pg.modal(BEA.user)
    assert after is not None
    assert after["id"] == modal["id"]
    assert "*Birdsong* is connected as *Bea at Birdsong*" in text_of(after)
    assert "1,204 people" in text_of(after)
    assert urls_of(after) == []


async def test_a_modal_that_was_closed_takes_nothing_from_the_connection(stage: Stage, browser: Browser) -> None:
    modal = await opened(stage)
    await stage.pg.close(BEA.user, modal["id"])
    assert "You can close this page" in await allows(browser, modal)
    assert stage.pg.modal(BEA.user) is None
    assert "Bea at Birdsong" in await stage.told(BEA)


async def test_the_modal_stays_as_it_is_when_nothing_was_connected(stage: Stage, browser: Browser) -> None:
    modal = await opened(stage)
    (url,) = urls_of(modal)
    prompt = await browser.press(await browser.get(url), follow=False)
    assert "was not connected" in (await browser.get(way_back(prompt, error="access_denied"))).text
    assert stage.pg.modal(BEA.user) == modal
    member = await stage.member(BEA)
    assert await stage.store.redis.exists(keys.tokens(member.id)) == 0
