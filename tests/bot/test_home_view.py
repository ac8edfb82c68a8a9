"""Home as a pure function: never empty, never broken, whatever is known."""

from dataclasses import replace
from typing import Any

import pytest

from bot import home_view, insights
from bot.home_view import Glance, Home
from bot.shares_view import ShareFacts, clicks, reactions, share_blocks, windows
from grapevine.domain.accounts import Account, AccountState
from grapevine.domain.budgets import Cadence
from grapevine.domain.days import last_days
from grapevine.domain.insights import PERIODS
from grapevine.domain.posts import Offer, Post, PostKind
from grapevine.domain.reactions import Counts, Reactions
from grapevine.domain.shares import MY_LINK, Placement, PlacementState, Receipt, Share, Status
from grapevine.store.insights import ByDay
from tests.blockkit import takes
from tests.people import NOON

TITLES = {"linkedin": "LinkedIn", "x": "X"}
LINKEDIN = Account("linkedin", "l1", "Bea Lindqvist", AccountState.CONNECTED, NOON, "https://img.example/b.png", 843)


def facts(**changes: Any) -> ShareFacts:
    share = Share(
        "s1",
        "m1",
        Post(PostKind.LINK, "https://example.com/launch?a=1&b=2", "We <launched> | it"),
        NOON,
        (Placement("linkedin", LINKEDIN.id, "Look!", (), "abc"), Placement(MY_LINK, "", "", (), "def")),
    )
    known = ShareFacts(
        share,
        {
            "linkedin": Status(PlacementState.PUBLISHED, NOON, "urn:li:share:1", "https://linkedin.example/1"),
            MY_LINK: Status(PlacementState.PUBLISHED, NOON),
        },
        Receipt(unique=2, repeat=1, preview=1, networks={"linkedin": 1, MY_LINK: 1}),
        {"linkedin": Reactions(Counts(3, 1, 0), NOON, NOON + 14 * 86400)},
        {LINKEDIN.id: LINKEDIN},
        TITLES,
        "Europe/Stockholm",
        "https://go.example.com",
    )
    return replace(known, **changes)


def home(**changes: Any) -> Home:
    days = last_days(NOON, 30)
    known = Home(
        now=NOON,
        tz="Europe/Stockholm",
        glance=Glance(),
        by_day=ByDay(days, [0] * 29 + [2], [0] * 29 + [4], [0] * 29 + [843]),
        shares_in_period=1,
        shares_ever=1,
        points=2,
        page=[facts()],
        offers=[],
        shared_offers={},
        accounts=[LINKEDIN],
        networks=TITLES,
        connectable=TITLES,
        leaderboard=True,
        is_admin=True,
    )
    return replace(known, **changes)


def words(view: dict[str, Any]) -> str:
    """Everything that a view says."""
    found: list[str] = []

    def walk(one: Any) -> None:
        if isinstance(one, dict):
            if isinstance(one.get("text"), str):
                found.append(one["text"])
            for inner in one.values():
                walk(inner)
        elif isinstance(one, list):
            for inner in one:
                walk(inner)

    walk(view["blocks"])
    return "\n".join(found)


def test_a_first_time_member_sees_what_to_do_first() -> None:
    nothing = ByDay(last_days(NOON, 30), [0] * 30, [0] * 30, [0] * 30)
    newcomer = home(page=[], shares_ever=0, shares_in_period=0, accounts=[], by_day=nothing, is_admin=False)
    view = home_view.view(newcomer, chart=True)
    takes(view)
    said = words(view)
    titles = [block["text"]["text"] for block in view["blocks"] if block["type"] == "header"]
    assert titles == ["Welcome to Grapevine", "My accounts", "My insights"]
    assert "Connect LinkedIn or X below" in said


def test_where_accounts_are_pages_a_page_is_what_the_button_connects() -> None:
    offered = {**TITLES, "facebook": "Facebook"}
    known = home(networks=offered, connectable={**TITLES, "facebook": "a Facebook Page"}, accounts=[])
    assert "Connect a Facebook Page" in words(home_view.view(known, chart=False))
    first = words(home_view.view(replace(known, page=[], shares_ever=0), chart=False))
    assert "Connect LinkedIn, X or a Facebook Page below" in first
    assert "Connect Facebook" not in first


@pytest.mark.parametrize("period", PERIODS)
def test_slack_takes_home_at_every_period_with_and_without_the_chart(period: int) -> None:
    days = last_days(NOON, period)
    by_day = ByDay(days, list(range(period)), [1] * period, [9] * period)
    for chart in (True, False):
        view = home_view.view(home(glance=Glance(period), by_day=by_day), chart=chart)
        takes(view)
        assert ("data_visualization" in [block["type"] for block in view["blocks"]]) is chart
        assert f"*Unique clicks*\n{sum(range(period)):,} people" in words(view)  # the numbers stand without it


def test_slack_takes_home_at_its_extremes() -> None:
    long = replace(
        facts(),
        share=replace(facts().share, post=Post(PostKind.LINK, "https://example.com/" + "a" * 2000, "|<&>" * 500)),
        statuses={"linkedin": Status(PlacementState.REFUSED, NOON, reason="No! " * 500)},
        reactions={"linkedin": Reactions(reason="Because " * 300)},
    )
    offers = [
        Offer(
            f"o{n}",
            Post(PostKind.LINK, "https://example.com/" + "b" * 2000, "t" * 300),
            ("c" * 3000,),
            "U1",
            NOON,
            NOON,
        )
        for n in range(5)
    ]
    accounts = [replace(LINKEDIN, network=f"network{n}", name="n" * 500, picture=None) for n in range(6)]
    networks = {f"network{n}": f"Network {n}" for n in range(6)}
    view = home_view.view(
        home(page=[long] * 5, offers=offers, accounts=accounts, networks=networks, shares_ever=10_000), chart=True
    )
    takes(view)


def test_a_closed_window_says_how_long_it_waited() -> None:
    short = facts(reactions={"linkedin": Reactions(Counts(3, 1, 0), NOON, NOON, closed=NOON)}, window=280.0)
    assert "closed 21 Nov, 5 minutes without a reaction" in words(home_view.view(home(page=[short]), chart=False))


def test_home_shows_each_window_and_when_it_was_last_checked() -> None:
    """Rule 15."""
    assert "LinkedIn: gathering until 5 Dec · last checked 13:00" in words(home_view.view(home(), chart=False))
    closed = facts(reactions={"linkedin": Reactions(Counts(3, 1, 0), NOON, NOON, closed=NOON)})
    assert "closed 21 Nov, 14 days without a reaction" in words(home_view.view(home(page=[closed]), chart=False))


def test_a_window_that_could_not_be_read_at_its_end_does_not_claim_that_nobody_reacted() -> None:
    spent = "this month's X budget is used up; it begins anew on 1 December."
    closed = facts(reactions={"linkedin": Reactions(Counts(3, 1, 0), NOON, NOON, closed=NOON, reason=spent)})
    said = words(home_view.view(home(page=[closed]), chart=False))
    assert f"closed 21 Nov; at the end not available: {spent}" in said
    assert "without a reaction" not in said


def test_what_is_not_known_is_never_shown_as_zero() -> None:
    """Rules 3 and 11."""
    hidden = facts(reactions={"linkedin": Reactions(reason="LinkedIn does not tell this app")})
    said = words(home_view.view(home(page=[hidden]), chart=False))
    assert "Reactions: not available" in said
    assert "LinkedIn does not tell this app" in said
    image = facts(share=replace(facts().share, post=Post(PostKind.IMAGE, "https://example.com/a.png")))
    assert "Clicks: not counted" in words(home_view.view(home(page=[image]), chart=False))


def test_a_post_that_waits_for_its_network_says_why_it_is_not_out_yet() -> None:
    waiting = Status(PlacementState.PENDING, NOON, reason="LinkedIn did not answer. Grapevine tries again later.")
    said = words(home_view.view(home(page=[facts(statuses={"linkedin": waiting}, reactions={})]), chart=False))
    assert "LinkedIn (on its way)" in said
    assert "LinkedIn: LinkedIn did not answer. Grapevine tries again, for a day at most." in said
    assert "Reactions: not posted yet" in said
    doubtful = replace(waiting, state=PlacementState.PUBLISHING)
    said = words(home_view.view(home(page=[facts(statuses={"linkedin": doubtful}, reactions={})]), chart=False))
    assert "LinkedIn: LinkedIn did not answer. Grapevine finds out whether your post is out." in said


def test_an_expired_account_can_be_reconnected_from_home() -> None:
    expired = replace(LINKEDIN, state=AccountState.EXPIRED)
    said = words(home_view.view(home(accounts=[expired]), chart=False))
    assert "Reconnect LinkedIn" in said
    assert "clicks go on counting" in said


def test_an_account_says_its_reach_or_why_not() -> None:
    assert "reach 843" in words(home_view.view(home(), chart=False))
    silent = replace(LINKEDIN, reach=None, reach_reason="LinkedIn has not approved this app for it")
    assert "reach not available: LinkedIn has not approved" in words(
        home_view.view(home(accounts=[silent]), chart=False)
    )


def test_shares_are_turned_by_pages() -> None:
    first = words(home_view.view(home(shares_ever=12, page=[facts()] * 5), chart=False))
    assert "Older" in first
    assert "Newer" not in first
    last = words(home_view.view(home(shares_ever=12, page=[facts()] * 2, glance=Glance(30, 2)), chart=False))
    assert "Newer" in last
    assert "Older" not in last
    assert "11–12 of 12" in last


def test_points_are_left_out_where_they_are_off() -> None:
    assert "*Points*" in words(home_view.view(home(), chart=False))
    assert "*Points*" not in words(home_view.view(home(points=None), chart=False))


def test_an_offer_says_that_it_was_shared_already() -> None:
    offer = Offer("o1", Post(PostKind.LINK, "https://example.com", "News"), (), "U0ADA00001", NOON)
    assert "Offered by <@U0ADA00001>" in words(home_view.view(home(offers=[offer]), chart=False))
    assert "You have shared this" in words(
        home_view.view(home(offers=[offer], shared_offers={"o1": "s1"}), chart=False)
    )


@pytest.mark.parametrize(
    "kept", [None, {}, {"private_metadata": "{"}, {"private_metadata": '{"period": 8, "page": -4}'}]
)
def test_a_broken_memory_of_the_page_shows_the_first_one(kept: dict[str, Any] | None) -> None:
    assert home_view.glance(kept) == Glance(30, 0)


def test_the_skeleton_is_a_view_of_its_own() -> None:
    takes(home_view.skeleton())


def test_how_seldom_posts_are_checked_is_said_where_a_quota_sets_it_and_only_there() -> None:
    def said(cadence: Cadence, interval: float = 86400.0) -> str:
        return words(home_view.view(home(cadences={"linkedin": cadence}, interval=interval), chart=False))

    assert "checked every 3 days; new posts and those with news every day, as far as LinkedIn" in said(Cadence(1, 3))
    assert "Reactions: checked every 2 days, as far as LinkedIn lets Grapevine look" in said(Cadence(2, 2))
    assert "checked every 30 minutes" in said(Cadence(1, 3), 600.0)
    assert "checked every" not in said(Cadence(1, 1))
    assert "checked every" not in words(home_view.view(home(), chart=False))
    expired = replace(LINKEDIN, state=AccountState.EXPIRED)
    seldom = home(accounts=[expired], cadences={"linkedin": Cadence(1, 3)})
    assert "checked every" not in words(home_view.view(seldom, chart=False))


def test_a_check_of_another_day_is_dated() -> None:
    def said(ago: float) -> str:
        known = {"linkedin": Reactions(Counts(3, 2, 1), NOON - ago, NOON + 12 * 86400)}
        return " ".join(windows(facts(now=NOON, reactions=known)))

    assert "last checked 12:50" in said(600)
    assert "last checked 19 Nov 13:00" in said(2 * 86400)


def test_the_networks_own_link_clicks_stand_beside_ours_with_the_reason_and_are_added_to_nothing() -> None:
    told = facts(reactions={"linkedin": Reactions(Counts(3, 2, 1), NOON, NOON + 86400, link_clicks=40)})
    sentence = "LinkedIn itself says 40 link clicks: it counts every click, Grapevine counts people"
    assert sentence in words({"blocks": share_blocks(told)})
    assert sentence in words(insights.details(told))
    without = facts(reactions={"linkedin": Reactions(Counts(3, 2, 1), NOON, NOON + 86400)})
    assert (clicks(told), reactions(told)) == (clicks(without), reactions(without))
    one = facts(reactions={"linkedin": Reactions(Counts(0, 0, 0), NOON, NOON + 86400, link_clicks=1)})
    assert "says 1 link click:" in " ".join(windows(one))
    image = replace(told, share=replace(told.share, post=Post(PostKind.IMAGE, "https://example.com/a.png")))
    assert "link click" not in " ".join(windows(image))


def test_a_zero_is_not_taken_apart() -> None:
    assert reactions(facts(reactions={"linkedin": Reactions(Counts(0, 0, 0), NOON, NOON + 86400)})).endswith(
        "*0* reactions"
    )


def test_nobody_is_asked_to_share_again_what_is_out() -> None:
    reason = "Facebook wants you to log in first. Then share it again."
    for known in (Reactions(None, NOON, None, reason=reason), Reactions(None, NOON, None, NOON, reason=reason)):
        (line,) = windows(facts(reactions={"linkedin": known}))
        assert "not available: Facebook wants you to log in first." in line
        assert "share it again" not in line


def test_accounts_stand_in_the_order_in_which_networks_are_offered() -> None:
    x, old = (replace(LINKEDIN, network=name, uid=name) for name in ("x", "myspace"))
    said = words(home_view.view(home(accounts=[old, x, LINKEDIN]), chart=False))
    assert said.index("*LinkedIn* ·") < said.index("*X* ·") < said.index("*myspace* ·")
