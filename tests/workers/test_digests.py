"""Telling of new clicks in Slack: at the member's pace, once, and not of what they have seen."""

import time

import pytest

from grapevine.domain.members import Pace, Preferences
from grapevine.domain.posts import Post, PostKind
from grapevine.domain.shares import Share
from grapevine.store import keys
from tests.people import BEA
from tests.workers.stage import Stage
from workers import digests

AWAKE = Preferences(Pace.SOON, 0, 0)


async def clicks(stage: Stage, share: Share, count: int, now: float) -> None:
    """So many new people followed a share, as the click script leaves it."""
    await stage.store.digests.hint(share.member, now)
    await stage.store.redis.hincrby(keys.news(share.member), share.id, count)


async def tell(stage: Stage, now: float) -> None:
    """What the schedule and a worker do in one minute."""
    await digests.plan(stage.store, stage.jobs, stage.settings.digest_interval, now)
    if await stage.jobs.waiting():
        stage.jobs.redis.delete("rq:queue:grapevine", f"rq:job:tell-{stage.bea.id}")  # taken from the queue
        await digests.tell(
            stage.bea.id,
            store=stage.store,
            networks=stage.offered,
            slack=stage.slack,
            settings=stage.settings,
            now=now,
        )


@pytest.fixture
async def awake(stage: Stage) -> Stage:
    await stage.store.members.prefer(stage.bea.id, AWAKE)
    return stage


async def test_one_message_tells_of_all_shares_and_the_next_comes_an_interval_later(awake: Stage) -> None:
    stage, now = awake, time.time()
    jobs, news = await stage.share(), await stage.share(title="News <of> the day")
    await clicks(stage, jobs, 2, now)
    await clicks(stage, news, 1, now)
    await tell(stage, now)
    (message,) = stage.pg.dms(BEA.user)
    assert message["text"] == "3 new people followed your links."
    assert message["blocks"][1]["text"]["text"] == (
        "*+2* <https://example.com/jobs|Jobs at Example>\n*+1* <https://example.com/jobs|News &lt;of&gt; the day>"
    )
    await clicks(stage, jobs, 1, now + 60)
    await tell(stage, now + 60)
    await tell(stage, now + 899)
    assert len(stage.dms()) == 1
    await tell(stage, now + 900)
    assert stage.dms()[1] == "1 new person followed your link."
    await tell(stage, now + 5000)
    assert len(stage.dms()) == 2
    assert await stage.hints(keys.DUE_DIGESTS) == {}


async def test_the_button_opens_home(awake: Stage) -> None:
    now = time.time()
    await clicks(awake, await awake.share(), 1, now)
    await tell(awake, now)
    button = awake.pg.dms(BEA.user)[0]["blocks"][-1]["elements"][0]
    assert button["url"].startswith(f"slack://app?team={BEA.team}&id=A")
    assert button["url"].endswith("&tab=home")


async def test_what_was_seen_on_home_is_not_announced(awake: Stage) -> None:
    now = time.time()
    await clicks(awake, await awake.share(), 1, now)
    await awake.store.digests.seen(awake.bea.id)
    await tell(awake, now)
    assert awake.dms() == []
    await clicks(awake, await awake.share("Another"), 1, now)
    await tell(awake, now)
    assert awake.dms() == ["1 new person followed your link."]


async def test_whoever_switched_digests_off_hears_nothing(stage: Stage) -> None:
    await stage.store.members.prefer(stage.bea.id, Preferences(Pace.OFF))
    now = time.time()
    await clicks(stage, await stage.share(), 1, now)
    await tell(stage, now)
    assert stage.dms() == []
    assert await stage.hints(keys.DUE_DIGESTS) == {}


async def test_quiet_hours_keep_it_for_the_morning(stage: Stage) -> None:
    night = 1795302000.0  # 2026-11-22 00:00 in Stockholm
    share = await stage.share()
    await clicks(stage, share, 1, night)
    await tell(stage, night)
    assert stage.dms() == []
    morning = night + 8 * 3600
    assert await stage.hints(keys.DUE_DIGESTS) == {stage.bea.id: morning}
    await tell(stage, morning)
    assert len(stage.dms()) == 1


async def test_while_slack_is_down_the_news_wait_and_are_told_together(awake: Stage) -> None:
    stage, now = awake, time.time()
    share = await stage.share()
    await clicks(stage, share, 1, now)
    stage.pg.workspace.mishaps["chat.postMessage"] = ["internal_error"]
    await tell(stage, now)
    assert stage.dms() == []
    await clicks(stage, share, 2, now + 100)
    await tell(stage, now + 900)
    assert stage.dms() == ["3 new people followed your link."]


async def test_a_click_that_comes_while_the_message_is_sent_is_told_later(awake: Stage) -> None:
    stage, now = awake, time.time()
    share = await stage.share()
    await clicks(stage, share, 1, now)
    slack = stage.slack

    class Slow:
        async def home(self, team: str) -> None:
            await clicks(stage, share, 5, now + 1)

        async def tell(self, *said: object) -> None:
            await slack.tell(*said)  # type: ignore[arg-type]

    await digests.tell(
        stage.bea.id,
        store=stage.store,
        networks=stage.offered,
        slack=Slow(),  # type: ignore[arg-type]  # the real one, with a click in between
        settings=stage.settings,
        now=now,
    )
    assert await stage.hints(keys.DUE_DIGESTS) == {stage.bea.id: now + 1}
    await tell(stage, now + 900)
    assert stage.dms() == ["1 new person followed your link.", "5 new people followed your link."]


async def test_a_person_who_left_loses_their_tokens_and_is_erased_in_30_days(awake: Stage) -> None:
    stage, now = awake, time.time()
    await clicks(stage, await stage.share(), 1, now)
    stage.pg.workspace.users[BEA.user].deleted = True
    await tell(stage, now)
    member = await stage.store.members.get(stage.bea.id)
    assert member is not None
    assert member.left == now
    assert await stage.store.tokens.get(stage.bea.id, stage.account.id) is None
    assert await stage.hints(keys.DUE_ERASURES) == {stage.bea.id: now + 30 * 86400}


async def test_an_app_that_was_removed_from_the_workspace_makes_nobody_leave(awake: Stage) -> None:
    stage, now = awake, time.time()
    await clicks(stage, await stage.share(), 1, now)
    stage.pg.workspace.mishaps["chat.postMessage"] = ["account_inactive"]
    stage.pg.workspace.mishaps["users.info"] = ["account_inactive"]
    await tell(stage, now)
    member = await stage.store.members.get(stage.bea.id)
    assert member is not None
    assert member.left is None
    assert await stage.store.tokens.get(stage.bea.id, stage.account.id) is not None


def test_a_message_about_many_shares_stays_within_slacks_bounds() -> None:
    post = Post(PostKind.LINK, "https://example.com/" + "p" * 150, "A title & more " * 20)
    shares = {f"s{number:05}": Share(f"s{number:05}", "m", post, 0.0, ()) for number in range(200)}
    text, blocks = digests.message(dict.fromkeys(shares, 1), shares, "slack://app?team=T&id=A&tab=home")
    assert text == "200 new people followed your links."
    assert len(blocks) <= 50
    assert all(len(block["text"]["text"]) <= 3000 for block in blocks if block["type"] == "section")
    assert sum(len(block["text"]["text"]) for block in blocks if block["type"] == "section") < 12_000
    named = sum(block["text"]["text"].count("*+1*") for block in blocks[1:-2])
    assert named > 20
    assert blocks[-2]["text"]["text"] == f"… and {200 - named} more of your shares"
