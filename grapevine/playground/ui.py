"""The JSON and the event stream behind the playground's page."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict

from aiohttp import web

from grapevine.playground import files
from grapevine.playground.config import JSON
from grapevine.playground.crowd import Crowd
from grapevine.playground.delivery import Delivery
from grapevine.playground.interactions import Interactions, Outcome
from grapevine.playground.people import APP_ID, BOT_USER_ID, TEAM_ID, TEAM_NAME
from grapevine.playground.workspace import Channel, Workspace

Act = Callable[[str, JSON], Awaitable[Outcome]]


class Page:
    """Everything the page asks for; *pages* are the networks it links to: name -> (title, address)."""

    def __init__(
        self,
        workspace: Workspace,
        delivery: Delivery,
        interactions: Interactions,
        crowd: Crowd,
        pages: Mapping[str, tuple[str, str]],
    ) -> None:
        self.workspace = workspace
        self.delivery = delivery
        self.interactions = interactions
        self.crowd = crowd
        self.pages = pages
        self._closing = asyncio.Event()

    def routes(self) -> list[web.AbstractRouteDef]:
        acts: dict[str, Act] = {
            "/ui/message": self.message,
            "/ui/command": self.command,
            "/ui/shortcut": self.shortcut,
            "/ui/action": self.action,
            "/ui/submit": self.submit,
            "/ui/close": self.close,
            "/ui/home/open": self.open_home,
        }
        return [
            web.get("/ui/bootstrap", self.bootstrap),
            web.get("/ui/events", self.events),
            web.get("/ui/home", self.home),
            web.get("/ui/history", self.history),
            web.get("/ui/dm", self.dm),
            web.post("/ui/crowd", self.gather),
            web.post("/ui/file", self.pick),
            *(web.post(path, self._acting(act)) for path, act in acts.items()),
        ]

    def stop(self) -> None:
        """End the event streams, so that the server can close."""
        self._closing.set()

    # -- what there is to see

    async def bootstrap(self, _: web.Request) -> web.Response:
        workspace, manifest = self.workspace, self.workspace.config.manifest
        users = [
            {
                "id": user.id,
                "name": user.name,
                "real_name": user.real_name,
                "is_admin": user.is_admin,
                "is_owner": user.is_owner,
                "avatar": f"/avatars/{user.id}.svg",
                "tz": user.tz,
                "locale": user.locale,
            }
            for user in workspace.users.values()
            if not user.is_bot and not user.deleted
        ]
        icon = f"/avatars/{BOT_USER_ID}.svg"
        return web.json_response(
            {
                "users": users,
                "app": {"id": APP_ID, "name": manifest.name, "bot_user_id": BOT_USER_ID, "icon": icon},
                "team": {"id": TEAM_ID, "name": TEAM_NAME},
                "channels": [
                    {"id": channel.id, "name": channel.name} for channel in workspace.channels.values() if channel.name
                ],
                "commands": [asdict(command) for command in manifest.commands],
                "shortcuts": [asdict(shortcut) for shortcut in manifest.shortcuts],
                "transport": workspace.config.transport,
                "connected": await self.delivery.reachable(),
                "networks": [{"name": name, "title": title, "url": url} for name, (title, url) in self.pages.items()],
                "crowd": {"clicks": True, "reactions": bool(self.crowd.networks), "bot": True},
            }
        )

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Tell of what this person sees until the page leaves; over HTTP also whether the app can be reached."""
        user_id = self._user(request.query)
        pause = 2 if self.workspace.config.transport == "http" else 15
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await stream.prepare(request)
        closing = asyncio.ensure_future(self._closing.wait())
        try:
            with self.workspace.watch(user_id) as queue:
                connected = await self.delivery.reachable()
                await stream.write(_event({"type": "app", "connected": connected}))
                if stack := self.workspace.stacks[user_id]:
                    await stream.write(_event({"type": "modal", "stack": stack}))
                while not self._closing.is_set():
                    waiting = asyncio.ensure_future(queue.get())
                    done, _ = await asyncio.wait({waiting, closing}, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
                    if waiting in done:
                        await stream.write(_event(waiting.result()))
                        continue
                    waiting.cancel()
                    await stream.write(b": still here\n\n")
                    if pause < 15 and connected != (connected := await self.delivery.reachable()):
                        await stream.write(_event({"type": "app", "connected": connected}))
        except ConnectionError:
            pass
        finally:
            closing.cancel()
        return stream

    async def home(self, request: web.Request) -> web.Response:
        return web.json_response({"view": self.workspace.homes.get(self._user(request.query))})

    async def history(self, request: web.Request) -> web.Response:
        user_id = self._user(request.query)
        channel = self._channel(user_id, request.query.get("channel", ""))
        return web.json_response({"messages": self.workspace.history(user_id, channel)})

    async def dm(self, request: web.Request) -> web.Response:
        return web.json_response({"channel": self.workspace.dm(self._user(request.query)).id})

    # -- what a person does

    def _acting(self, act: Act) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handler(request: web.Request) -> web.Response:
            body = await _body(request)
            outcome = await act(self._user(body), body)
            return web.json_response(outcome.body())

        return handler

    def _user(self, given: Mapping[str, str] | JSON) -> str:
        user_id = str(given.get("user", ""))
        if self.workspace.person(user_id) is None:
            raise _refused("user should be the id of somebody in this workspace.")
        return user_id

    def _channel(self, user_id: str, channel_id: str) -> Channel:
        channel = self.workspace.channels.get(channel_id)
        if channel is None or user_id not in channel.members:
            raise _refused("channel should be the id of a channel this person is in.")
        return channel

    async def message(self, user_id: str, body: JSON) -> Outcome:
        channel = self._channel(user_id, str(body.get("channel")))
        return self.interactions.message(user_id, channel.id, str(body.get("text", "")))

    async def command(self, user_id: str, body: JSON) -> Outcome:
        channel = self._channel(user_id, str(body.get("channel")))
        return await self.interactions.command(
            user_id, channel.id, str(body.get("command", "")), str(body.get("text", ""))
        )

    async def shortcut(self, user_id: str, body: JSON) -> Outcome:
        channel_id = body.get("channel")
        if channel_id:
            self._channel(user_id, channel_id)
        return await self.interactions.shortcut(
            user_id, str(body.get("callback_id")), channel_id or None, body.get("message_ts") or None
        )

    async def action(self, user_id: str, body: JSON) -> Outcome:
        container, action = body.get("container"), body.get("action")
        if not isinstance(container, dict) or not isinstance(action, dict) or "type" not in container:
            raise _refused("container and action should be objects.")
        return await self.interactions.act(user_id, container, action, _values(body))

    async def submit(self, user_id: str, body: JSON) -> Outcome:
        return await self.interactions.submit(user_id, str(body.get("view_id")), _values(body))

    async def close(self, user_id: str, body: JSON) -> Outcome:
        return await self.interactions.close(user_id, str(body.get("view_id")))

    async def open_home(self, user_id: str, body: JSON) -> Outcome:
        self.interactions.opens_home(user_id, str(body.get("tab", "home")))
        return Outcome()

    async def pick(self, request: web.Request) -> web.Response:
        """A file from this person's device, for a form: its bytes are the body."""
        name = request.query.get("name") or "file"
        card = files.picked(self.workspace, self._user(request.query), name, await request.read())
        return web.json_response({"ok": True, "file": card})

    async def gather(self, request: web.Request) -> web.Response:
        body = await _body(request)
        told = await self.crowd.gather(
            clicks=_count(body, "clicks"),
            reactions=_count(body, "reactions"),
            bot=bool(body.get("bot")),
            link=body.get("link") or None,
            placement=body.get("placement") or None,
        )
        return web.json_response({"ok": True, "told": told})


def _refused(text: str) -> web.HTTPBadRequest:
    return web.HTTPBadRequest(text=json.dumps({"ok": False, "error": text}), content_type="application/json")


def _event(event: JSON) -> bytes:
    return f"data: {json.dumps(event)}\n\n".encode()


async def _body(request: web.Request) -> JSON:
    try:
        body = await request.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise _refused("The body should be a JSON object.")
    return body


def _values(body: JSON) -> JSON:
    state = body.get("state")
    values = state.get("values") if isinstance(state, dict) else None
    return values if isinstance(values, dict) else {}


def _count(body: JSON, name: str) -> int:
    value = body.get(name) or 0
    if not isinstance(value, int) or not 0 <= value <= 500:
        raise _refused(f"{name} should be a number from 0 to 500.")
    return value
