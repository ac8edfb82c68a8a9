"""The answer to "is this post out?"."""

from grapevine.domain.posts import Post, PostKind
from grapevine.domain.shares import Placement, PlacementState, Share, Status
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
    assert await stage.jobs.waiting() == 1


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
