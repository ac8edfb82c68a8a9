"""The only room that speaks to social networks. Adding one is one file, one test file and one line here."""

from collections.abc import Callable, Sequence

from grapevine.networks import bluesky, facebook, linkedin, mastodon, x
from grapevine.networks.base import Network
from grapevine.settings import NetworkSettings

#: in the order in which people see them; each says None where it has no credentials or is switched off
_OFFERS: Sequence[Callable[[NetworkSettings, str, Sequence[str]], Network | None]] = (
    linkedin.offer,
    x.offer,
    facebook.offer,
    mastodon.offer,
    bluesky.offer,
)


def offered(settings: NetworkSettings, base_url: str = "", secrets: Sequence[str] = ()) -> dict[str, Network]:
    """The networks that have credentials, or need none and are switched on, by name; others are simply not offered.

    *base_url* is how the networks' servers reach the bot. Of *secrets* are made the keys with which Grapevine signs
    where that is asked for; programs that handle no tokens need none.
    """
    made = (offer(settings, base_url, secrets) for offer in _OFFERS)
    return {network.name: network for network in made if network is not None}
