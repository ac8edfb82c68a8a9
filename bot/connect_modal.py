"""[Connect …] on Home: a modal with a fresh link, since a link in Home itself would grow old there.

When the pages behind the link are done, the modal says so (``announcing``).
"""

import re
import secrets
from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot import accounts
from bot.blocks import actions, button, context, plain, section
from bot.guard import guarded
from grapevine.domain.members import Member
from grapevine.networks.abilities import OfPages, connectable
from grapevine.networks.base import Network
from grapevine.settings import BotSettings
from grapevine.store import Store


def register(app: AsyncApp) -> None:
    app.action(re.compile("^home:connect:"))(on_connect)


@guarded
async def on_connect(
    ack: AsyncAck,
    body: dict[str, Any],
    client: AsyncWebClient,
    store: Store,
    networks: Mapping[str, Network],
    settings: BotSettings,
    member: Member,
    now: float,
) -> None:
    await ack()
    name = body["actions"][0]["action_id"].rsplit(":", 1)[1]
    network = networks[name]
    title = network.title
    known_as = f"connect-{secrets.token_urlsafe(12)}"  # so that the link's page finds the modal before Slack names it
    url = await accounts.connect_link(store, settings, member, name, now, view=known_as)
    go = button(f"Continue to {title}", f"connect:{name}", url=url, style="primary")
    view = {
        "type": "modal",
        "external_id": known_as,
        "title": plain(f"Connect {connectable(network)}"[:24]),
        "close": plain("Close"),
        "blocks": [
            section(
                f"The next page, in your browser, says what connecting {title} allows and what it is used for. "
                "The link works for 15 minutes and only for you."
            ),
            *([context(network.note)] if isinstance(network, OfPages) else []),
            actions("connect", go),
        ],
    }
    await client.views_open(trigger_id=body["trigger_id"], view=view)
