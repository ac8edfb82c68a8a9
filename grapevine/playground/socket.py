"""Socket Mode: the WebSocket over which Slack sends envelopes and takes acknowledgements.

https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import itertools
import json
import secrets
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from grapevine.playground.config import JSON
from grapevine.playground.people import APP_ID
from grapevine.playground.workspace import Workspace

MOST_CONNECTIONS = 10


class NotConnected(Exception):
    """No socket is open."""


class Sockets:
    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._tickets: set[str] = set()
        self._open: list[web.WebSocketResponse] = []
        self._awaited: dict[str, asyncio.Future[Any]] = {}
        self._turn = itertools.count()

    @property
    def connected(self) -> bool:
        return bool(self._open)

    def routes(self) -> list[web.AbstractRouteDef]:
        return [web.get("/slack/socket", self.serve)]

    def open_url(self) -> str:
        """An address for one connection, as apps.connections.open answers it."""
        ticket = secrets.token_urlsafe(24)
        self._tickets.add(ticket)
        return f"{self.workspace.config.url.replace('http', 'ws', 1)}/slack/socket?ticket={ticket}"

    async def serve(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=403, text="This ticket was never issued, or it was used.")
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(heartbeat=20)
        await socket.prepare(request)
        if len(self._open) >= MOST_CONNECTIONS:
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await socket.close()
            return socket
        self._open.append(socket)
        await socket.send_json(
            {
                "type": "hello",
                "num_connections": len(self._open),
                "connection_info": {"app_id": APP_ID},
                "debug_info": {"host": "playground", "approximate_connection_time": 18060},
            }
        )
        self.workspace.tell(None, {"type": "app", "connected": True})
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._acknowledge(message.data)
        finally:
            self._open.remove(socket)
            self.workspace.tell(None, {"type": "app", "connected": self.connected})
        return socket

    def _acknowledge(self, data: str) -> None:
        try:
            said = json.loads(data)
        except ValueError:
            return
        awaited = self._awaited.get(said.get("envelope_id", "")) if isinstance(said, dict) else None
        if awaited and not awaited.done():
            awaited.set_result(said.get("payload"))

    async def send(self, kind: str, payload: JSON, retry: tuple[int, str] | None = None) -> Any:
        """Send an envelope over one of the open sockets and wait for its acknowledgement's payload.

        *kind* is slash_commands, interactive or events_api; *retry* the number and reason of a repeated event.
        Raises `NotConnected`; waits without end, so the caller sets the time.
        """
        envelope: JSON = {
            "envelope_id": secrets.token_hex(16),
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
        }
        if kind == "events_api":
            envelope["retry_attempt"], envelope["retry_reason"] = retry or (0, "")
        if not self._open:
            raise NotConnected
        socket = self._open[next(self._turn) % len(self._open)]
        awaited = asyncio.get_running_loop().create_future()
        self._awaited[envelope["envelope_id"]] = awaited
        try:
            await socket.send_json(envelope)
            return await awaited
        except ConnectionError:
            raise NotConnected from None
        finally:
            del self._awaited[envelope["envelope_id"]]

    async def refresh(self) -> None:
        """Ask every connection to come again, as Slack does every few hours."""
        for socket in list(self._open):
            await socket.send_json({"type": "disconnect", "reason": "refresh_requested", "debug_info": {}})

    async def close(self) -> None:
        for socket in list(self._open):
            await socket.close(code=WSCloseCode.GOING_AWAY)
