"""What networks that charge cost the workspace: for the admins' settings, and before a member writes a text for one."""

import asyncio
import time
from collections.abc import Mapping

from bot.preferences_view import Budget
from grapevine.domain.money import used_up
from grapevine.networks.abilities import Charging
from grapevine.networks.base import Network
from grapevine.networks.charges import Till
from grapevine.store import Store
from grapevine.store.spending import Purse
from grapevine.store.workspaces import WorkspaceSettings


async def budgets(
    store: Store, networks: Mapping[str, Network], team: str, workspace: WorkspaceSettings, now: float
) -> list[Budget]:
    """This month's, of the networks that charge."""
    return [
        Budget(name, network.title, purse.bound, await purse.spent(now), purse.prices.link_post)
        for name, network in networks.items()
        if (purse := _purse(store, team, network, workspace)) is not None
    ]


async def closed(
    store: Store, networks: Mapping[str, Network], team: str, workspace: WorkspaceSettings, now: float
) -> dict[str, str]:
    """The networks whose budget is used up this month, and what a member reads about it."""
    purses = {name: _purse(store, team, network, workspace) for name, network in networks.items()}
    return {
        name: used_up(networks[name].title, now)
        for name, purse in purses.items()
        if purse is not None and not await purse.open(now)
    }


async def till(store: Store, network: Network, mid: str) -> Till | None:
    """Where reading a profile is paid for while a member connects; None where it costs nothing."""
    member = await store.members.get(mid)
    if member is None or not isinstance(network, Charging):
        return None
    purse = _purse(store, member.team, network, await store.workspaces.settings(member.team))
    return Till(purse, asyncio.get_running_loop(), "", time.time()) if purse else None


def _purse(store: Store, team: str, network: Network, workspace: WorkspaceSettings) -> Purse | None:
    if not isinstance(network, Charging):
        return None
    return Purse(store.spending, team, network.name, network.prices, workspace.budgets.get(network.name))
