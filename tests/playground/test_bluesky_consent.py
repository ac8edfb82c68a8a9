"""What people see and do: the page that asks for consent, and the page of connected apps."""

import re
from collections.abc import AsyncIterator
from html import unescape
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from aiohttp import ClientSession
from playwright.async_api import Page, expect

from tests.playground.bluesky_app import ADA, BEA, CALLBACK, CLIENT_ID, CY, ORIGIN, SCOPE, App, right_metadata, staged
from tests.playground.test_bluesky_oauth import SESSION

EVIL = "<script>alert(1)</script>"


@pytest.fixture
async def app() -> AsyncIterator[App]:
    async with staged(web_client=True) as app:
        yield app


def prompt(app: App, request_uri: str, client_id: str = "") -> str:
    asked = {"client_id": client_id or app.client_id, "request_uri": request_uri}
    return f"{app.url}/oauth/authorize?{urlencode(asked)}"


async def page(url: str, **form: str) -> tuple[int, str]:
    """Status, and the page or, for a redirect, where it goes."""
    method = "POST" if form else "GET"
    async with (
        ClientSession() as session,
        session.request(method, url, data=form or None, allow_redirects=False) as answer,
    ):
        return answer.status, answer.headers.get("Location") or await answer.text()


def buttons(text: str) -> list[str]:
    return [unescape(word) for word in re.findall(r"<button[^>]*>([^<]*)</button>", text)]


def said(where: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(where).query))


async def test_a_person_signs_in_reads_what_is_asked_and_says_yes(app: App) -> None:
    here = prompt(app, await app.pushed())
    status, text = await page(here)
    assert status == 200
    assert buttons(text) == ["Sign in as Ada Okafor", "Sign in as Bea Lindqvist", "Sign in as Cy Ortega", "Cancel"]
    status, text = await page(here, did=BEA.did)
    assert buttons(text) == ["Authorize", "Deny", "Another account"]
    for words in (
        "Bea Lindqvist",
        "Grapevine",
        "grapevine.example.com",
        "Create posts",
        "Upload images",
        "your handle",
    ):
        assert words in text
    status, where = await page(here, did=BEA.did, decision="authorize")
    assert (status, where.partition("?")[0]) == (303, app.callback)
    assert (said(where)["iss"], said(where)["state"]) == (app.url, "state-1")
    answer = await app.exchange(said(where)["code"])
    assert (answer.status, answer.body["sub"]) == (200, BEA.did)


async def test_a_person_says_no(app: App) -> None:
    for form in ({"did": BEA.did, "decision": "deny"}, {"decision": "deny"}):
        here = prompt(app, await app.pushed())
        status, where = await page(here, **form)
        assert (status, where.partition("?")[0]) == (303, app.callback)
        no = {"error": "access_denied", "error_description": "The user rejected the request"}
        assert said(where) == {**no, "iss": app.url, "state": "state-1"}
        assert (await page(here))[0] == 400


@pytest.mark.parametrize("hint", ["bea.test", "BEA.test", BEA.did])
async def test_a_login_hint_chooses_the_person_who_may_choose_another(app: App, hint: str) -> None:
    here = prompt(app, await app.pushed(login_hint=hint))
    assert "Signed in as <strong>Bea Lindqvist" in (await page(here))[1]
    assert "Sign in as Ada Okafor" in buttons((await page(here, other="1"))[1])
    assert "Signed in as <strong>Ada Okafor" in (await page(here, did=ADA.did))[1]
    assert (await app.par(login_hint="nobody at all")).why == 'Invalid login_hint "nobody at all"'
    stranger = prompt(app, await app.pushed(login_hint="stranger.example.com"))
    assert "Sign in as Bea Lindqvist" in buttons((await page(stranger))[1])


async def test_a_request_is_good_for_one_yes_and_five_minutes(app: App) -> None:
    request_uri = await app.pushed()
    app.state.authorize(request_uri, BEA.did)
    status, where = await page(prompt(app, request_uri))
    assert (status, said(where)["error"]) == (303, "access_denied")
    assert said(where)["error_description"] == "This request was already authorized"
    request_uri = await app.pushed()
    app.later(280)
    assert (await page(prompt(app, request_uri)))[0] == 200
    app.later(280)
    assert (await page(prompt(app, request_uri)))[0] == 200
    app.later(301)
    status, where = await page(prompt(app, request_uri))
    assert said(where)["error_description"] == "This request has expired"
    await app.post("par")
    request_uri = await app.pushed()
    app.state.authorize(request_uri, BEA.did)
    app.later(301)
    code = next(one.code for one in app.state.oauth.asked.values() if one.code)
    await app.post("par")
    assert (await app.exchange(code)).why == "This code has expired"


async def test_a_prompt_that_leads_nowhere_says_so_on_a_page(app: App) -> None:
    request_uri = await app.pushed()
    nobody = f"{app.url}/oauth/authorize?client_id=x&request_uri={request_uri}"
    for url in (f"{app.url}/oauth/authorize", nobody, prompt(app, "urn:ietf:params:oauth:request_uri:req-0")):
        status, text = await page(url)
        assert status == 400
        assert "An error occurred" in text
    plain = {"client_id": CLIENT_ID, "response_type": "code", "redirect_uri": app.callback, "scope": SCOPE}
    assert (await page(f"{app.url}/oauth/authorize?{urlencode(plain)}"))[0] == 400
    loopback = "http://localhost?scope=atproto"
    status, where = await page(prompt(app, request_uri, loopback))
    assert said(where)["error_description"] == "This request was initiated for another client"


async def test_a_confidential_client_may_ask_in_silence_and_hears_that_nobody_is_signed_in(app: App) -> None:
    status, where = await page(prompt(app, await app.pushed(prompt="none")))
    assert (status, said(where)["error"]) == (303, "login_required")
    async with staged() as public:
        await public.pushed()
        assert (await public.par(prompt="none")).error == "invalid_request"
        fragment = public.state.authorize(await public.pushed(response_mode="fragment"), CY.did)
        assert fragment.startswith(f"{CALLBACK}#iss=")


async def test_people_see_the_apps_that_they_let_in_and_throw_one_out(app: App) -> None:
    bea, ada = await app.connected(), await app.connected(ADA)
    await app.scoped("atproto", BEA)
    _, text = await page(f"{app.url}/account")
    assert buttons(text) == [
        "Revoke access of Grapevine to Ada Okafor",
        "Revoke access of Grapevine to Bea Lindqvist",
        "Revoke access of localhost to Bea Lindqvist",
    ]
    status, _ = await page(f"{app.url}/account", did=BEA.did, client_id=CLIENT_ID)
    assert status == 303
    gone = await app.call("GET", SESSION, bea["access_token"])
    assert (gone.status, gone.error) == (401, "invalid_token")
    assert (await app.refresh(bea["refresh_token"])).why == "Invalid refresh token"
    assert (await app.call("GET", SESSION, ada["access_token"])).status == 200
    assert "Revoke access of localhost to Bea Lindqvist" in (await page(f"{app.url}/account"))[1]


async def test_no_markup_of_an_app_is_shown(app: App) -> None:
    app.metadata = {**right_metadata(app), "client_name": EVIL, "scope": f"{SCOPE} <b>"}
    here = prompt(app, await app.pushed())
    await app.connected()
    for _, text in (await page(here), await page(here, did=BEA.did), await page(f"{app.url}/account")):
        assert EVIL not in text
        assert "&lt;script&gt;" in text
        assert "<b>" not in text


@pytest.mark.browser
async def test_the_pages_fit_a_phone_and_lead_back(app: App, page: Page) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    app.metadata = {**right_metadata(app), "client_name": "Grapevine of a company with a long name, and more"}
    for url in (prompt(app, await app.pushed()), prompt(app, await app.pushed(login_hint="bea.test"))):
        await page.goto(url)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    await page.route(f"{ORIGIN}/**", lambda route: route.fulfill(body="Back at Grapevine"))
    await page.get_by_role("button", name="Authorize").click()
    await expect(page.get_by_text("Back at Grapevine")).to_be_visible()
    answer = await app.exchange(said(page.url)["code"])
    assert answer.body["sub"] == BEA.did
    await page.goto(f"{app.url}/account")
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    bea = page.get_by_role("region", name="Bea Lindqvist")
    await expect(bea).to_contain_text("create posts, upload images")
    await bea.get_by_role("button", name="Revoke access of Grapevine").click()
    await expect(bea).to_contain_text("No app is connected.")
    assert app.state.oauth.granted == {}
