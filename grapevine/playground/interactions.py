"""What a person does in Slack, and how the app is told: commands, shortcuts, clicks, forms, Home, messages."""

import asyncio
import html
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from grapevine.playground import forms, state
from grapevine.playground.config import JSON, Shortcut
from grapevine.playground.delivery import Answer, Delivery
from grapevine.playground.messages import answer as show_answer
from grapevine.playground.people import APP_ID, BOT_USER_ID, TEAM_DOMAIN, TEAM_ID
from grapevine.playground.tickets import ResponseUrl
from grapevine.playground.webapi import SlackError
from grapevine.playground.workspace import Channel, Workspace

TROUBLE = "We had some trouble connecting. Try again?"


@dataclass(frozen=True)
class Outcome:
    """What a person is told at once; *errors* stand beside the blocks of a form."""

    ok: bool = True
    error: str | None = None
    errors: dict[str, str] = field(default_factory=dict)

    def body(self) -> JSON:
        return {"ok": self.ok} | {key: value for key in ("error", "errors") if (value := getattr(self, key))}


class Interactions:
    def __init__(self, workspace: Workspace, delivery: Delivery) -> None:
        self.workspace = workspace
        self.delivery = delivery
        self.manifest = workspace.config.manifest

    # -- what every payload carries

    def _user(self, user_id: str) -> JSON:
        name = self.workspace.users[user_id].name
        return {"id": user_id, "username": name, "name": name, "team_id": TEAM_ID}

    def payload(self, kind: str, user_id: str, view_id: str | None = None) -> JSON:
        return {
            "type": kind,
            "team": {"id": TEAM_ID, "domain": TEAM_DOMAIN},
            "user": self._user(user_id),
            "api_app_id": APP_ID,
            "token": self.workspace.config.verification_token,
            "trigger_id": self.workspace.triggers.issue(user_id, view_id),
            "is_enterprise_install": False,
            "enterprise": None,
        }

    def response_url(self, user_id: str, channel: Channel, message: JSON | None = None) -> str:
        url = ResponseUrl(
            user_id,
            channel.id,
            message["ts"] if message else None,
            is_ephemeral=bool(message and message.get("is_ephemeral")),
        )
        return self.workspace.config.url + self.workspace.response_urls.issue(url)

    def failed(self, user_id: str, text: str) -> Outcome:
        self.workspace.tell(user_id, {"type": "error", "text": text})
        return Outcome(False, text)

    # -- commands and shortcuts

    async def command(self, user_id: str, channel_id: str, command: str, text: str) -> Outcome:
        declared = next((each for each in self.manifest.commands if each.command == command), None)
        if declared is None:
            return self.failed(user_id, f"{command} is not a valid command.")
        channel = self.workspace.channels[channel_id]
        if declared.should_escape:
            text = self._escaped(text)
        payload = {
            "token": self.workspace.config.verification_token,
            "team_id": TEAM_ID,
            "team_domain": TEAM_DOMAIN,
            "channel_id": channel.id,
            "channel_name": channel.payload_name,
            "user_id": user_id,
            "user_name": self.workspace.users[user_id].name,
            "command": command,
            "text": text,
            "api_app_id": APP_ID,
            "is_enterprise_install": "false",
            "response_url": self.response_url(user_id, channel),
            "trigger_id": self.workspace.triggers.issue(user_id),
        }
        answer = await self.delivery.deliver("slash_commands", payload)
        error = answer.error
        if not error and isinstance(answer.body, dict) and answer.body:
            try:
                show_answer(self.workspace, user_id, channel, answer.body)
            except SlackError:
                error = "invalid_command_response"
        if error:
            return self.failed(user_id, f"{command} failed with the error “{error}”")
        return Outcome()

    def _escaped(self, text: str) -> str:
        """@name and #channel as Slack writes them when a command asks for escaping."""
        text = html.escape(text, quote=False)
        for user in self.workspace.users.values():
            text = re.sub(rf"@{re.escape(user.name)}\b", f"<@{user.id}|{user.name}>", text)
        for channel in self.workspace.channels.values():
            if channel.name:
                text = re.sub(rf"#{re.escape(channel.name)}\b", f"<#{channel.id}|{channel.name}>", text)
        return text

    def _declared(self, callback_id: str, kind: str) -> Shortcut | None:
        return next(
            (each for each in self.manifest.shortcuts if (each.callback_id, each.type) == (callback_id, kind)), None
        )

    async def shortcut(
        self, user_id: str, callback_id: str, channel_id: str | None = None, message_ts: str | None = None
    ) -> Outcome:
        """A global shortcut or, with a message, a message shortcut."""
        on_message = channel_id is not None and message_ts is not None
        declared = self._declared(callback_id, "message" if on_message else "global")
        if declared is None or not self.manifest.interactivity:
            return self.failed(user_id, f"There is no shortcut {callback_id}.")
        payload = self.payload("message_action" if on_message else "shortcut", user_id)
        payload |= {"callback_id": callback_id, "action_ts": self.workspace.ts()}
        if channel_id is not None and message_ts is not None:
            channel = self.workspace.channels[channel_id]
            message = channel.messages.get(message_ts)
            if message is None:
                return self.failed(user_id, "This message is no longer there.")
            payload |= {
                "channel": {"id": channel.id, "name": channel.payload_name},
                "message_ts": message_ts,
                "message": message,
                "response_url": self.response_url(user_id, channel),
            }
        answer = await self.delivery.deliver("interactive", payload)
        return self._taken(user_id, answer, f"{declared.name} failed")

    def _taken(self, user_id: str, answer: Answer, trouble: str) -> Outcome:
        return self.failed(user_id, f"{trouble} with the error “{answer.error}”") if answer.error else Outcome()

    # -- clicks

    async def act(self, user_id: str, container: JSON, given: JSON, entered: Mapping[str, Any]) -> Outcome:
        """A click or a choice in a view or message; *given* names block_id and action_id and the choice."""
        found = self._container(user_id, container)
        if found is None:
            return self.failed(user_id, "This is no longer there.")
        held, channel = found
        target = next(
            (
                (block, element)
                for block, element in state.elements(held["blocks"])
                if element.get("action_id") == given.get("action_id")
                and given.get("block_id") in (None, block["block_id"])
            ),
            None,
        )
        if target is None or not self.manifest.interactivity:
            return self.failed(user_id, "This can no longer be clicked.")
        view_id = held["id"] if channel is None else None
        try:
            values = state.values(held["blocks"], entered, held.get("state", {}).get("values"))
            action = state.action(*target, given, self.workspace.ts())
        except state.NoSuchOption:
            return self.failed(user_id, "This choice is not offered.")
        if action["type"] in state.VALUE_KEY:
            values[action["block_id"]][action["action_id"]] = state.entered(target[1], action)
        if target[0]["type"] == "input" and not target[0].get("dispatch_action"):
            return Outcome()
        payload = self.payload("block_actions", user_id, view_id)
        payload |= {"actions": [action], "state": {"values": values}}
        if channel is None:
            held["state"] = {"values": values}
            payload |= {"view": held, "container": {"type": "view", "view_id": held["id"]}}
        else:
            payload |= self._of_message(user_id, channel, held)
        return self._taken(user_id, await self.delivery.deliver("interactive", payload), "This failed")

    def _container(self, user_id: str, container: JSON) -> tuple[JSON, Channel | None] | None:
        """The view, or the message with its channel, that a person sees there."""
        if container["type"] == "view":
            found = self.workspace.view(container.get("view_id"))
            return (found[1], None) if found and found[0] == user_id else None
        channel = self.workspace.channels.get(str(container.get("channel")))
        if channel is None or user_id not in channel.members:
            return None
        shelf = self.workspace.ephemerals[user_id] if container.get("is_ephemeral") else channel.messages
        message = shelf.get(str(container.get("message_ts")))
        return (message, channel) if message and "blocks" in message else None

    def _of_message(self, user_id: str, channel: Channel, message: JSON) -> JSON:
        is_ephemeral = bool(message.get("is_ephemeral"))
        said: JSON = {
            "container": {
                "type": "message",
                "message_ts": message["ts"],
                "channel_id": channel.id,
                "is_ephemeral": is_ephemeral,
            },
            "channel": {"id": channel.id, "name": channel.payload_name},
            "response_url": self.response_url(user_id, channel, message),
        }
        return said if is_ephemeral else said | {"message": message}

    # -- forms

    async def submit(self, user_id: str, view_id: str, entered: Mapping[str, Any]) -> Outcome:
        """Send a modal's form. What Slack's client would complain of is not sent."""
        view = self._top(user_id, view_id)
        if view is None:
            return self.failed(user_id, "This form is no longer open.")
        try:
            values = state.values(view["blocks"], entered, view["state"]["values"])
        except state.NoSuchOption:
            return self.failed(user_id, "This choice is not offered.")
        view["state"] = {"values": values}
        if errors := state.complaints(view["blocks"], values):
            return Outcome(False, errors=errors)
        payload = self.payload("view_submission", user_id, view_id)
        answer = await self.delivery.deliver("interactive", payload | {"view": view, "response_urls": []})
        if answer.error:
            return self.failed(user_id, TROUBLE)
        try:
            errors, cleared = forms.answered(self.workspace, user_id, view, answer.body)
        except SlackError as error:
            self.failed(user_id, TROUBLE)
            return Outcome(False, f"{TROUBLE} ({'; '.join([error.error, *error.messages])})")
        for each in cleared:
            await self._closed(user_id, each, is_cleared=True)
        return Outcome(not errors, errors=errors)

    def _top(self, user_id: str, view_id: str) -> JSON | None:
        stack = self.workspace.stacks[user_id]
        return stack[-1] if stack and stack[-1]["id"] == view_id else None

    async def close(self, user_id: str, view_id: str) -> Outcome:
        """Close the modal on top; with clear_on_close all of them."""
        view = self._top(user_id, view_id)
        if view is None:
            return Outcome()
        stack = self.workspace.stacks[user_id]
        gone = list(reversed(stack)) if view["clear_on_close"] else [view]
        self.workspace.show_stack(user_id, [] if view["clear_on_close"] else stack[:-1])
        for each in gone:
            await self._closed(user_id, each, is_cleared=bool(view["clear_on_close"]))
        return Outcome()

    async def _closed(self, user_id: str, view: JSON, *, is_cleared: bool) -> None:
        if view["notify_on_close"]:
            payload = self.payload("view_closed", user_id, view["id"]) | {"view": view, "is_cleared": is_cleared}
            del payload["trigger_id"]
            await self.delivery.deliver("interactive", payload)

    # -- Home and messages

    def opens_home(self, user_id: str, tab: str = "home") -> asyncio.Task[bool] | None:
        """Open the app's Home or Messages tab; the task ends with True when the app took the event."""
        event: JSON = {
            "type": "app_home_opened",
            "user": user_id,
            "channel": self.workspace.dm(user_id).id,
            "tab": tab,
            "event_ts": self.workspace.ts(),
        }
        if tab == "home" and user_id in self.workspace.homes:
            event["view"] = self.workspace.homes[user_id]
        return self.delivery.event(event)

    def message(self, user_id: str, channel_id: str, text: str) -> Outcome:
        """A person writes; the app hears of it as far as its manifest subscribes to messages."""
        channel = self.workspace.channels[channel_id]
        if channel.user_id and (not self.manifest.messages_tab or self.manifest.messages_tab_read_only):
            return self.failed(user_id, "Sending messages to this app has been turned off.")
        said = re.sub(r"https?://[^\s<>|]+", lambda url: f"<{url[0]}>", html.escape(text, quote=False))
        message = self.workspace.say(channel, {"text": said}, user_id)
        kind = "im" if channel.user_id else "channel"
        event = message | {"channel": channel.id, "channel_type": kind, "event_ts": message["ts"]}
        if BOT_USER_ID in channel.members:
            self.delivery.event(event, "message.im" if channel.user_id else "message.channels")
            if f"<@{BOT_USER_ID}>" in said:
                self.delivery.event(event | {"type": "app_mention"})
        return Outcome()

    async def leave(self, user_id: str) -> bool:
        """Deactivate a person; the app hears of it as user_change."""
        user = self.workspace.users[user_id]
        user.deleted, user.updated = True, int(time.time())
        card = user.card(self.workspace.config.url, with_email=False)
        task = self.delivery.event({"type": "user_change", "user": card, "event_ts": self.workspace.ts()})
        return await task if task else False
