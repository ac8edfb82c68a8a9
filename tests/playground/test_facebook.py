"""The stand-in for Facebook is strict about tokens, proofs, codes and batches, and a person can use its pages."""

import asyncio
import hashlib
import hmac
import json
import time
from typing import Any

import pytest
from aiohttp import ClientSession, FormData
from playwright.async_api import Page, expect

from grapevine.networks.facebook_token import unpack
from grapevine.playground.facebook import FacebookStandIn
from grapevine.playground.facebook_state import ADA, BEA, LONG_LIFE, SCOPES, SHORT_LIFE
from tests.networks.calls import call
from tests.networks.drafts import DRAFT, IMAGE, LINK, PIXEL
from tests.networks.facebook_stand_in import CALLBACK, CAREERS, VINE, Stage


def proof(facebook: Stage, token: str) -> str:
    return hmac.new(facebook.state.app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()


async def ask(
    facebook: Stage, method: str, path: str, token: str = "", *, version: str = "v25.0", data: Any = None, **query: str
) -> tuple[int, Any]:
    """Status and body of a call; the proof is added unless *query* says otherwise."""
    if token:
        query = {"appsecret_proof": proof(facebook, token), **query}
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    url = f"{facebook.url}/graph/{version}/{path}"
    async with (
        ClientSession() as session,
        session.request(method, url, params=query, headers=headers, data=data) as answer,
    ):
        return answer.status, await answer.json()


async def error(*given: Any, **more: Any) -> tuple[int, int | None]:
    """Code and subcode of the error in which the call ends."""
    status, said = await ask(*given, **more)
    assert status >= 400, said
    return said["error"]["code"], said["error"].get("error_subcode")


async def of_page(facebook: Stage) -> str:
    return unpack((await facebook.connect()).token).access


async def test_a_token_is_known_proven_and_somebodys_who_still_allows_it(facebook: Stage) -> None:
    token = await of_page(facebook)
    assert (await ask(facebook, "GET", VINE.id, token, fields="name"))[1] == {"id": VINE.id, "name": "Vine & Co"}
    assert await error(facebook, "GET", VINE.id) == (2500, None)
    assert await error(facebook, "GET", VINE.id, "EAAGmadeup") == (190, None)
    assert await error(facebook, "GET", VINE.id, token, appsecret_proof="guessed") == (100, None)
    url = f"{facebook.url}/graph/v25.0/{VINE.id}?access_token={token}"
    async with ClientSession() as session, session.get(url) as answer:
        assert "appsecret_proof" in await answer.text()
    facebook.state.remove_app(BEA.id)
    assert await error(facebook, "GET", VINE.id, token) == (190, 458)


async def test_only_versions_that_are_served_answer(facebook: Stage) -> None:
    token = await of_page(facebook)
    for version in ("v21.0", "v26.0"):
        assert (await ask(facebook, "GET", VINE.id, token, version=version))[0] == 200
    for version, code in (("v20.0", 2635), ("v99.0", 2635), ("25", 2500)):
        assert (await error(facebook, "GET", VINE.id, token, version=version))[0] == code


async def test_a_user_token_is_exchanged_once_and_what_comes_of_a_short_one_runs_out(facebook: Stage) -> None:
    query = await facebook.come_back()
    app = {"client_id": facebook.state.app_id, "client_secret": facebook.state.app_secret}
    given = {**app, "redirect_uri": CALLBACK, "code": query["code"]}
    _, short = await ask(facebook, "GET", "oauth/access_token", **given)
    assert (short["token_type"], short["expires_in"]) == ("bearer", SHORT_LIFE)
    _, accounts = await ask(facebook, "GET", "me/accounts", short["access_token"], fields="access_token")
    exchange = {**app, "grant_type": "fb_exchange_token", "fb_exchange_token": short["access_token"]}
    _, long = await ask(facebook, "GET", "oauth/access_token", **exchange)
    assert long["expires_in"] == int(LONG_LIFE)
    facebook.state.clock = lambda: time.time() + SHORT_LIFE + 1
    of_short = accounts["data"][0]["access_token"]
    assert await error(facebook, "GET", VINE.id, of_short) == (190, 463)
    assert await error(facebook, "GET", "me", short["access_token"]) == (190, 463)
    assert (await ask(facebook, "GET", "me", long["access_token"], fields="id"))[1] == {"id": BEA.id}
    assert await error(facebook, "GET", "oauth/access_token", **exchange) == (190, 463)


async def test_a_page_token_is_good_for_its_page_and_for_what_was_allowed(facebook: Stage) -> None:
    token = await of_page(facebook)
    assert await error(facebook, "POST", f"{CAREERS.id}/feed", token, message="Hello") == (200, None)
    assert await error(facebook, "GET", "me/accounts", token) == (190, None)
    facebook.state.allow(BEA.id, [VINE.id], SCOPES[:1])
    assert await error(facebook, "POST", f"{VINE.id}/feed", token, message="Hello") == (10, None)
    assert await error(facebook, "GET", f"{VINE.id}/published_posts", token) == (10, None)
    assert facebook.state.posts() == []


async def test_posts_are_checked(facebook: Stage) -> None:
    token = await of_page(facebook)
    feed = f"{VINE.id}/feed"
    assert await error(facebook, "POST", feed, token) == (100, None)
    assert await error(facebook, "POST", feed, token, link="not a link") == (1609005, None)
    assert await error(facebook, "POST", feed, token, attached_media='[{"media_fbid":"7"}]') == (100, None)
    status, made = await ask(facebook, "POST", feed, token, message="Hello", link=LINK)
    assert status == 200
    assert made["id"].startswith(f"{VINE.id}_")
    assert await error(facebook, "POST", feed, token, message="Hello", link=LINK) == (506, None)
    assert (await ask(facebook, "POST", feed, token, message="Hello again", link=LINK))[0] == 200
    assert (await ask(facebook, "POST", feed, token, message="Hello", link=LINK))[0] == 200, "not the last one"
    assert await error(facebook, "DELETE", f"{VINE.id}_7", token) == (100, 33)
    assert (await ask(facebook, "DELETE", made["id"], token))[1] == {"success": True}
    assert await error(facebook, "GET", made["id"], token) == (100, 33)


async def test_a_picture_is_checked_and_stands_in_one_post_only(facebook: Stage) -> None:
    token = await of_page(facebook)

    def form(kind: str, **fields: str) -> FormData:
        data = FormData(fields)
        data.add_field("source", PIXEL, filename="image", content_type=kind)
        return data

    photos = f"{VINE.id}/photos"
    assert await error(facebook, "POST", photos, token, data=form("image/webp", published="false")) == (324, None)
    assert await error(facebook, "POST", photos, token, data=form("image/png")) == (100, None)
    assert await error(facebook, "POST", photos, token, published="false") == (324, None)
    for _ in range(2):  # the same picture that came anew is another one
        _, photo = await ask(facebook, "POST", photos, token, data=form("image/png", published="false"))
        attached = json.dumps([{"media_fbid": photo["id"]}])
        assert (await ask(facebook, "POST", f"{VINE.id}/feed", token, attached_media=attached))[0] == 200
    assert await error(facebook, "POST", f"{VINE.id}/feed", token, attached_media=attached) == (100, 1366051)


async def test_a_batch_answers_each_for_itself_and_fifty_at_the_most(facebook: Stage) -> None:
    token = await of_page(facebook)
    post = facebook.wrote("A post")
    calls = [{"method": "GET", "relative_url": f"v25.0/{one}?fields=id"} for one in (post, f"{VINE.id}_7")]
    _, said = await ask(facebook, "POST", "", token, data={"batch": json.dumps(calls)})
    assert [one["code"] for one in said] == [200, 400]
    assert json.loads(said[0]["body"]) == {"id": post}
    assert json.loads(said[1]["body"])["error"]["error_subcode"] == 33
    assert await error(facebook, "POST", "", token, data={"batch": json.dumps(calls * 26)}) == (100, None)
    assert await error(facebook, "POST", "", token, data={"batch": "{"}) == (100, None)
    assert await error(facebook, "GET", "", token, ids=post) == (100, None)


async def test_a_permission_is_ended_by_its_person_or_the_app_alone(facebook: Stage) -> None:
    await facebook.opened(ADA)
    await facebook.connect(BEA)
    adas = next(one.token for one in facebook.state.tokens.values() if one.person == ADA.id and not one.page)
    app = f"{facebook.state.app_id}|{facebook.state.app_secret}"
    assert await error(facebook, "DELETE", f"{BEA.id}/permissions", adas) == (100, 33)
    assert await error(facebook, "DELETE", f"{BEA.id}/permissions", app, appsecret_proof="x") == (100, None)
    assert (await ask(facebook, "DELETE", f"{BEA.id}/permissions", app))[1] == {"success": True}
    assert (await ask(facebook, "DELETE", f"{ADA.id}/permissions", adas))[1] == {"success": True}
    assert facebook.state.grants == {}


async def test_the_prompt_says_what_is_wrong_and_sends_nobody_away(facebook: Stage) -> None:
    begun = (await call(facebook.client.authorize, CALLBACK, "state-1")).url
    async with ClientSession() as session:
        for change, said in (
            ((f"client_id={facebook.state.app_id}", "client_id=7"), "Invalid App ID"),
            (("3000", "3001"), "URL blocked"),
            (("pages_show_list", "user_friends"), "Invalid Scopes: user_friends."),
            (("response_type=code", "response_type=token"), "code flow only"),
        ):
            async with session.post(begun.replace(*change), data={"person": BEA.id}, allow_redirects=False) as answer:
                assert answer.status == 400
                assert said in await answer.text()


async def test_faults_are_switched_by_their_name(facebook: Stage) -> None:
    async with ClientSession() as session:
        async with session.post(f"{facebook.url}/_control", json={"fault": "fire"}) as answer:
            assert answer.status == 400
            assert "lost_answer" in (await answer.json())["error"]
        wish = {"fault": "slow", "times": 2, "only": "POST", "seconds": 0.2}
        now = {"mode": "slow", "times": 2, "only": "POST", "seconds": 0.2}
        async with session.post(f"{facebook.url}/_control", json=wish) as answer:
            assert (await answer.json())["fault"] == now
        async with session.get(f"{facebook.url}/_control") as answer:
            assert await answer.json() == {"fault": now, "posts": []}
    token = (await facebook.connect()).token
    began = asyncio.get_running_loop().time()
    assert await call(facebook.client.publish, token, DRAFT)
    assert asyncio.get_running_loop().time() - began < 0.2, "the two were used up by connecting"
    assert facebook.state.fault is None


async def test_it_outlasts_a_restart(facebook: Stage) -> None:
    token = (await facebook.connect()).token
    picture = await call(facebook.client.publish, token, IMAGE)
    facebook.state.react(picture.id, likes=2)
    again = FacebookStandIn()
    again.recall(json.loads(json.dumps(facebook.state.remember())))
    for part in ("grants", "tokens", "photos", "_posts"):
        assert vars(again)[part] == vars(facebook.state)[part]


async def test_pages_show_no_markup_of_a_member(facebook: Stage) -> None:
    post = facebook.wrote("<script>alert(1)</script>", "https://example.com/<b>")
    async with ClientSession() as session:
        for path in ("", "/", f"/{post}", "/settings/business-integrations", "/faults"):
            async with session.get(facebook.url + path) as answer:
                text = await answer.text()
            assert answer.status == 200
            assert "<script>" not in text
            assert "<b>" not in text
        async with session.get(f"{facebook.url}/{VINE.id}_7") as answer:
            assert answer.status == 404


@pytest.mark.browser
async def test_a_person_can_react_try_faults_and_remove_the_app(facebook: Stage, page: Page) -> None:
    token = (await facebook.connect()).token
    await call(facebook.client.publish, token, DRAFT)
    await call(facebook.client.publish, token, IMAGE)
    await page.goto(facebook.url)
    article = page.get_by_role("article", name="Post by Vine & Co").nth(1)
    await expect(article.get_by_role("link", name=LINK)).to_have_attribute("href", LINK)
    await expect(page.get_by_role("img", name="A room")).to_be_visible()
    for button in ("Like", "Comment", "Share", "Like"):
        await article.get_by_role("button", name=button, exact=True).click()
    await expect(article).to_contain_text("2 reactions")
    post = facebook.state.newest()[1]
    assert (post.likes, post.comments, post.shares) == (2, 1, 1)
    await page.get_by_role("link", name="Faults").click()
    await page.get_by_role("button", name="Fault: 429").click()
    await expect(page.get_by_role("status")).to_contain_text("429")
    await page.get_by_role("button", name="No fault").click()
    await expect(page.get_by_role("status")).to_have_text("Now: no fault.")
    await page.get_by_role("link", name="Business integrations").click()
    await page.get_by_role("button", name="Remove Grapevine for Bea Lindqvist").click()
    await expect(page.get_by_text("Nobody has connected an app.")).to_be_visible()
    assert facebook.state.grants == {}
    await page.goto(facebook.url)
    for left in (1, 0):
        await page.get_by_role("button", name="Delete").first.click()
        await expect(page.get_by_role("article")).to_have_count(left)
    await expect(page.get_by_text("No posts yet.")).to_be_visible()
