"""One subcommand of ``/grapevine`` as it was typed, with everything that answering it takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_bolt.async_app import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from grapevine.domain.members import Member
from grapevine.networks.base import Network
from grapevine.settings import BotSettings
from grapevine.store import Store
from grapevine.store.queue import Jobs


@dataclass(frozen=True, slots=True)
class Command:
    """One subcommand as it was typed: *text* is what follows the word; *respond* answers to this person only."""

    text: str
    body: dict[str, Any]
    client: AsyncWebClient
    respond: AsyncRespond
    store: Store
    jobs: Jobs
    networks: Mapping[str, Network]
    settings: BotSettings
    member: Member
    now: float
    is_admin: bool
