"""The settings modals: a member's own, and a workspace's for its admins."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.blocks import Block, actions, button, context, header, option, plain, section, select
from grapevine.domain.members import Member, Pace, Preferences
from grapevine.domain.money import about, amount, dollars, figures
from grapevine.store.workspaces import WorkspaceSettings

MEMBER, WORKSPACE = "settings:member", "settings:workspace"
NONE = "none"
#: rule 27
SINGLES_OUT = (
    "The share's id in utm_content lets your website's analytics single out one person's performance. "
    "Members are told on Home while this is on."
)


@dataclass(frozen=True, slots=True)
class Budget:
    """What a network may cost in a month, what this one has cost so far, and what one share with a link costs."""

    network: str
    title: str
    most: int | None
    spent: int
    share: int


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


def workspace_view(workspace: WorkspaceSettings, points: int, budgets: Sequence[Budget] = ()) -> Block:
    """What admins decide; *points* per click are in force today, *budgets* are those of networks that charge."""
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
            *map(_budget, budgets),
        ],
    )


def _budget(budget: Budget) -> Block:
    number: Block = {"type": "number_input", "action_id": "value", "is_decimal_allowed": True, "min_value": "0"}
    if budget.most is not None:
        number["initial_value"] = figures(budget.most)
    hint = (
        f"Empty: no bound. This month (UTC) has cost about {about(budget.spent)} so far, which is Grapevine's own "
        f"estimate: {budget.title}'s bill counts. One share with a link costs {dollars(budget.share)}. Before the sum "
        f"is passed, sharing to {budget.title} stops until the next month, and reading its numbers a little earlier."
    )
    made = _input(f"budget:{budget.network}", f"{budget.title}: at most US$ a month", number, hint)
    return {**made, "optional": True}


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


def budgets(before: Mapping[str, int], values: Mapping[str, Any]) -> dict[str, int]:
    """The budgets with those of the workspace's modal in them; ``Unreadable`` where one is no amount."""
    chosen = dict(before)
    for block_id, elements in values.items():
        kind, _, network = block_id.partition(":")
        if kind != "budget":
            continue
        chosen.pop(network, None)
        if text := (elements["value"].get("value") or "").strip():
            try:
                chosen[network] = amount(text)
            except ValueError as error:
                raise Unreadable(block_id, f"This {error}.") from None
    return chosen


class Unreadable(Exception):
    """What was typed into a box of a form cannot be taken; *said* belongs beneath it."""

    def __init__(self, block_id: str, said: str) -> None:
        super().__init__(said)
        self.block_id = block_id
        self.said = said


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
