"""Calls of the stand-in LinkedIn's API as Bea, and a post that is right."""

from typing import Any

from aiohttp import ClientSession
from yarl import URL

from grapevine.playground.linkedin import MEMBERS
from tests.networks.linkedin_stand_in import Stage

BEA = MEMBERS["bea"]
POST = {
    "author": BEA.urn,
    "commentary": "Hello",
    "visibility": "PUBLIC",
    "distribution": {"feedDistribution": "MAIN_FEED"},
    "lifecycleState": "PUBLISHED",
    "content": {"article": {"source": "https://example.com/a", "title": "A thing"}},
}


async def api(
    stage: Stage, method: str, path: str, *, without: str = "", body: Any = None, **headers: str
) -> tuple[int, Any, str]:
    """Status, JSON and x-restli-id of a call as Bea; *without* leaves one of the usual headers out."""
    token = next(
        (one for one, held in stage.state.tokens.items() if held.member == BEA and not held.revoked), None
    ) or stage.state.new_token(BEA, stage.state.scopes)
    usual = {
        "Authorization": f"Bearer {token}",
        "Linkedin-Version": "202610",
        "X-Restli-Protocol-Version": "2.0.0",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    usual.pop(without, None)
    async with (
        ClientSession() as session,
        session.request(
            method, URL(f"{stage.url}/linkedin-api{path}", encoded=True), json=body, headers=usual
        ) as answer,
    ):
        told = await answer.json() if answer.content_type == "application/json" else None
        return answer.status, told, answer.headers.get("x-restli-id", "")
