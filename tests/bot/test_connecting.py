"""Connecting an account (rules 5, 18 to 22): every sentence of the design's Connect."""

import asyncio
from urllib.parse import parse_qs, urlsplit

import pytest

from grapevine.domain.accounts import AccountState
from grapevine.domain.budgets import Use
from grapevine.domain.errors import Throttled
from grapevine.store import Store
from tests.bot.dance import begin, link, way_back
from tests.bot.stage import Browser, Stage, staged, text_of
from tests.fakes import BUSY, Birdsong
from tests.people import BEA, CY


async def test_the_page_names_both_sides_and_what_is_asked_why_and_what_never(stage: Stage, browser: Browser) -> None:
    page = await browser.get(await link(stage))
    assert page.status == 200
    for words in (
        "Bea Lindqvist",
        "Vine &amp; Co",
        "Birdsong",
        "<dt>Sing <code>w_sing</code></dt>",
        "to publish the songs that you choose to share",
        "What Grapevine uses it for",
        "What it never does",
        "own, and so is its wording",
    ):
        assert words in page.text, words


async def test_a_member_connects_and_slack_shows_picture_name_and_reach(stage: Stage, browser: Browser) -> None:
    done = await browser.get(await begin(stage, browser))
    assert done.status == 200
    assert "You can close this page and go back to Slack" in done.text
    assert "Bea at Birdsong" in await stage.told(BEA)
    assert "1,204 people" in await stage.told(BEA)
    member = await stage.member(BEA)
    account = await stage.store.accounts.get(member.id, "birdsong:bea")
    assert account is not None
    assert account.state is AccountState.CONNECTED
    assert await stage.store.tokens.get(member.id, "birdsong:bea") == "token-bea"
    assert "Bea at Birdsong" in text_of(await stage.pg.until(lambda: stage.pg.home(BEA.user)))


async def test_a_picture_that_slack_cannot_load_loses_nothing_but_the_picture(
    stage: Stage, browser: Browser, birdsong: Birdsong
) -> None:
    birdsong.picture = "https://pictures.birdsong.example/bea.png"
    stage.pg.fail("chat.postMessage", "invalid_blocks")
    assert (await browser.get(await begin(stage, browser))).status == 200
    assert "Bea at Birdsong" in await stage.told(BEA)


async def test_slack_being_away_does_not_undo_the_connection(stage: Stage, browser: Browser) -> None:
    back = await begin(stage, browser)
    stage.pg.fail("chat.postMessage", "internal_error", "internal_error")
    assert "Connected" in (await browser.get(back)).text
    member = await stage.member(BEA)
    assert await stage.store.tokens.get(member.id, "birdsong:bea")


async def test_a_link_scanner_uses_nothing_up(stage: Stage, browser: Browser) -> None:
    url = await link(stage)
    async with Browser() as scanner:
        assert (await scanner.head(url)).status == 200
        assert (await scanner.get(url)).status == 200
        prompt = await browser.press(await browser.get(url), follow=False)
        back = way_back(prompt, code="bea")
        assert (await scanner.head(back)).status == 200
        assert "asks once more" in (await scanner.get(back)).text
    assert "You can close this page" in (await browser.get(await begin(stage, browser, code="bea-2"))).text


async def test_a_scanner_that_is_quicker_than_the_phone_takes_nothing_away(stage: Stage, birdsong: Birdsong) -> None:
    async with Browser() as desktop, Browser() as scanner, Browser() as phone:
        back = await begin(stage, desktop)
        assert "asks once more" in (await scanner.get(back)).text
        page = await phone.get(back)
        assert "Bea at Birdsong" in page.text
        done = await phone.press(page, answer="yes")
    assert "You can close this page" in done.text
    assert birdsong.connected == ["bea"]


async def test_the_form_works_once_and_only_with_its_token(stage: Stage, browser: Browser) -> None:
    url = await link(stage)
    page = await browser.get(url)
    assert (await browser.post(page.action, token="guessed")).status == 410
    assert (await browser.post(page.action)).status == 410
    other = await browser.get(await link(stage))
    assert (await browser.post(page.action, token=other.field("token"))).status == 410
    assert (await browser.press(page, follow=False)).status == 303
    assert (await browser.press(page, follow=False)).status == 410


async def test_a_used_link_and_an_invented_one_say_what_to_do(stage: Stage, browser: Browser) -> None:
    url = await link(stage)
    prompt = await browser.press(await browser.get(url), follow=False)
    await browser.get(way_back(prompt, code="bea"))
    for address in (url, f"{stage.url}/connect/invented"):
        page = await browser.get(address)
        assert page.status == 410
        assert "type /grapevine connect for a new link" in page.text


async def test_another_browser_is_asked_once_more_with_both_sides_named(stage: Stage, browser: Browser) -> None:
    back = await begin(stage, browser)
    async with Browser() as phone:
        page = await phone.get(back)
        assert page.status == 200
        for words in ("Bea Lindqvist", "Vine &amp; Co", "Bea at Birdsong", "another browser"):
            assert words in page.text, words
        member = await stage.member(BEA)
        assert await stage.store.accounts.all(member.id) == {}
        done = await phone.press(page, answer="yes")
        assert "You can close this page" in done.text
        assert "birdsong:bea" in await stage.store.accounts.all(member.id)
        assert (await phone.press(page, answer="yes")).status == 410


async def test_who_says_no_in_the_other_browser_connects_nothing_and_the_permission_ends(
    stage: Stage, browser: Browser, birdsong: Birdsong
) -> None:
    back = await begin(stage, browser)
    async with Browser() as phone:
        done = await phone.press(await phone.get(back), answer="no")
    assert "Nothing was connected" in done.text
    assert birdsong.revoked == ["token-bea"]
    assert await stage.store.accounts.all((await stage.member(BEA)).id) == {}
    assert (await browser.get(back)).status == 410


async def test_nobody_finishes_with_somebody_elses_answer_of_the_network(stage: Stage) -> None:
    """Cy lures Bea into Cy's own dance: Bea's page names Cy, and Cy, who knows the state, never sees Bea's answer."""
    async with Browser() as cys, Browser() as beas:
        lure = await begin(stage, cys, CY, code="bea")
        page = await beas.get(lure)
        assert "Cy Ortega" in page.text
        assert "Bea at Birdsong" in page.text
        state = parse_qs(urlsplit(lure).query)["state"][0]
        async with Browser() as curl:
            guess = await curl.get(f"{stage.url}/oauth/birdsong/callback?state={state}&code=guess")
            assert "Bea at Birdsong" not in guess.text
    assert await stage.store.accounts.all((await stage.member(CY)).id) == {}


async def test_a_replayed_or_invented_state_changes_nothing(stage: Stage, browser: Browser) -> None:
    back = await begin(stage, browser)
    await browser.get(back)
    for address in (back, f"{stage.url}/oauth/birdsong/callback?state=invented&code=bea"):
        page = await browser.get(address)
        assert page.status == 410
        assert "Nothing was changed" in page.text
    assert len(stage.pg.dms(BEA.user)) == 1


async def test_of_two_callbacks_at_the_same_time_one_connects(
    stage: Stage, browser: Browser, birdsong: Birdsong
) -> None:
    back = await begin(stage, browser)
    pages = await asyncio.gather(*(browser.get(back) for _ in range(5)))
    assert sorted(page.status for page in pages) == [200, 410, 410, 410, 410]
    assert birdsong.connected == ["bea"]


async def test_a_state_of_one_network_is_worth_nothing_at_another(
    store: Store, redis_url: str, browser: Browser
) -> None:
    networks = {"birdsong": Birdsong(), "chirp": Birdsong(name="chirp", title="Chirp")}
    async with staged(store, redis_url, networks) as stage:
        back = await begin(stage, browser)
        assert (await browser.get(back.replace("/birdsong/", "/chirp/"))).status == 410
        assert "Connected" in (await browser.get(back)).text


async def test_a_denied_prompt_says_so_and_leaves_nothing(stage: Stage, browser: Browser) -> None:
    prompt = await browser.press(await browser.get(await link(stage)), follow=False)
    page = await browser.get(way_back(prompt, error="access_denied"))
    assert page.status == 409
    assert "You said no at Birdsong" in page.text
    assert "Try again</a>" in page.text
    assert await stage.store.accounts.all((await stage.member(BEA)).id) == {}


async def test_a_network_in_trouble_says_so_and_the_same_link_works_again(
    stage: Stage, browser: Browser, birdsong: Birdsong
) -> None:
    url = await link(stage)
    birdsong.mishap = BUSY
    page = await browser.press(await browser.get(url), follow=False)
    assert page.status == 503
    assert "has trouble of its own" in page.text
    assert "Please try again in a few minutes." in page.text
    assert f'href="{url}"' in page.text
    prompt = await browser.press(await browser.get(url), follow=False)
    birdsong.mishap = BUSY
    page = await browser.get(way_back(prompt, code="bea"))
    assert page.status == 503
    assert "has trouble of its own" in page.text
    assert await stage.store.accounts.all((await stage.member(BEA)).id) == {}


async def test_a_limit_of_the_whole_app_that_is_met_while_connecting_is_obeyed_by_the_workers_too(
    stage: Stage, browser: Browser, birdsong: Birdsong
) -> None:
    back = await begin(stage, browser)
    birdsong.mishap = Throttled("Birdsong asks Grapevine to wait.", 60, whole_app=True, uses=Use)
    assert (await browser.get(back)).status == 503
    assert await stage.store.pauses.of_network("birdsong") == pytest.approx(60, abs=5)


async def test_an_unexpected_error_is_a_page_with_a_number(stage: Stage, browser: Browser, birdsong: Birdsong) -> None:
    back = await begin(stage, browser)
    birdsong.mishap = ValueError("token-bea leaked")
    page = await browser.get(back)
    assert page.status == 500
    assert "tell the person who runs Grapevine the number" in page.text
    assert "token-bea" not in page.text


async def test_an_account_that_somebody_else_connected_is_refused_and_the_former_stays(
    stage: Stage, browser: Browser, birdsong: Birdsong
) -> None:
    await browser.get(await begin(stage, browser, BEA, "bea"))
    await browser.get(await begin(stage, browser, CY, "cy"))
    page = await browser.get(await begin(stage, browser, CY, "bea-2"))
    assert page.status == 409
    assert "connected by another member of your workspace" in page.text
    cy = await stage.member(CY)
    assert await stage.store.tokens.get(cy.id, "birdsong:cy") == "token-cy"
    assert birdsong.revoked == []


async def test_a_token_stands_in_no_key_of_the_store_while_the_other_browser_is_asked(
    stage: Stage, browser: Browser
) -> None:
    back = await begin(stage, browser)
    async with Browser() as phone:
        await phone.get(back)
    held = [await stage.store.redis.get(key) async for key in stage.store.redis.scan_iter(match="t:*")]
    assert len(held) > 1
    assert not any("token-bea" in (text or "") or "secret of" in (text or "") for text in held)


async def test_somebody_who_left_meanwhile_connects_nothing(stage: Stage, browser: Browser) -> None:
    back = await begin(stage, browser)
    assert await stage.pg.leave(BEA.user)
    member = await stage.member(BEA)
    await stage.eventually(lambda: stage.store.members.get(member.id), lambda found: found and found.left)
    assert (await browser.get(back)).status == 410


async def test_who_says_no_to_an_account_that_stands_connected_does_not_end_it(
    stage: Stage, browser: Browser, birdsong: Birdsong
) -> None:
    await browser.get(await begin(stage, browser))
    back = await begin(stage, browser, code="bea-again")
    async with Browser() as phone:
        await phone.press(await phone.get(back), answer="no")
    assert birdsong.revoked == []
    assert await stage.store.tokens.get((await stage.member(BEA)).id, "birdsong:bea") == "token-bea"


async def test_who_said_no_may_try_again_with_the_same_link(stage: Stage, browser: Browser) -> None:
    url = await link(stage)
    prompt = await browser.press(await browser.get(url), follow=False)
    page = await browser.get(way_back(prompt, error="access_denied"))
    assert f'href="{url}"' in page.text
    prompt = await browser.press(await browser.get(url), follow=False)
    assert "Connected" in (await browser.get(way_back(prompt, code="bea"))).text


async def test_the_link_button_is_acknowledged_when_slack_tells_that_it_was_pressed(stage: Stage) -> None:
    answer = await stage.types_for(BEA, "connect birdsong")
    assert (await stage.pg.click(BEA.user, answer, "connect:birdsong")).ok
