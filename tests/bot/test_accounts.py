"""Disconnecting and changing accounts (rules 5, 14, 22)."""

from grapevine.domain.accounts import AccountState
from grapevine.playground.config import JSON
from grapevine.store import Store
from tests.bot.dance import begin
from tests.bot.stage import Browser, Stage, staged, text_of, urls_of
from tests.fakes import Birdsong
from tests.people import BEA, CY
from workers.slack import reconnecting


async def test_another_account_of_the_same_network_takes_the_place_of_the_former(
    stage: Stage, browser: Browser, birdsong: Birdsong
) -> None:
    await browser.get(await begin(stage, browser, code="bea"))
    await browser.get(await begin(stage, browser, code="bea2"))
    assert birdsong.revoked == ["token-bea"]
    member = await stage.member(BEA)
    states = {name: one.state for name, one in (await stage.store.accounts.all(member.id)).items()}
    assert states == {"birdsong:bea": AccountState.DISCONNECTED, "birdsong:bea2": AccountState.CONNECTED}
    assert await stage.store.tokens.get(member.id, "birdsong:bea") is None
    assert "(Bea at Birdsong) is disconnected" in await stage.told(BEA, 2)


async def test_the_same_account_again_resumes_the_gathering_and_is_not_revoked(
    stage: Stage, browser: Browser, birdsong: Birdsong
) -> None:
    await browser.get(await begin(stage, browser, code="bea"))
    await browser.get(await begin(stage, browser, code="bea-again"))
    assert birdsong.revoked == []
    member = await stage.member(BEA)
    await stage.disconnects(BEA, "birdsong")
    account = await stage.store.accounts.get(member.id, "birdsong:bea")
    assert account is not None
    assert not account.gathering
    await browser.get(await begin(stage, browser, code="bea-third"))
    account = await stage.store.accounts.get(member.id, "birdsong:bea")
    assert account is not None
    assert account.gathering


async def test_disconnecting_says_that_the_network_confirmed_it(
    stage: Stage, browser: Browser, birdsong: Birdsong
) -> None:
    await browser.get(await begin(stage, browser))
    said = await stage.disconnects(BEA, "birdsong")
    assert "Birdsong confirmed that Grapevine's permission has ended" in said
    assert "links go on redirecting" in said
    assert birdsong.revoked == ["token-bea"]
    member = await stage.member(BEA)
    assert await stage.store.tokens.get(member.id, "birdsong:bea") is None
    account = await stage.store.accounts.get(member.id, "birdsong:bea")
    assert account is not None
    assert account.state is AccountState.DISCONNECTED


async def test_disconnecting_says_where_to_look_when_the_network_did_not_confirm(
    stage: Stage, browser: Browser, birdsong: Birdsong
) -> None:
    await browser.get(await begin(stage, browser))
    birdsong.confirms = False
    said = await stage.disconnects(BEA, "birdsong")
    assert "Birdsong did not confirm" in said
    assert "you can remove it yourself at birdsong.example/permissions" in said
    assert await stage.store.tokens.get((await stage.member(BEA)).id, "birdsong:bea") is None


async def test_a_network_that_fails_while_revoking_does_not_keep_the_token_alive_here(
    stage: Stage, browser: Browser, birdsong: Birdsong
) -> None:
    await browser.get(await begin(stage, browser))
    birdsong.breaks = True
    assert "did not confirm" in await stage.disconnects(BEA, "birdsong")
    assert await stage.store.tokens.get((await stage.member(BEA)).id, "birdsong:bea") is None


async def test_without_a_name_the_accounts_are_listed_and_a_button_asks_once_more(
    stage: Stage, browser: Browser, birdsong: Birdsong
) -> None:
    assert "nothing to disconnect" in await stage.types(BEA, "disconnect")
    await browser.get(await begin(stage, browser))
    assert "Connected: Birdsong" in await stage.types(BEA, "disconnect chirp")
    listed = await stage.types_for(BEA, "disconnect")
    assert "Disconnect Birdsong?" in text_of(listed)
    assert birdsong.revoked == []
    assert "confirmed" in text_of(await stage.answers(BEA, listed, "birdsong"))
    assert birdsong.revoked == ["token-bea"]


def buttons_of(message: JSON) -> list[str]:
    return [block["accessory"]["action_id"] for block in message["blocks"] if "accessory" in block]


async def test_an_account_that_was_disconnected_cannot_be_disconnected_once_more(
    stage: Stage, browser: Browser
) -> None:
    await browser.get(await begin(stage, browser))
    asked = await stage.types_for(BEA, "disconnect birdsong")
    assert buttons_of(asked) == ["disconnect:birdsong"]
    assert buttons_of(await stage.answers(BEA, asked, "birdsong")) == []


async def test_of_several_accounts_the_others_can_still_be_disconnected(store: Store, redis_url: str) -> None:
    networks = {"birdsong": Birdsong(), "owl": Birdsong(name="owl", title="Owl")}
    async with staged(store, redis_url, networks) as stage, Browser() as browser:
        await browser.get(await begin(stage, browser))
        await browser.get(await begin(stage, browser, network="owl"))
        listed = await stage.types_for(BEA, "disconnect")
        assert buttons_of(listed) == ["disconnect:birdsong", "disconnect:owl"]
        left = await stage.answers(BEA, listed, "birdsong")
        assert "Birdsong confirmed" in text_of(left)
        assert buttons_of(left) == ["disconnect:owl"]
        assert buttons_of(await stage.answers(BEA, left, "owl")) == []


async def test_the_name_of_one_in_the_command_asks_once_more_too(
    stage: Stage, browser: Browser, birdsong: Birdsong
) -> None:
    await browser.get(await begin(stage, browser))
    asked = text_of(await stage.types_for(BEA, "disconnect Birdsong"))
    assert "Disconnect Birdsong?" in asked
    assert "Keep it" in asked
    assert birdsong.revoked == []
    assert await stage.store.tokens.get((await stage.member(BEA)).id, "birdsong:bea") == "token-bea"


async def test_a_network_that_is_no_longer_offered_can_still_be_disconnected(store: Store, redis_url: str) -> None:
    async with staged(store, redis_url, {"birdsong": Birdsong()}) as stage, Browser() as browser:
        await browser.get(await begin(stage, browser))
    async with staged(store, redis_url, {}) as stage:
        assert "did not confirm" in await stage.disconnects(BEA, "birdsong")
        assert await store.tokens.get((await stage.member(BEA)).id, "birdsong:bea") is None


async def test_after_disconnecting_somebody_else_may_connect_the_account(stage: Stage, browser: Browser) -> None:
    await browser.get(await begin(stage, browser))
    await stage.disconnects(BEA, "birdsong")
    assert "Connected" in (await browser.get(await begin(stage, browser, CY, "bea-2"))).text


async def test_the_button_of_a_reminder_opens_the_way_to_connect(stage: Stage, birdsong: Birdsong) -> None:
    text = "Your Birdsong connection runs out tomorrow."
    await BEA.joins(stage.store)
    await stage.bot.slack.client.chat_postMessage(channel=BEA.user, text=text, blocks=reconnecting(text, birdsong))
    message = await stage.pg.until(lambda: next(iter(stage.pg.dms(BEA.user)), None))
    assert (await stage.pg.click(BEA.user, message, "home:connect:birdsong")).ok
    view = await stage.pg.until(lambda: stage.pg.modal(BEA.user))
    assert any("/connect/" in url for url in urls_of(view))
