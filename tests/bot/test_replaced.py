"""What becomes of a permission that another one replaces, or that nobody wants; and of answers that come twice."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from grapevine.domain.accounts import AccountState
from grapevine.networks.bluesky import Bluesky
from grapevine.playground import bluesky
from grapevine.playground.bluesky_state import PEOPLE
from grapevine.playground.faults import Fault
from grapevine.store import Store
from tests.bot.stage import Browser, Page, Stage, staged, urls_of
from tests.networks.bluesky_oauth_stand_in import query_of
from tests.people import ADA, BEA, Person

AT_BLUESKY = PEOPLE[1]


@pytest.fixture
def state() -> bluesky.BlueskyStandIn:
    return bluesky.BlueskyStandIn()


@pytest.fixture
async def stage(store: Store, redis_url: str, state: bluesky.BlueskyStandIn) -> AsyncIterator[Stage]:
    def networks(url: str) -> dict[str, Bluesky]:
        site = f"{url}/bluesky"
        here = Bluesky(site, site, f"{site}/plc", allow_private=True, base_url="http://127.0.0.1")
        return {"bluesky": here}

    async with staged(store, redis_url, networks, subapps={"/bluesky": bluesky.create_app(state)}) as stage:
        yield stage


async def begin(stage: Stage, browser: Browser, person: Person = BEA, password: str = "") -> str:
    """The address to which the answered connect page leads."""
    page = await browser.get(urls_of(await stage.types_for(person, "connect bluesky"))[0])
    typed = {"answer.handle": AT_BLUESKY.handle, "answer.password": password}
    return (await browser.press(page, follow=False, **typed)).headers["Location"]


def allowed(state: bluesky.BlueskyStandIn, prompt: str) -> str:
    """The callback's address, once the person has said yes."""
    return state.authorize(query_of(prompt)["request_uri"], AT_BLUESKY.did)


async def dance(stage: Stage, state: bluesky.BlueskyStandIn, browser: Browser, person: Person = BEA) -> Page:
    return await browser.get(allowed(state, await begin(stage, browser, person)))


async def test_connecting_the_same_account_again_ends_the_permission_of_before(
    stage: Stage, state: bluesky.BlueskyStandIn
) -> None:
    async with Browser() as browser:
        await dance(stage, state, browser)
        (first,) = state.oauth.granted
        await dance(stage, state, browser)
    (second,) = state.oauth.granted
    assert second != first
    assert "Bluesky confirmed" in await stage.disconnects(BEA, "bluesky")
    assert not state.oauth.granted, "what it says is true"


async def test_the_prompt_ends_the_session_of_an_app_password_and_the_other_way_round(
    stage: Stage, state: bluesky.BlueskyStandIn
) -> None:
    password = state.make_app_password(AT_BLUESKY, "Grapevine").password
    async with Browser() as browser:
        await browser.get(await begin(stage, browser, password=password))
        assert len(state.sessions) == 1
        await dance(stage, state, browser)
        assert (len(state.sessions), len(state.oauth.granted)) == (0, 1)
        await browser.get(await begin(stage, browser, password=password))
        assert (len(state.sessions), len(state.oauth.granted)) == (1, 0)


async def test_a_permission_for_an_account_that_somebody_else_has_is_given_back(
    stage: Stage, state: bluesky.BlueskyStandIn
) -> None:
    async with Browser() as hers, Browser() as others:
        await dance(stage, state, hers)
        (first,) = state.oauth.granted
        page = await dance(stage, state, others, ADA)
    assert page.status == 409
    assert "another member" in page.text
    assert list(state.oauth.granted) == [first]


@pytest.mark.parametrize("quicker", ["scanner", "person"])
async def test_an_answer_that_comes_twice_at_once_is_asked_about_once(
    stage: Stage, state: bluesky.BlueskyStandIn, quicker: str
) -> None:
    """A code that comes twice is theft to the server, which ends what the first one opened."""
    state.fault = Fault("slow", 1, "POST /oauth/token", 0.5)
    async with Browser() as person, Browser() as scanner:
        back = allowed(state, await begin(stage, person))
        first, second = (scanner, person) if quicker == "scanner" else (person, scanner)
        one = asyncio.create_task(first.get(back))
        await stage.pg.until(lambda: state.fault is None or not state.fault.times)
        await asyncio.gather(one, second.get(back))
    assert len(state.oauth.granted) == 1
    member = await stage.member(BEA)
    (account,) = (await stage.store.accounts.all(member.id)).values()
    assert account.state is AccountState.CONNECTED


async def test_the_field_whose_answer_is_wrong_is_the_one_that_is_marked(stage: Stage) -> None:
    async with Browser() as browser:
        page = await browser.get(urls_of(await stage.types_for(BEA, "connect bluesky"))[0])
        assert "aria-invalid" not in page.text
        wrong = {"answer.handle": AT_BLUESKY.handle, "answer.password": "my own password"}
        page = await browser.press(page, follow=True, **wrong)
        handle, folded = page.text.split("<details open>", 1)
        assert "aria-invalid" not in handle.split("answer-1", 1)[1]
        assert 'aria-invalid="true" autofocus aria-describedby="trouble hint-2"' in folded
        page = await browser.press(page, follow=True, **{"answer.handle": "nobody.test", "answer.password": ""})
        handle, folded = page.text.split("<details>", 1)
        assert 'aria-invalid="true" autofocus aria-describedby="trouble hint-1"' in handle
        assert "aria-invalid" not in folded
