"""What `grapevine doctor` finds at the networks: whether each is offered, there, and takes what it is given."""

import time
from collections import Counter
from collections.abc import AsyncIterator

import aiohttp

from grapevine import house
from grapevine.domain.errors import Refused, TryLater
from grapevine.finding import Finding
from grapevine.networks import bluesky_checkup, facebook_checkup, linkedin_checkup, linkedin_versions, x_checkup
from grapevine.networks.mastodon_server import named
from grapevine.settings import BotSettings, NetworkSettings
from grapevine.store import Store
from grapevine.store.connection import UNREACHABLE
from grapevine.store.embedded import EmbeddedServer
from grapevine.store.secrets import data_secrets, has_secrets


async def examine(settings: BotSettings, session: aiohttp.ClientSession) -> AsyncIterator[Finding]:
    """Each network: whether it is offered, whether it can be reached, and whether it takes what it is given."""
    known = [
        (
            "LinkedIn",
            {
                "LINKEDIN_CLIENT_ID": settings.linkedin_client_id,
                "LINKEDIN_CLIENT_SECRET": settings.linkedin_client_secret,
            },
            [settings.linkedin_auth_url, settings.linkedin_api_url],
        ),
        ("X", {"X_API_KEY": settings.x_api_key, "X_API_SECRET": settings.x_api_secret}, [settings.x_api_url]),
        (
            "Facebook",
            {"FACEBOOK_APP_ID": settings.facebook_app_id, "FACEBOOK_APP_SECRET": settings.facebook_app_secret},
            [settings.facebook_auth_url, settings.facebook_graph_url],
        ),
    ]
    for title, credentials, addresses in known:
        missing = [name for name, value in credentials.items() if value is None]
        if len(missing) == len(credentials):
            yield Finding(None, f"{title}: not offered ({' and '.join(missing)} are not set)")
        elif missing:
            yield Finding(False, title, f"{missing[0]} is missing: set it too, or neither.")
        else:
            silent = [address for address in addresses if not await _reachable(session, address)]
            away = f"{' and '.join(silent)} cannot be reached from here: open the way out, or set HTTPS_PROXY."
            mend = away if silent else ""
            if title == "X":
                mend = mend or await x_checkup.trouble(settings, f"{settings.base_url}/oauth/x/callback")
                yield Finding(None, x_checkup.costs(settings))
            if title == "Facebook":
                mend = mend or await facebook_checkup.trouble(settings)
            yield Finding(not mend, title, mend)
    if settings.linkedin_client_id and settings.linkedin_client_secret:
        works, what, mend = linkedin_checkup.able(settings.linkedin_scopes)
        yield Finding(None if works else False, what, mend)
        if (found := await _linkedin_accounts(settings)) is not None:
            yield found
    if settings.linkedin_client_id and (said := linkedin_versions.advice(settings.linkedin_version, time.time())):
        yield Finding(None, f"LinkedIn: version {settings.linkedin_version}", said)
    yield await _mastodon(settings, session)
    yield await _bluesky(settings, session)


async def _linkedin_accounts(settings: BotSettings) -> Finding | None:
    """What those that are connected can do; None while nothing runs, or nobody is connected."""
    url = settings.redis_url or EmbeddedServer.join(settings.grapevine_data)
    if url is None:
        return None
    store = Store.open(url)
    try:
        known = await store.accounts.connected_to("linkedin")
    except UNREACHABLE:
        return None  # said of Redis itself
    finally:
        await store.close()
    if not known:
        return None
    can = {
        "post": [one for one in known if one.can_post],
        "count reactions": [one for one in known if one.can_count],
        "tell their reach": [one for one in known if one.can_reach],
    }
    said = ", ".join(f"{len(some)} can {what}" for what, some in can.items())
    reasons = Counter(one.count_reason for one in known if one.count_reason)
    return Finding(None, f"LinkedIn: {len(known)} connected; {said}", next(iter(dict(reasons.most_common(1))), ""))


async def _mastodon(settings: NetworkSettings, session: aiohttp.ClientSession) -> Finding:
    """It needs no credentials; a server that is suggested should be there."""
    if not settings.mastodon:
        return Finding(None, "Mastodon: not offered (MASTODON is off)")
    name = settings.mastodon_server
    if not name:
        return Finding(True, "Mastodon: members name their own servers")
    try:
        server = named(name, allow_private=settings.allow_private_addresses)
    except Refused as error:
        return Finding(False, "Mastodon", f"MASTODON_SERVER: {error}")
    there = await _reachable(session, f"{server.url}/api/v1/instance")
    mend = f"MASTODON_SERVER {server.name} cannot be reached from here: is it written right? Is there a way out?"
    return Finding(there, f"Mastodon: {server.name} is suggested" if there else "Mastodon", "" if there else mend)


async def _bluesky(settings: BotSettings, session: aiohttp.ClientSession) -> Finding:
    """It needs no credentials; where accounts and numbers are looked up should be there, and read who Grapevine is."""
    if not settings.bluesky:
        return Finding(None, "Bluesky: not offered (BLUESKY is off)")
    addresses = [settings.bluesky_url, settings.bluesky_plc_url, settings.bluesky_appview_url]
    silent = [address for address in addresses if not await _reachable(session, address)]
    if silent:
        away = f"{' and '.join(silent)} cannot be reached from here: open the way out, set HTTPS_PROXY, or BLUESKY=off."
        return Finding(False, "Bluesky", away)
    secrets = _secrets(settings)
    try:
        if await bluesky_checkup.members_are_asked(settings, settings.base_url, secrets):
            return Finding(True, "Bluesky: members are asked by their own servers")
    except TryLater as error:
        return Finding(None, f"Bluesky: not checked. {error}")
    except Refused as error:
        if not await _reachable(session, f"{house.local(settings.bot_host, settings.bot_port)}/healthz"):
            return Finding(None, "Bluesky: not checked, since the bot does not answer (is `grapevine up` on?)")
        return Finding(False, "Bluesky", f"{error} With BLUESKY_OAUTH=off members make app passwords.")
    if settings.bluesky_oauth and not secrets and settings.redis_url is None:
        return Finding(None, "Bluesky: not checked, since `grapevine up` has made no keys yet")
    why = " (BASE_URL is no https address with a public name and no port, where their servers could ask)"
    return Finding(True, f"Bluesky: members make app passwords{why if settings.bluesky_oauth else ''}")


def _secrets(settings: BotSettings) -> tuple[str, ...]:
    """The keys of the tokens, if there are any yet."""
    keys = tuple(key.get_secret_value() for key in settings.encryption_keys)
    made = not keys and settings.redis_url is None and has_secrets(settings.grapevine_data)
    return (data_secrets(settings.grapevine_data)["ENCRYPTION_KEYS"],) if made else keys


async def _reachable(session: aiohttp.ClientSession, url: str) -> bool:
    """Any answer will do: without a token a network says no, politely."""
    try:
        async with session.get(url, allow_redirects=False):
            return True
    except (aiohttp.ClientError, TimeoutError, OSError):
        return False
