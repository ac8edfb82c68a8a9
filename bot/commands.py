"""``/grapevine`` and its subcommands: which word leads where."""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot import accounts, composer, erasure, insights, leaderboard, links, offers, preferences, totals
from bot.blocks import escaped
from bot.command import Command
from bot.guard import guarded
from grapevine.domain.members import Member
from grapevine.networks.base import Network
from grapevine.settings import BotSettings
from grapevine.store import Store
from grapevine.store.queue import Jobs

Handler = Callable[[Command], Awaitable[None]]

HELP = """*Grapevine* shares company posts to your own accounts and shows you what came of it.
• `/grapevine share https://…` writes a post, or a link of your own to paste anywhere
• `/grapevine insights` shows clicks, reactions and reach of your shares
• `/grapevine connect` connects LinkedIn, X, Mastodon … and `/grapevine disconnect` ends it
• `/grapevine offer` offers a post to your colleagues (admins)
• `/grapevine link` makes a short link with a name of your choice, or takes one down (admins)
• `/grapevine totals` shows how the whole programme did, month by month, and nothing about one person (admins)
• `/grapevine leaderboard` shows the leaderboard, if your workspace has one
• `/grapevine settings` sets how often you hear of new clicks, and your quiet hours
• `/grapevine export` hands you everything that is held about you
• `/grapevine erase` removes it all"""


async def on_help(command: Command) -> None:
    await command.respond(text=HELP)


async def on_unknown(command: Command) -> None:
    word = escaped(command.text.split(maxsplit=1)[0][:40])
    await command.respond(text=f"Grapevine does not know “{word}”. Here is what it knows:\n\n{HELP}")


SUBCOMMANDS: dict[str, Handler] = {
    "help": on_help,
    "connect": accounts.on_connect,
    "disconnect": accounts.on_disconnect,
    "share": composer.on_share,
    "offer": offers.on_offer,
    "link": links.on_link,
    "insights": insights.on_insights,
    "leaderboard": leaderboard.on_leaderboard,
    "totals": totals.on_totals,
    "settings": preferences.on_settings,
    "export": erasure.on_export,
    "erase": erasure.on_erase,
}
#: commands of their own, so that Slack's autocomplete finds them
ALIASES = {"/grapevine": "", "/grapevine-share": "share", "/grapevine-insights": "insights"}
_URL = re.compile(r"<?https?://\S", re.IGNORECASE)


def dispatch(alias: str, text: str) -> tuple[Handler, str]:
    """Who answers, and with which text: a bare URL is something to share."""
    text = text.strip()
    if word := ALIASES.get(alias, ""):
        return SUBCOMMANDS[word], text
    if not text:
        return on_help, ""
    if _URL.match(text):
        return composer.on_share, text
    word, _, rest = re.sub(r"\s+", " ", text, count=1).partition(" ")
    handler = SUBCOMMANDS.get(word.lower())
    return (handler, rest.strip()) if handler else (on_unknown, text)


@guarded
async def on_command(
    ack: AsyncAck,
    body: dict[str, Any],
    client: AsyncWebClient,
    respond: AsyncRespond,
    store: Store,
    jobs: Jobs,
    networks: Mapping[str, Network],
    settings: BotSettings,
    member: Member,
    now: float,
    is_admin: bool,
) -> None:
    await ack()
    handler, text = dispatch(body["command"], body.get("text") or "")
    typed = Command(text, body, client, respond, store, jobs, networks, settings, member, now, is_admin)
    await handler(typed)


def register(app: AsyncApp) -> None:
    for alias in ALIASES:
        app.command(alias)(on_command)
