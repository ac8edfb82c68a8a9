"""Programme totals, for admins: how the whole programme did in each finished month, and nothing about one person."""

from collections.abc import Mapping, Sequence
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.blocks import Block, context, divider, fields, header, listed, option, plain, section, select
from bot.command import Command
from bot.guard import guarded
from bot.shares_view import day
from grapevine.domain import months
from grapevine.domain.errors import Refused
from grapevine.domain.members import Member
from grapevine.domain.shares import MY_LINK
from grapevine.domain.totals import Row, Totals
from grapevine.networks.base import Network
from grapevine.store import Store

TITLE = "Programme totals"
#: months on a page
_PAGE = 3
_HIDDEN = "hidden"
_WHY = (
    "*Hidden* is what fewer than five people stand behind, and what would tell, alone or beside other figures, what "
    "one person did. A network that is not named is hidden, or was not used. Numbers of people are rounded down to "
    "fives. A month (UTC) is counted on the third day after its end and then frozen: two looks at a sum that moves "
    "would tell what one person did in between."
)


def register(app: AsyncApp) -> None:
    app.action("totals")(on_button)
    app.action("totals:month")(on_month)


async def on_totals(command: Command) -> None:
    """``/grapevine totals``."""
    _only_admins(is_admin=command.is_admin)
    blocks = await _blocks(command.store, command.networks, command.member)
    await command.respond(text=TITLE, blocks=blocks, response_type="ephemeral")


@guarded
async def on_button(
    ack: AsyncAck,
    body: dict[str, Any],
    client: AsyncWebClient,
    store: Store,
    networks: Mapping[str, Network],
    member: Member,
    is_admin: bool,
) -> None:
    await ack()
    _only_admins(is_admin=is_admin)
    await client.views_open(trigger_id=body["trigger_id"], view=_modal(await _blocks(store, networks, member)))


@guarded
async def on_month(
    ack: AsyncAck,
    body: dict[str, Any],
    client: AsyncWebClient,
    respond: AsyncRespond,
    store: Store,
    networks: Mapping[str, Network],
    member: Member,
    is_admin: bool,
) -> None:
    """Other months, in the place of those that are shown."""
    await ack()
    _only_admins(is_admin=is_admin)
    month = body["actions"][0]["selected_option"]["value"]
    blocks = await _blocks(store, networks, member, month)
    if view := body.get("view"):
        await client.views_update(view_id=view["id"], view=_modal(blocks))
    else:
        await respond(text=TITLE, blocks=blocks, response_type="ephemeral", replace_original=True)


def _only_admins(*, is_admin: bool) -> None:
    if not is_admin:
        raise Refused("Programme totals are for the workspace's owners and admins. Your own numbers are on *Home*.")


async def _blocks(store: Store, networks: Mapping[str, Network], member: Member, month: str = "") -> list[Block]:
    frozen = [one for one in (await store.totals.frozen(member.team)).values() if one is not None]
    titles = {name: network.title for name, network in networks.items()} | {MY_LINK: "My link"}
    return totals_blocks(frozen[: months.MOST], titles, month)


def totals_blocks(frozen: Sequence[Totals], titles: Mapping[str, str], month: str = "") -> list[Block]:
    """Three months from *month* on, which is the newest unless it is one of those that are *frozen*, newest first."""
    if not frozen:
        return [
            section(
                "No month is over yet in which Grapevine was used here. Each is counted on the third day after its "
                "end (UTC), and a figure is shown from five people up."
            )
        ]
    if all(_empty(one) for one in frozen):
        return [
            section(
                "Nothing can be shown yet: figures are shown from five people up, and in every month that is over "
                "they would tell what few people, or one, did. Grapevine tells nobody that."
            )
        ]
    start = next((place for place, one in enumerate(frozen) if one.month == month), 0)
    blocks: list[Block] = []
    if len(frozen) > _PAGE:
        options = [option(_title(one), one.month) for one in frozen]
        blocks.append(section("Three months, from", select("totals:month", options, frozen[start].month)))
    for one in frozen[start : start + _PAGE]:
        blocks += _month(one, titles)
    return [*blocks, divider(), context(_WHY)]


def _month(totals: Totals, titles: Mapping[str, str]) -> list[Block]:
    title = header(_title(totals))
    made = f"Counted on {day(totals.made, 'UTC')}, and frozen."
    if totals.partial:
        made += " It may be incomplete: nobody who was counted had come before it began."
    if _empty(totals):
        return [
            title,
            section("All hidden: fewer than five people stand behind each figure, or one of them would stand out."),
            context(made),
        ]
    reach = _HIDDEN if totals.reach is None else f"{totals.reach:,} at most"
    figures = [
        f"*People who shared*\n{_HIDDEN if totals.people is None else f'{totals.people:,} or more'}",
        f"*Shares*\n{_figure(totals.shares)}",
        f"*Unique clicks*\n{_figure(totals.clicks)}",
        f"*New reactions*\n{_figure(totals.reactions)}",
        f"*Potential reach*\n{reach}",
    ]
    blocks = [title, fields(figures)]
    if totals.rows:
        rows = "\n".join(_row(row, titles.get(row.network, row.network)) for row in totals.rows)
        blocks.append(section(f"*Shared in {_title(totals)}, by network*\n{rows}"))
        made += " Percentages, to the nearest five, are of what came of the month's shares up to that day."
    return [*blocks, context(made)]


def _row(row: Row, title: str) -> str:
    figures = {"posts": row.placements, "clicks": row.clicks}
    if row.network != MY_LINK:  # what is pasted anywhere has none that could be read
        figures["reactions"] = row.reactions
    said = [f"{row.people:,}+ people"]
    for noun, one in figures.items():
        if one is not None:
            said.append(f"{one:,} posts" if noun == "posts" else f"{one}% of {noun}")
    if away := [noun for noun, one in figures.items() if one is None]:
        said.append(f"{listed(away)} {_HIDDEN}")
    return f"*{title}* · {' · '.join(said)}"


def _figure(count: int | None) -> str:
    return _HIDDEN if count is None else f"{count:,}"


def _empty(totals: Totals) -> bool:
    figures = (totals.people, totals.shares, totals.clicks, totals.reactions, totals.reach)
    return not totals.rows and all(figure is None for figure in figures)


def _title(totals: Totals) -> str:
    return f"{months.first(totals.month):%B %Y}"


def _modal(blocks: list[Block]) -> Block:
    return {"type": "modal", "title": plain(TITLE), "close": plain("Close"), "blocks": blocks}
