"""What an admin should know of X: whether it takes the company's app, and what it charges."""

import asyncio

from grapevine.domain.errors import GrapevineError
from grapevine.domain.money import dollars
from grapevine.networks import offered
from grapevine.networks.x import X
from grapevine.settings import NetworkSettings


async def trouble(settings: NetworkSettings, redirect_uri: str) -> str:
    """What has to be mended before members can connect, empty when that is nothing; X is asked without a member."""
    network = offered(settings)[X.name]
    try:
        return await asyncio.to_thread(network.trouble, redirect_uri) if isinstance(network, X) else ""
    except GrapevineError:
        return ""  # it answers, though not to this


def costs(settings: NetworkSettings) -> str:
    prices = settings.x_prices
    return (
        f"X charges {dollars(prices.link_post)} for a post with a link, {dollars(prices.post)} without, "
        f"{dollars(prices.read)} for reading one (X_…_PRICE); admins set a budget for a month in Slack: "
        "/grapevine settings, Workspace settings"
    )
