"""A prompt that opens several Pages: the member chooses one on our page, and the others are forgotten."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from grapevine.networks.facebook import Facebook
from grapevine.networks.facebook_token import unpack
from grapevine.playground import facebook
from grapevine.playground.facebook_state import ADA, BEA, CY, PAGES, SCOPES, FacebookStandIn, Person
from grapevine.store import Store
from tests import people
from tests.bot.stage import Browser, Page, Stage, staged, text_of, urls_of
from tests.store.full import everything

VINE, CAREERS, GROWERS = PAGES


@pytest.fixture
def state() -> FacebookStandIn:
    return FacebookStandIn()


@pytest.fixture
async def stage(store: Store, redis_url: str, state: FacebookStandIn) -> AsyncIterator[Stage]:
    def networks(url: str) -> dict[str, Facebook]:
        site = f"{url}/facebook"
        return {"facebook": Facebook(state.app_id, state.app_secret, "v25.0", site, f"{site}/graph")}

    async with staged(store, redis_url, networks, subapps={"/facebook": facebook.create_app(state)}) as stage:
        state.redirect_uris.append(f"{stage.url}/oauth/facebook/callback")
        yield stage


async def way_back(stage: Stage, browser: Browser, person: Person = ADA, pages: str = "", who: str = "") -> str:
    """From Slack to the prompt and through it; the address at which the member comes back."""
    in_slack = {ADA.id: people.ADA, BEA.id: people.BEA, CY.id: people.CY}[who or person.id]
    (url,) = urls_of(await stage.types_for(in_slack, "connect facebook"))
    prompt = await browser.press(await browser.get(url), follow=False)
    chosen = {"page": pages or ",".join(page.id for page in PAGES), "scope": ",".join(SCOPES)}
    back = await browser.post(prompt.headers["Location"], follow=False, person=person.id, decision="continue", **chosen)
    return back.headers["Location"]


async def choose(browser: Browser, page: Page, uid: str) -> Page:
    return await browser.press(page, answer="yes", account=uid)


async def accounts(stage: Stage, person: people.Person = people.ADA) -> dict[str, str]:
    """The member's connected accounts, by id, with their tokens."""
    member = await stage.member(person)
    known = await stage.store.accounts.all(member.id)
    return {name: token for name in known if (token := await stage.store.tokens.get(member.id, name)) is not None}


async def test_the_pages_say_that_it_is_a_page_and_why(stage: Stage, browser: Browser) -> None:
    answer = await stage.types_for(people.BEA, "connect facebook")
    page = await browser.get(urls_of(answer)[0])
    for said in (text_of(answer), page.text):
        assert "took posting on personal profiles away from every app in August 2018" in said
        assert "Connect a Facebook Page" in said
    assert "a Facebook Page that you look after" in page.text
    assert "your own Facebook account" not in page.text


async def test_home_says_so_too(stage: Stage) -> None:
    await stage.pg.open_home(people.BEA.user)
    home = await stage.pg.until(lambda: h if "Connect a F" in text_of(h := stage.pg.home(people.BEA.user)) else None)
    assert "Connect a Facebook Page" in text_of(home)
    assert (await stage.pg.click(people.BEA.user, home, "home:connect:facebook")).ok
    modal = await stage.pg.until(lambda: stage.pg.modal(people.BEA.user))
    assert "on Pages only" in text_of(modal)
    assert modal["title"]["text"] == "Connect a Facebook Page"


async def test_one_page_is_taken_without_asking(stage: Stage, browser: Browser) -> None:
    done = await browser.get(await way_back(stage, browser, BEA))
    assert "Facebook is connected as Vine &amp; Co." in done.text
    assert "2,310 people" in await stage.told(people.BEA)
    assert list(await accounts(stage, people.BEA)) == [f"facebook:{VINE.id}"]


async def test_of_several_one_is_chosen_and_of_the_others_nothing_stays(
    stage: Stage, browser: Browser, state: FacebookStandIn
) -> None:
    page = await browser.get(await way_back(stage, browser))
    assert page.status == 200
    for said in ("Choose a Facebook Page", "Vine &amp; Co", "Vine &amp; Co Careers", "640 followers", "Ada Okafor"):
        assert said in page.text, said
    assert GROWERS.name not in page.text, "she may not create content there"
    assert await accounts(stage) == {}
    waiting = str(await everything(stage.store))
    done = await choose(browser, page, CAREERS.id)
    assert "Facebook is connected as Vine &amp; Co Careers." in done.text
    assert "Vine &amp; Co Careers" in await stage.told(people.ADA)
    (token,) = (await accounts(stage)).values()
    assert unpack(token).page == CAREERS.id
    kept = str(await everything(stage.store))
    tokens = [one.token for one in state.tokens.values()]
    assert len(tokens) == 5, "two of hers, three of Pages"
    assert not [one for one in tokens for place in (waiting, kept, page.text, done.text) if one in place]
    held = [key async for key in stage.store.redis.scan_iter(match="t:held:*")]
    assert held == [], "what was not chosen is gone at once, encrypted as it was"


async def test_nothing_or_something_else_chosen_asks_again(stage: Stage, browser: Browser) -> None:
    page = await browser.get(await way_back(stage, browser))
    for wrong in ("", GROWERS.id, "another"):
        page = await choose(browser, page, wrong)
        assert page.status == 422
        assert "Please choose one of these Pages." in page.text
    assert "is connected as" in (await choose(browser, page, VINE.id)).text


async def test_a_reload_shows_the_same_choice_and_the_code_is_exchanged_once(
    stage: Stage, browser: Browser, state: FacebookStandIn
) -> None:
    back = await way_back(stage, browser)
    await browser.get(back)
    before = set(state.tokens)
    page = await browser.get(back)
    assert "Choose a Facebook Page" in page.text
    assert set(state.tokens) == before
    assert "is connected as" in (await choose(browser, page, VINE.id)).text
    assert (await choose(browser, page, CAREERS.id)).status == 410, "the form is good once"
    assert (await browser.get(back)).status == 410
    assert list(await accounts(stage)) == [f"facebook:{VINE.id}"]


async def test_two_tabs_choose_once(stage: Stage, browser: Browser) -> None:
    back = await way_back(stage, browser)
    one, two = await browser.get(back), await browser.get(back)
    assert "is connected as" in (await choose(browser, one, VINE.id)).text
    assert (await choose(browser, two, CAREERS.id)).status == 410
    assert list(await accounts(stage)) == [f"facebook:{VINE.id}"]


async def test_the_same_answer_twice_at_once_connects_once(stage: Stage, browser: Browser) -> None:
    back = await way_back(stage, browser, BEA)
    pages = await asyncio.gather(browser.get(back), browser.get(back))
    assert sorted(page.status for page in pages) == [200, 410]
    assert list(await accounts(stage, people.BEA)) == [f"facebook:{VINE.id}"]


async def test_the_same_choice_twice_at_once_connects_once(stage: Stage, browser: Browser) -> None:
    back = await way_back(stage, browser)
    one, two = await browser.get(back), await browser.get(back)
    pages = await asyncio.gather(choose(browser, one, VINE.id), choose(browser, two, CAREERS.id))
    assert sorted(page.status for page in pages) == [200, 410]
    assert len(await accounts(stage)) == 1


async def test_the_choice_is_bound_to_the_browser(stage: Stage, browser: Browser) -> None:
    back = await way_back(stage, browser)
    page = await browser.get(back)
    async with Browser() as thief:
        assert (await choose(thief, page, VINE.id)).status == 410
    assert await accounts(stage) == {}
    assert "is connected as" in (await choose(browser, await browser.get(back), VINE.id)).text


async def test_the_choice_of_one_network_is_worth_nothing_at_another(stage: Stage, browser: Browser) -> None:
    page = await browser.get(await way_back(stage, browser))
    elsewhere = page.action.replace("/facebook/", "/birdsong/")
    assert (await browser.post(elsewhere, token=page.field("token"), answer="yes", account=VINE.id)).status == 410
    assert await accounts(stage) == {}


async def test_another_browser_confirms_both_sides_and_chooses(stage: Stage, browser: Browser) -> None:
    back = await way_back(stage, browser)
    async with Browser() as phone:
        page = await phone.get(back)
        for said in ("another browser", "Ada Okafor", "both are you", CAREERS.id, VINE.id):
            assert said in page.text, said
        page = await choose(phone, page, "")
        assert (page.status, "both are you" in page.text) == (422, True)
        assert "is connected as" in (await choose(phone, page, CAREERS.id)).text
    assert list(await accounts(stage)) == [f"facebook:{CAREERS.id}"]
    assert (await browser.get(back)).status == 410


async def test_a_scanner_before_the_choice_takes_nothing_away(stage: Stage, browser: Browser) -> None:
    back = await way_back(stage, browser)
    async with Browser() as scanner:
        await scanner.head(back)
        assert "asks once more" in (await scanner.get(back)).text
    page = await browser.get(back)
    assert "asks once more" not in page.text
    assert "is connected as" in (await choose(browser, page, VINE.id)).text


async def test_a_scanner_before_the_only_page_takes_nothing_away_either(stage: Stage, browser: Browser) -> None:
    back = await way_back(stage, browser, BEA)
    async with Browser() as scanner:
        await scanner.get(back)
    assert "is connected as" in (await browser.get(back)).text
    held = [key async for key in stage.store.redis.scan_iter(match="t:held:*")]
    assert held == []


async def test_none_of_these_ends_the_permission(stage: Stage, browser: Browser, state: FacebookStandIn) -> None:
    page = await browser.get(await way_back(stage, browser))
    done = await browser.press(page, answer="no")
    assert "Nothing was connected" in done.text
    assert ADA.id not in state.grants
    assert await accounts(stage) == {}


async def test_none_of_these_leaves_a_page_alone_that_stands(
    stage: Stage, browser: Browser, state: FacebookStandIn
) -> None:
    await choose(browser, await browser.get(await way_back(stage, browser)), VINE.id)
    page = await browser.get(await way_back(stage, browser))
    await browser.press(page, answer="no")
    assert ADA.id in state.grants
    assert list(await accounts(stage)) == [f"facebook:{VINE.id}"]


async def test_changing_to_another_page_does_not_end_the_permission_that_both_have(
    stage: Stage, browser: Browser, state: FacebookStandIn
) -> None:
    await choose(browser, await browser.get(await way_back(stage, browser)), VINE.id)
    done = await choose(browser, await browser.get(await way_back(stage, browser)), CAREERS.id)
    assert "is connected as" in done.text
    assert ADA.id in state.grants
    ((account, token),) = (await accounts(stage)).items()
    assert account == f"facebook:{CAREERS.id}"
    assert unpack(token).page == CAREERS.id
    told = await stage.told(people.ADA, 2)
    assert "one permission for all of your Pages" in told
    assert "did not confirm" not in told
    assert "Facebook confirmed" in await stage.disconnects(people.ADA, "facebook")
    assert ADA.id not in state.grants


async def test_changing_to_a_page_of_another_login_ends_the_first_permission(
    stage: Stage, browser: Browser, state: FacebookStandIn
) -> None:
    await choose(browser, await browser.get(await way_back(stage, browser)), CAREERS.id)
    await browser.get(await way_back(stage, browser, BEA, who=ADA.id))
    assert (ADA.id in state.grants, BEA.id in state.grants) == (False, True)
    assert "Facebook confirmed" in await stage.told(people.ADA, 2)


async def test_a_page_that_a_colleague_connected_is_refused(stage: Stage, browser: Browser) -> None:
    await browser.get(await way_back(stage, browser, BEA))
    page = await choose(browser, await browser.get(await way_back(stage, browser)), VINE.id)
    assert page.status == 409
    assert "connected by another member of your workspace" in page.text
    assert await accounts(stage) == {}


async def test_somebody_without_a_page_reads_what_to_do(stage: Stage, browser: Browser) -> None:
    page = await browser.get(await way_back(stage, browser, CY))
    assert page.status == 409
    assert "no Page on which you may create content" in page.text
    assert "ask somebody who manages the Page" in page.text
    assert "Try again</a>" in page.text


async def test_who_left_or_was_erased_meanwhile_chooses_nothing(stage: Stage, browser: Browser) -> None:
    page = await browser.get(await way_back(stage, browser))
    await stage.store.passes.withdraw((await stage.member(people.ADA)).id)
    assert [key async for key in stage.store.redis.scan_iter(match="t:*") if "connect" not in key] == []
    assert (await choose(browser, page, VINE.id)).status == 410
