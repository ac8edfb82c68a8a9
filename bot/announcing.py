"""What Slack hears of what happened on a web page, and what a page says of Slack."""

import logging
from collections.abc import Mapping, Sequence

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot import home
from bot.accounts import Ended
from bot.blocks import Block, context, escaped, plain, section
from bot.slack import Slack
from grapevine.domain.accounts import Account
from grapevine.domain.members import Member
from grapevine.networks.base import Network
from grapevine.settings import BotSettings
from grapevine.store import Store

log = logging.getLogger("bot.announcing")


class Announcer:
    def __init__(self, slack: Slack, store: Store, networks: Mapping[str, Network], settings: BotSettings) -> None:
        self._settings = settings
        self._slack = slack
        self._store = store
        self._networks = networks

    async def who(self, member: Member) -> dict[str, str]:
        """The Slack side as a page names it: asked of Slack, shown, not stored."""
        client = await self._slack.of(member.team)
        person = await self._slack.people.ask(client, member.team, member.user)
        workspace = await self._slack.workspace(member.team)
        return {
            "person": person.name if person and person.name else f"the Slack user {member.user}",
            "workspace": workspace or member.team,
        }

    async def connected(
        self, member: Member, network: Network, account: Account, ended: Sequence[Ended], now: float, *, modal: str = ""
    ) -> None:
        """A direct message with picture, name and reach, and Home as it is now; the connection stands without them.

        *modal* is the external id of the one that showed the link, if it was one: it says so too, while it is open.
        """
        said = [f"*{network.title}* is connected as *{escaped(account.name)}*. {reach(account)}"]
        said += [one.sentence for one in ended]
        if not account.can_count:
            said.append(f"Reactions are not available: {account.count_reason}")
        text = "\n".join(said)
        try:
            client = await self._slack.of(member.team)
            if modal:
                await _finish(client, modal, text)
            try:
                await client.chat_postMessage(channel=member.user, text=text, blocks=[_with_picture(text, account)])
            except SlackApiError:  # Slack could not load the picture, then it refuses the whole message
                await client.chat_postMessage(channel=member.user, text=text)
            person = await self._slack.people.ask(client, member.team, member.user)
            await home.publish_home(
                client,
                self._store,
                self._networks,
                self._settings,
                member,
                now,
                is_admin=bool(person and person.is_admin),
            )
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            log.warning("Slack could not be told of a new connection: %s", type(error).__name__)


async def _finish(client: AsyncWebClient, modal: str, text: str) -> None:
    view = {
        "type": "modal",
        "external_id": modal,
        "title": plain("Connected"),
        "close": plain("Done"),
        "blocks": [section(text), context("You can share there from now on. `/grapevine disconnect` ends it.")],
    }
    try:
        await client.views_update(external_id=modal, view=view)
    except SlackApiError:
        log.debug("The modal was closed meanwhile")


def reach(account: Account) -> str:
    """The account's reach in a sentence, or why it is not known (rule 11)."""
    if account.reach is not None:
        return f"What you share there may reach {account.reach:,} people."
    return f"Its reach is not available: {account.reach_reason}" if account.reach_reason else ""


def _with_picture(text: str, account: Account) -> Block:
    if not account.picture:
        return section(text)
    return section(text, {"type": "image", "image_url": account.picture, "alt_text": f"Picture of {account.name}"})
