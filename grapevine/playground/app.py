"""The playground as one aiohttp application, and as something that a test starts and in which people act."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from aiohttp import web

from grapevine.playground import directory, files, messages, views
from grapevine.playground.config import JSON, PlaygroundConfig
from grapevine.playground.crowd import Crowd, Network
from grapevine.playground.delivery import Delivery
from grapevine.playground.interactions import Interactions, Outcome
from grapevine.playground.oauth import Installing
from grapevine.playground.people import avatar
from grapevine.playground.socket import Sockets
from grapevine.playground.ui import Page
from grapevine.playground.webapi import Arguments, Method, SlackError, WebApi
from grapevine.playground.workspace import Workspace

T = TypeVar("T")
PAGE = Path(__file__).parent / "page"
LARGEST_REQUEST = 64 * 1024 * 1024

WORKSPACE = web.AppKey("workspace", Workspace)
SOCKETS = web.AppKey("sockets", Sockets)
DELIVERY = web.AppKey("delivery", Delivery)
INTERACTIONS = web.AppKey("interactions", Interactions)


def create_app(
    config: PlaygroundConfig,
    *,
    networks: Mapping[str, Network] | None = None,
    subapps: Mapping[str, web.Application] | None = None,
    pages: Mapping[str, tuple[str, str]] | None = None,
) -> web.Application:
    """Compose the playground; *config.port* is the one it will listen on, since it hands out addresses of its own.

    *networks*: name -> what a crowd can react on; *subapps*: prefix (/linkedin) -> the stand-in network's
    application; *pages*: name -> (title, address) of the networks' pages that the page links to.
    """
    workspace = Workspace(config)
    sockets = Sockets(workspace)
    delivery = Delivery(config, workspace, sockets)
    interactions = Interactions(workspace, delivery)
    page = Page(workspace, delivery, interactions, Crowd(workspace, networks or {}), pages or {})

    def connections_open(_: Workspace, __: Arguments) -> JSON:
        if config.transport != "socket":
            raise SlackError("socket_mode_disabled")
        return {"url": sockets.open_url()}

    installing = Installing(config)
    methods = {
        **installing.methods,
        "apps.connections.open": Method(connections_open, ("connections:write",), "app"),
        **directory.METHODS,
        **messages.METHODS,
        **views.METHODS,
        **files.METHODS,
    }

    async def running(_: web.Application) -> AsyncIterator[None]:
        await delivery.start()
        yield
        await delivery.close()

    async def stopping(_: web.Application) -> None:
        page.stop()
        await sockets.close()

    app = web.Application(client_max_size=LARGEST_REQUEST)
    app[WORKSPACE], app[SOCKETS], app[DELIVERY], app[INTERACTIONS] = workspace, sockets, delivery, interactions
    app.cleanup_ctx.append(running)
    app.on_shutdown.append(stopping)
    app.add_routes([*WebApi(workspace, methods).routes(), *sockets.routes(), *page.routes(), *installing.routes()])
    app.add_routes(
        [
            web.post("/slack/hooks/{key}", partial(messages.respond, workspace)),
            web.post("/slack/upload/{id}", partial(files.receive, workspace)),
            web.get("/files/{id}/{name}", partial(files.download, workspace)),
            web.get("/avatars/{name}.svg", partial(_picture, workspace)),
            web.get("/", _front),
        ]
    )
    for prefix, subapp in (subapps or {}).items():
        app.add_subapp(prefix, subapp)
    if PAGE.is_dir():
        app.router.add_static("/", PAGE)
        app.on_response_prepare.append(_fresh)
    return app


async def _fresh(request: web.Request, response: web.StreamResponse) -> None:
    """A browser asks again for each module, so that it never mixes those of two versions."""
    if request.path.endswith((".js", ".css")):
        response.headers["Cache-Control"] = "no-cache"


async def _picture(workspace: Workspace, request: web.Request) -> web.Response:
    user = workspace.users.get(request.match_info["name"])
    if user is None:
        raise web.HTTPNotFound
    return web.Response(text=avatar(user), content_type="image/svg+xml")


async def _front(_: web.Request) -> web.StreamResponse:
    return web.FileResponse(PAGE / "index.html", headers={"Cache-Control": "no-cache"})


class Playground:
    """``async with Playground() as pg``: everything over real HTTP on 127.0.0.1, gone at the end.

    *config* is what `create_app` takes, its port apart, as are *networks* and *subapps*.
    """

    def __init__(
        self,
        config: PlaygroundConfig | None = None,
        *,
        networks: Mapping[str, Network] | None = None,
        subapps: Mapping[str, web.Application] | None = None,
        pages: Mapping[str, tuple[str, str]] | None = None,
    ) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        port: int = self._socket.getsockname()[1]
        self.config = replace(config or PlaygroundConfig(), port=port)
        self.url = self.config.url
        self.slack_api_url = f"{self.url}/slack/api/"
        self.bot_token = self.config.bot_token
        self.app_token = self.config.app_token
        self.signing_secret = self.config.signing_secret
        self.app = create_app(self.config, networks=networks, subapps=subapps, pages=pages)
        self.workspace: Workspace = self.app[WORKSPACE]
        self.interactions: Interactions = self.app[INTERACTIONS]
        self.delivery = self.app[DELIVERY]
        self.sockets = self.app[SOCKETS]
        self._runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=1.0)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.SockSite(self._runner, self._socket).start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()
        self._socket.close()

    # -- what a person does; each waits until the app has acknowledged

    async def command(self, user: str, command: str, text: str = "", channel: str | None = None) -> Outcome:
        """Type a slash command, in the direct messages with the app unless a channel is named."""
        place = channel or self.workspace.dm(user).id
        return await self.interactions.command(user, place, command, text)

    async def shortcut(
        self, user: str, callback_id: str, channel: str | None = None, message_ts: str | None = None
    ) -> Outcome:
        return await self.interactions.shortcut(user, callback_id, channel, message_ts)

    async def open_home(self, user: str, tab: str = "home") -> bool:
        """Whether the app took the event; what it publishes may come later: wait with `until`."""
        task = self.interactions.opens_home(user, tab)
        return await task if task else False

    async def click(
        self,
        user: str,
        container: JSON,
        action_id: str,
        value: Any = None,
        *,
        block_id: str | None = None,
        state: Mapping[str, Any] | None = None,
    ) -> Outcome:
        """Click or choose in *container*, a view or a message as `home`, `modal`, `dms` or `ephemerals` give it.

        *value* is what is chosen: an option's value, a list of them, a date, a user; *state* is as in `submit`.
        """
        if "ts" in container:
            channel = container.get("channel") or self._channel_of(container["ts"])
            ephemeral = bool(container.get("is_ephemeral"))
            where: JSON = {
                "type": "message",
                "channel": channel,
                "message_ts": container["ts"],
                "is_ephemeral": ephemeral,
            }
        else:
            where = {"type": "view", "view_id": container["id"]}
        action: JSON = {"action_id": action_id, "block_id": block_id, "value": value}
        return await self.interactions.act(user, where, action, state or {})

    def _channel_of(self, ts: str) -> str:
        return next(channel.id for channel in self.workspace.channels.values() if ts in channel.messages)

    async def submit(self, user: str, view_id: str, values: Mapping[str, Any] | None = None) -> Outcome:
        """Send a form: *values* by block id, each a text, an option's value, a list of them, or Slack's own entry."""
        return await self.interactions.submit(user, view_id, values or {})

    async def close(self, user: str, view_id: str) -> Outcome:
        return await self.interactions.close(user, view_id)

    def say(self, user: str, text: str, channel: str | None = None) -> Outcome:
        """Write a message, to the app unless a channel is named."""
        return self.interactions.message(user, channel or self.workspace.dm(user).id, text)

    async def leave(self, user: str) -> bool:
        """Deactivate a person; whether the app took the user_change."""
        return await self.interactions.leave(user)

    async def event(self, event: JSON) -> bool:
        """Any event; whether the app took it, False when its manifest does not ask for it."""
        task = self.delivery.event(event)
        return await task if task else False

    # -- what a person sees

    def home(self, user: str) -> JSON | None:
        return self.workspace.homes.get(user)

    def modal(self, user: str) -> JSON | None:
        """The modal on top."""
        stack = self.workspace.stacks[user]
        return stack[-1] if stack else None

    def dms(self, user: str) -> list[JSON]:
        """The messages between a person and the app, oldest first, those only for their eyes left out."""
        return list(self.workspace.dm(user).messages.values())

    def ephemerals(self, user: str) -> list[JSON]:
        return list(self.workspace.ephemerals[user].values())

    async def until(self, condition: Callable[[], T | None], within: float = 5.0) -> T:
        """Wait until *condition* gives something true, and return it; AssertionError after *within* seconds."""
        deadline = asyncio.get_running_loop().time() + within
        while True:
            if result := condition():
                return result
            if asyncio.get_running_loop().time() > deadline:
                raise AssertionError(f"It did not come true within {within:g} s.")
            await asyncio.sleep(0.01)

    # -- what goes wrong at Slack

    def fail(self, method: str, *answers: str | int) -> None:
        """The next calls of *method* are refused: with an error's name, or 429 and so many seconds of Retry-After."""
        self.workspace.mishaps.setdefault(method, []).extend(answers)
