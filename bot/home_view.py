"""The Home tab, as a pure function of what is known."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.account_view import account_blocks
from bot.blocks import (
    Block,
    actions,
    button,
    context,
    divider,
    escaped,
    fields,
    header,
    option,
    plain,
    section,
    select,
    shortened,
)
from bot.shares_view import ShareFacts, day, every, share_blocks
from grapevine.domain.accounts import Account, AccountState
from grapevine.domain.budgets import Cadence
from grapevine.domain.insights import PERIODS, points_of_chart, sparkline
from grapevine.domain.posts import Offer
from grapevine.store.insights import ByDay

PAGE = 5


@dataclass(frozen=True, slots=True)
class Glance:
    """Which part of Home is looked at; kept in the view's metadata."""

    period: int = 30
    page: int = 0


@dataclass(frozen=True, slots=True)
class Home:
    """Everything that Home shows. *networks* are those offered here, name → title; *points* None is off.

    *connectable* is what is connected at each of them: name → "X", "a Facebook Page".
    """

    now: float
    tz: str
    glance: Glance
    by_day: ByDay
    shares_in_period: int
    shares_ever: int
    points: int | None
    page: Sequence[ShareFacts]
    offers: Sequence[Offer]
    shared_offers: Mapping[str, str]
    accounts: Sequence[Account]
    networks: Mapping[str, str]
    connectable: Mapping[str, str]
    leaderboard: bool
    is_admin: bool = False
    utm_content: bool = False
    cadences: Mapping[str, Cadence] = field(default_factory=dict)  # of networks whose quota has to be shared out
    unfit: Sequence[str] = ()  # titles of networks that refuse the company's app; for admins
    interval: float = 86400.0  # seconds between two reads of a post where a quota sets no other


def view(home: Home, *, chart: bool) -> Block:
    """The view to publish, with the chart block where Slack takes it (rolled out in phases)."""
    if home.shares_ever or home.accounts:
        news = [*_unfit(home), *_insights(home, chart=chart)]
        blocks = [*news, *_offers(home), *_shares(home), *_accounts(home), *_foot(home)]
    else:  # what to do comes first, what there is to see when it is done comes last
        todo = [*_unfit(home), *_welcome(home), *_accounts(home), *_offers(home)]
        blocks = [*todo, divider(), *_insights(home, chart=chart), *_foot(home)]
    return {
        "type": "home",
        "private_metadata": json.dumps({"period": home.glance.period, "page": home.glance.page}),
        "blocks": blocks[:100],
    }


def _unfit(home: Home) -> list[Block]:
    return [
        section(
            f":warning: {title} does not take this Grapevine’s app at the moment: it may take no posts and tell no "
            "numbers. Whoever runs Grapevine reads what to mend with `grapevine status`."
        )
        for title in home.unfit
    ]


def skeleton(sentence: str = "Gathering your insights…") -> Block:
    """What is shown at once, so that nobody meets an empty or a broken Home."""
    return {
        "type": "home",
        "blocks": [
            header("My insights"),
            section(sentence),
            actions("home:first", button("Share a post", "share", style="primary")),
        ],
    }


def glance(view: Mapping[str, Any] | None) -> Glance:
    """Which part a published Home view showed; the first page of 30 days when there is none."""
    try:
        kept = json.loads((view or {}).get("private_metadata") or "{}")
        period = kept.get("period") if kept.get("period") in PERIODS else 30
        return Glance(period, max(0, int(kept.get("page", 0))))
    except (ValueError, TypeError, AttributeError):
        return Glance()


def _welcome(home: Home) -> list[Block]:
    *others, last = home.connectable.values() or ("",)
    offered = f"{', '.join(others)} or {last}" if others else last
    connect = f"Connect {offered} below" if offered else "Take “My link”: it needs no account"
    return [
        header("Welcome to Grapevine"),
        section(
            "Share company news on your own accounts, and see what comes of it.\n"
            f"*1.* {connect}. You decide about every single post; nothing is posted by itself.\n"
            "*2.* Press *Share a post*, or type `/grapevine share https://…`.\n"
            "*3.* Come back here: Grapevine counts how many people followed your link. "
            "Nobody learns who clicked or who reacted."
        ),
        actions("home:start", button("Share a post", "share", style="primary")),
    ]


def _insights(home: Home, *, chart: bool) -> list[Block]:
    glance = home.glance
    clicks, reactions, reach = sum(home.by_day.clicks), sum(home.by_day.reactions), sum(home.by_day.reach)
    periods = [option(f"Last {days} days", str(days)) for days in PERIODS]
    texts = [
        f"*Unique clicks*\n{clicks:,} {'person' if clicks == 1 else 'people'}",
        f"*Reactions*\n{reactions:,}",
        f"*Shares*\n{home.shares_in_period:,}",
        f"*Potential reach*\n{reach:,}",
    ]
    if home.points is not None:
        texts.insert(2, f"*Points*\n{home.points:,}")
    points = points_of_chart(home.by_day.days, home.by_day.clicks)
    blocks: list[Block] = [
        header("My insights"),
        section("How your shares are doing", select("home:period", periods, str(glance.period))),
        fields(texts),
        context(f"{sparkline([one.value for one in points])}  unique clicks, {points[0].label} to today"),
    ]
    if chart and clicks:
        blocks.append(_chart(home, points_of_chart(home.by_day.days, home.by_day.reactions)))
    buttons = [button("Share a post", "share", style="primary")]
    if home.leaderboard:
        buttons.append(button("Leaderboard", "leaderboard"))
    buttons.append(button("Settings", "settings"))
    return [*blocks, actions("home:do", *buttons)]


def _chart(home: Home, reactions: Sequence[Any]) -> Block:
    """docs.slack.dev/reference/block-kit/blocks/data-visualization-block."""
    clicks = points_of_chart(home.by_day.days, home.by_day.clicks)
    series = [("Unique clicks", clicks), ("New reactions", reactions)]
    return {
        "type": "data_visualization",
        "title": f"The last {home.glance.period} days",
        "chart": {
            "type": "line",
            "series": [
                {"name": name, "data": [{"label": point.label, "value": point.value} for point in points]}
                for name, points in series
            ],
            "axis_config": {"categories": [point.label for point in clicks]},
        },
    }


def _offers(home: Home) -> list[Block]:
    if not home.offers and not home.is_admin:
        return []
    blocks: list[Block] = [divider(), header("Something to share")]
    if not home.offers:
        blocks.append(
            section("Nothing is on offer. A post that you offer stands here for everybody in your workspace.")
        )
    for offer in home.offers:
        title = escaped(shortened(offer.post.title or offer.post.url, 100))
        # The admin chose a day of UTC, at the end of which the offer ends.
        until = f" · until {day(offer.expires - 1, 'UTC')}" if offer.expires else ""
        shared = offer.id in home.shared_offers
        by = f" by <@{offer.by}>" if offer.by else ""  # who offered it may have been erased since
        said = f"\n:white_check_mark: You have shared this{until}" if shared else f"\nOffered{by}{until}"
        again = button("Share again" if shared else "Share", "share", offer.id)
        blocks.append(section(f"*<{escaped(offer.post.url)}|{title.replace('|', '/')}>*{said}", again))
        if home.is_admin:
            blocks.append(actions(f"home:offer:{offer.id}", _withdraw(offer)))
    if home.is_admin:
        blocks.append(actions("home:offer", button("Offer a post", "offer"), button("Programme totals", "totals")))
    return blocks


def _withdraw(offer: Offer) -> Block:
    asks = {
        "title": plain("Withdraw this offer?"),
        "text": plain("Nobody finds it on Home any more. What was shared stays out, and its clicks are counted."),
        "confirm": plain("Withdraw"),
        "deny": plain("Keep it"),
        "style": "danger",
    }
    return {**button("Withdraw", "offer:withdraw", offer.id), "confirm": asks}


def _shares(home: Home) -> list[Block]:
    blocks: list[Block] = [divider(), header("My shares")]
    if not home.page:
        return [*blocks, section("Nothing shared yet. Your shares and what came of them will stand here.")]
    for facts in home.page:
        blocks += share_blocks(facts)
    first = home.glance.page * PAGE
    turns = []
    if home.glance.page:
        turns.append(button("Newer", "home:newer", str(home.glance.page - 1)))
    if first + len(home.page) < home.shares_ever:
        turns.append(button("Older", "home:older", str(home.glance.page + 1)))
    if turns:
        blocks.append(context(f"{first + 1}–{first + len(home.page)} of {home.shares_ever:,}"))
        blocks.append(actions("home:turn", *turns))
    return blocks


def _accounts(home: Home) -> list[Block]:
    blocks: list[Block] = [divider(), header("My accounts")]
    live = {account.network for account in home.accounts if account.state is not AccountState.DISCONNECTED}
    places = list(home.networks)
    for account in sorted(home.accounts, key=lambda one: places.index(one.network) if one.network in places else 99):
        if account.state is not AccountState.DISCONNECTED:
            title = home.networks.get(account.network, account.network)
            offered = account.network in home.networks
            blocks += account_blocks(account, title, offered=offered, seldom=_seldom(home, account.network))
    missing = [
        button(f"Connect {what}", f"home:connect:{name}") for name, what in home.connectable.items() if name not in live
    ]
    if missing:
        blocks.append(actions("home:connect", *missing))
    if not home.networks:
        blocks.append(section("No network is set up here yet. “My link” works without any account."))
    return blocks


def _seldom(home: Home, network: str) -> str:
    """How often posts are checked where a quota does not cover every day (rule 11); empty where it does."""
    cadence = home.cadences.get(network)
    if cadence is None or cadence.daily:
        return ""
    lively, quiet = every(cadence.lively, home.interval), every(cadence.quiet, home.interval)
    return f"checked {quiet}" if lively == quiet else f"checked {quiet}; new posts and those with news {lively}"


def _foot(home: Home) -> list[Block]:
    said = "A click is one person's first click on a share. Nobody can learn from Grapevine who clicked or reacted."
    if home.utm_content:
        said += (
            " Your workspace adds the share to the UTM tags of links, "
            "so that the website's analytics can tell your shares apart."
        )
    if home.is_admin:
        said += " You are an admin: offer a post to everybody here, or with `/grapevine offer https://…`."
    return [divider(), context(said)]
