"""A running bot: the app, its line to Slack, its web server; ``__main__`` and the tests start it the same way."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from bot.announcing import Announcer
from bot.app import build
from bot.connecting import Connecting
from bot.downloads import Downloads
from bot.health import Health
from bot.installations import install_flow
from bot.line import Line
from bot.pages import Pages
from bot.slack import Slack
from bot.web import application
from grapevine.networks.base import Network
from grapevine.settings import BotSettings, SettingsError
from grapevine.store import Store
from grapevine.store.queue import Jobs

log = logging.getLogger("bot")

#: seconds that listeners get to finish at the end
_DRAIN = 10.0


class Bot:
    """``async with Bot(…)``: it serves inside and is gone after. *door*: a listening socket instead of the port."""

    def __init__(
        self,
        settings: BotSettings,
        store: Store,
        jobs: Jobs,
        networks: Mapping[str, Network],
        door: socket.socket | None = None,
    ) -> None:
        self._settings = settings
        self._store = store
        self._jobs = jobs
        self._networks = networks
        self._door = door
        self.slack = Slack(settings, store)
        self._running: set[asyncio.Task[Any]] = set()
        flow = install_flow(settings, store, self.slack.client)
        app = build(settings, store, jobs, networks, self.slack, self._running, flow)
        token = settings.slack_app_token.get_secret_value() if settings.slack_app_token else None
        self.line = Line(app, token, self.slack.app_client(token)) if token else None
        self._holding: asyncio.Task[None] | None = None
        pages = Pages(settings.base_url)
        announcer = Announcer(self.slack, store, networks, settings)
        served = application(
            app,
            Connecting(settings, store, networks, announcer, pages),
            Downloads(settings.base_url, store, pages),
            pages,
            Health(store, self.line),
            slack_over_http=self.line is None,
        )
        self._runner = web.AppRunner(served, access_log=None, shutdown_timeout=_DRAIN)

    @property
    def address(self) -> str:
        """Where it listens."""
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}"

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        if self._door is not None:
            await web.SockSite(self._runner, self._door).start()
        else:
            host, port = self._settings.bot_host, self._settings.bot_port
            try:
                await web.TCPSite(self._runner, host, port).start()
            except OSError as error:
                raise SettingsError(f"BOT_PORT: the bot cannot listen on {host}:{port} ({error.strerror}).") from None
        if self.line is not None:
            self._holding = asyncio.create_task(self.line.run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._holding is not None:
            self._holding.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._holding
        await self._runner.cleanup()
        # Listeners that Slack has been answered for finish what they do.
        if self._running:
            await asyncio.wait(self._running, timeout=_DRAIN)
        await self.slack.close()
