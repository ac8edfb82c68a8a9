"""The stand-in for LinkedIn on a port of its own, mounted as in the playground, and members before its pages."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal

import pytest

from grapevine.domain.posts import Post, PostKind
from grapevine.networks.base import Connected, Draft
from grapevine.networks.linkedin import LinkedIn
from grapevine.playground.linkedin import LinkedInStandIn, create_api_app, create_auth_app
from tests.networks.calls import call
from tests.networks.stage import back_from, switch
from tests.serving import mounted, serving

CALLBACK = "http://127.0.0.1:3000/oauth/linkedin"
COMMUNITY = "r_basicprofile w_member_social r_member_postAnalytics r_member_profileAnalytics r_1st_connections_size"
LINK = "https://go.example.com/a_1b2"
CAPTION = f"We built a thing (at last!) for @everyone #Launch {LINK}"
DRAFT = Draft(
    CAPTION,
    Post(PostKind.ARTICLE, "https://example.com/thing", "A thing", "What it is & why"),
    LINK,
)


@dataclass
class Stage:
    """The running stand-in, our client for it, and what people and operators do there."""

    state: LinkedInStandIn
    url: str
    client: LinkedIn

    async def decide(self, address: str, member: str = "bea", answer: str = "allow") -> dict[str, str]:
        """The query with which the member comes back from LinkedIn's prompt at *address*."""
        forms = [{"member": member}] if member else []
        return await back_from(address, CALLBACK, *forms, {"answer": answer}, code=303)

    async def connect(self, member: str = "bea") -> Connected:
        begun = await call(self.client.authorize, CALLBACK, "state-1")
        query = await self.decide(begun.url, member)
        assert query["state"] == "state-1"
        return await call(self.client.connect, CALLBACK, query, begun.secret)

    async def fault(self, mode: str | None, **more: Any) -> None:
        await switch(f"{self.url}/linkedin", mode, **more)


@asynccontextmanager
async def staged(
    kind: Literal["share", "community"] = "community", *, version: str = "202610", settles: float = 0.0, **options: Any
) -> AsyncIterator[Stage]:
    state = LinkedInStandIn(kind, **{"redirect_uris": [CALLBACK], "settling": 0.0, **options})
    apps = {"/linkedin": create_auth_app(state), "/linkedin-api": create_api_app(state)}
    async with serving(mounted(apps)) as url:
        client = LinkedIn(
            state.client_id,
            state.client_secret,
            version,
            COMMUNITY if kind == "community" else "",
            f"{url}/linkedin",
            f"{url}/linkedin-api",
            patience=(0.05, 0.1, 0.2, 0.4),
            grace=0.3,
            settles=settles,
        )
        yield Stage(state, url, client)


@pytest.fixture
async def linkedin() -> AsyncIterator[Stage]:
    async with staged() as stage:
        yield stage
