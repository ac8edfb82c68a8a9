"""Servers that mean harm, or are broken, where a member's identity leads; and programs that know less than others."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from grapevine.domain.errors import GrapevineError, Reconnect, Refused, TryLater
from grapevine.networks.bluesky import Bluesky
from grapevine.networks.bluesky_identity import Directory
from grapevine.networks.bluesky_issuer import issuer_at
from grapevine.networks.bluesky_token import Grant, Token
from tests.networks.bluesky_oauth_stand_in import PUBLIC, SECRET, Stage, changed, granted, query_of, staged
from tests.networks.bluesky_stand_in import BEA, DRAFT, serving
from tests.networks.calls import call, failing
from tests.networks.test_bluesky_issuer import TOKEN, World, a_world


@pytest.fixture
async def bluesky() -> AsyncIterator[Stage]:
    async with staged() as stage:
        yield stage


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world() as world:
        yield world


def held(pds: str, issuer: str, proof: dict[str, str]) -> str:
    grant = Grant(issuer, f"{issuer}/oauth/token", f"{issuer}/oauth/revoke", f"{PUBLIC}/a.json", "", proof)
    return Token(BEA.did, pds, "an-access-token", "ref-1", 0.0, grant).pack()


async def test_a_program_that_was_not_told_the_address_ends_nobodys_connection(bluesky: Stage) -> None:
    token = (await bluesky.connect()).token
    await bluesky.fault("no-metadata")
    for base_url in ("http://127.0.0.1:3000", ""):
        await failing(TryLater, bluesky.at(base_url).refresh, token)
    assert not (await failing(Reconnect, bluesky.at("https://elsewhere.acme.com").refresh, token)).revoked


async def test_a_server_that_always_wants_another_number_gets_no_third_call(bluesky: Stage) -> None:
    _, grant = granted((await bluesky.connect()).token)
    calls: list[str] = []

    async def never(request: web.Request) -> web.Response:
        calls.append(request.path)
        said = {"WWW-Authenticate": 'DPoP error="use_dpop_nonce"', "DPoP-Nonce": f"number-{len(calls)}"}
        return web.json_response({"error": "use_dpop_nonce"}, status=401, headers=said)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", never)
    async with serving(("/at", app)) as origin:
        token = held(f"{origin}/at", f"{origin}/at", grant.proof)
        await failing(TryLater, bluesky.client.publish, token, DRAFT)
        assert calls == ["/at/xrpc/com.atproto.repo.createRecord"] * 2
        await failing(TryLater, bluesky.client.refresh, token)
        assert len(calls) <= 2 + 3


async def test_nothing_of_the_dance_goes_into_this_network(bluesky: Stage) -> None:
    """The stand-in is on loopback: without the setting that allows it, no call of the dance arrives there."""
    known, grant = granted((await bluesky.connect()).token)
    strict = Bluesky(bluesky.url, bluesky.url, f"{bluesky.url}/plc", base_url=PUBLIC, secrets=(SECRET,))
    before = len(bluesky.state.oauth.granted)
    assert "private network" in str(await failing(TryLater, strict.refresh, known.pack()))
    assert await call(strict.revoke, known.pack()) is False
    begun = await bluesky.begin()
    query = bluesky.allow(begun)
    assert "private network" in str(
        await failing(Refused, lambda: strict.connect(bluesky.callback, query, begun.secret))
    )
    directory = Directory(bluesky.url, f"{bluesky.url}/plc", allow_private=False)
    assert "private network" in str(await failing(Refused, issuer_at, bluesky.url, "Bluesky", directory))
    assert "private network" in str(await failing(Refused, strict.publish, known.pack(), DRAFT))
    assert len(bluesky.state.oauth.granted) == before
    assert grant.issuer == bluesky.url


@pytest.mark.parametrize("status", [402, 404, 405, 409, 410, 418, 422, 451])
async def test_a_status_that_makes_no_sense_ends_no_permission(world: World, status: int) -> None:
    connected: Any = await call(world.connect, await world.begin())
    for said in (b"", {"error": "odd"}):
        world.answers["/oauth/token"] = (status, said)
        await failing(TryLater, world.client().refresh, connected.token)


@pytest.mark.parametrize("said", ["This request has expired", "The account has been deactivated"])
async def test_what_was_no_no_of_the_members_is_not_called_one(bluesky: Stage, said: str) -> None:
    begun = await bluesky.begin()
    query = {"iss": bluesky.url, "state": "state-1", "error": "access_denied", "error_description": said}
    told = str(await failing(Refused, bluesky.finish_blocking, begun, query))
    assert said in told
    assert "You said no" not in told
    assert "once more" in told
    no = query_of(bluesky.state.deny(query_of(begun.url)["request_uri"]))
    assert "You said no" in str(await failing(Refused, bluesky.finish_blocking, begun, no))
    assert "You said no" not in str(await failing(Refused, bluesky.finish_blocking, begun, {**no, "iss": "another"}))


@pytest.mark.parametrize(
    "address",
    ["  https://a.example.com//10.0.0.1/x", " {url}/oauth/authorize", "{url}/\x07x", "{url}/\ud800", "{url}/ü"],
)
async def test_an_address_that_two_could_read_in_two_ways_is_none(world: World, address: str) -> None:
    world.issuer = {"authorization_endpoint": address.replace("{url}", world.url)}
    world.speak()
    await failing(TryLater, world.authorize)


async def test_a_query_that_the_prompt_has_is_kept(world: World) -> None:
    world.issuer = {"authorization_endpoint": f"{world.url}/oauth/authorize?tenant=vine"}
    world.speak()
    begun = await world.begin()
    assert begun.url.startswith(f"{world.url}/oauth/authorize?tenant=vine&")
    assert query_of(begun.url)["request_uri"] == "urn:1"


@pytest.mark.parametrize("said", [{"expires_in": 10**30}, {"request_uri": "urn:\ud800"}, {"request_uri": ""}])
async def test_an_odd_answer_to_the_request_is_an_error_of_ours(world: World, said: dict[str, Any]) -> None:
    world.answers["/oauth/par"] = (201, {"request_uri": "urn:1", "expires_in": 299, **said})
    await failing(TryLater, world.authorize)


async def test_what_a_server_says_can_be_shown_on_a_page(world: World) -> None:
    said = {"error": "no_way", "error_description": "Not\x1b[31m on\ud800 a\nSunday."}
    world.answers["/oauth/par"] = (400, said)
    told = str(await failing(Refused, world.authorize))
    assert "Not[31m on a Sunday" in told
    assert told.encode()


@pytest.mark.parametrize("kind", ["Bearer", "", None, 7])
async def test_a_token_that_is_bound_to_no_key_is_not_taken(world: World, kind: object) -> None:
    begun = await world.begin()
    world.answers["/oauth/token"] = (200, {**TOKEN, "token_type": kind})
    await failing(GrapevineError, world.connect, begun)
    world.answers["/oauth/token"] = (200, {**TOKEN, "token_type": "dpop"})
    assert await call(world.connect, begun), "in whatever letters"


async def test_the_prompt_knows_whom_it_is_to_ask(bluesky: Stage) -> None:
    await bluesky.begin()
    (asked,) = bluesky.state.oauth.asked.values()
    assert asked.parameters["login_hint"] == BEA.handle


async def test_a_permission_that_ends_by_its_age_has_run_out_whatever_the_server_calls_it(bluesky: Stage) -> None:
    token = (await bluesky.connect()).token
    bluesky.state.oauth.granted.clear()
    assert not (await failing(Reconnect, bluesky.client.refresh, changed(token, ends=1.0))).revoked
