"""What an admin should know of Bluesky: whether its members' servers can read who Grapevine is."""

import asyncio
from collections.abc import Sequence

from grapevine.networks import offered
from grapevine.networks.bluesky import Bluesky
from grapevine.settings import NetworkSettings


async def members_are_asked(settings: NetworkSettings, base_url: str, secrets: Sequence[str]) -> bool:
    """Whether Bluesky's own server would ask a member on its page; False where there are app passwords only.

    ``Refused`` says why it would not, ``TryLater`` that it does not tell.
    """
    network = offered(settings, base_url, secrets).get(Bluesky.name)
    return isinstance(network, Bluesky) and await asyncio.to_thread(network.knock)
