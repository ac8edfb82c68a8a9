"""The settings modals: a member's own, and a workspace's for its admins."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.blocks import Block, actions, button, context, header, option, plain, section, select
from grapevine.domain.members import Member, Pace, Preferences
from grapevine.store.workspaces import WorkspaceSettings

MEMBER, WORKSPACE = "settings:member", "settings:workspace"
NONE = "none"
#: rule 27
SINGLES_OUT = (
    "The share's id in utm_content lets your website's analytics single out one person's performance. "
    "Members are told on Home while this is on."
)


def member_view(member: Member, workspace: WorkspaceSettings, interval: float, *, is_admin: bool) -> Block:
    """Pace, quiet hours and leaderboard; *interval* in seconds is the workspace's own pace."""
    chosen = member.preferences
    paces = {
        Pace.AT_ONCE: "At once",
        Pace.SOON: f"At most every {_length(interval)}",
        Pace.HOURLY: "At most once an hour",
        Pace.DAILY: "At most once a day",
        Pace.OFF: "Never",
    }
    hours = [option(f"{hour:02}:00", str(hour)) for hour in range(24)]
    quiet = chosen.quiet_from != chosen.quiet_to
    blocks = [
        _input(
            "pace",
            "Tell me about new clicks",
            select("value", [option(text, pace) for pace, text in paces.items()], chosen.pace),
        ),
        _input(
            "quiet_from",
            "Quiet from",
            select("value", [option("No quiet hours", NONE), *hours], str(chosen.quiet_from) if quiet else NONE),
        ),
        _input(
            "quiet_to",
            "Quiet until",
            select("value", hours, str(chosen.quiet_to)),
            hint=f"In your own time zone, {member.tz}. What comes meanwhile waits until then.",
        ),
    ]
    if workspace.leaderboard:
        blocks.append(_check("leaderboard", "Leaderboard", "Show me on the leaderboard", on=chosen.leaderboard))
    if is_admin:
        blocks += [{"type": "divider"}, actions("workspace", button("Workspace settings", "settings:open_workspace"))]
    return _modal(MEMBER, "Your settings", blocks)


def workspace_view(workspace: WorkspaceSettings, points: int) -> Block:
    """What admins decide; *points* per click are in force today."""
    number = {"type": "number_input", "action_id": "value", "is_decimal_allowed": False}
    number |= {"min_value": "0", "max_value": "1000", "initial_value": str(points)}
    return _modal(
        WORKSPACE,
        "Workspace settings",
        [
            _input("points", "Points per unique click", number, hint="Counts from today on; 0 switches points off."),
            _check(
                "leaderboard",
                "Leaderboard",
                "Have a leaderboard",
                on=workspace.leaderboard,
                hint=f"Only people who opt in are on it; below {workspace.least_participants} it stays empty.",
            ),
            _check("utm", "UTM tags", "Add UTM tags to the shared links", on=workspace.utm),
            _check("utm_content", "UTM content", "Add the share's id as utm_content", on=workspace.utm_content),
            context(f":warning: {SINGLES_OUT}"),
        ],
    )


def saved_view(text: str) -> Block:
    return {
        "type": "modal",
        "title": plain("Saved"),
        "close": plain("Close"),
        "blocks": [header("Saved"), section(text)],
    }


def preferences(values: Mapping[str, Any], before: Preferences) -> Preferences:
    """What was chosen in the member's modal."""
    start, end = _selected(values, "quiet_from"), int(_selected(values, "quiet_to"))
    return Preferences(
        pace=Pace(_selected(values, "pace")),
        quiet_from=end if start == NONE else int(start),
        quiet_to=end,
        leaderboard=_checked(values, "leaderboard") if "leaderboard" in values else before.leaderboard,
    )


def rate(values: Mapping[str, Any]) -> int:
    """The points per click that were chosen in the workspace's modal."""
    return int(values["points"]["value"]["value"])


def switched(before: WorkspaceSettings, values: Mapping[str, Any]) -> WorkspaceSettings:
    """The workspace's settings with what was switched on or off in its modal."""
    return replace(
        before,
        leaderboard=_checked(values, "leaderboard"),
        utm=_checked(values, "utm"),
        utm_content=_checked(values, "utm_content"),
    )


def _modal(callback: str, title: str, blocks: list[Block]) -> Block:
    return {
        "type": "modal",
        "callback_id": callback,
        "title": plain(title),
        "submit": plain("Save"),
        "close": plain("Cancel"),
        "blocks": blocks,
    }


def _input(block_id: str, label: str, element: Block, hint: str = "") -> Block:
    made: Block = {"type": "input", "block_id": block_id, "label": plain(label), "element": element}
    return {**made, "hint": plain(hint)} if hint else made


def _check(block_id: str, label: str, text: str, *, on: bool, hint: str = "") -> Block:
    choice = option(text, "on")
    element: Block = {"type": "checkboxes", "action_id": "value", "options": [choice]}
    if on:
        element["initial_options"] = [choice]
    return {**_input(block_id, label, element, hint), "optional": True}


def _selected(values: Mapping[str, Any], block_id: str) -> str:
    return str(values[block_id]["value"]["selected_option"]["value"])


def _checked(values: Mapping[str, Any], block_id: str) -> bool:
    return bool(values[block_id]["value"]["selected_options"])


def _length(seconds: float) -> str:
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        if seconds >= size:
            count = round(seconds / size)
            return name if count == 1 else f"{count} {name}s"
    return "moment"
