"""Whatever a network answers, the contract holds: no post is lost or doubled, and no zero is one that is none."""

import time
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from grapevine.domain.accounts import Profile
from grapevine.domain.errors import GrapevineError, NotFound, Reconnect, Refused, TryLater, Unavailable
from grapevine.domain.reactions import Counts
from grapevine.networks import http
from grapevine.networks.abilities import Filming
from grapevine.networks.base import Draft, Published
from tests.networks.calls import call
from tests.networks.drafts import DRAFTS, VIDEO
from tests.networks.stage import Stage
from tests.networks.stages import STAGES
from tests.networks.wire import DRIPPING, HUGE, Fault, spoilt, status

ENDS = (TryLater, Reconnect, Refused, Unavailable, NotFound)
TOLD = (3, 2, 1)
#: of a proxy, and of somebody who speaks JSON
UNHEARD = [
    status(code, body) for code in (401, 403, 404, 409, 422, 426, 429, 500, 503) for body in ("<h1>No</h1>", "{}")
]
LOST = [status(code, asked=True) for code in (500, 502, 504)]
NUMBER = count()


@pytest.fixture(params=STAGES)
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    async with STAGES[request.param]() as stage:
        yield stage


def another(kind: str = "link") -> Draft:
    """A draft that is nobody else's."""
    draft, number = (DRAFTS | {"video": VIDEO})[kind], next(NUMBER)
    link = draft.link and f"{draft.link}{number}"
    caption = draft.caption.replace(draft.link or "\0", link or "") + f" no. {number}"
    return replace(draft, caption=caption, link=link, key=f"placement-{number}", at=time.time())


async def end_of(function: Callable[..., Any], *arguments: Any) -> Any:
    """What the call ends in: its result or one of our errors; anything else fails the test."""
    try:
        return await call(function, *arguments)
    except ENDS as error:
        said = str(error)
        assert said[:1].isupper(), said
        assert said.endswith((".", "!", "?")), said
        return error


def out(stage: Stage, draft: Draft) -> list[str]:
    return [str(post["id"]) for post in stage.state.posts() if post["text"] == draft.caption]


async def judge(stage: Stage, token: str, draft: Draft, end: Any, since: float) -> None:
    """What was told of a post is true, and whoever goes on as the workers do has it out once."""
    stage.wire.mend()
    there = out(stage, draft)
    if isinstance(end, Published):
        assert there == [end.id]
    elif isinstance(end, TryLater) and end.uncertain:
        assert len(there) <= 1
        settled = await end_of(stage.network.settle, token, draft, since)
        assert settled is None or isinstance(settled, Published), settled
        assert out(stage, draft) == ([settled.id] if settled else there)
        assert settled is not None or draft.media is not None
    else:
        assert there == [], f"it is out, and the member hears: {end}"
        if isinstance(end, TryLater):
            again = await end_of(stage.network.publish, token, draft)
            assert isinstance(again, Published), again
            assert out(stage, draft) == [again.id]


async def calls_of(stage: Stage, function: Callable[..., Any], *arguments: Any) -> list[Any]:
    """The answers to each of the calls that it makes when all is well."""
    stage.wire.mend()
    await call(function, *arguments)
    answers = stage.wire.answers
    assert answers
    stage.wire.mend()
    return answers


KINDS = pytest.mark.parametrize("kind", ["link", "images", "video"])


def takes(stage: Stage, kind: str) -> bool:
    """Networks without films are given none: a link stands for them."""
    return kind != "video" or isinstance(stage.network, Filming)


@KINDS
async def test_a_post_is_neither_lost_nor_doubled_whatever_any_answer_says(stage: Stage, kind: str) -> None:
    if not takes(stage, kind):
        return
    token = (await stage.connect()).token
    answers = await calls_of(stage, stage.network.publish, token, another(kind))
    for at in range(len(answers)):
        for fault in (*UNHEARD, *LOST, HUGE):
            draft, since = another(kind), time.time()
            stage.wire.spoil(fault, at)
            await judge(stage, token, draft, await end_of(stage.network.publish, token, draft), since)


@KINDS
async def test_a_post_is_neither_lost_nor_doubled_whatever_is_of_a_wrong_type(stage: Stage, kind: str) -> None:
    if not takes(stage, kind):
        return
    token = (await stage.connect()).token
    for at, said in enumerate(await calls_of(stage, stage.network.publish, token, another(kind))):
        for fault in spoilt(said):
            draft, since = another(kind), time.time()
            stage.wire.spoil(fault, at)
            await judge(stage, token, draft, await end_of(stage.network.publish, token, draft), since)


async def settled_under(stage: Stage, token: str, fault: Fault, at: int, *, was_out: bool) -> None:
    """A post in doubt is looked for under that fault: it stays in doubt, or what is said of it is true."""
    draft, since = another(), time.time()
    last = len(await calls_of(stage, stage.network.publish, token, another())) - 1
    stage.wire.spoil(status(502, asked=was_out), last)
    assert (await end_of(stage.network.publish, token, draft)).uncertain
    before = out(stage, draft)
    stage.wire.spoil(fault, at)
    end = await end_of(stage.network.settle, token, draft, since)
    there = out(stage, draft)
    assert len(there) <= 1
    if isinstance(end, Published):
        assert there == [end.id]
    elif isinstance(end, Refused):
        assert there == [], f"it is out, and the member hears: {end}"
    elif isinstance(end, TryLater):
        stage.wire.mend()
        found = await end_of(stage.network.settle, token, draft, since)
        assert isinstance(found, Published), found
        assert out(stage, draft) == [found.id]
    assert before in ([], out(stage, draft))


@pytest.mark.parametrize("was_out", [True, False])
async def test_a_post_in_doubt_is_neither_lost_nor_doubled_by_settling(stage: Stage, was_out: bool) -> None:
    token = (await stage.connect()).token
    for at in range(3):
        for fault in (*UNHEARD, *LOST, HUGE):
            await settled_under(stage, token, fault, at, was_out=was_out)


def is_true(told: object, posts: Iterable[str]) -> None:
    """The numbers are those of the posts, or there is none; and no post that is there is called gone."""
    if isinstance(told, dict):
        assert set(told) == set(posts)
        for one in told.values():
            if isinstance(one, Counts):
                told_of = (one.likes, one.comments, one.reshares)
                assert all(number in (None, real) for number, real in zip(told_of, TOLD, strict=True)), one
                assert any(number is not None for number in told_of)
            else:
                assert isinstance(one, Unavailable), repr(one)


async def test_no_number_is_made_up_whatever_any_answer_says(stage: Stage) -> None:
    token = (await stage.connect()).token
    post = (await call(stage.network.publish, token, another())).id
    stage.state.react(post, *TOLD)
    answers = await calls_of(stage, stage.network.counts, token, [post])
    for at, said in enumerate(answers):
        for fault in (*UNHEARD, *LOST, HUGE, *spoilt(said)):
            stage.wire.spoil(fault, at)
            is_true(await end_of(stage.network.counts, token, [post]), [post])
    stage.wire.mend()
    assert await call(stage.network.counts, token, [post]) == {post: Counts(*TOLD)}


async def test_a_profile_holds_what_it_is_to_whatever_any_answer_says(stage: Stage) -> None:
    connected = await stage.connect()
    token, known = connected.token, connected.profile
    for at, said in enumerate(await calls_of(stage, stage.network.profile, token)):
        for fault in (*UNHEARD, *LOST, HUGE, *spoilt(said)):
            stage.wire.spoil(fault, at)
            end = await end_of(stage.network.profile, token)
            if isinstance(end, Profile):
                assert end.uid == known.uid
                assert isinstance(end.name, str)
                assert end.name
                assert end.reach is None or (type(end.reach) is int and end.reach >= 0)
                assert end.picture is None or end.picture.startswith("http")
    stage.wire.mend()
    assert await call(stage.network.profile, token) == known


async def test_a_token_is_renewed_to_one_that_works_or_not_at_all(stage: Stage) -> None:
    token = (await stage.connect()).token
    stage.wire.mend()
    renewed = await call(stage.network.refresh, token)
    answers, alive = stage.wire.answers, renewed[0] if renewed else token
    for at, said in enumerate(answers):
        for fault in (*UNHEARD, *LOST, HUGE, *spoilt(said)):
            stage.wire.spoil(fault, at)
            end = await end_of(stage.network.refresh, alive)
            stage.wire.mend()
            if isinstance(end, GrapevineError):
                assert not (isinstance(end, Reconnect) and end.revoked), "nobody took the permission back"
                alive = (await stage.connect()).token
            elif end is not None:
                alive = end[0]
                assert end[1] is None or end[1] > time.time()
                assert isinstance(await end_of(stage.network.profile, alive), Profile)


@pytest.mark.parametrize("code", [200, 400, 401, 403, 404, 407, 503])
async def test_a_page_of_a_proxy_ends_nobodys_connection(stage: Stage, code: int) -> None:
    token = (await stage.connect()).token
    post = (await call(stage.network.publish, token, another())).id
    stage.wire.spoil(status(code))
    draft, since = another(), time.time()
    for function, arguments in (
        (stage.network.profile, ()),
        (stage.network.publish, (draft,)),
        (stage.network.settle, (draft, since)),
        (stage.network.counts, ([post],)),
        (stage.network.refresh, ()),
    ):
        end = await end_of(function, token, *arguments)
        assert not isinstance(end, Reconnect), end
    assert out(stage, draft) == []


@pytest.mark.parametrize("fault", [HUGE, DRIPPING], ids=["huge", "a byte now and then"])
async def test_an_answer_that_does_not_end_is_left(stage: Stage, fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    token = (await stage.connect()).token
    post = (await call(stage.network.publish, token, another())).id
    last = len(await calls_of(stage, stage.network.publish, token, another())) - 1
    began = time.monotonic()
    monkeypatch.setattr(http, "MAX_SECONDS", 0.3)
    for function, arguments in ((stage.network.counts, (token, [post])), (stage.network.profile, (token,))):
        stage.wire.spoil(fault)
        assert isinstance(await end_of(function, *arguments), TryLater)
    draft, since = another(), time.time()
    monkeypatch.setattr(
        http, "MAX_SECONDS", 1.0
    )  # the calls before the last one are to end well, on a busy machine too
    stage.wire.spoil(fault, last)
    end = await end_of(stage.network.publish, token, draft)
    assert end.uncertain
    assert time.monotonic() - began < 9, "it would have ended by itself after ten seconds each"
    monkeypatch.setattr(http, "MAX_SECONDS", 40.0)
    await judge(stage, token, draft, end, since)
