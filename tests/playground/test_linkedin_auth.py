"""The stand-in LinkedIn's prompt and tokens are as strict as the real ones."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from aiohttp import ClientSession

from tests.networks.linkedin_stand_in import CALLBACK, COMMUNITY, Stage, staged
from tests.playground.linkedin import BEA


def prompt(stage: Stage, **changes: str) -> tuple[str, dict[str, str]]:
    asked = {
        "response_type": "code",
        "client_id": stage.state.client_id,
        "redirect_uri": CALLBACK,
        "state": "s",
        "scope": COMMUNITY,
        **changes,
    }
    return f"{stage.url}/linkedin/oauth/v2/authorization", {k: v for k, v in asked.items() if v}


@pytest.mark.parametrize(
    "change",
    [
        {"redirect_uri": "http://evil.example/"},
        {"client_id": "other"},
        {"response_type": "token"},
        {"prompt": "none"},
        {"scope": ""},
    ],
)
async def test_a_wrong_request_stays_on_linkedins_page(
    linkedin: Stage, browser: ClientSession, change: dict[str, str]
) -> None:
    url, query = prompt(linkedin, **change)
    for method in ("GET", "POST"):
        async with browser.request(method, url, params=query, allow_redirects=False) as answer:
            assert answer.status == 400
            assert "Bummer" in await answer.text()


async def test_without_registered_addresses_those_of_this_machine_will_do(browser: ClientSession) -> None:
    async with staged(redirect_uris=None) as stage:
        for there, status in ((CALLBACK, 200), ("http://evil.example/", 400), ("", 400)):
            url, query = prompt(stage, redirect_uri=there)
            async with browser.get(url, params=query) as answer:
                assert answer.status == status


async def test_mixed_scopes_go_back_as_an_error(linkedin: Stage, browser: ClientSession) -> None:
    url, query = prompt(linkedin, scope=f"openid {COMMUNITY}")
    async with browser.get(url, params=query, allow_redirects=False) as answer:
        back = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
    assert (back["error"], back["state"]) == ("unauthorized_scope_error", "s")


async def exchange(stage: Stage, code: str, auth: str = "", **changes: str) -> tuple[int, Any]:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": stage.state.client_id,
        "client_secret": stage.state.client_secret,
        "redirect_uri": CALLBACK,
        **changes,
    }
    headers = {"Authorization": auth} if auth else {}
    async with (
        ClientSession() as session,
        session.post(
            f"{stage.url}/linkedin/oauth/v2/accessToken",
            data={name: value for name, value in form.items() if value},
            headers=headers,
        ) as answer,
    ):
        return answer.status, await answer.json()


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"auth": "Basic aWQ6c2VjcmV0"}, 401, "invalid_client"),
        ({"code_verifier": "v" * 43}, 401, "invalid_client"),
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_secret": ""}, 400, "invalid_request"),
        ({"redirect_uri": ""}, 400, "invalid_request"),
        ({"redirect_uri": "http://127.0.0.1:3000/other"}, 400, "invalid_redirect_uri"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, 400, "invalid_request"),
    ],
)
async def test_a_wrong_exchange_is_refused(linkedin: Stage, changes: dict[str, str], status: int, error: str) -> None:
    query = await linkedin.decide(linkedin.client.authorize(CALLBACK, "s").url)
    told = await exchange(linkedin, query["code"], **changes)
    assert (told[0], told[1]["error"]) == (status, error)


async def test_a_code_is_good_once_and_for_half_an_hour(linkedin: Stage) -> None:
    query = await linkedin.decide(linkedin.client.authorize(CALLBACK, "s").url)
    status, told = await exchange(linkedin, query["code"])
    assert status == 200
    assert "token_type" not in told
    assert told["scope"] == COMMUNITY.replace(" ", ",")
    assert (await exchange(linkedin, query["code"]))[0] == 401
    query = await linkedin.decide(linkedin.client.authorize(CALLBACK, "s").url)
    linkedin.state.codes[query["code"]].made -= 1801
    assert (await exchange(linkedin, query["code"]))[0] == 400


async def test_asking_for_other_scopes_ends_the_earlier_token(linkedin: Stage) -> None:
    first = linkedin.state.new_token(BEA, ("r_basicprofile",))
    same = linkedin.state.new_token(BEA, ("r_basicprofile",))
    assert not linkedin.state.tokens[first].revoked
    linkedin.state.new_token(BEA, ("w_member_social",))
    assert linkedin.state.tokens[first].revoked
    assert linkedin.state.tokens[same].revoked
