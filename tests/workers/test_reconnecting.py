"""A permission that was taken back while a member shares: one line a network, and a button for each."""

import pytest

from grapevine.domain.accounts import AccountState
from grapevine.domain.shares import PlacementState, Status
from tests.bot.stage import text_of
from tests.workers.stage import Stage
from tests.workers.test_telling import NETWORKS, Shared, offered, shared

REFUSED, OUT, ASKING = PlacementState.REFUSED, PlacementState.PUBLISHED, PlacementState.ASKING
GONE = "{} says that Grapevine may no longer act for Bea Ito, so I stopped counting there and deleted the connection."
ADVICE = "Connect again, then share the post once more. Your numbers stay."


async def loses(share: Shared, network: str) -> None:
    status = Status(REFUSED, share.now, reason=GONE.format(offered()[network].title), reconnect=True)
    assert await share.store.shares.move(share.share.member, share.share.id, network, status, list(PlacementState))


def actions(share: Shared, which: int = -1) -> list[str]:
    blocks = share.messages()[which]["blocks"]
    return [one["action_id"] for block in blocks if block["type"] == "actions" for one in block["elements"]]


async def test_a_line_for_each_network_and_a_button_for_each(stage: Stage) -> None:
    five = await shared(stage, *NETWORKS)
    for network in NETWORKS:
        await loses(five, network)
    await five.tells()
    assert five.lines() == [
        "Your share did not go out: *Jobs at &lt;Example&gt;*",
        *(f"✗ *{one.title}* · it did not go out. {GONE.format(one.title)}" for one in offered().values()),
        ADVICE,
    ]
    assert five.buttons() == [f"Connect {one.title}" for one in offered().values()]
    assert actions(five) == [f"home:connect:{name}" for name in NETWORKS]
    assert ADVICE in five.messages()[0]["text"]
    assert "/grapevine connect" not in text_of(five.messages())


async def test_the_buttons_stand_before_questions_and_for_nothing_else(stage: Stage) -> None:
    three = await shared(stage, "linkedin", "x", "mastodon")
    await three.becomes("x", ASKING)
    await three.becomes("mastodon", OUT)
    await loses(three, "linkedin")
    await three.tells()
    assert three.buttons() == ["Connect LinkedIn", "It is out on X", "It is not: post it"]
    assert three.lines()[3] == ADVICE


async def test_what_comes_late_has_its_button_in_its_own_message_only(stage: Stage) -> None:
    two = await shared(stage, "linkedin", "x")
    await two.comes_out("x")
    await loses(two, "linkedin")
    await two.tells(later=60)
    assert (two.buttons(0), two.buttons(1)) == ([], ["Connect LinkedIn"])
    assert text_of([two.messages()[1]]).count(ADVICE) >= 1


async def test_a_network_that_is_no_longer_offered_has_no_button(stage: Stage) -> None:
    two = await shared(stage, "linkedin", "myspace")
    await two.comes_out("linkedin")
    status = Status(REFUSED, two.now, reason="This Grapevine no longer offers myspace.", reconnect=True)
    assert await two.store.shares.move(two.share.member, two.share.id, "myspace", status, list(PlacementState))
    await two.tells()
    assert two.buttons() == []
    assert ADVICE not in two.lines()


async def test_a_share_on_one_network_says_it_with_its_button(everywhere: Stage) -> None:
    stage = everywhere
    share = await stage.share()
    stage.network.break_("revoked", "")
    status = await stage.publish(share)
    assert (status.state, status.reconnect) == (REFUSED, True)
    [message] = stage.pg.dms(stage.bea.user)
    blocks = message["blocks"]
    assert blocks[-1]["elements"][0]["action_id"] == f"home:connect:{stage.name}"
    assert status.reason in message["text"]
    assert ADVICE in message["text"]


@pytest.mark.parametrize("state", [AccountState.DISCONNECTED, AccountState.EXPIRED])
async def test_an_account_that_is_gone_before_the_post_has_the_button_too(stage: Stage, state: AccountState) -> None:
    share = await stage.share()
    await stage.store.accounts.change(stage.bea.id, stage.account.id, state=state)
    assert (await stage.publish(share)).reconnect
