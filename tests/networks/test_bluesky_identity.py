"""Where a member's identity is looked up, when it stands on a server that the member chose."""

import socket
from typing import Any

import pytest
from aiohttp import web

from grapevine.domain.errors import Refused, TryLater
from grapevine.networks.bluesky_identity import Directory
from tests.networks.calls import failing
from tests.serving import serving


def handles(did: str) -> web.Application:
    """A server that knows every handle, and says that it is *did*."""

    async def resolve(_: web.Request) -> web.Response:
        return web.json_response({"did": did})

    app = web.Application()
    app.router.add_get("/xrpc/com.atproto.identity.resolveHandle", resolve)
    return app


@pytest.mark.parametrize("place", ["10.0.0.7", "127.0.0.1", "169.254.169.254"])
async def test_an_identity_on_a_server_inside_this_network_is_not_looked_up(
    monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    real, asked = socket.getaddrinfo, []

    def resolve(host: Any, *more: Any, **named: Any) -> Any:
        if host == "cy.example.com":
            asked.append(host)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (place, 443))]
        return real(host, *more, **named)

    connected: list[Any] = []
    reach = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> Any:
        connected.append(address)
        if address[0] == place and address[1] == 443:
            raise ConnectionRefusedError
        return reach(self, address)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket.socket, "connect", connect)
    async with serving(handles("did:web:cy.example.com")) as url:
        error = await failing(Refused, Directory(url, f"{url}/plc").find, "cy.example.com")
        assert "cy.example.com is inside a private network" in str(error)
        assert asked == ["cy.example.com"]
        assert (place, 443) not in connected
        await failing(TryLater, Directory(url, f"{url}/plc", allow_private=True).find, "cy.example.com")
        assert (place, 443) in connected
