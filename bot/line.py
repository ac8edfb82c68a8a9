"""The Socket Mode connection, and the watchdog that makes a new one when it is dead.

slack_sdk reconnects by itself in most cases; after a loss of network it may keep a session that looks alive to nobody
(bolt-python #417, #1529), and closing such a session may hang.
"""

import asyncio
import logging

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

log = logging.getLogger("bot.line")

_CLOSE_WITHIN = 15.0


class Line:
    """One line to Slack. Lengths of time in seconds: *ask* between looks, *patience* with a dead connection."""

    def __init__(
        self, app: AsyncApp, app_token: str, client: AsyncWebClient, *, ask: float = 5.0, patience: float = 30.0,
        ping: float = 10.0,
    ) -> None:  # fmt: skip
        self._app = app
        self._app_token = app_token
        self._client = client
        self._ask, self._patience, self._ping = ask, patience, ping
        self.handler: AsyncSocketModeHandler | None = None

    async def is_up(self) -> bool:
        return self.handler is not None and bool(await self.handler.client.is_connected())

    async def run(self) -> None:
        """Hold the line until cancelled."""
        try:
            while True:
                await self._hold()
                log.warning("The connection to Slack is dead: making a new one")
                await self._close()
        finally:
            await self._close()

    async def _hold(self) -> None:
        """Connect, and return when the connection has been dead for the patience's length."""
        handler = AsyncSocketModeHandler(
            self._app, self._app_token, web_client=self._client, proxy=self._client.proxy, ping_interval=self._ping
        )
        self.handler = handler
        connecting = asyncio.ensure_future(handler.connect_async())
        loop = asyncio.get_running_loop()
        alive = loop.time()
        try:
            while loop.time() - alive < self._patience:
                await asyncio.sleep(self._ask)
                if await handler.client.is_connected():
                    alive = loop.time()
        finally:
            connecting.cancel()
            await asyncio.gather(connecting, return_exceptions=True)

    async def _close(self) -> None:
        handler, self.handler = self.handler, None
        if handler is None:
            return
        try:
            await asyncio.wait_for(handler.close_async(), _CLOSE_WITHIN)
        except Exception as error:  # noqa: BLE001 – it is dead, and a new one is made in any case
            log.warning("The old connection did not close: %s", type(error).__name__)
