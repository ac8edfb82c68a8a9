"""One message about a share on several networks, in the stand-in Slack: kept true, and not overlooked."""

import time
from dataclasses import dataclass, replace
from typing import Any

import pytest

from grapevine.domain.errors import NotFound, Refused, TryLater
from grapevine.domain.outcomes import NOTICED, WHOLE
from grapevine.domain.posts import Post, PostKind
from grapevine.domain.shares import MY_LINK, Placement, PlacementState, Share, Status
from grapevine.networks.base import Network
from grapevine.store import Store, keys
from tests.bot.stage import text_of
from tests.fakes import Birdsong
from tests.people import BEA
from tests.workers.stage import Stage
from workers.telling import Telling

NETWORKS = ("linkedin", "x", "mastodon", "bluesky", "facebook")
TITLES = ("LinkedIn", "X", "Mastodon", "Bluesky", "Facebook")
OUT, REFUSED, ASKING = PlacementState.PUBLISHED, PlacementState.REFUSED, PlacementState.ASKING
PENDING = PlacementState.PENDING


def offered() -> dict[str, Network]:
    return {name: Birdsong(name=name, title=title) for name, title in zip(NETWORKS, TITLES, strict=True)}


@dataclass
class Shared:
    """A share of Bea's that waits to go out on several networks, and what workers do about it."""

    stage: Stage
    share: Share
    now: float

    @property
    def store(self) -> Store:
        return self.stage.store

    async def becomes(self, network: str, state: PlacementState, *, reason: str = "", url: str = "") -> None:
        url = url or (f"https://{network}.example/1" if state is OUT else "")
        status = Status(state, self.now, f"{network}-1" if state is OUT else "", url, reason)
        assert await self.store.shares.move(self.share.member, self.share.id, network, status, list(PlacementState))

    async def tells(self, *, later: float = 0.0) -> None:
        """What a job does at the end, *later* seconds after the last one."""
        self.now += later
        await Telling(self.stage.bea, self.share, self.store, offered(), self.stage.slack, 5.0, self.now).tell()

    async def comes_out(self, network: str, *, later: float = 0.0) -> None:
        await self.becomes(network, OUT)
        await self.tells(later=later)

    def messages(self) -> list[dict[str, Any]]:
        return self.stage.pg.dms(BEA.user)

    def calls(self, method: str) -> int:
        return sum(name == method for name, _ in self.stage.pg.workspace.calls)

    def lines(self, which: int = -1) -> list[str]:
        """What stands in a message, line by line; the newest's when not said otherwise."""
        blocks = self.messages()[which]["blocks"]
        texts = [one for block in blocks for one in (block.get("text"), *block.get("elements", [])) if one]
        return [line for text in texts if text["type"] == "mrkdwn" for line in text["text"].split("\n")]

    def buttons(self, which: int = -1) -> list[str]:
        blocks = self.messages()[which]["blocks"]
        return [one["text"]["text"] for block in blocks if block["type"] == "actions" for one in block["elements"]]


async def shared(stage: Stage, *networks: str) -> Shared:
    post = Post(PostKind.LINK, "https://example.com/jobs", "Jobs at <Example>")
    now, sid = time.time(), stage.store.shares.new_id()
    placements = tuple(Placement(name, "" if name == MY_LINK else f"{name}:bea", "Look") for name in networks)
    share = Share(sid, stage.bea.id, post, now, placements)
    statuses = {name: Status(OUT if name == MY_LINK else PENDING, now) for name in networks}
    await stage.store.shares.make(share, statuses, now)
    return Shared(stage, share, now)


@pytest.fixture
async def five(stage: Stage) -> Shared:
    return await shared(stage, *NETWORKS, MY_LINK)


async def test_five_networks_are_one_message_that_changes(five: Shared) -> None:
    await five.comes_out("linkedin")
    assert five.lines() == [
        "Your share is out: *Jobs at &lt;Example&gt;*",
        "✓ *LinkedIn* · <https://linkedin.example/1|your post is out>",
        "… *X* · still being posted",
        "… *Mastodon* · still being posted",
        "… *Bluesky* · still being posted",
        "… *Facebook* · still being posted",
        "I tell you when people follow it.",
    ]
    for network in NETWORKS[1:]:
        await five.comes_out(network, later=20)
    (message,) = five.messages()
    assert [line[0] for line in five.lines()] == ["Y", "✓", "✓", "✓", "✓", "✓", "I"]
    assert message["text"].split("\n") == [
        "Your share is out: Jobs at <Example>",
        *(f"{title}: your post is out, https://{name}.example/1" for name, title in zip(NETWORKS, TITLES, strict=True)),
    ]
    assert (five.calls("chat.postMessage"), five.calls("chat.update")) == (1, 4)


async def test_one_network_beside_my_link_is_told_as_ever(stage: Stage) -> None:
    one = await shared(stage, "x", MY_LINK)
    await one.comes_out("x")
    assert stage.dms() == ["Your post is out on X: https://x.example/1"]
    assert one.lines() == [
        "Your post is out on <https://x.example/1|X>: *Jobs at &lt;Example&gt;*",
        "I tell you when people follow it.",
    ]


async def test_a_job_that_comes_again_says_nothing_again(five: Shared) -> None:
    await five.comes_out("linkedin")
    before = len(five.stage.pg.workspace.calls)
    await five.tells(later=3600)
    assert len(five.stage.pg.workspace.calls) == before


async def test_what_is_told_is_what_the_store_says_whichever_job_tells_it(five: Shared) -> None:
    for network in NETWORKS:
        await five.becomes(network, OUT)
    await five.tells()
    assert [line[0] for line in five.lines()] == ["Y", "✓", "✓", "✓", "✓", "✓", "I"]
    await five.tells()
    assert (five.calls("chat.postMessage"), five.calls("chat.update")) == (1, 0)


async def test_a_refusal_in_the_first_half_minute_stands_in_the_same_message(five: Shared) -> None:
    await five.comes_out("linkedin")
    await five.becomes("x", REFUSED, reason="X says that this was posted before.")
    await five.tells(later=NOTICED - 5)
    assert len(five.messages()) == 1
    assert five.lines()[0] == "Your share is out, but not everywhere: *Jobs at &lt;Example&gt;*"
    assert five.lines()[2] == "✗ *X* · it did not go out. X says that this was posted before."


@pytest.mark.parametrize(
    ("state", "own", "line"),
    [
        (
            REFUSED,
            "*Jobs at &lt;Example&gt;* did not go out on X.",
            "✗ *X* · it did not go out; another message says why",
        ),
        (ASKING, "X did not answer clearly when I posted", "? *X* · is it out? I asked you in another message"),
    ],
)
async def test_what_needs_the_member_later_is_a_message_of_its_own(
    five: Shared, state: PlacementState, own: str, line: str
) -> None:
    await five.comes_out("linkedin")
    await five.becomes("x", state, reason="Too long.")
    await five.tells(later=NOTICED + 5)
    assert len(five.messages()) == 2
    assert five.lines()[0].startswith(own)
    assert five.lines(0)[2] == line
    assert five.buttons(0) == []
    assert five.buttons() == (["It is out", "It is not: post it"] if state is ASKING else [])
    await five.comes_out("mastodon", later=60)
    assert len(five.messages()) == 2
    assert five.lines(0)[3].startswith("✓ *Mastodon*")


async def test_a_question_in_the_message_has_its_buttons_below_its_line(five: Shared) -> None:
    await five.becomes("x", ASKING)
    await five.becomes("bluesky", ASKING)
    await five.tells()
    (message,) = five.messages()
    assert five.lines()[0] == "A question about your share: *Jobs at &lt;Example&gt;*"
    assert [block["type"] for block in message["blocks"]] == ["section", "actions", "section", "actions"]
    assert [line[0] for line in five.lines()] == ["A", "…", "…", "…", "?", "?"]
    assert five.lines()[4] == (
        "? *X* · is it out? X did not answer clearly, and I do not want to post it twice. "
        "Please look at your profile there."
    )
    assert five.buttons() == ["It is out on X", "It is not: post it", "It is out on Bluesky", "It is not: post it"]
    values = [one["value"] for one in message["blocks"][1]["elements"]]
    assert values == [f"{five.share.member}:{five.share.id}:x"] * 2


async def test_an_answered_question_becomes_what_came_of_it(five: Shared) -> None:
    await five.becomes("linkedin", OUT)
    await five.becomes("x", ASKING)
    await five.tells()
    await five.becomes("x", PENDING)
    await five.tells(later=300)
    assert five.lines()[2] == "… *X* · still being posted"
    assert await five.store.shares.move(five.share.member, five.share.id, "x", Status(OUT, five.now), [PENDING])
    await five.tells(later=1)
    assert five.lines()[2] == "✓ *X* · your post is out, as you told me"
    assert len(five.messages()) == 1


async def test_a_message_that_was_deleted_is_posted_again(five: Shared) -> None:
    await five.comes_out("linkedin")
    workspace = five.stage.pg.workspace
    workspace.remove(workspace.dm(BEA.user), five.messages()[0]["ts"])
    await five.comes_out("x", later=60)
    assert [line[0] for line in five.lines()] == ["Y", "✓", "✓", "…", "…", "…", "I"]
    await five.comes_out("mastodon", later=60)
    assert len(five.messages()) == 1
    five.stage.pg.fail("chat.update", "cant_update_message")
    await five.comes_out("bluesky", later=60)
    assert len(five.messages()) == 2
    await five.comes_out("facebook", later=60)
    assert len(five.messages()) == 2


async def test_a_change_that_slack_has_no_time_for_is_made_later(five: Shared) -> None:
    await five.comes_out("linkedin")
    five.stage.pg.fail("chat.update", "ratelimited")
    with pytest.raises(TryLater):
        await five.comes_out("x")
    assert five.lines()[2] == "… *X* · still being posted"
    await five.tells(later=60)
    assert five.lines()[2].startswith("✓ *X*")


async def test_another_worker_is_not_waited_for(five: Shared) -> None:
    async with five.store.leases.holding(f"tell:{five.share.member}:{five.share.id}", 30):
        with pytest.raises(TryLater) as raised:
            await five.comes_out("linkedin")
    assert raised.value.after
    assert not raised.value.uncertain
    assert five.messages() == []


async def test_whoever_left_or_refuses_messages_is_not_written_to_for_ever(five: Shared) -> None:
    five.stage.pg.fail("chat.postMessage", "restricted_action")
    with pytest.raises(Refused):
        await five.comes_out("linkedin")
    five.stage.pg.workspace.users[BEA.user].deleted = True
    with pytest.raises(NotFound):
        await five.tells()


async def test_where_a_message_stands_is_kept_for_a_week_and_not_for_whom_is_being_erased(five: Shared) -> None:
    await five.comes_out("linkedin")
    kept = await five.store.messages.about(five.share.member, five.share.id)
    assert kept[WHOLE].ts == five.messages()[0]["ts"]
    left = await five.store.redis.pttl(keys.messages(five.share.member, five.share.id)) / 1000
    assert left == pytest.approx(7 * 86400, abs=60)
    await five.store.redis.hset(keys.member(five.share.member), mapping={"erasing": "1"})
    assert not await five.store.messages.keep(five.share.member, five.share.id, WHOLE, replace(kept[WHOLE], ts="9.9"))
    await five.comes_out("x")
    assert await five.store.messages.about(five.share.member, five.share.id) == kept
    assert five.calls("chat.update") == 1


async def test_long_reasons_and_titles_fit_into_what_slack_takes(stage: Stage) -> None:
    five = await shared(stage, *NETWORKS)
    for network in NETWORKS:
        await five.becomes(network, REFUSED, reason="& so on, " * 200)
    await five.tells()
    assert five.lines()[0] == "Your share did not go out: *Jobs at &lt;Example&gt;*"
    assert "…" in text_of(five.messages())


async def connected(stage: Stage) -> None:
    """Bea's account on X under the name that `shared` gives it."""
    token = await stage.store.tokens.get(stage.bea.id, stage.account.id)
    await stage.store.accounts.connect(stage.bea, replace(stage.account, uid="bea"), token or "")


async def test_a_job_whose_change_is_put_off_comes_back_when_slack_says(stage: Stage) -> None:
    two = await shared(stage, "mastodon", "x")
    await connected(stage)
    await two.comes_out("mastodon")
    stage.pg.fail("chat.update", 47)
    assert (await stage.publish(two.share)).state is OUT
    assert two.lines()[2] == "… *X* · still being posted"
    due = (await stage.hints(keys.DUE_PUBLICATIONS))[f"{two.share.member}:{two.share.id}:x"]
    assert due == pytest.approx(time.time() + 47, abs=10)
    assert (await stage.publish(two.share)).state is OUT
    assert two.lines()[2].startswith("✓ *X*")
    assert await stage.hints(keys.DUE_PUBLICATIONS) == {}
    assert (len(stage.posts()), len(two.messages())) == (1, 1)


async def test_a_question_that_was_answered_is_gone_also_while_its_network_cannot_be_reached(stage: Stage) -> None:
    two = await shared(stage, "x", "mastodon")
    await two.becomes("x", ASKING)
    await two.tells()
    assert two.buttons() == ["It is out on X", "It is not: post it"]
    assert await stage.store.publishing.settle(two.share.member, two.share.id, "x", out=False, now=two.now)
    stage.offered["x"] = stage.network.unreachable
    await connected(stage)
    assert (await stage.publish(two.share)).state is PENDING
    assert two.buttons() == []
    assert two.lines()[1:] == ["… *X* · still being posted", "… *mastodon* · still being posted"]
