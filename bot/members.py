"""Who is speaking: Slack's word on a person, the member they are here, and what happens when they leave."""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot import accounts
from bot.guard import guarded
from grapevine.domain.errors import Refused, TryLater
from grapevine.domain.members import ERASED_AFTER, Member
from grapevine.networks.base import Network
from grapevine.settings import BotSettings
from grapevine.store import Store

log = logging.getLogger("bot.members")

#: seconds that Slack's word on a person is believed; Slack waits three in all for an answer
_BELIEVED, _PATIENCE = 300.0, 1.5
_MOST = 20_000
GUEST = (
    "Grapevine is for the members of this workspace; guests do not take part here. "
    "An admin who runs Grapevine can change that."
)


@dataclass(frozen=True, slots=True)
class Person:
    """Slack's word on a user (users.info); *name* is shown on pages and never stored."""

    tz: str = "UTC"
    locale: str = "en-US"
    name: str = ""
    is_admin: bool = False
    is_guest: bool = False
    deleted: bool = False

    @classmethod
    def read(cls, user: Mapping[str, Any]) -> "Person":
        """https://docs.slack.dev/reference/objects/user-object"""
        profile = user.get("profile") or {}
        return cls(
            tz=user.get("tz") or "UTC",
            locale=user.get("locale") or "en-US",
            name=user.get("real_name") or profile.get("real_name") or user.get("name") or "",
            is_admin=bool(user.get("is_admin") or user.get("is_owner")),
            is_guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted") or user.get("is_stranger")),
            deleted=bool(user.get("deleted")),
        )


class People:
    """users.info, remembered for five minutes in this process."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str], tuple[float, Person]] = OrderedDict()

    async def ask(self, client: AsyncWebClient, team: str, user: str) -> Person | None:
        """Who this is; None when Slack does not say in time."""
        held = self._known.get((team, user))
        if held and time.monotonic() - held[0] < _BELIEVED:
            return held[1]
        try:
            answer = await asyncio.wait_for(client.users_info(user=user, include_locale=True), _PATIENCE)
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            log.warning("Slack did not say who somebody is: %s", type(error).__name__)
            return None
        person = Person.read(answer["user"])
        self._known[(team, user)] = (time.monotonic(), person)
        while len(self._known) > _MOST:
            self._known.popitem(last=False)
        return person

    def forget(self, team: str, user: str) -> None:
        self._known.pop((team, user), None)


async def introduce(
    people: People, client: AsyncWebClient, store: Store, settings: BotSettings, team: str, user: str, now: float
) -> tuple[Member, bool]:
    """The member who speaks, joined on first contact, and whether they are an admin of the workspace.

    ``Refused`` for a guest unless a setting says that they take part (rule 25); ``TryLater`` when Slack does not say
    who a newcomer is.
    """
    member, person = await asyncio.gather(store.members.of(team, user), people.ask(client, team, user))
    if person is None:
        if member is None:
            raise TryLater("Slack did not tell Grapevine who you are just now. Please try again in a minute.")
        return member, False
    if person.is_guest and not settings.guests_take_part:
        raise Refused(GUEST)
    if member is None or member.left is not None:
        return await store.members.join(team, user, now, person.tz, person.locale), person.is_admin
    return await store.members.know(member, person.tz, person.locale), person.is_admin


async def depart(store: Store, networks: Mapping[str, Network], member: Member, now: float) -> None:
    """The person is deactivated in Slack: nothing is published any more, tokens are wiped at once, the rest is erased
    later (rule 25).
    """
    await store.members.leave(member.id, now, erase_at=now + ERASED_AFTER)
    await accounts.disconnect(store, networks, member)


@guarded
async def user_changed(
    event: dict[str, Any],
    context: dict[str, Any],
    store: Store,
    networks: Mapping[str, Network],
    people: People,
    now: float,
) -> None:
    """https://docs.slack.dev/reference/events/user_change"""
    user = event["user"]
    team = context.get("team_id") or user.get("team_id") or ""
    people.forget(team, user["id"])
    member = await store.members.of(team, user["id"])
    if member is None:
        return
    person = Person.read(user)
    if person.deleted:
        await depart(store, networks, member, now)
    else:
        if member.left is not None:  # reactivated before they were erased
            await store.members.return_(member.id)
        await store.members.know(member, person.tz, user.get("locale") or member.locale)


def register(app: AsyncApp) -> None:
    app.event("user_change")(user_changed)
