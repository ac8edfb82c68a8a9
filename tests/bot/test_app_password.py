"""Bluesky on the connect page: an app password is typed there, and stands nowhere else (rule 21)."""

import logging
from collections.abc import AsyncIterator

import pytest

from grapevine.networks.bluesky import Bluesky
from grapevine.playground import bluesky
from grapevine.playground.bluesky_state import PEOPLE
from grapevine.playground.faults import Fault
from grapevine.store import Store
from tests.bot.stage import Browser, Stage, staged, urls_of
from tests.people import BEA
from tests.store.full import everything

AT_BLUESKY = PEOPLE[1]


@pytest.fixture
def state() -> bluesky.BlueskyStandIn:
    return bluesky.BlueskyStandIn()


@pytest.fixture
async def stage(store: Store, redis_url: str, state: bluesky.BlueskyStandIn) -> AsyncIterator[Stage]:
    def networks(url: str) -> dict[str, Bluesky]:
        site = f"{url}/bluesky"
        return {"bluesky": Bluesky(site, site, f"{site}/plc", allow_private=True)}

    async with staged(store, redis_url, networks, subapps={"/bluesky": bluesky.create_app(state)}) as stage:
        yield stage


async def test_the_page_says_what_an_app_password_allows_and_asks_for_no_other(stage: Stage) -> None:
    async with Browser() as browser:
        page = await browser.get(urls_of(await stage.types_for(BEA, "connect bluesky"))[0])
    assert "What an app password allows" in page.text
    assert "It never takes your Bluesky password itself" in page.text
    assert "The next page is" not in page.text
    assert 'type="password"' in page.text
    assert '<a href="https://bsky.app/settings/app-passwords" target="_blank"' in page.text
    assert "Continue to" not in page.text


async def test_an_app_password_connects_and_is_seen_nowhere(
    stage: Stage, state: bluesky.BlueskyStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    password = state.make_app_password(AT_BLUESKY, "Grapevine").password
    async with Browser() as browser:
        page = await browser.get(urls_of(await stage.types_for(BEA, "connect bluesky"))[0])
        answers = {"answer.handle": AT_BLUESKY.handle, "answer.password": password}
        back = await browser.press(page, follow=False, **answers)
        assert back.status == 303
        waiting = str(await everything(stage.store))
        done = await browser.get(back.headers["Location"])
        assert "Bluesky is connected as Bea Lindqvist" in done.text
        again = await browser.get(back.headers["Location"])
    assert again.status == 410, "the way back is good once"
    told = await stage.told(BEA)
    assert "Bluesky* is connected as" in told
    session = next(iter(state.sessions))
    kept = str(await everything(stage.store))
    for place in (back.headers["Location"], waiting, kept, done.text, told, caplog.text, str(stage.pg.dms(BEA.user))):
        assert password not in place
        assert session not in place
        assert "eyJzY29wZSI6" not in place, "what the tokens of the stand-in have in them"


async def test_a_wrong_password_is_said_on_the_page_and_shown_by_nobody(
    stage: Stage, state: bluesky.BlueskyStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with Browser() as browser:
        page = await browser.get(urls_of(await stage.types_for(BEA, "connect bluesky"))[0])
        for password, said in (
            ("bea has a password", "This is no app password"),
            ("wxyz-wxyz-wxyz-wxyz", "does not know this app password for bea.test"),
        ):
            page = await browser.press(
                page, follow=True, **{"answer.handle": AT_BLUESKY.handle, "answer.password": password}
            )
            assert page.status == 422
            assert said in page.text
            assert 'value="bea.test"' in page.text
            assert password not in page.text
            assert password not in page.url
            assert password not in caplog.text
            assert password not in str(await everything(stage.store))
        state.fault = Fault("500")
        right = state.make_app_password(AT_BLUESKY, "Grapevine").password
        answers = {"answer.handle": AT_BLUESKY.handle, "answer.password": right}
        page = await browser.press(page, follow=True, **answers)
        assert (page.status, "Please try again in a few minutes" in page.text) == (503, True)
        state.fault = None
        page = await browser.press(page, follow=True, **answers)
    assert "Bluesky is connected as Bea Lindqvist" in page.text


async def test_a_way_back_that_was_made_up_connects_nobody(stage: Stage, state: bluesky.BlueskyStandIn) -> None:
    password = state.make_app_password(AT_BLUESKY, "Grapevine").password
    async with Browser() as browser:
        page = await browser.get(urls_of(await stage.types_for(BEA, "connect bluesky"))[0])
        answers = {"answer.handle": AT_BLUESKY.handle, "answer.password": password}
        back = await browser.press(page, follow=False, **answers)
        code = back.headers["Location"].split("code=")[1].split("&")[0]
        page = await browser.get(back.headers["Location"].replace(code, "made-up"))
    assert page.status == 409
    assert "belongs to another attempt" in page.text


async def test_disconnecting_ends_the_session_at_bluesky(stage: Stage, state: bluesky.BlueskyStandIn) -> None:
    password = state.make_app_password(AT_BLUESKY, "Grapevine").password
    async with Browser() as browser:
        page = await browser.get(urls_of(await stage.types_for(BEA, "connect bluesky"))[0])
        await browser.press(page, follow=True, **{"answer.handle": AT_BLUESKY.handle, "answer.password": password})
    assert "Bluesky confirmed" in await stage.disconnects(BEA, "bluesky")
    assert state.sessions == {}
