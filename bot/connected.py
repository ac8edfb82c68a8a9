"""The outcome of a finished dance: the account it makes, and how it waits while the person is asked once more."""

import json

from grapevine.domain.accounts import Account, AccountState, Capabilities, Profile
from grapevine.networks.base import Connected, Network


def account_of(network: Network, connected: Connected, now: float) -> Account:
    """The account that the dance connected at *now*."""
    profile, may = connected.profile, connected.capabilities
    return Account(
        network=network.name,
        uid=profile.uid,
        name=profile.name,
        state=AccountState.CONNECTED,
        connected_at=now,
        picture=profile.picture,
        reach=profile.reach,
        reach_at=now if profile.reach is not None else None,
        expires_at=connected.expires_at,
        can_post=may.post,
        can_count=may.count,
        can_reach=may.reach,
        count_reason=may.count_reason,
        reach_reason=may.reach_reason,
        caption_limit=connected.caption_limit,
    )


def packed(connected: Connected) -> str:
    """The outcome as text, token and all: to be encrypted wherever it is kept."""
    profile, may = connected.profile, connected.capabilities
    return json.dumps(
        {
            "token": connected.token,
            "profile": [profile.uid, profile.name, profile.picture, profile.reach],
            "capabilities": [may.post, may.count, may.reach, may.count_reason, may.reach_reason],
            "expires_at": connected.expires_at,
            "caption_limit": connected.caption_limit,
        }
    )


def unpacked(text: str) -> Connected:
    """The opposite of ``packed``."""
    raw = json.loads(text)
    profile, capabilities = Profile(*raw["profile"]), Capabilities(*raw["capabilities"])
    return Connected(raw["token"], profile, capabilities, raw["expires_at"], raw["caption_limit"])
