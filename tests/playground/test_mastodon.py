"""The stand-in Mastodon server is as strict as Mastodon, and its pages can be used by a person."""

import asyncio
import time
from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp import ClientSession, FormData
from playwright.async_api import Page, expect

from grapevine.playground.mastodon import MastodonStandIn
from grapevine.playground.mastodon_oauth import challenge_of
from grapevine.playground.mastodon_state import App, Code
from tests.networks.drafts import IMAGE, PIXEL
from tests.networks.mastodon_stand_in import ADA, BEA, Stage

SCOPES = ("profile", "write:statuses", "write:media")
BACK = "https://grapevine.example/back"


async def ask(stage: Stage, method: str, path: str, token: str = "", **more: Any) -> tuple[int, Any]:
    headers = {**({"Authorization": f"Bearer {token}"} if token else {}), **more.pop("headers", {})}
    async with ClientSession() as session, session.request(method, stage.url + path, headers=headers, **more) as answer:
        return answer.status, await answer.json(content_type=None) if "json" in answer.content_type else None


def app_of(stage: Stage, scopes: tuple[str, ...] = SCOPES) -> App:
    app = App("client-1", "secret-1", "Grapevine", (BACK,), scopes)
    stage.state.apps[app.client_id] = app
    return app


def token_of(stage: Stage, *scopes: str) -> str:
    """Bea's, with these scopes or the usual ones."""
    return stage.state.issue(app_of(stage), BEA, scopes or SCOPES)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, 200),
        ({"client_name": ""}, 422),
        ({"redirect_uris": "not an address"}, 422),
        ({"scopes": "profile read:everything"}, 422),
    ],
)
async def test_an_app_is_checked(mastodon: Stage, fields: dict[str, str], status: int) -> None:
    usual = {"client_name": "Grapevine", "redirect_uris": BACK, "scopes": " ".join(SCOPES)}
    assert (await ask(mastodon, "POST", "/api/v1/apps", data={**usual, **fields}))[0] == status


async def test_an_old_version_knows_neither_profile_nor_batches_nor_metadata(mastodon: Stage) -> None:
    mastodon.state.version = "4.2.29"
    usual = {"client_name": "Grapevine", "redirect_uris": BACK, "scopes": "profile"}
    assert (await ask(mastodon, "POST", "/api/v1/apps", data=usual))[0] == 422
    assert (await ask(mastodon, "GET", "/.well-known/oauth-authorization-server"))[0] == 404
    assert (await ask(mastodon, "GET", "/api/v1/statuses?id[]=1"))[0] == 404
    assert (await ask(mastodon, "GET", "/api/v2/instance"))[1]["version"] == "4.2.29"


@pytest.mark.parametrize(
    ("wrong", "status", "error"),
    [
        ({}, 200, None),
        ({"client_secret": "other"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"code": "other"}, 400, "invalid_grant"),
        ({"redirect_uri": "https://elsewhere.example/"}, 400, "invalid_grant"),
        ({"code_verifier": "other"}, 400, "invalid_grant"),
        ({"code_verifier": ""}, 400, "invalid_grant"),
    ],
)
async def test_a_code_is_worth_a_token_once(mastodon: Stage, wrong: dict[str, str], status: int, error: Any) -> None:
    app = app_of(mastodon)
    mastodon.state.codes["code-1"] = Code(app, BEA, SCOPES, BACK, challenge_of("v" * 64), time.time())
    fields = {
        "grant_type": "authorization_code",
        "client_id": app.client_id,
        "client_secret": app.secret,
        "redirect_uri": BACK,
        "code": "code-1",
        "code_verifier": "v" * 64,
        **wrong,
    }
    got, body = await ask(mastodon, "POST", "/oauth/token", data=fields)
    assert (got, body.get("error")) == (status, error)
    if status == 200:
        assert (await ask(mastodon, "POST", "/oauth/token", data=fields))[0] == 400
        mastodon.state.codes["code-1"] = Code(app, BEA, SCOPES, BACK, "", time.time() - 601)
        assert (await ask(mastodon, "POST", "/oauth/token", data=fields))[0] == 400


@pytest.mark.parametrize(
    ("change", "back"),
    [
        ({"client_id": "other"}, None),
        ({"redirect_uri": "https://elsewhere.example/"}, None),
        ({"response_type": "token"}, "error=unsupported_response_type"),
        ({"scope": "read write"}, "error=invalid_scope"),
        ({"code_challenge": "x", "code_challenge_method": "plain"}, "error=invalid_code_challenge_method"),
        ({}, "code="),
    ],
)
async def test_the_prompt_is_for_what_was_registered(mastodon: Stage, change: dict[str, str], back: str | None) -> None:
    app = app_of(mastodon)
    usual = {"client_id": app.client_id, "redirect_uri": BACK, "response_type": "code", "scope": " ".join(SCOPES)}
    address = f"{mastodon.url}/oauth/authorize?{urlencode({**usual, 'state': 's', **change})}"
    form = {"person": BEA.id, "decision": "authorize"}
    async with ClientSession() as session, session.post(address, data=form, allow_redirects=False) as answer:
        location = answer.headers.get("Location")
    if back is None:
        assert (answer.status, location) == (400, None)
    else:
        assert location is not None
        assert location.startswith(f"{BACK}?{back}")
        assert location.endswith("state=s")


async def test_a_token_does_what_its_scopes_say(mastodon: Stage) -> None:
    token, reading = token_of(mastodon), token_of(mastodon, "read")
    status = mastodon.state.add(BEA, "Hello", "")
    assert (await ask(mastodon, "GET", "/api/v1/accounts/verify_credentials", token))[1]["followers_count"] == 451
    assert (await ask(mastodon, "GET", "/api/v1/accounts/verify_credentials"))[0] == 401
    path = f"/api/v1/statuses/{status.id}"
    assert (await ask(mastodon, "GET", path, token))[0] == 403, "it may write and not read"
    assert (await ask(mastodon, "GET", path, reading))[0] == 200
    assert (await ask(mastodon, "GET", path))[0] == 200
    assert (await ask(mastodon, "POST", "/api/v1/statuses", reading, json={"status": "x"}))[0] == 403
    status.visibility = "private"
    assert (await ask(mastodon, "GET", path))[0] == 404
    mastodon.state.revoke(BEA.id)
    assert (await ask(mastodon, "GET", path, token))[1] == {"error": "The access token was revoked"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"status": "a" * 500}, 200),
        ({"status": "a" * 501}, 422),
        ({"status": "👩‍👩‍👧‍👦" * 500}, 200),
        ({"status": "https://example.com/" + "a" * 900}, 200),
        ({"status": "hi @bea@" + "a" * 600 + ".example"}, 200),
        ({"status": " "}, 422),
        ({"status": "a", "visibility": "loud"}, 422),
        ({"status": "a", "media_ids": ["1"]}, 422),
        ({"status": "a", "media_ids": list("12345")}, 422),
    ],
)
async def test_a_post_is_measured_and_checked(mastodon: Stage, body: Any, status: int) -> None:
    token = token_of(mastodon)
    assert (await ask(mastodon, "POST", "/api/v1/statuses", token, json=body))[0] == status
    form = FormData([("status", body["status"]), ("visibility", body.get("visibility", "public"))])
    for number in body.get("media_ids", ()):
        form.add_field("media_ids[]", number)
    assert (await ask(mastodon, "POST", "/api/v1/statuses", token, data=form))[0] == status


async def test_a_key_is_known_again_for_an_hour_and_to_its_own_account(mastodon: Stage) -> None:
    token, adas = token_of(mastodon), mastodon.state.issue(app_of(mastodon), ADA, SCOPES)
    key = {"Idempotency-Key": "placement-1"}

    async def post(who: str, text: str) -> str:
        body = {"status": text}
        return str((await ask(mastodon, "POST", "/api/v1/statuses", who, json=body, headers=key))[1]["id"])

    first = await post(token, "one")
    assert await post(token, "two") == first
    assert await post(adas, "three") != first
    mastodon.state.clock = lambda: time.time() + 3601
    assert await post(token, "four") != first
    assert [post["text"] for post in mastodon.state.posts()] == ["four", "three", "one"]


async def test_a_batch_has_twenty_and_leaves_out_what_is_not_there(mastodon: Stage) -> None:
    status = mastodon.state.add(BEA, "Hello", "")
    mastodon.state.react(status.id, likes=2, comments=1, reshares=3)
    query = [("id[]", status.id), ("id[]", "7")]
    code, body = await ask(mastodon, "GET", "/api/v1/statuses", params=query)
    assert code == 200
    assert [(one["id"], one["favourites_count"], one["replies_count"], one["reblogs_count"]) for one in body] == [
        (status.id, 2, 1, 3)
    ]
    many = [("id[]", str(number)) for number in range(21)]
    assert (await ask(mastodon, "GET", "/api/v1/statuses", params=many))[0] == 422


async def test_an_image_takes_its_time_and_is_used_once(mastodon: Stage) -> None:
    token = token_of(mastodon)
    mastodon.state.processing = 30.0

    def form(kind: str = "image/png", description: str = "A room") -> FormData:
        made = FormData()
        made.add_field("file", PIXEL, filename="a", content_type=kind)
        made.add_field("description", description)
        return made

    code, body = await ask(mastodon, "POST", "/api/v2/media", token, data=form())
    assert (code, body["url"]) == (202, None)
    number = body["id"]
    assert (await ask(mastodon, "GET", f"/api/v1/media/{number}", token))[0] == 206
    posting = {"status": "", "media_ids": [number]}
    assert (await ask(mastodon, "POST", "/api/v1/statuses", token, json=posting))[0] == 422
    mastodon.state.clock = lambda: time.time() + 31
    assert (await ask(mastodon, "GET", f"/api/v1/media/{number}", token))[0] == 200
    assert (await ask(mastodon, "POST", "/api/v1/statuses", token, json=posting))[0] == 200
    assert (await ask(mastodon, "POST", "/api/v1/statuses", token, json=posting))[0] == 422
    assert (await ask(mastodon, "POST", "/api/v2/media", token, data=form("application/pdf")))[0] == 422
    assert (await ask(mastodon, "POST", "/api/v2/media", token, data=form(description="a" * 1501)))[0] == 422


async def test_faults_come_as_often_as_asked_and_where_asked(mastodon: Stage) -> None:
    token = token_of(mastodon)
    await mastodon.fault("429", times=2, only="verify_credentials", seconds=60)
    assert (await ask(mastodon, "GET", "/api/v2/instance"))[0] == 200
    seen = [(await ask(mastodon, "GET", "/api/v1/accounts/verify_credentials", token))[0] for _ in range(3)]
    assert seen == [429, 429, 200]
    code, body = await ask(mastodon, "POST", "/_control", json={"fault": "nonsense"})
    assert (code, "lost_answer" in body["error"]) == (400, True)
    assert (await ask(mastodon, "POST", "/_control", json={"version": "old"}))[0] == 400
    code, body = await ask(mastodon, "POST", "/_control", json={"version": "4.2.29"})
    assert body == {"fault": None, "version": "4.2.29", "posts": []}


async def test_what_is_kept_is_what_is_recalled(mastodon: Stage) -> None:
    token = (await mastodon.connect()).token
    await asyncio.to_thread(mastodon.client.publish, token, IMAGE)
    kept = mastodon.state.remember()
    again = MastodonStandIn()
    again.recall(kept)
    assert again.remember() == kept
    assert again.tokens == mastodon.state.tokens
    assert again.posts() == mastodon.state.posts()


async def test_pages_show_no_markup_of_a_member(mastodon: Stage) -> None:
    status = mastodon.state.add(BEA, '<script>alert(1)</script> https://example.com/"><b>', "")
    async with ClientSession() as session:
        for path in ("/", f"/@bea/{status.id}"):
            async with session.get(mastodon.url + path) as answer:
                page = await answer.text()
            assert "<script>" not in page
            assert "<b>" not in page


@pytest.mark.browser
async def test_a_person_can_react_try_faults_and_revoke(mastodon: Stage, page: Page) -> None:
    token = (await mastodon.connect()).token
    status = mastodon.state.add(BEA, "Look http://127.0.0.1:8000/abc", f"{mastodon.url}/@bea/{{id}}")
    await page.goto(mastodon.url)
    article = page.get_by_role("article", name="Post by Bea Lindqvist")
    link = article.get_by_role("link", name="http://127.0.0.1:8000/abc")
    assert await link.get_attribute("target") == "_blank"
    for button in ("Favourite", "Reply", "Boost", "Favourite"):
        await article.get_by_role("button", name=button, exact=True).click()
    await expect(article).to_contain_text("2 favourites")
    assert (status.favourites, status.replies, status.boosts) == (2, 1, 1)
    await page.get_by_role("link", name="Faults").click()
    await page.get_by_role("button", name="Fault: 429").click()
    await expect(page.get_by_role("status")).to_contain_text("429")
    await page.get_by_role("button", name="Be version 4.2").click()
    await expect(page.get_by_text("This is Mastodon 4.2")).to_be_visible()
    await expect(page.get_by_role("status")).to_contain_text("429")
    await page.get_by_role("button", name="No fault").click()
    await expect(page.get_by_role("status")).to_have_text("Now: no fault.")
    await page.get_by_role("link", name="Authorized apps").click()
    await page.get_by_role("button", name="Revoke access of Bea Lindqvist").click()
    await expect(page.get_by_text("Nobody has authorized an app.")).to_be_visible()
    access = token.split('"access":"')[1].split('"')[0]
    assert (await ask(mastodon, "GET", "/api/v1/accounts/verify_credentials", access))[0] == 401
