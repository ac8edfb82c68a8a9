"""Slack installations, for an app that many workspaces install: encrypted as a whole, the tokens inside (rule 21)."""

import json
from collections.abc import Mapping
from typing import Any

from grapevine.store import keys
from grapevine.store.commands import Client
from grapevine.store.tokens import Tokens


class Installations:
    """One installation for each workspace, or for each organisation that installed the app org-wide.

    *enterprise* and *team* are Slack's ids, empty for none; an org-wide installation has no team.
    """

    def __init__(self, redis: Client, tokens: Tokens) -> None:
        self._redis = redis
        self._tokens = tokens

    async def save(self, enterprise: str, team: str, installation: Mapping[str, Any]) -> None:
        """Keep an installation that JSON can say; a newer one takes the place of the one before."""
        sealed = self._tokens.encrypt(json.dumps(installation))
        await self._redis.set(keys.installation(enterprise, team), sealed)
        if team:
            await self.serve(enterprise, team)

    async def serve(self, enterprise: str, team: str) -> None:
        """Note which organisation *team* belongs to, for those who know the team only."""
        await self._redis.set(keys.installed_in(team), enterprise)

    async def find(self, enterprise: str, team: str) -> dict[str, Any] | None:
        """The installation; None when there is none, or no key opens it any more."""
        sealed = await self._redis.get(keys.installation(enterprise, team))
        opened = self._tokens.decrypt(sealed) if sealed else None
        return json.loads(opened) if opened else None

    async def delete(self, enterprise: str, team: str) -> None:
        await self._redis.delete(keys.installation(enterprise, team))
        if team:
            await self._redis.delete(keys.installed_in(team))

    async def bot_token(self, team: str) -> str | None:
        """The token that speaks in *team*: its own installation's, else its organisation's."""
        enterprise = await self._redis.get(keys.installed_in(team)) or ""
        found = await self.find(enterprise, team) or (await self.find(enterprise, "") if enterprise else None)
        return found.get("bot_token") if found else None
