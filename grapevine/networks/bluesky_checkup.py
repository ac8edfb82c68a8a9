"""What an admin should know of Bluesky: whether its members' servers can read who Grapevine is."""

import asyncio
from collections.abc import Sequence

from grapevine.domain.errors import Refused, TryLater
from grapevine.networks import offered
from grapevine.networks.bluesky import Bluesky
from grapevine.settings import NetworkSettings


async def trouble(settings: NetworkSettings, base_url: str, secrets: Sequence[str]) -> str | None:
    """What has to be mended before members can be asked, empty when that is nothing; None where none will be asked."""
    network = offered(settings, base_url, secrets).get(Bluesky.name)
    if not isinstance(network, Bluesky):
        return None
    try:
        return "" if await asyncio.to_thread(network.knock) else None
    except Refused as error:
        return str(error)
    except TryLater:
        return ""  # it has trouble of its own
