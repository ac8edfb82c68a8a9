"""The stand-in workspace's state, in memory: people, channels, messages, views, and who is looking."""

import asyncio
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field

from grapevine.playground.config import JSON, PlaygroundConfig
from grapevine.playground.memory import packed, unpacked
from grapevine.playground.people import APP_ID, BOT_ID, BOT_USER_ID, TEAM_ID, User, bot, cast
from grapevine.playground.tickets import ResponseUrls, Triggers


@dataclass
class Channel:
    """A public channel, or with *user_id* the direct messages between that user and the app."""

    id: str
    name: str
    members: set[str]
    user_id: str | None = None
    messages: dict[str, JSON] = field(default_factory=dict)
    created: int = 1767225600

    @property
    def payload_name(self) -> str:
        return "directmessage" if self.user_id else self.name


@dataclass
class Upload:
    id: str
    name: str
    length: int
    content: bytes | None = None
    title: str = ""
    completed: bool = False
    user: str = ""  # who picked it, for a person's own; the app's have none


class Workspace:
    def __init__(self, config: PlaygroundConfig) -> None:
        self.config = config
        self.users: dict[str, User] = {user.id: user for user in [*cast(), bot(config.manifest.bot_name)]}
        people = {user.id for user in self.users.values() if not user.is_bot}
        self.channels: dict[str, Channel] = {
            "C0GENERAL1": Channel("C0GENERAL1", "general", people | {BOT_USER_ID}),
            "C0MARKET01": Channel("C0MARKET01", "marketing", people | {BOT_USER_ID}),
        }
        for user_id in sorted(people):
            channel = Channel("D" + user_id[1:], "", {user_id, BOT_USER_ID}, user_id)
            self.channels[channel.id] = channel
        self.ephemerals: dict[str, dict[str, JSON]] = {user_id: {} for user_id in people}
        self.homes: dict[str, JSON] = {}
        self.stacks: dict[str, list[JSON]] = {user_id: [] for user_id in people}
        self.uploads: dict[str, Upload] = {}
        self.triggers = Triggers(config.trigger_lifetime)
        self.response_urls = ResponseUrls(config.response_url_lifetime)
        self.watchers: dict[str, set[asyncio.Queue[JSON]]] = {user_id: set() for user_id in people}
        #: the latest calls of the Web API that the app was entitled to, in order: method and arguments, never secrets
        self.calls: list[tuple[str, JSON]] = []
        #: the next answers of a method, taken before it runs: an error's name, or seconds of Retry-After
        self.mishaps: dict[str, list[str | int]] = {}
        self._last_ts = 0

    # -- looking and telling

    @contextmanager
    def watch(self, user_id: str) -> Iterator[asyncio.Queue[JSON]]:
        queue: asyncio.Queue[JSON] = asyncio.Queue()
        self.watchers[user_id].add(queue)
        try:
            yield queue
        finally:
            self.watchers[user_id].discard(queue)

    def tell(self, user_id: str | None, event: JSON) -> None:
        """Show *event* to one person who is looking, or to everybody."""
        for someone in [user_id] if user_id else list(self.watchers):
            for queue in self.watchers.get(someone, ()):
                queue.put_nowait(event)

    def ts(self) -> str:
        """A message timestamp: microseconds that never repeat and never go back."""
        self._last_ts = max(self._last_ts + 1, time.time_ns() // 1000)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    # -- people and conversations

    def person(self, user_id: str) -> User | None:
        user = self.users.get(user_id)
        return user if user and not user.is_bot else None

    def dm(self, user_id: str) -> Channel:
        return self.channels["D" + user_id[1:]]

    def channel_for(self, name: str) -> Channel | None:
        """A channel by id, by #name, or the direct messages of a user id."""
        if name in self.channels:
            return self.channels[name]
        if name in self.ephemerals:
            return self.dm(name)
        bare = name.removeprefix("#")
        return next((each for each in self.channels.values() if each.name and each.name == bare), None)

    def links_of(self, channel: Channel, ts: str) -> str:
        return f"{self.config.url}/archives/{channel.id}/p{ts.replace('.', '')}"

    # -- messages

    def _audience(self, channel: Channel) -> set[str]:
        return channel.members - {BOT_USER_ID}

    def say(self, channel: Channel, said: JSON, user_id: str = BOT_USER_ID) -> JSON:
        """Put a message into a channel for all its members to see."""
        message: JSON = {"type": "message", "user": user_id, "ts": self.ts(), "team": TEAM_ID, **said}
        if user_id == BOT_USER_ID:
            message |= {"bot_id": BOT_ID, "app_id": APP_ID, "username": self.config.manifest.bot_name}
        channel.messages[message["ts"]] = message
        for someone in self._audience(channel):
            self.tell(someone, {"type": "message", "channel": channel.id, "message": message})
        return message

    def whisper(self, channel: Channel, user_id: str, said: JSON) -> JSON:
        """Show a message to one person only."""
        message: JSON = {
            "type": "message",
            "user": BOT_USER_ID,
            "bot_id": BOT_ID,
            "app_id": APP_ID,
            "username": self.config.manifest.bot_name,
            "ts": self.ts(),
            "team": TEAM_ID,
            "channel": channel.id,
            "is_ephemeral": True,
            **said,
        }
        self.ephemerals[user_id][message["ts"]] = message
        self.tell(user_id, {"type": "ephemeral", "channel": channel.id, "message": message})
        return message

    def change(self, channel: Channel, ts: str, said: JSON, user_id: str | None = None) -> JSON:
        """Replace what a message says; with *user_id* that person's ephemeral message."""
        shelf = self.ephemerals[user_id] if user_id else channel.messages
        message = {key: value for key, value in shelf[ts].items() if key not in ("blocks", "attachments")} | said
        if not user_id:
            message["edited"] = {"user": BOT_USER_ID, "ts": self.ts()}
        shelf[ts] = message
        for someone in [user_id] if user_id else self._audience(channel):
            self.tell(someone, {"type": "message_changed", "channel": channel.id, "message": message})
        return message

    def remove(self, channel: Channel, ts: str, user_id: str | None = None) -> None:
        shelf = self.ephemerals[user_id] if user_id else channel.messages
        shelf.pop(ts, None)
        for someone in [user_id] if user_id else self._audience(channel):
            self.tell(someone, {"type": "message_deleted", "channel": channel.id, "ts": ts})

    def history(self, user_id: str, channel: Channel) -> list[JSON]:
        """What a person sees in a channel, their ephemeral messages among the others, oldest first."""
        own = [each for each in self.ephemerals[user_id].values() if each["channel"] == channel.id]
        return sorted([*channel.messages.values(), *own], key=lambda message: str(message["ts"]))

    # -- views

    def view(self, view_id: str | None = None, external_id: str | None = None) -> tuple[str, JSON] | None:
        """The owner of a view that is open or on Home, and the view."""
        for user_id, stack in self.stacks.items():
            for view in [*stack, *([self.homes[user_id]] if user_id in self.homes else [])]:
                if (view_id and view["id"] == view_id) or (external_id and view["external_id"] == external_id):
                    return user_id, view
        return None

    def show_home(self, user_id: str, view: JSON) -> None:
        self.homes[user_id] = view
        self.tell(user_id, {"type": "home", "view": view})

    def show_stack(self, user_id: str, stack: list[JSON]) -> None:
        """Show these modals, the last on top; none closes them all."""
        self.stacks[user_id] = stack
        self.tell(user_id, {"type": "modal", "stack": deepcopy(stack)})

    def replace(self, user_id: str, view: JSON) -> None:
        """Put a view in the place of the one with its id."""
        if view["type"] == "home":
            self.show_home(user_id, view)
        else:
            stack = [view if each["id"] == view["id"] else each for each in self.stacks[user_id]]
            self.show_stack(user_id, stack)

    # -- from one run to the next: forms that are open, triggers and response URLs end with it

    def remember(self) -> JSON:
        """What outlasts a restart, as JSON."""
        whole = [each for each in self.uploads.values() if each.completed and each.content is not None]
        return {
            "left": {user.id: user.updated for user in self.users.values() if user.deleted},
            "messages": {channel.id: list(channel.messages.values()) for channel in self.channels.values()},
            "ephemerals": {user_id: list(shelf.values()) for user_id, shelf in self.ephemerals.items()},
            "homes": self.homes,
            "files": [
                {
                    "id": one.id,
                    "name": one.name,
                    "title": one.title,
                    "user": one.user,
                    "content": packed(one.content or b""),
                }
                for one in whole
            ],
            "last_ts": self._last_ts,
        }

    def recall(self, remembered: JSON) -> None:
        """Take up what `remember` gave; KeyError, TypeError, ValueError or AttributeError when it is something else."""
        for user_id, updated in remembered["left"].items():
            self.users[user_id].deleted, self.users[user_id].updated = True, int(updated)
        for channel_id, messages in remembered["messages"].items():
            self.channels[channel_id].messages = _shelf(messages)
        for user_id, messages in remembered["ephemerals"].items():
            self.ephemerals[user_id] = _shelf(messages)
        self.homes = {user_id: {**view} for user_id, view in remembered["homes"].items()}
        self.uploads = {}
        for each in remembered["files"]:
            content = unpacked(each["content"])
            upload = Upload(each["id"], each["name"], len(content), content, each["title"], True, each["user"])
            self.uploads[upload.id] = upload
        self._last_ts = int(remembered["last_ts"])


def _shelf(messages: list[JSON]) -> dict[str, JSON]:
    return {f"{message['ts']}": {**message} for message in messages}


def new_id(prefix: str) -> str:
    """An id as Slack writes them: a letter and ten of A-Z, 0-9."""
    return prefix + "".join(secrets.choice("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789") for _ in range(10))
