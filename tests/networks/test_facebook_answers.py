"""What each of Facebook's errors means, what it may say, and odd answers."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from grapevine.domain.accounts import Profile
from grapevine.domain.errors import GrapevineError, Reconnect, Refused, TryLater, Unavailable
from grapevine.domain.reactions import Counts
from grapevine.networks.facebook import Facebook
from grapevine.networks.facebook_answers import Duplicate, Gone, counts_in, error_in, judge, profile_in, reason, wait
from grapevine.networks.facebook_posts import told
from grapevine.networks.facebook_token import Token
from grapevine.playground.facebook_state import SCOPES
from tests.networks.calls import call, failing
from tests.networks.drafts import DRAFT, IMAGE
from tests.networks.facebook_stand_in import BARE, CALLBACK, VINE, Stage
from tests.serving import serving


@pytest.mark.parametrize(
    ("mode", "kind", "said"),
    [
        ("revoked", Reconnect, "connect Facebook again"),
        ("role_lost", Reconnect, "connect Facebook again"),
        ("expired", Reconnect, "connect Facebook again"),
        ("checkpoint", Refused, "log in at facebook.com"),
        ("forbidden", Refused, "Please check that you may still create content on the Page"),
        ("blocked", Refused, "keeps you from posting for a while"),
        ("proof", TryLater, "tell your Grapevine admin"),
        ("401", TryLater, "lets nobody in"),
        ("429", TryLater, "asks Grapevine to wait"),
    ],
)
async def test_a_fault_ends_in_what_a_person_can_do(
    facebook: Stage, mode: str, kind: type[GrapevineError], said: str
) -> None:
    token = (await facebook.connect()).token
    facebook.fault(mode)
    error = await failing(kind, facebook.client.publish, token, DRAFT)
    assert said in str(error)
    assert str(error).endswith(".")
    if isinstance(error, Reconnect):
        assert error.revoked == (mode != "expired"), "a token that ran out is no revocation (rule 5)"
    if isinstance(error, TryLater):
        assert not error.uncertain
    assert (getattr(error, "after", None) == 900.0) == (mode == "429"), "the minutes that Facebook names"
    assert facebook.state.posts() == []


@pytest.mark.parametrize("mode", ["revoked", "expired", "429", "proof", "401"])
async def test_numbers_that_wait_for_the_whole_page_raise(facebook: Stage, mode: str) -> None:
    token = (await facebook.connect()).token
    post = facebook.wrote("A post")
    facebook.fault(mode)
    with pytest.raises((Reconnect, TryLater)):
        await call(facebook.client.counts, token, [post])


def raised(effect: bool = False, **error: Any) -> Exception:
    with pytest.raises(GrapevineError) as caught:
        judge(error, 77.0, effect=effect)
    return caught.value


@pytest.mark.parametrize("code", [4, 17, 32, 341, 613, 80001, 80014])
def test_limits_say_when(code: int) -> None:
    error = raised(code=code, message="limit")
    assert isinstance(error, TryLater)
    assert (error.after, error.uncertain) == (77.0, False)


@pytest.mark.parametrize("code", [1, 2, 9999])
def test_trouble_of_facebooks_own_leaves_a_doubt_about_creates(code: int) -> None:
    for effect in (True, False):
        error = raised(effect, code=code, message="An unknown error has occurred.", is_transient=True)
        assert isinstance(error, TryLater)
        assert error.uncertain == effect


@pytest.mark.parametrize("code", [3, 10, 200, 230, 299])
def test_missing_permissions_say_what_to_check(code: int) -> None:
    error = raised(code=code, message=f"(#{code}) Requires pages_manage_posts permission.")
    assert type(error) is Refused
    assert "this: Requires pages_manage_posts permission. Please check" in str(error)


def test_the_other_codes() -> None:
    assert isinstance(raised(code=506, message="Duplicate status message"), Duplicate)
    assert isinstance(raised(code=100, error_subcode=33, message="Unsupported get request."), Gone)
    assert isinstance(raised(code=803, message="Some of the aliases do not exist"), Gone)
    assert str(raised(code=100, message="(#100) Bad thing.")) == "Facebook refused this: Bad thing."
    assert str(raised(code="?")) == "Facebook refused this."
    no_subcode = raised(code=190, message="Invalid OAuth access token.")
    assert isinstance(no_subcode, Reconnect)
    assert not no_subcode.revoked


def test_facebooks_own_words_hide_tokens_and_are_short() -> None:
    token = "EAAG" + "x1" * 40
    assert token not in reason({"message": f"Malformed access token {token}"})
    assert reason({"message": "Wrong", "error_user_msg": "This is\n for you."}) == "This is for you"
    assert reason({"message": 7}) == ""
    assert len(reason({"message": "word " * 100})) <= 200


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("", 3600.0),
        ("nonsense", 3600.0),
        ("[]", 3600.0),
        ('{"1": 7}', 3600.0),
        ('{"1": [{"type": "pages", "estimated_time_to_regain_access": 0}]}', 3600.0),
        ('{"1": [{"estimated_time_to_regain_access": 5}, {"estimated_time_to_regain_access": 19}]}', 1140.0),
        ('{"1": [{"estimated_time_to_regain_access": "x"}]}', 3600.0),
        ('{"1": [{"estimated_time_to_regain_access": 999999}]}', 86400.0),
    ],
)
def test_minutes_to_wait_are_read_where_there_are_any(said: str, seconds: float) -> None:
    assert wait({"X-Business-Use-Case-Usage": said} if said else {}) == seconds


SUMS: dict[str, Any] = {
    "reactions": {"data": [], "summary": {"total_count": 5}},
    "comments": {"data": [], "summary": {"total_count": 2}},
}


def test_no_shares_are_none_only_where_the_rest_was_told() -> None:
    assert counts_in(SUMS | {"shares": {"count": 3}}) == Counts(5, 2, 3)
    assert counts_in(SUMS) == Counts(5, 2, 0)
    parts: list[Any] = [
        {"reactions": SUMS["reactions"]},
        {"comments": SUMS["comments"]},
        SUMS | {"shares": {}},
        SUMS | {"shares": {"count": "3"}},
        SUMS | {"reactions": {"summary": {"total_count": True}}},
        SUMS | {"comments": {"summary": {"total_count": -1}}},
        SUMS | {"comments": {"data": [{"message": "Hello"}]}},
        {},
        None,
        [],
    ]
    for part in parts:
        assert isinstance(counts_in(part), Unavailable), part


def test_a_page_tells_followers_or_likes() -> None:
    picture = {"data": {"url": "https://scontent.example/a.jpg"}}
    assert profile_in(
        {"id": "1", "name": " Vine  & Co ", "picture": picture, "followers_count": 0, "fan_count": 5}
    ) == (Profile("1", "Vine & Co", "https://scontent.example/a.jpg", 0))
    assert profile_in({"id": "1", "fan_count": 5}) == Profile("1", "Page 1", None, 5)
    assert profile_in({"id": "1", "name": "V", "picture": {"data": {"url": "javascript:1"}}}).picture is None
    with pytest.raises(TryLater):
        profile_in({"id": 1})


@pytest.mark.parametrize(
    "body", ["[]", "{}", '{"id": 7}', '{"id": "../me"}', "<html>", "null", '{"error": "no"}', "x" * 2_000_000]
)
async def test_an_odd_answer_to_a_create_leaves_a_doubt_and_to_a_read_none(body: str) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(text=body, content_type="application/json")

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", answer)
    async with serving(app) as url:
        client = Facebook("1", "s", "v25.0", url, url)
        token = Token(VINE.id, "EAAG", "2").pack()
        assert (await failing(TryLater, client.publish, token, DRAFT)).uncertain
        for function, argument in ((client.counts, [f"{VINE.id}_1"]), (client.settle, DRAFT)):
            more = (0.0,) if function == client.settle else ()
            error = await failing(TryLater, function, token, argument, *more)
            assert not error.uncertain


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from([190, 458, 100, 33, 506, "x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "id name picture data url code error_subcode message error_user_msg is_transient shares count reactions"
                " comments summary total_count followers_count fan_count body error".split()
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(said=JSON)
def test_whatever_comes_ends_in_an_answer_or_in_one_of_our_errors(said: Any) -> None:
    assert isinstance(counts_in(said), Counts | Unavailable)
    error = error_in(said) or (said if isinstance(said, dict) else {})
    with pytest.raises(GrapevineError):
        judge(error, 1.0, effect=True)
    if isinstance(said, dict):
        with suppress(TryLater):
            assert isinstance(profile_in(said), Profile)
    for one in (said, {"code": 200, "body": said}, {"body": json.dumps(said)}):
        with suppress(Reconnect, TryLater):
            assert isinstance(told(one, 1.0), Counts | Unavailable | TryLater | None)
    assert 0 < wait({"X-Business-Use-Case-Usage": json.dumps(said)}) <= 86400


@pytest.mark.parametrize("row", ["7", "{}", '{"code": 200}', '{"code": 200, "body": "<html>"}'])
async def test_an_odd_row_of_a_batch_is_no_answer(row: str) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(text=f"[{row}]", content_type="application/json")

    app = web.Application()
    app.router.add_post("/{rest:.*}", answer)
    async with serving(app) as url:
        client = Facebook("1", "s", "v25.0", url, url)
        token = Token(VINE.id, "EAAG", "2").pack()
        assert "in time" in str(await failing(TryLater, client.counts, token, [f"{VINE.id}_1"]))


@asynccontextmanager
async def telling(**answers: Any) -> AsyncIterator[Facebook]:
    """A client of a server that gives these answers to what ends so, one after the other and the last for good."""

    async def answer(request: web.Request) -> web.Response:
        said = answers[request.path.rsplit("/", 1)[1]]
        body = said.pop(0) if len(said) > 1 else said[0]
        return web.json_response(body, status=400 if "error" in body else 200)

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", answer)
    async with serving(app) as url:
        yield Facebook("1", "s", "v25.0", url, url)


GOOD = {"access_token": "EAAG", "token_type": "bearer"}
ALL = {"data": [{"permission": scope, "status": "granted"} for scope in SCOPES]}


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        ({"access_token": [{"token_type": "bearer"}]}, Refused),
        ({"access_token": [GOOD], "me": [{"permissions": ALL}]}, TryLater),
        ({"access_token": [GOOD], "me": [{"id": "7", "permissions": ALL}], "accounts": [{"data": "no"}]}, TryLater),
        ({"access_token": [GOOD], "me": [{"id": "7", "permissions": []}]}, Refused),
        ({"access_token": [GOOD], "me": [{"error": {"code": 190, "message": "Gone."}}]}, Refused),
        ({"access_token": [{"error": {"code": 368, "message": "Not now."}}]}, Refused),
    ],
)
async def test_a_dance_that_goes_astray_ends_in_a_sentence(answers: dict[str, Any], kind: type[GrapevineError]) -> None:
    async with telling(**answers) as client:
        error = await failing(kind, client.connect, CALLBACK, {"code": "c"}, "")
    assert str(error).endswith(".")


async def test_a_picture_without_a_number_is_tried_again() -> None:
    async with telling(photos=[{}]) as client:
        token = Token(VINE.id, "EAAG", "2").pack()
        assert not (await failing(TryLater, client.prepare, token, IMAGE)).uncertain


async def test_a_picture_that_facebook_calls_a_repetition_is_refused_with_a_sentence() -> None:
    token = Token(VINE.id, "EAAG", "2").pack()
    async with telling(photos=[{"error": {"code": 324, "error_subcode": 1366051, "message": "Already."}}]) as client:
        assert "the Page has this already" in str(await failing(Refused, client.prepare, token, IMAGE))


async def test_a_refused_repetition_that_cannot_be_found_asks_the_member() -> None:
    since, trouble = 1000.0, {"error": {"code": 2, "message": "Unexpected."}}
    odd = {"data": [{"id": "1_2", "message": BARE.caption, "created_time": "yesterday"}]}
    twice = {"error": {"code": 506, "message": "Duplicate status message"}}
    token = Token(VINE.id, "EAAG", "2").pack()
    for second in (trouble, odd):
        async with telling(published_posts=[{"data": []}, second], feed=[twice]) as client:
            assert await call(client.settle, token, BARE, since) is None


async def test_a_permission_that_is_missing_is_the_reason_of_each_post(facebook: Stage) -> None:
    token = (await facebook.connect(scopes=SCOPES[:2])).token
    post = facebook.wrote("A post")
    (said,) = (await call(facebook.client.counts, token, [post])).values()
    assert isinstance(said, Unavailable)
    assert "requires the 'pages_read_engagement' permission" in str(said)
