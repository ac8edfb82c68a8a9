"""The outcome of a finished dance: the account it makes, and how it waits while the person is asked once more."""

import json
from collections.abc import Sequence
from typing import Any

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


def packed(options: Sequence[Connected]) -> str:
    """What the network opened as text, tokens and all: to be encrypted wherever it is kept."""
    return json.dumps([_row(connected) for connected in options])


def unpacked(text: str) -> tuple[Connected, ...]:
    """The opposite of ``packed``."""
    return tuple(
        Connected(token, Profile(*profile), Capabilities(*capabilities), expires_at, caption_limit)
        for token, profile, capabilities, expires_at, caption_limit in json.loads(text)
    )


def _row(connected: Connected) -> list[Any]:
    profile, may = connected.profile, connected.capabilities
    return [
        connected.token,
        [profile.uid, profile.name, profile.picture, profile.reach],
        [may.post, may.count, may.reach, may.count_reason, may.reach_reason],
        connected.expires_at,
        connected.caption_limit,
    ]
