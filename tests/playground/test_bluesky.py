"""The stand-in for Bluesky is as strict as the reference server, and its pages can be used by a person."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession
from playwright.async_api import Page, expect

from grapevine.networks.bluesky_token import claims, unpack
from grapevine.playground.bluesky import BlueskyStandIn
from grapevine.playground.bluesky_state import ACCESS_LIFE, GRACE, POST
from tests.networks.bluesky_stand_in import ADA, BEA, IMAGE, LINK, PIXEL, Stage, staged

KEY = "3n2u6pjn7mkij"
RECORD = {"$type": POST, "text": "Grüße", "createdAt": "2026-11-21T22:49:05.244Z"}


@pytest.fixture
async def bluesky() -> AsyncIterator[Stage]:
    async with staged() as stage:
        yield stage


async def session(bluesky: Stage, password: str = "") -> dict[str, Any]:
    """A session of Bea's, as an app gets it."""
    given = password or bluesky.state.make_app_password(BEA, "Grapevine").password
    asked = {"identifier": "bea.test", "password": given}
    status, body = await bluesky.ask("POST", "com.atproto.server.createSession", json=asked)
    assert status == 200
    return dict(body)


async def put(bluesky: Stage, token: str, record: Any = RECORD, **more: Any) -> tuple[int, str]:
    """Status and the error's name."""
    body = {"repo": BEA.did, "collection": POST, "rkey": KEY, "record": record, **more}
    status, said = await bluesky.ask("POST", "com.atproto.repo.putRecord", token, json=body)
    return status, said.get("error", "")


async def test_an_app_password_and_the_accounts_own_open_sessions_of_different_scopes(bluesky: Stage) -> None:
    assert claims((await session(bluesky))["accessJwt"])["scope"] == "com.atproto.appPass"
    assert claims((await session(bluesky, BEA.password))["accessJwt"])["scope"] == "com.atproto.access"
    for wrong in ({"identifier": "bea.test", "password": "x"}, {"identifier": "x.test", "password": BEA.password}, {}):
        status, said = await bluesky.ask("POST", "com.atproto.server.createSession", json=wrong)
        assert (status, said["error"]) == (401, "AuthenticationRequired")


async def test_tokens_are_checked_as_the_reference_server_does(bluesky: Stage) -> None:
    pair = await session(bluesky)
    check = "com.atproto.server.getSession"
    assert (await bluesky.ask("GET", check, pair["accessJwt"]))[0] == 200
    assert (await bluesky.ask("GET", check))[1]["error"] == "AuthMissing"
    for wrong in (pair["refreshJwt"], "x", pair["accessJwt"][:-2], pair["accessJwt"].replace(".", "..")):
        status, said = await bluesky.ask("GET", check, wrong)
        assert (status, said["error"]) == (400, "InvalidToken")
    bluesky.state.clock = lambda: time.time() + ACCESS_LIFE + 1
    status, said = await bluesky.ask("GET", check, pair["accessJwt"])
    assert (status, said["error"]) == (400, "ExpiredToken")


async def test_a_refresh_token_has_one_successor_for_two_hours(bluesky: Stage) -> None:
    pair, renew = await session(bluesky), "com.atproto.server.refreshSession"
    assert (await bluesky.ask("POST", renew, pair["accessJwt"]))[1]["error"] == "InvalidToken"
    one = (await bluesky.ask("POST", renew, pair["refreshJwt"]))[1]
    two = (await bluesky.ask("POST", renew, pair["refreshJwt"]))[1]
    assert claims(one["refreshJwt"])["jti"] == claims(two["refreshJwt"])["jti"] != claims(pair["refreshJwt"])["jti"]
    bluesky.state.clock = lambda: time.time() + GRACE + 1
    assert (await bluesky.ask("POST", renew, pair["refreshJwt"]))[1]["error"] == "ExpiredToken"
    assert (await bluesky.ask("POST", renew, two["refreshJwt"]))[0] == 200


@pytest.mark.parametrize("how", ["deleteSession", "the password is deleted"])
async def test_the_end_of_a_session_leaves_its_access_token_alive(bluesky: Stage, how: str) -> None:
    pair = await session(bluesky)
    if how == "deleteSession":
        assert (await bluesky.ask("POST", "com.atproto.server.deleteSession", pair["refreshJwt"]))[0] == 200
    else:
        bluesky.state.drop_app_password(BEA.did, "Grapevine")
    status, said = await bluesky.ask("POST", "com.atproto.server.refreshSession", pair["refreshJwt"])
    assert (status, said["message"]) == (400, "Token has been revoked")
    assert (await put(bluesky, pair["accessJwt"]))[0] == 200


CARD = {"uri": LINK, "title": "A thing", "description": ""}


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, 200),
        ({"text": "x" * 300}, 200),
        ({"text": "x" * 301}, 400),
        ({"text": 7}, 400),
        ({"$type": "app.bsky.feed.like"}, 400),
        ({"createdAt": "yesterday"}, 400),
        ({"createdAt": "2026-11-21T22:49:05"}, 400),
        ({"facets": [{"index": {"byteStart": 0, "byteEnd": 7}, "features": []}]}, 200),
        ({"facets": [{"index": {"byteStart": 0, "byteEnd": 3}, "features": []}]}, 400),
        ({"facets": [{"index": {"byteStart": 0, "byteEnd": 8}, "features": []}]}, 400),
        ({"facets": [{"index": {"byteStart": 2, "byteEnd": 2}, "features": []}]}, 400),
        ({"facets": [{"index": {"byteStart": 0, "byteEnd": 1}, "features": [{"$type": "other"}]}]}, 400),
        ({"embed": {"$type": "app.bsky.embed.external", "external": CARD}}, 200),
        ({"embed": {"$type": "app.bsky.embed.external", "external": {"uri": LINK, "title": "No text"}}}, 400),
        ({"embed": {"$type": "app.bsky.embed.external", "external": {**CARD, "uri": "example.com"}}}, 400),
        ({"embed": {"$type": "app.bsky.embed.external", "external": {**CARD, "thumb": {"ref": {"$link": "b"}}}}}, 400),
        ({"embed": {"$type": "app.bsky.embed.images", "images": []}}, 400),
        ({"embed": {"$type": "app.bsky.embed.images", "images": [{"alt": "", "image": {}}]}}, 400),
        ({"embed": {"$type": "other"}}, 400),
    ],
)
async def test_a_record_is_checked(bluesky: Stage, change: dict[str, Any], status: int) -> None:
    token = (await session(bluesky))["accessJwt"]
    assert (await put(bluesky, token, RECORD | change))[0] == status
    assert len(bluesky.state.posts()) == (status == 200)


async def test_a_place_is_checked_and_taken_once(bluesky: Stage) -> None:
    token = (await session(bluesky))["accessJwt"]
    assert await put(bluesky, token, repo=ADA.did) == (401, "AuthenticationRequired")
    assert await put(bluesky, token, rkey="self") == (400, "InvalidRequest")
    assert await put(bluesky, token, collection="app.bsky.feed.like") == (400, "InvalidRequest")
    assert await put(bluesky, token, swapRecord=None) == (200, "")
    assert await put(bluesky, token, swapRecord=None) == (400, "InvalidSwap")
    assert await put(bluesky, token) == (200, "")
    body = {"repo": BEA.did, "collection": POST, "rkey": KEY, "record": RECORD}
    assert (await bluesky.ask("POST", "com.atproto.repo.createRecord", token, json=body))[0] == 500
    assert (await bluesky.ask("POST", "com.atproto.repo.deleteRecord", token, json=body))[0] == 200
    assert bluesky.state.posts() == []
    assert (await bluesky.ask("POST", "com.atproto.repo.createRecord", token, json=body))[0] == 200
    assert (await bluesky.ask("POST", "com.atproto.repo.putRecord", token, data=b"x"))[0] == 400


async def test_a_picture_is_of_its_owner_and_small(bluesky: Stage) -> None:
    token = (await session(bluesky))["accessJwt"]

    async def upload(content: bytes, kind: str) -> dict[str, Any]:
        headers = {"Content-Type": kind}
        _, said = await bluesky.ask("POST", "com.atproto.repo.uploadBlob", token, data=content, headers=headers)
        return dict(said["blob"])

    for content, kind, error in ((PIXEL, "image/png", ""), (bytes(1_000_001), "image/png", "BlobTooLarge")):
        embed = {"$type": "app.bsky.embed.images", "images": [{"alt": "", "image": await upload(content, kind)}]}
        assert (await put(bluesky, token, RECORD | {"embed": embed}))[1] == error
    embed = {"$type": "app.bsky.embed.images", "images": [{"alt": "", "image": await upload(b"%PDF", "text/pdf")}]}
    assert (await put(bluesky, token, RECORD | {"embed": embed}))[1] == "InvalidMimeType"


async def test_the_public_view_leaves_out_what_is_deleted_and_takes_25(bluesky: Stage) -> None:
    token = (await session(bluesky))["accessJwt"]
    await put(bluesky, token)
    uri, gone = f"at://{BEA.did}/{POST}/{KEY}", f"at://{BEA.did}/{POST}/3aaaaaaaaaaaa"
    status, said = await bluesky.ask("GET", "app.bsky.feed.getPosts", params=[("uris", uri), ("uris", gone)])
    assert (status, [post["uri"] for post in said["posts"]]) == (200, [uri])
    for wrong in ([("uris", gone)] * 26, [], [("uris", "nonsense")]):
        assert (await bluesky.ask("GET", "app.bsky.feed.getPosts", params=wrong))[0] == 400
    asked = {"repo": BEA.did, "collection": POST, "rkey": "3aaaaaaaaaaaa"}
    assert (await bluesky.ask("GET", "com.atproto.repo.getRecord", params=asked))[1]["error"] == "RecordNotFound"
    status, said = await bluesky.ask("GET", "app.bsky.actor.getProfile", params={"actor": "did:plc:x"})
    assert (status, said["message"]) == (400, "Profile not found")


async def test_faults_come_as_often_as_asked_and_where_asked(bluesky: Stage) -> None:
    actor, resolve = {"actor": BEA.did}, "com.atproto.identity.resolveHandle"
    await bluesky.fault("429", times=2, only="getProfile", seconds=60)
    assert (await bluesky.ask("GET", resolve, params={"handle": "bea.test"}))[0] == 200
    seen = [(await bluesky.ask("GET", "app.bsky.actor.getProfile", params=actor))[0] for _ in range(3)]
    assert seen == [429, 429, 200]
    async with ClientSession() as asking:
        async with asking.post(f"{bluesky.url}/_control", json={"fault": "nonsense"}) as answer:
            assert answer.status == 400
        async with asking.get(f"{bluesky.url}/_control") as answer:
            assert await answer.json() == {"fault": None, "posts": []}


async def test_what_is_kept_is_what_is_recalled(bluesky: Stage) -> None:
    token = (await bluesky.connect()).token
    await asyncio.to_thread(bluesky.client.publish, token, IMAGE)
    kept = bluesky.state.remember()
    again = BlueskyStandIn()
    again.recall(kept)
    assert again.remember() == kept
    assert again.posts() == bluesky.state.posts()
    assert again.key == bluesky.state.key
    assert unpack(token).access


def test_a_crowd_finds_the_link_of_a_card_that_the_text_does_not_repeat() -> None:
    state = BlueskyStandIn()
    embed = {"$type": "app.bsky.embed.external", "external": CARD}
    state.put(BEA, KEY, RECORD | {"embed": embed}, "http://127.0.0.1/own")
    state.put(BEA, "3n2u6pjn7mkik", RECORD, "http://127.0.0.1/other")
    assert {post["url"] for post in state.posts()} == {LINK, "http://127.0.0.1/other"}


async def test_pages_show_no_markup_of_a_member(bluesky: Stage) -> None:
    bluesky.state.make_app_password(BEA, "<b>bold</b>")
    post = bluesky.state.put(BEA, KEY, RECORD | {"text": "<script>alert(1)</script>"}, "")
    async with ClientSession() as asking:
        for path in ("", "/", f"/profile/{BEA.did}/post/{post.id}", "/settings/app-passwords"):
            async with asking.get(bluesky.url + path) as answer:
                page = await answer.text()
            assert "<script>" not in page
            assert "<b>" not in page


@pytest.mark.browser
async def test_a_person_can_react_try_faults_and_make_and_delete_app_passwords(bluesky: Stage, page: Page) -> None:
    text = "Grüße http://127.0.0.1:8000/abc"
    feature = {"$type": "app.bsky.richtext.facet#link", "uri": "http://127.0.0.1:8000/abc"}
    facet = {"index": {"byteStart": 8, "byteEnd": len(text.encode())}, "features": [feature]}
    embed = {"$type": "app.bsky.embed.external", "external": CARD}
    post = bluesky.state.put(BEA, KEY, RECORD | {"text": text, "facets": [facet], "embed": embed}, "")
    await page.goto(bluesky.url)
    article = page.get_by_role("article", name="Post by Bea Lindqvist")
    link = article.get_by_role("link", name="http://127.0.0.1:8000/abc")
    assert await link.get_attribute("target") == "_blank"
    await expect(article.get_by_role("link", name="A thing")).to_have_attribute("href", LINK)
    for button in ("Like", "Reply", "Repost", "Quote", "Like"):
        await article.get_by_role("button", name=button, exact=True).click()
    await expect(article).to_contain_text("2 likes")
    assert (post.likes, post.replies, post.reposts, post.quotes) == (2, 1, 1, 1)
    await page.get_by_role("link", name="Faults").click()
    await page.get_by_role("button", name="Fault: 429").click()
    await expect(page.get_by_role("status")).to_contain_text("429")
    await page.get_by_role("button", name="No fault").click()
    await expect(page.get_by_role("status")).to_have_text("Now: no fault.")
    await page.get_by_role("link", name="App passwords").click()
    bea = page.get_by_role("region", name="Bea Lindqvist")
    await bea.get_by_role("button", name="Add app password").click()
    pair = await session(bluesky, str(await bea.locator("li code").text_content()))
    await bea.get_by_role("button", name="Delete grapevine of Bea Lindqvist").click()
    await expect(bea.locator("li")).to_have_count(0)
    renewal = await bluesky.ask("POST", "com.atproto.server.refreshSession", pair["refreshJwt"])
    assert renewal[1]["error"] == "ExpiredToken"
    await page.goto(bluesky.url)
    await article.get_by_role("button", name="Delete").click()
    await expect(page.get_by_text("No posts yet.")).to_be_visible()
