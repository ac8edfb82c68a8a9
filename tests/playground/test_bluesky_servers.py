"""The stand-in for Bluesky as others run it: restarted, behind an entryway, broken, and in bad moods."""

import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiohttp import ClientSession

from grapevine.playground.bluesky import BlueskyStandIn, create_app
from tests.networks.bluesky_stand_in import serving
from tests.playground.bluesky_app import BEA, App, staged
from tests.playground.test_bluesky_consent import page, prompt, said
from tests.playground.test_bluesky_oauth import CREATE, PLACE, SESSION


@pytest.fixture
async def app() -> AsyncIterator[App]:
    async with staged(web_client=True) as app:
        yield app


async def test_sessions_outlast_a_restart_and_an_older_memory_is_taken_up(app: App) -> None:
    session, waiting, kept = await app.connected(), await app.pushed(), app.state.remember()
    again = BlueskyStandIn()
    again.recall(json.loads(json.dumps(kept)))
    assert again.remember() == kept
    async with serving(("/bluesky", create_app(again))) as origin:
        later = replace(app, state=again, url=f"{origin}/bluesky")
        again.hosts = app.state.hosts
        assert again.authorize(waiting, BEA.did).startswith(app.callback)
        assert (await later.call("GET", SESSION, session["access_token"])).body["did"] == BEA.did
        assert (await later.refresh(session["refresh_token"])).status == 200
    del kept["oauth"]
    again.recall(kept)
    assert again.oauth.granted == {}


async def test_an_entryway_gives_the_permissions_of_a_server_behind_it() -> None:
    state = BlueskyStandIn()
    async with serving(("/entry", create_app(state)), ("/pds", create_app(state))) as origin, ClientSession() as asking:
        state.entryway = f"{origin}/entry"
        app = App(state, state.entryway)
        behind = replace(app, url=f"{origin}/pds")
        async with asking.get(f"{behind.url}/.well-known/oauth-protected-resource") as answer:
            resource = await answer.json()
        assert (resource["resource"], resource["authorization_servers"]) == (behind.url, [state.entryway])
        async with asking.get(f"{app.url}/.well-known/oauth-authorization-server") as answer:
            assert (await answer.json())["issuer"] == state.entryway
        async with asking.get(f"{behind.url}/.well-known/oauth-authorization-server") as answer:
            assert answer.status == 404
        assert (await behind.par()).status == 404
        token, behind.nonce = (await app.connected())["access_token"], app.nonce
        assert (await behind.call("POST", CREATE, token, json=PLACE)).error == "use_dpop_nonce"
        assert (await behind.call("POST", CREATE, token, json=PLACE)).status == 200


@pytest.mark.parametrize("network_path", ["/.well-known/oauth-protected-resource", "/oauth/par", "/oauth/authorize"])
async def test_the_usual_faults_reach_the_authorization_server(app: App, network_path: str) -> None:
    method = "POST" if network_path == "/oauth/par" else "GET"
    seen = []
    async with ClientSession() as session:
        for mode in ("500", "503", "401", "429", "html", "no-oauth"):
            await app.fault(mode, times=1)
            async with session.request(method, app.url + network_path) as answer:
                seen.append(answer.status)
                text = await answer.text()
                assert mode != "500" or "server_error" in text
                assert mode != "html" or "Just a moment" in text
        assert seen == [500, 503, 401, 429, 200, 404]
        await app.fault("slow", times=1, seconds=0.3)
        began = time.monotonic()
        async with session.request(method, app.url + network_path):
            assert time.monotonic() - began >= 0.3


async def test_the_faults_of_sessions_and_of_an_app_show_in_oauth_words(app: App) -> None:
    session = await app.connected()
    token = session["access_token"]
    await app.fault("revoked")
    call = await app.call("POST", CREATE, token, json=PLACE)
    assert (call.status, call.error, call.why) == (401, "invalid_token", "Invalid token")
    renewal = await app.refresh(session["refresh_token"])
    assert (renewal.status, renewal.error) == (400, "invalid_grant")
    await app.fault("expired")
    call = await app.call("POST", CREATE, token, json=PLACE)
    assert (call.status, call.error) == (401, "invalid_token")
    assert 'error="invalid_token"' in call.headers["WWW-Authenticate"]
    renewed = await app.refresh(session["refresh_token"])
    assert renewed.status == 200
    await app.fault("deactivated")
    call = await app.call("POST", CREATE, renewed.body["access_token"], json=PLACE)
    assert (call.status, call.error) == (401, "AccountDeactivated")
    await app.fault("")
    here = prompt(app, await app.pushed())
    await app.fault("deactivated")
    _, where = await page(here, did=BEA.did, decision="authorize")
    assert said(where)["error_description"] == "This account has been deactivated"
    await app.fault("no-metadata")
    assert (await app.par()).error == "invalid_client_metadata"
    assert (await app.refresh(renewed.body["refresh_token"])).error == "invalid_client_metadata"
    await app.fault("no-oauth")
    assert (await app.call("GET", SESSION, renewed.body["access_token"])).status == 200
    await app.fault("")
    assert (await app.refresh(renewed.body["refresh_token"])).status == 200


async def test_in_a_hurry_only_the_newest_nonce_is_good(app: App) -> None:
    await app.pushed()
    await app.fault("nonce")
    seen: set[str] = set()
    for _ in range(2):
        before = app.nonce
        assert (await app.par()).error == ("use_dpop_nonce" if not seen else "")
        seen |= {before, app.nonce}
        app.nonce, newest = before, app.nonce
        assert (await app.par()).error == "use_dpop_nonce"
        assert app.nonce not in {*seen, newest}
        assert (await app.par()).status == 201
        seen.add(app.nonce)


async def test_a_lost_answer_has_used_up_the_refresh_token(app: App) -> None:
    session = await app.connected()
    await app.fault("half_json", times=1)
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        await app.refresh(session["refresh_token"])
    assert (await app.refresh(session["refresh_token"])).why == "Refresh token replayed"
    assert app.state.oauth.granted == {}
