"""Bluesky's client against the strict stand-in, over real HTTP: connecting, sessions, posts, numbers, and the end."""

import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiohttp import web

from grapevine.domain.accounts import Capabilities, Profile
from grapevine.domain.errors import NotFound, Reconnect, Refused, Stale, TryLater, Unavailable
from grapevine.domain.posts import Post, PostKind
from grapevine.domain.reactions import Counts
from grapevine.networks import offered
from grapevine.networks.base import Draft, Network
from grapevine.networks.bluesky import Bluesky
from grapevine.networks.bluesky_token import Token, claims, unpack
from grapevine.playground.bluesky_state import ACCESS_LIFE, REFRESH_LIFE
from grapevine.settings import NetworkSettings
from tests.networks.bluesky_stand_in import BEA, CALLBACK, CREATE, CY, DRAFT, IMAGE, LINK, PIXEL, Stage, serving, staged
from tests.networks.calls import call, failing


@pytest.fixture
async def bluesky() -> AsyncIterator[Stage]:
    async with staged() as stage:
        yield stage


def test_it_is_offered_without_credentials_until_it_is_switched_off() -> None:
    assert "bluesky" in offered(NetworkSettings.model_validate({}))
    assert "bluesky" not in offered(NetworkSettings.model_validate({"bluesky": "off"}))


def test_it_asks_for_a_handle_and_for_a_password_that_nobody_sees() -> None:
    network: Network = Bluesky()
    assert [(one.name, one.secret) for one in network.questions] == [("handle", False), ("password", True)]


async def test_a_member_connects_with_an_app_password_which_is_not_kept(bluesky: Stage) -> None:
    answers = bluesky.answers()
    begun = await call(bluesky.client.authorize, CALLBACK, "state 1", answers)
    assert begun.url.startswith(f"{CALLBACK}?code=")
    assert begun.url.endswith("&state=state+1")
    connected = await bluesky.connect()
    picture = f"{bluesky.url}/pictures/bea.test.svg"
    assert connected.profile == Profile(BEA.did, "Bea Lindqvist", picture, 388)
    assert connected.capabilities == Capabilities()
    assert connected.expires_at is None, "a session in use does not run out"
    for kept in (begun.url, begun.secret, connected.token, repr(begun), repr(connected)):
        assert answers["password"] not in kept


async def test_a_password_that_is_no_apps_is_refused_before_anything_is_sent(bluesky: Stage) -> None:
    await bluesky.fault("500")
    for password in (BEA.password, "", "wxyz-wxyz-wxyz", "wxyz-wxyz-wxyz-wxyz-q", "a" * 19):
        said = await bluesky.refused(password=password)
        assert "This is no app password" in said
        assert "App passwords" in said
        assert not password or password not in said


async def test_a_password_of_the_account_that_looks_like_an_apps_is_refused_and_its_session_ended(
    bluesky: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    alike = replace(BEA, password="abcd-efgh-ijkl-mnop")
    monkeypatch.setattr("grapevine.playground.bluesky_sessions.PEOPLE", (alike,))
    assert "This is no app password" in await bluesky.refused(password="abcd-efgh-ijkl-mnop")
    assert bluesky.state.sessions == {}


async def test_trouble_while_connecting_is_told_to_try_again_soon(bluesky: Stage) -> None:
    await bluesky.fault("503")
    error = await failing(TryLater, bluesky.client.authorize, CALLBACK, "state-1", bluesky.answers())
    assert str(error).endswith("Please try again in a few minutes.")


async def test_a_session_lasts_as_long_as_it_is_renewed_and_each_renewal_is_good_once(bluesky: Stage) -> None:
    token = (await bluesky.connect()).token
    assert not bluesky.client.stale(token, time.time())
    assert bluesky.client.stale(token, time.time() + ACCESS_LIFE - 200)
    for _ in range(3):
        renewed = await call(bluesky.client.refresh, token)
        assert renewed is not None
        assert renewed[1] is None
        assert unpack(renewed[0]).refresh != unpack(token).refresh
        token = renewed[0]
    await call(bluesky.client.publish, token, DRAFT)


async def test_a_renewal_whose_answer_was_lost_is_made_again(bluesky: Stage) -> None:
    token = (await bluesky.connect()).token
    await bluesky.fault("lost_answer", only="refreshSession", times=1)
    assert not (await failing(TryLater, bluesky.client.refresh, token)).uncertain
    one = await call(bluesky.client.refresh, token)
    two = await call(bluesky.client.refresh, token)
    assert one is not None
    assert two is not None
    first, second = (claims(unpack(renewed[0]).refresh)["jti"] for renewed in (one, two))
    assert first == second
    bluesky.state.clock = lambda: time.time() + 7300
    assert (await failing(Reconnect, bluesky.client.refresh, token)).revoked


async def test_deleting_the_app_password_is_a_revocation_and_running_out_is_none(bluesky: Stage) -> None:
    token = (await bluesky.connect()).token
    bluesky.state.drop_app_password(BEA.did, "Grapevine")
    await call(bluesky.client.publish, token, DRAFT)  # the access token lives on, as at Bluesky
    assert (await failing(Reconnect, bluesky.client.refresh, token)).revoked
    bluesky.state.clock = lambda: time.time() - REFRESH_LIFE - 10
    token = (await bluesky.connect()).token
    bluesky.state.clock = time.time
    assert not (await failing(Reconnect, bluesky.client.refresh, token)).revoked


@pytest.mark.parametrize("mode", ["500", "503", "401", "429", "html", "half_json", "lost_answer"])
async def test_an_outage_ends_no_session(bluesky: Stage, mode: str) -> None:
    token = (await bluesky.connect()).token
    await bluesky.fault(mode)
    assert not (await failing(TryLater, bluesky.client.refresh, token)).uncertain
    await bluesky.fault("")
    assert await call(bluesky.client.refresh, token)


async def test_an_access_token_that_ends_before_its_time_is_told_apart(bluesky: Stage) -> None:
    token = (await bluesky.connect()).token
    await bluesky.fault("expired")
    for draft in (DRAFT, IMAGE):
        assert not (await failing(Stale, bluesky.client.publish, token, draft)).uncertain
    assert bluesky.state.posts() == []


async def test_a_closed_account_asks_to_connect_again_and_is_not_called_revoked(bluesky: Stage) -> None:
    token = (await bluesky.connect()).token
    await bluesky.fault("deactivated")
    error = await failing(Reconnect, bluesky.client.publish, token, DRAFT)
    assert "closed, or has moved" in str(error)
    assert not error.revoked
    forged = replace(unpack(token), access="eyJh.eyJh.x").pack()
    await bluesky.fault("")
    assert not (await failing(Reconnect, bluesky.client.publish, forged, DRAFT)).revoked


async def test_a_post_has_a_card_and_links_by_bytes(bluesky: Stage) -> None:
    token = (await bluesky.connect()).token
    text = f"Grüße 👩‍👩‍👧 #Vines {LINK}"
    post = Post(PostKind.ARTICLE, "https://example.com/thing", "Ein Ding", "Lang")
    published = await call(bluesky.client.publish, token, Draft(text, post, LINK))
    kept = bluesky.state.find(published.id)
    assert kept is not None
    assert kept.record["embed"]["external"] == {"uri": LINK, "title": "Ein Ding", "description": "Lang"}
    inside = [
        text.encode()[one["index"]["byteStart"] : one["index"]["byteEnd"]].decode() for one in kept.record["facets"]
    ]
    assert inside == ["#Vines", LINK]
    assert published.url == f"{bluesky.url}/profile/{BEA.did}/post/{published.id}"


async def test_an_image_goes_out_with_its_description_and_a_large_one_is_refused(bluesky: Stage) -> None:
    token = (await bluesky.connect()).token
    published = await call(bluesky.client.publish, token, IMAGE)
    kept = bluesky.state.find(published.id)
    assert kept is not None
    (image,) = kept.record["embed"]["images"]
    assert image["alt"] == "A room"
    assert bluesky.state.blobs[image["image"]["ref"]["$link"]].content == PIXEL
    large = replace(IMAGE, media=(bytes(1_000_001), "image/png"))
    assert "1 MB" in str(await failing(Refused, bluesky.client.publish, token, large))
    strange = replace(IMAGE, media=(PIXEL, "image/tiff"))
    assert "JPEG" in str(await failing(Refused, bluesky.client.publish, token, strange))


async def test_a_caption_that_is_too_long_is_refused_before_anything_is_sent(bluesky: Stage) -> None:
    token = (await bluesky.connect()).token
    await call(bluesky.client.publish, token, replace(DRAFT, caption="👩‍👩‍👧" * 150))
    await bluesky.fault("500")
    for caption in ("x" * 301, "👩‍👩‍👧" * 299):  # the second is too long in bytes
        assert "too long" in str(await failing(Refused, bluesky.client.publish, token, replace(DRAFT, caption=caption)))


@pytest.mark.parametrize("draft", [replace(DRAFT, key="k1", at=1.8e9), replace(IMAGE, key="k2", at=1.8e9)])
@pytest.mark.parametrize("fault", ["lost_answer", "half_json"])
async def test_after_a_lost_answer_there_is_one_record_however_often_it_is_tried(
    bluesky: Stage, draft: Draft, fault: str
) -> None:
    token = (await bluesky.connect()).token
    await bluesky.fault(fault, only=CREATE)
    assert (await failing(TryLater, bluesky.client.publish, token, draft)).uncertain
    (post,) = bluesky.state.posts()
    for _ in range(2):
        if fault == "half_json":  # its status says enough: the key is taken, and by this post
            assert (await call(bluesky.client.publish, token, draft)).id == post["id"]
        else:
            assert (await failing(TryLater, bluesky.client.publish, token, draft)).uncertain
    await bluesky.fault("")
    again = await call(bluesky.client.publish, token, draft)
    settled = await call(bluesky.client.settle, token, draft, time.time() - 86400)
    assert again == settled
    assert [one["id"] for one in bluesky.state.posts()] == [post["id"]] == [again.id]


async def test_another_placement_of_the_same_text_is_a_post_of_its_own(bluesky: Stage) -> None:
    token = (await bluesky.connect()).token
    for key in ("one", "two"):
        await call(bluesky.client.publish, token, replace(DRAFT, key=key, at=1.8e9))
    assert len(bluesky.state.posts()) == 2


async def test_a_server_that_does_not_say_whether_a_post_is_there_settles_nothing(bluesky: Stage) -> None:
    token = (await bluesky.connect()).token
    await bluesky.fault("503", only="getRecord")
    await failing(TryLater, bluesky.client.settle, token, DRAFT, time.time())
    assert bluesky.state.posts() == []


async def test_numbers_come_in_one_call_and_quotes_are_reshares(bluesky: Stage) -> None:
    token = (await bluesky.connect()).token
    ids = [(await call(bluesky.client.publish, token, replace(DRAFT, key=str(n)))).id for n in range(25)]
    bluesky.state.react(ids[3], likes=4, comments=2, reshares=1)
    post = bluesky.state.find(ids[3])
    assert post is not None
    post.quotes = 2
    found = await call(bluesky.client.counts, token, ids)
    assert found[ids[3]] == Counts(4, 2, 3)
    assert sum(one == Counts(0, 0, 0) for one in found.values()) == 24
    assert await call(bluesky.client.counts, token, []) == {}
    with pytest.raises(ValueError, match="25"):
        await call(bluesky.client.counts, token, [*ids, "one-more"])


async def test_a_post_that_is_left_out_is_gone_only_when_its_own_server_says_so(bluesky: Stage) -> None:
    token = (await bluesky.connect()).token
    here = (await call(bluesky.client.publish, token, DRAFT)).id
    await bluesky.fault("unindexed")
    assert isinstance((await call(bluesky.client.counts, token, [here]))[here], Unavailable)
    bluesky.state.remove(here)
    assert isinstance((await call(bluesky.client.counts, token, [here]))[here], NotFound)
    for mode in ("500", "503", "deactivated", "html"):
        await bluesky.fault(mode, only="getRecord")
        assert isinstance((await call(bluesky.client.counts, token, [here]))[here], Unavailable), mode


async def test_disconnecting_ends_the_session_and_says_so(bluesky: Stage) -> None:
    token = (await bluesky.connect()).token
    assert await call(bluesky.client.revoke, token)
    assert bluesky.state.sessions == {}
    assert await call(bluesky.client.revoke, token), "it was over already"
    assert (await failing(Reconnect, bluesky.client.refresh, token)).revoked


async def test_an_account_that_the_public_view_does_not_know_is_connected_without_reach(bluesky: Stage) -> None:
    async with serving() as elsewhere:
        client = Bluesky(bluesky.url, elsewhere, f"{bluesky.url}/plc", allow_private=True)
        connected = await Stage(bluesky.state, bluesky.url, client).connect()
    assert connected.profile == Profile(BEA.did, "@bea.test")
    assert not connected.capabilities.reach
    assert connected.capabilities.reach_reason


async def test_nothing_of_what_people_wrote_or_are_leaves_the_client(bluesky: Stage) -> None:
    """Bodies stuffed with names, texts and addresses of others; only numbers and the member's own profile survive."""
    stranger = {"did": CY.did, "handle": "cy.test", "displayName": "Cy Ortega"}
    post = {"likeCount": 1, "replyCount": 2, "repostCount": 3, "quoteCount": 0, "viewer": {"like": "at://x"}}
    post |= {"author": stranger, "record": {"text": "A secret of Cy's"}, "threadgate": stranger, "likes": [stranger]}
    actor = {"did": BEA.did, "handle": "bea.test", "displayName": "Bea\u0000\nLindqvist", "followersCount": True}
    actor |= {"description": "A secret of Bea's", "viewer": {"knownFollowers": [stranger]}, "avatar": "javascript:x"}
    app = web.Application()

    async def posts(request: web.Request) -> web.Response:
        return web.json_response({"posts": [post | {"uri": uri} for uri in request.query.getall("uris")]})

    async def profile(_: web.Request) -> web.Response:
        return web.json_response(actor)

    app.router.add_get("/xrpc/app.bsky.feed.getPosts", posts)
    app.router.add_get("/xrpc/app.bsky.actor.getProfile", profile)
    async with serving(("/at", app)) as origin:
        client = Bluesky(origin, f"{origin}/at", origin, allow_private=True)
        token = Token(BEA.did, origin, "a", "b").pack()
        assert await call(client.counts, token, ["3k"]) == {"3k": Counts(1, 2, 3)}
        assert await call(client.profile, token) == Profile(BEA.did, "Bea\u0000 Lindqvist", None, None)


async def test_numbers_of_a_wrong_kind_are_no_numbers(bluesky: Stage) -> None:
    token = (await bluesky.connect()).token
    key = (await call(bluesky.client.publish, token, DRAFT)).id
    post = bluesky.state.find(key)
    assert post is not None
    for wrong in (-1, None, "7", True, 1.5):
        post.likes = wrong  # type: ignore[assignment]  # what a broken server might say
        assert isinstance((await call(bluesky.client.counts, token, [key]))[key], Unavailable)
