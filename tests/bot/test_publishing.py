"""The answer to "is this post out?"."""

import pytest

from bot.blocks import actions, plain, section
from grapevine.domain.outcomes import WHOLE, Message, outcome
from grapevine.domain.posts import Post, PostKind
from grapevine.domain.shares import Placement, PlacementState, Share, Status
from grapevine.playground.config import JSON
from grapevine.store import keys
from tests.bot.stage import Stage, text_of
from tests.people import BEA, CY, NOON


async def asked(stage: Stage) -> tuple[str, dict[str, object]]:
    """A share of Bea's that only she can settle, and the message that asks her."""
    await stage.types(BEA, "help")
    member = await stage.member(BEA)
    post = Post(PostKind.LINK, "https://a.example/x")
    share = Share("abc234", member.id, post, NOON, (Placement("birdsong", "birdsong:bea", "Read this"),))
    await stage.store.shares.make(share, {"birdsong": Status(PlacementState.ASKING, NOON)}, NOON)
    value = f"{member.id}:{share.id}:birdsong"
    buttons = [
        {"type": "button", "action_id": f"settled:{word}", "value": value, "text": {"type": "plain_text", "text": word}}
        for word in ("yes", "no")
    ]
    blocks = [{"type": "actions", "block_id": "settled", "elements": buttons}]
    await stage.bot.slack.client.chat_postMessage(channel=BEA.user, text="Is it out?", blocks=blocks)
    return member.id, stage.pg.dms(BEA.user)[-1]


async def test_yes_notes_it_as_published(stage: Stage) -> None:
    mid, message = await asked(stage)
    await stage.pg.click(BEA.user, message, "settled:yes")
    await stage.pg.until(lambda: "noted as published" in text_of(stage.pg.dms(BEA.user)))
    status = (await stage.store.shares.statuses(mid, "abc234"))["birdsong"]
    assert status.state is PlacementState.PUBLISHED
    assert await stage.jobs.waiting() == 0


async def test_no_publishes_it_once(stage: Stage) -> None:
    mid, message = await asked(stage)
    await stage.pg.click(BEA.user, message, "settled:no")
    await stage.pg.until(lambda: "being published now" in text_of(stage.pg.dms(BEA.user)))
    assert (await stage.store.shares.statuses(mid, "abc234"))["birdsong"].state is PlacementState.PENDING
    await stage.eventually(stage.jobs.waiting, lambda jobs: jobs == 1)


async def test_a_second_answer_changes_nothing(stage: Stage) -> None:
    mid, message = await asked(stage)
    done = Status(PlacementState.PUBLISHED, NOON, remote="1", url="https://birdsong.example/1")
    await stage.store.shares.move(mid, "abc234", "birdsong", done, [PlacementState.ASKING])
    await stage.pg.click(BEA.user, message, "settled:no")
    await stage.pg.until(lambda: "answered already" in text_of(stage.pg.dms(BEA.user)))
    assert (await stage.store.shares.statuses(mid, "abc234"))["birdsong"] == done
    assert await stage.jobs.waiting() == 0


async def test_only_the_member_themselves_may_answer(stage: Stage) -> None:
    mid, message = await asked(stage)
    await stage.bot.slack.client.chat_postMessage(channel="C0GENERAL1", text="?", blocks=message["blocks"])  # type: ignore[arg-type]
    (shown,) = stage.pg.workspace.channels["C0GENERAL1"].messages.values()
    await stage.pg.click(CY.user, shown, "settled:yes")
    await stage.pg.until(lambda: "Only the person who shared this" in text_of(stage.pg.ephemerals(CY.user)))
    assert (await stage.store.shares.statuses(mid, "abc234"))["birdsong"].state is PlacementState.ASKING


async def asked_of_the_whole(stage: Stage) -> tuple[str, JSON]:
    """A share of Bea's on two networks, and the message about all of it, which asks her."""
    await stage.types(BEA, "help")
    member = await stage.member(BEA)
    placements = tuple(Placement(name, f"{name}:bea", "Read this") for name in ("birdsong", "oaks"))
    share = Share("abc234", member.id, Post(PostKind.LINK, "https://a.example/x"), NOON, placements)
    asking = Status(PlacementState.ASKING, NOON)
    await stage.store.shares.make(share, {"birdsong": asking, "oaks": Status(PlacementState.PENDING, NOON)}, NOON)
    buttons = [
        {"type": "button", "action_id": f"settled:{word}", "value": f"{member.id}:abc234:birdsong", "text": plain(word)}
        for word in ("yes", "no")
    ]
    line = section("… *Oaks* · still being posted")
    blocks = [line, actions("settled", *buttons)]
    said = await stage.bot.slack.client.chat_postMessage(channel=BEA.user, text="?", blocks=blocks)
    shown = {"birdsong": outcome(asking), "oaks": ""}
    await stage.store.messages.keep(
        member.id, "abc234", WHOLE, Message(str(said["channel"]), str(said["ts"]), NOON, shown)
    )
    return member.id, stage.pg.dms(BEA.user)[-1]


@pytest.mark.parametrize(("word", "thanks"), [("yes", "noted as published"), ("no", "being published now")])
async def test_an_answer_in_the_message_about_the_whole_share_leaves_its_lines_to_the_workers(
    stage: Stage, word: str, thanks: str
) -> None:
    mid, message = await asked_of_the_whole(stage)
    await stage.pg.click(BEA.user, message, f"settled:{word}")
    await stage.pg.until(lambda: thanks in text_of(stage.pg.ephemerals(BEA.user)))
    assert stage.pg.dms(BEA.user)[-1]["blocks"] == message["blocks"]
    await stage.eventually(stage.jobs.waiting, lambda jobs: jobs == 1)
    assert await stage.store.redis.zscore(keys.DUE_PUBLICATIONS, f"{mid}:abc234:birdsong")


async def test_an_answer_in_a_message_of_its_own_replaces_that_and_lets_the_whole_follow(stage: Stage) -> None:
    mid, message = await asked(stage)
    await stage.store.messages.keep(mid, "abc234", WHOLE, Message("D0BEA00001", "1.1", NOON, {}))
    await stage.pg.click(BEA.user, message, "settled:yes")
    await stage.pg.until(lambda: "noted as published" in text_of(stage.pg.dms(BEA.user)))
    assert len(stage.pg.dms(BEA.user)) == 1
    await stage.eventually(stage.jobs.waiting, lambda jobs: jobs == 1)
