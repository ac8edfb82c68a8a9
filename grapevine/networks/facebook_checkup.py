"""What an admin should know of Facebook: whether it takes the company's app."""

import asyncio

from grapevine.domain.errors import GrapevineError
from grapevine.networks import offered
from grapevine.networks.facebook import Facebook
from grapevine.settings import NetworkSettings


async def trouble(settings: NetworkSettings) -> str:
    """What has to be mended before members can connect, empty when that is nothing; asked without a member."""
    network = offered(settings)[Facebook.name]
    try:
        return await asyncio.to_thread(network.trouble) if isinstance(network, Facebook) else ""
    except GrapevineError:
        return ""  # it answers, though not to this
