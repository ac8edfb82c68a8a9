"""My insights in a message, and the details of one share: its receipt, and why other places show other numbers."""

from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot import home
from bot.blocks import Block, button, context, divider, fields, header, plain, section
from bot.command import Command
from bot.guard import guarded
from bot.home_view import Glance
from bot.shares_view import ShareFacts, clicks, headline, reactions, windows
from grapevine.domain.errors import NotFound
from grapevine.domain.insights import points_of_chart, sparkline
from grapevine.domain.members import Member
from grapevine.domain.shares import MY_LINK
from grapevine.networks.base import Network
from grapevine.settings import BotSettings
from grapevine.store import Store

#: rule 26: what others count, with the date on which it was checked
_OTHERS = (
    "*Why do other places show other numbers?* Grapevine counts people who followed _your links_, each once.\n"
    "• *LinkedIn's page analytics* also count clicks on the content, the company's name and its logo.\n"
    "• *Facebook's Page Insights* count all clicks on a post; link clicks are in the export as "
    "“Lifetime Post Consumption”.\n"
    "• *Google Analytics* sees only pages that carry its code, and campaigns only where UTM tags arrive.\n"
    "_Checked in November 2026._"
)


def register(app: AsyncApp) -> None:
    app.action("share:details")(on_details)


async def on_insights(command: Command) -> None:
    """``/grapevine insights``: the last 30 days in a message that only the member sees."""
    gathered = await home.gather(
        command.store, command.networks, command.settings, command.member, command.now, Glance()
    )
    by_day = gathered.by_day
    figures = [
        _figure(sum(by_day.clicks), "unique click"),
        _figure(sum(by_day.reactions), "reaction"),
        _figure(gathered.shares_in_period, "share"),
        *([] if gathered.points is None else [_figure(gathered.points, "point")]),
        f"potential reach *{sum(by_day.reach):,}*",
    ]
    drawn = sparkline([one.value for one in points_of_chart(by_day.days, by_day.clicks)])
    blocks = [header("My insights, last 30 days"), section(" · ".join(figures)), context(f"{drawn}  unique clicks")]
    for facts in gathered.page[:3]:
        blocks.append(section(f"*{headline(facts.share)}*\n{clicks(facts)}   {reactions(facts)}"))
    blocks.append(context("Charts, windows and receipts are on Grapevine's *Home* tab."))
    await command.respond(text="My insights, last 30 days", blocks=blocks, response_type="ephemeral")


def _figure(count: int, noun: str) -> str:
    return f"*{count:,}* {noun if count == 1 else noun + 's'}"


@guarded
async def on_details(
    ack: AsyncAck,
    body: dict[str, Any],
    client: AsyncWebClient,
    store: Store,
    networks: Mapping[str, Network],
    settings: BotSettings,
    member: Member,
    now: float,
) -> None:
    """[Details]: the share's receipt in a modal."""
    await ack()
    share = await store.shares.get(member.id, body["actions"][0]["value"])
    if share is None:
        raise NotFound("This share does not exist any more. Open Home anew to see those that do.")
    known = await store.accounts.all(member.id)
    titles = {name: network.title for name, network in networks.items()}
    facts = await home.facts_of(store, settings, share, known, titles, member.tz, now)
    await client.views_open(trigger_id=body["trigger_id"], view=details(facts))


def details(facts: ShareFacts) -> Block:
    """The modal of one share."""
    blocks: list[Block] = [section(f"*{headline(facts.share)}*\n{clicks(facts)}   {reactions(facts)}")]
    if said := "\n".join(windows(facts)):
        blocks.append(context(said))
    my_link = next((one.card for one in facts.share.placements if one.network == MY_LINK), "")
    if my_link:
        address = f"{facts.short_url}/{my_link}"
        try_it = button("Open it (not counted)", "own", url=f"{address}?own")
        blocks.append(section(f"*Your link*, to paste anywhere:\n```{address}```", try_it))
    blocks.append(divider())
    if facts.share.post.kind.counts_clicks:
        blocks += _receipt(facts)
        blocks += [divider(), section(_OTHERS)]
    else:
        blocks.append(section("Clicks are recorded for links and articles. For an image post there are none to count."))
    return {"type": "modal", "title": plain("Receipt"), "close": plain("Close"), "blocks": blocks}


def _receipt(facts: ShareFacts) -> list[Block]:
    receipt = facts.receipt
    rows = [
        ("People, each once", receipt.unique),
        ("The same people again", receipt.repeat),
        ("Colleagues (company network)", receipt.colleague),
        ("You yourself", receipt.own),
        ("Too many from one address", receipt.capped),
        ("Link previews", receipt.preview),
        ("Bots and programs", receipt.bot),
        ("Browsers loading ahead", receipt.prefetch),
    ]
    blocks = [
        section(f"*Receipt*: every request to this share's links, {receipt.total:,} in all"),
        fields([f"{name}\n*{count:,}*" for name, count in rows]),
    ]
    if receipt.networks:
        by = ", ".join(f"{facts.title_of(name)} {count:,}" for name, count in sorted(receipt.networks.items()))
        blocks.append(context(f"Unique clicks by the network whose link came first: {by}"))
    blocks.append(
        context(
            "While the share gathers, Grapevine holds a keyed tag for each visitor, to know who has been counted. "
            "It cannot be turned back into a person, and it is destroyed when the share closes."
        )
    )
    return blocks
