"""The leaderboard: off until an admin switches it on, and only with those who opted in (rule 17)."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.blocks import Block, context, plain, section
from bot.command import Command
from bot.guard import guarded
from grapevine.domain.members import Member
from grapevine.domain.points import Period
from grapevine.store import Store

_TITLES = {Period.WEEK: "This week", Period.MONTH: "This month", Period.ALL: "All time"}
_MEDALS = {1: ":first_place_medal:", 2: ":second_place_medal:", 3: ":third_place_medal:"}
_MOST = 10


def register(app: AsyncApp) -> None:
    app.action("leaderboard")(on_button)


async def on_leaderboard(command: Command) -> None:
    """``/grapevine leaderboard``."""
    blocks = await board_blocks(command.store, command.member)
    await command.respond(text="Leaderboard", blocks=blocks, response_type="ephemeral")


@guarded
async def on_button(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, store: Store, member: Member) -> None:
    await ack()
    view = {
        "type": "modal",
        "title": plain("Leaderboard"),
        "close": plain("Close"),
        "blocks": await board_blocks(store, member),
    }
    await client.views_open(trigger_id=body["trigger_id"], view=view)


async def board_blocks(store: Store, member: Member) -> list[Block]:
    """The three boards, or a sentence that says why there is none."""
    workspace = await store.workspaces.settings(member.team)
    if not workspace.leaderboard:
        return [
            section("The leaderboard is switched off in this workspace. An admin can switch it on in the settings.")
        ]
    blocks: list[Block] = []
    for period, title in _TITLES.items():
        _, places = await store.workspaces.board(member.team, period)
        if len(places) < workspace.least_participants:
            continue
        lines = []
        for place in places:
            other = await store.members.get(place.member)
            # Opted out or erased since the board was made: gone from it at once.
            if other is None or not other.preferences.leaderboard or place.rank > _MOST:
                continue
            mark = _MEDALS.get(place.rank, f"{place.rank}.")
            you = " (you)" if other.id == member.id else ""
            lines.append(f"{mark} <@{other.user}>{you} · {place.points:,} {'point' if place.points == 1 else 'points'}")
        if len(lines) >= workspace.least_participants:
            blocks.append(section(f"*{title}*\n" + "\n".join(lines)))
    if not blocks:
        blocks.append(
            section(
                f"There is no leaderboard yet: it is shown from {workspace.least_participants} participants up. "
                "It is made anew every few minutes."
            )
        )
    taking_part = (
        "You take part; you can stop at any time under *Settings*."
        if member.preferences.leaderboard
        else "You do not take part. If you want to, say so under *Settings*."
    )
    return [*blocks, context(f"{taking_part} Points come from unique clicks; reactions earn none.")]
