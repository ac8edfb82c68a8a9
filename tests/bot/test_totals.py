"""Programme totals in Slack: for admins only, whom alone the answer reaches, and nothing in them about one person."""

import pytest

from bot.totals import totals_blocks
from grapevine.domain import months
from grapevine.domain.totals import Row, Totals
from tests.blockkit import takes
from tests.bot.stage import Stage, text_of
from tests.people import ADA, BEA, NOON, TEAM

TITLES = {"linkedin": "LinkedIn", "mylink": "My link"}
OCTOBER = Totals(
    "202610", months.span("202610")[1] + 2 * 86400, 1230, 34, 21_000, None, 98_765,
    (Row("linkedin", 10, 30, 65, None), Row("mylink", 5, 6, None, None)),
)  # fmt: skip
YEAR = [Totals(month, NOON, 10, number + 100) for number, month in enumerate(months.settled(NOON))]


async def freeze(stage: Stage, *frozen: Totals) -> None:
    for one in frozen:
        await stage.store.totals.freeze(TEAM, one.month, one)


async def test_an_admin_reads_what_may_be_shown_and_why_the_rest_is_hidden(stage: Stage) -> None:
    await freeze(stage, OCTOBER)
    said = text_of(await stage.types_for(ADA, "totals"))
    assert "October 2026" in said
    assert "*People who shared*\n1,230 or more" in said
    assert "*Unique clicks*\n21,000" in said
    assert "*New reactions*\nhidden" in said
    assert "*My link* · 5+ people · 6 posts · clicks hidden\n" in said
    assert "*linkedin* · 10+ people · 30 posts · 65% of clicks · reactions hidden" in said  # not set up any more
    assert "98,765 at most" in said
    assert "Counted on 3 Nov, and frozen" in said
    assert "fewer than five people" in said


async def test_nobody_else_reads_anything_but_a_sentence(stage: Stage) -> None:
    await freeze(stage, OCTOBER)
    said = await stage.types(BEA, "totals")
    assert said.strip() == "Programme totals are for the workspace's owners and admins. Your own numbers are on *Home*."


async def test_who_is_no_admin_any_more_finds_out_nothing_from_what_still_stands_there(stage: Stage) -> None:
    await freeze(stage, *YEAR)
    await stage.pg.open_home(ADA.user)
    home = await stage.pg.until(
        lambda: one if (one := stage.pg.home(ADA.user)) and "Programme totals" in text_of(one) else None
    )
    shown = await stage.types_for(ADA, "totals")
    ada = stage.pg.workspace.users[ADA.user]
    ada.is_admin = ada.is_owner = False
    stage.bot.slack.people.forget(TEAM, ADA.user)
    await stage.pg.click(ADA.user, home, "totals")
    assert "Programme totals are for" in text_of(await stage.pg.until(lambda: stage.pg.modal(ADA.user)))
    await stage.pg.click(ADA.user, shown, "totals:month", "202511")
    await stage.pg.until(lambda: [one for one in stage.pg.ephemerals(ADA.user) if "are for the" in text_of(one)])
    assert "*Shares*\n111" not in text_of(stage.pg.ephemerals(ADA.user))


async def test_admins_find_it_on_home_and_turn_to_other_months(stage: Stage) -> None:
    await freeze(stage, *YEAR)
    await stage.pg.open_home(ADA.user)
    home = await stage.pg.until(
        lambda: one if (one := stage.pg.home(ADA.user)) and "Programme totals" in text_of(one) else None
    )
    assert (await stage.pg.click(ADA.user, home, "totals")).ok
    view = await stage.pg.until(lambda: stage.pg.modal(ADA.user))
    assert "October 2026" in text_of(view)
    assert "*Shares*\n103" not in text_of(view)
    assert (await stage.pg.click(ADA.user, view, "totals:month", "202603")).ok
    view = await stage.pg.until(
        lambda: one if (one := stage.pg.modal(ADA.user)) and "*Shares*\n107" in text_of(one) else None
    )
    assert "*Shares*\n100" not in text_of(view)


async def test_other_months_take_the_place_of_those_in_the_message(stage: Stage) -> None:
    await freeze(stage, *YEAR)
    shown = await stage.types_for(ADA, "totals")
    assert (await stage.pg.click(ADA.user, shown, "totals:month", "202511")).ok
    await stage.pg.until(
        lambda: [one for one in stage.pg.ephemerals(ADA.user) if one["ts"] == shown["ts"] and "111" in text_of(one)]
    )


async def test_members_do_not_find_it_on_home(stage: Stage) -> None:
    await stage.pg.open_home(BEA.user)
    home = await stage.pg.until(
        lambda: one if (one := stage.pg.home(BEA.user)) and "My accounts" in text_of(one) else None
    )
    assert "Programme totals" not in text_of(home)


def test_before_the_first_month_is_over_it_says_when_it_will_be_counted() -> None:
    assert "No month is over yet" in text_of(totals_blocks([], TITLES))


def test_where_all_is_hidden_a_sentence_says_so_and_nothing_else() -> None:
    said = text_of(totals_blocks([Totals("202610", NOON), Totals("202609", NOON)], TITLES))
    assert "from five people up" in said
    assert "2026" not in said


def test_a_hidden_month_among_others_says_so() -> None:
    said = text_of(totals_blocks([Totals("202610", NOON), YEAR[1]], TITLES))
    assert "October 2026\nAll hidden" in said.replace("\n\n", "\n")


def test_a_month_that_began_in_its_midst_says_so() -> None:
    said = text_of(totals_blocks([Totals("202610", NOON, 5, 10, partial=True)], TITLES))
    assert "It may be incomplete" in said


@pytest.mark.parametrize("frozen", [[], [OCTOBER], YEAR])
def test_slack_takes_it_in_a_message_and_in_a_modal(frozen: list[Totals]) -> None:
    blocks = totals_blocks(frozen, TITLES)
    takes({"type": "modal", "title": {"type": "plain_text", "text": "Programme totals"}, "blocks": blocks})
