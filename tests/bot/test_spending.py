"""A network that charges: what admins see and set, and what members read before they write for it."""

import time
from dataclasses import dataclass
from typing import Any

import pytest

from bot.spending import budgets
from grapevine.domain.money import Prices, used_up
from grapevine.networks.base import Draft
from grapevine.playground.config import JSON
from grapevine.store.spending import Purse
from grapevine.store.workspaces import WorkspaceSettings
from tests.bot.stage import Stage, text_of
from tests.bot.test_composer import composer, input_of, said_in_modal
from tests.fakes import Birdsong
from tests.people import ADA, BEA, TEAM

PRICES = Prices(post=150, link_post=2000, read=50, profile=100)


@dataclass
class DearBirdsong(Birdsong):
    prices: Prices = PRICES

    def price(self, draft: Draft) -> int:
        return self.prices.link_post


@pytest.fixture
def birdsong() -> Birdsong:
    return DearBirdsong()


async def workspace_modal(stage: Stage) -> JSON:
    await stage.pg.command(ADA.user, "/grapevine", "settings")
    view = await stage.pg.until(lambda: stage.pg.modal(ADA.user))
    await stage.pg.click(ADA.user, view, "settings:open_workspace")
    return await stage.pg.until(
        lambda: one if (one := stage.pg.modal(ADA.user)) and one["callback_id"] == "settings:workspace" else None
    )


async def spend(stage: Stage, amount: int, now: float) -> None:
    assert await Purse(stage.store.spending, TEAM, "birdsong", PRICES, None).post(f"{amount}", amount, now)


async def chosen(stage: Stage) -> Any:
    return (await stage.store.workspaces.settings(TEAM)).budgets


@pytest.fixture
def now() -> float:
    return time.time()


async def test_an_admin_sees_what_the_month_has_cost_and_sets_the_most_that_it_may(stage: Stage, now: float) -> None:
    await spend(stage, 34_150, now)
    view = await workspace_modal(stage)
    said = text_of(input_of(view, "budget:"))
    assert "Birdsong: at most US$ a month" in said
    assert "has cost about $3.42 so far, which is Grapevine's own estimate" in said
    assert "One share with a link costs $0.20." in said
    assert (await stage.pg.submit(ADA.user, view["id"], {"budget:birdsong": "12.5"})).ok
    assert await stage.eventually(lambda: chosen(stage), bool) == {"birdsong": 125_000}
    view = await workspace_modal(stage)
    assert input_of(view, "budget:")["element"]["initial_value"] == "12.5"
    assert (await stage.pg.submit(ADA.user, view["id"], {"budget:birdsong": ""})).ok
    await stage.eventually(lambda: chosen(stage), lambda one: one == {})


async def test_an_amount_finer_than_any_price_is_refused_beneath_its_box(stage: Stage) -> None:
    view = await workspace_modal(stage)
    outcome = await stage.pg.submit(ADA.user, view["id"], {"budget:birdsong": "0.00001"})
    assert outcome.errors == {"budget:birdsong": "This should be an amount in US dollars such as 25 or 0.015."}


async def test_where_no_network_charges_no_money_is_spoken_of(stage: Stage) -> None:
    assert await budgets(stage.store, {"birdsong": Birdsong()}, TEAM, WorkspaceSettings(), 0.0) == []


async def test_a_used_up_budget_is_said_before_anything_is_written(stage: Stage, now: float) -> None:
    await stage.store.workspaces.change(TEAM, WorkspaceSettings(budgets={"birdsong": 3999}))
    await spend(stage, 2000, now)
    view = await composer(stage, "https://example.com/news")
    assert used_up("Birdsong", now) in text_of(view)
    places = [one["value"] for one in input_of(view, "networks")["element"]["options"]]
    assert places == ["mylink"]
    assert not [one for one in view["blocks"] if one.get("block_id", "").startswith("caption:")]


async def test_a_budget_that_is_used_up_meanwhile_is_said_when_share_is_pressed(stage: Stage, now: float) -> None:
    await stage.store.workspaces.change(TEAM, WorkspaceSettings(budgets={"birdsong": 2000}))
    view = await composer(stage, "https://example.com/news")
    assert used_up("Birdsong", now) not in text_of(view)
    await spend(stage, 1, now)
    outcome = await stage.pg.submit(BEA.user, view["id"], {})
    assert outcome.errors == {"networks": used_up("Birdsong", now)}
    assert (await stage.pg.submit(BEA.user, view["id"], {"networks": ["mylink"]})).ok
    await said_in_modal(stage, "to paste anywhere")
