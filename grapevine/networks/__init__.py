"""The only room that speaks to social networks. Adding one is one file, one test file and one line here."""

from collections.abc import Sequence

from grapevine.networks.base import Network
from grapevine.networks.bluesky import Bluesky
from grapevine.networks.facebook import Facebook
from grapevine.networks.linkedin import LinkedIn
from grapevine.networks.mastodon import Mastodon
from grapevine.networks.x import X
from grapevine.settings import NetworkSettings


def offered(settings: NetworkSettings, base_url: str = "", secrets: Sequence[str] = ()) -> dict[str, Network]:
    """The networks that have credentials, or need none and are switched on, by name; others are simply not offered.

    *base_url* is how the networks' servers reach the bot. Of *secrets* are made the keys with which Grapevine signs
    where that is asked for; programs that handle no tokens need none.
    """
    networks: list[Network] = []
    if settings.linkedin_client_id and settings.linkedin_client_secret:
        networks.append(
            LinkedIn(
                settings.linkedin_client_id,
                settings.linkedin_client_secret.get_secret_value(),
                settings.linkedin_version,
                settings.linkedin_scopes,
                settings.linkedin_auth_url,
                settings.linkedin_api_url,
                settings.linkedin_calls_per_member,
                settings.linkedin_calls_per_app,
            )
        )
    if settings.x_api_key and settings.x_api_secret:
        secret = settings.x_api_secret.get_secret_value()
        networks.append(X(settings.x_api_key, secret, settings.x_api_url, settings.x_prices))
    if settings.facebook_app_id and settings.facebook_app_secret:
        networks.append(
            Facebook(
                settings.facebook_app_id,
                settings.facebook_app_secret.get_secret_value(),
                settings.facebook_version,
                settings.facebook_auth_url,
                settings.facebook_graph_url,
            )
        )
    if settings.mastodon:
        networks.append(Mastodon(settings.mastodon_server, allow_private=settings.allow_private_addresses))
    if settings.bluesky:
        networks.append(
            Bluesky(
                settings.bluesky_url,
                settings.bluesky_appview_url,
                settings.bluesky_plc_url,
                allow_private=settings.allow_private_addresses,
                base_url=base_url if settings.bluesky_oauth else "",
                secrets=secrets,
            )
        )
    return {network.name: network for network in networks}
