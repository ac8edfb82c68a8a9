"""The stand-in for LinkedIn on a port of its own, mounted as in the playground, and members before its pages."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal, TypeVar
from urllib.parse import parse_qsl, urlsplit

import pytest
from aiohttp import ClientSession, CookieJar, web

from grapevine.networks.base import Connected
from grapevine.networks.linkedin import LinkedIn
from grapevine.playground.linkedin import LinkedInStandIn, create_api_app, create_auth_app
from tests.networks.calls import call

CALLBACK = "http://127.0.0.1:3000/oauth/linkedin"
COMMUNITY = "r_basicprofile w_member_social r_member_postAnalytics r_member_profileAnalytics r_1st_connections_size"

T = TypeVar("T")


@dataclass
class Stage:
    """The running stand-in, our client for it, and what people and operators do there."""

    state: LinkedInStandIn
    url: str
    client: LinkedIn

    async def decide(self, address: str, member: str = "bea", answer: str = "allow") -> dict[str, str]:
        """The query with which the member comes back from LinkedIn's prompt at *address*."""
        async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as browser:
            if member:
                async with browser.post(address, data={"member": member}) as page:
                    assert page.status == 200
            async with browser.post(address, data={"answer": answer}, allow_redirects=False) as back:
                assert back.status == 303
                location = back.headers["Location"]
        assert location.startswith(CALLBACK)
        return dict(parse_qsl(urlsplit(location).query))

    async def connect(self, member: str = "bea") -> Connected:
        begun = await call(self.client.authorize, CALLBACK, "state-1")
        query = await self.decide(begun.url, member)
        assert query["state"] == "state-1"
        return await call(self.client.connect, CALLBACK, query, begun.secret)

    async def fault(self, mode: str | None, **more: Any) -> None:
        async with (
            ClientSession() as session,
            session.post(f"{self.url}/linkedin/_control", json={"fault": mode, **more}) as answer,
        ):
            assert answer.status == 200


@asynccontextmanager
async def staged(
    kind: Literal["share", "community"] = "community", *, version: str = "202610", **options: Any
) -> AsyncIterator[Stage]:
    state = LinkedInStandIn(kind, **{"redirect_uris": [CALLBACK], "settling": 0.0, **options})
    parent = web.Application()
    parent.add_subapp("/linkedin", create_auth_app(state))
    parent.add_subapp("/linkedin-api", create_api_app(state))
    runner = web.AppRunner(parent, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    client = LinkedIn(
        state.client_id,
        state.client_secret,
        version,
        COMMUNITY if kind == "community" else "",
        f"{url}/linkedin",
        f"{url}/linkedin-api",
        patience=(0.05, 0.1, 0.2, 0.4),
        grace=0.3,
    )
    try:
        yield Stage(state, url, client)
    finally:
        await runner.cleanup()


@pytest.fixture
async def linkedin() -> AsyncIterator[Stage]:
    async with staged() as stage:
        yield stage
