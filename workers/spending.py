"""What calls to a network that charges cost a workspace, within the budget that its admins set in Slack."""

from grapevine.domain.money import unread
from grapevine.networks.base import Charging, Network
from grapevine.store import Store
from grapevine.store.spending import Purse


async def purse(store: Store, team: str, network: Network) -> Purse | None:
    """The workspace's money for *network*; None where calls cost nothing."""
    if not isinstance(network, Charging):
        return None
    bound = (await store.workspaces.settings(team)).budgets.get(network.name)
    return Purse(store.spending, team, network.name, network.prices, bound)


def not_read(network: Network, now: float) -> str:
    """The reason that stands in place of the numbers."""
    return unread(network.title, now)
