"""Who a member of Bluesky is: what they type, and which server it leads to."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from grapevine.domain.errors import Refused
from grapevine.networks.bluesky import Bluesky
from grapevine.networks.bluesky_token import Token
from tests.networks.bluesky_stand_in import CALLBACK, CY, Stage, serving, staged
from tests.networks.calls import call, failing


@pytest.fixture
async def bluesky() -> AsyncIterator[Stage]:
    async with staged() as stage:
        yield stage


async def test_what_is_wrong_with_an_answer_is_said(bluesky: Stage) -> None:
    assert "does not know this app password for bea.test" in await bluesky.refused(password="aaaa-bbbb-cccc-dddd")
    assert "There is no Bluesky account named nobody.test" in await bluesky.refused(handle="nobody.test")
    assert "“bea” is no whole handle" in await bluesky.refused(handle="bea")
    assert "e-mail address" in await bluesky.refused(handle="bea@example.com")
    assert "What is your handle?" in await bluesky.refused(handle=" ")


@pytest.mark.parametrize(
    "typed",
    [
        "@bea.test",
        " BEA.test ",
        "\u202a@bea.test\u202c",
        "https://bsky.app/profile/bea.test",
        "https://bsky.app/profile/bea.test/post/3k",
    ],
)
async def test_a_handle_may_be_written_as_people_copy_it(bluesky: Stage, typed: str) -> None:
    await call(bluesky.client.authorize, CALLBACK, "state-1", bluesky.answers(handle=typed))


async def test_an_app_password_with_capitals_and_spaces_around_is_the_same(bluesky: Stage) -> None:
    answers = bluesky.answers()
    typed = answers | {"password": f" {answers['password'].upper()} "}
    await call(bluesky.client.authorize, CALLBACK, "state-1", typed)


def account(pds: str, did: str = CY.did, known_as: str = "at://cy.test") -> web.Application:
    """A directory and a resolver of handles with one account, whose document says what we like."""
    app = web.Application()
    service = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": pds}

    async def resolve(_: web.Request) -> web.Response:
        return web.json_response({"did": did})

    async def document(_: web.Request) -> web.Response:
        return web.json_response({"id": did, "alsoKnownAs": [known_as], "service": [service]})

    app.router.add_get("/xrpc/com.atproto.identity.resolveHandle", resolve)
    app.router.add_get("/plc/{did}", document)
    return app


@pytest.mark.parametrize(
    ("allow_private", "pds"),
    [
        (False, "http://127.0.0.1:6379"),
        (False, "https://127.0.0.1"),
        (False, "https://169.254.169.254"),
        (False, "https://pds.example.com:8443"),
        (False, "https://pds.example.com/path"),
        (False, "https://somebody@pds.example.com"),
        (False, "https://localhost"),
        (False, "http://pds.example.com"),
        (True, "http://pds.example.com"),
        (True, "ftp://127.0.0.1"),
        (True, "nonsense:port"),
        (True, ""),
    ],
)
async def test_a_server_that_an_identity_names_is_spoken_to_only_where_it_may_be(allow_private: bool, pds: str) -> None:
    async with serving(("/at", account(pds))) as origin:
        client = Bluesky(f"{origin}/at", origin, f"{origin}/at/plc", allow_private=allow_private)
        answers = {"handle": "cy.test", "password": "aaaa-bbbb-cccc-dddd"}
        error = await failing(Refused, client.authorize, CALLBACK, "state-1", answers)
    assert "no server that Grapevine can speak to" in str(error)


async def test_a_name_that_leads_into_this_network_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    known: list[Any] = [(2, 1, 6, "", ("10.0.0.7", 443))]
    real = __import__("socket").getaddrinfo
    monkeypatch.setattr(
        "socket.getaddrinfo", lambda host, *more, **named: known if "example" in host else real(host, *more, **named)
    )
    async with serving(("/at", account("https://pds.example.com"))) as origin:
        client = Bluesky(f"{origin}/at", origin, f"{origin}/at/plc")
        answers = {"handle": "cy.test", "password": "aaaa-bbbb-cccc-dddd"}
        error = await failing(Refused, client.authorize, CALLBACK, "state-1", answers)
    assert "inside a private network" in str(error)


async def test_a_handle_that_the_account_does_not_claim_gets_no_password(bluesky: Stage) -> None:
    async with serving(("/at", account(bluesky.url, known_as="at://somebody.test"))) as origin:
        client = Bluesky(f"{origin}/at", origin, f"{origin}/at/plc", allow_private=True)
        error = await failing(Refused, client.authorize, CALLBACK, "state-1", bluesky.answers(CY))
    assert "does not use this handle" in str(error)
    assert bluesky.state.sessions == {}


def test_a_members_own_server_is_called_theirs() -> None:
    for pds, title in (
        ("https://morel.us-east.host.bsky.network", "Bluesky"),
        ("https://at.example.com", "at.example"),
    ):
        assert title in Token("did:plc:x", pds, "a", "b").title
