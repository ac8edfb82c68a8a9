"""What calls to a network that charges cost a workspace, within the budget that its admins set in Slack."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from grapevine.domain.errors import GrapevineError, NotFound, Unavailable
from grapevine.domain.money import unread
from grapevine.domain.reactions import Counts
from grapevine.networks.abilities import Charging
from grapevine.networks.base import Network
from grapevine.store import Store
from grapevine.store.spending import Purse

Told = Mapping[str, Counts | Unavailable | NotFound]


async def purse(store: Store, team: str, network: Network) -> Purse | None:
    """The workspace's money for *network*; None where calls cost nothing."""
    if not isinstance(network, Charging):
        return None
    bound = (await store.workspaces.settings(team)).budgets.get(network.name)
    return Purse(store.spending, team, network.name, network.prices, bound)


async def paid(
    store: Store, team: str, network: Network, posts: Sequence[str], now: float, reading: Callable[[], Awaitable[Told]]
) -> Told:
    """What *reading* the posts tells, paid for; ``Unavailable`` without reading when the budget has no room for it."""
    own = await purse(store, team, network)
    if own is None:
        return await reading()
    price = await own.read(posts, now)
    if price is None:
        raise Unavailable(unread(network.title, now))
    try:
        told = await reading()
    except GrapevineError as error:
        if not error.served:
            await own.unread(price, now)
        raise
    await own.unread([post for post in price if not _owed(told.get(post))], now)
    return told


def _owed(told: Counts | GrapevineError | None) -> bool:
    """A network charges for what it tells."""
    return told.served if isinstance(told, GrapevineError) else told is not None
