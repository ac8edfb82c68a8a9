"""What belongs to a workspace: its settings, what is on offer, its leaderboards."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace

from grapevine.domain.points import DEFAULT_RATES, Period, Place, Rate
from grapevine.domain.posts import Offer, Post
from grapevine.store import keys
from grapevine.store.commands import Client
from grapevine.store.posts import post_in
from grapevine.store.records import fill

#: offers read at once
_PAGE = 20


@dataclass(frozen=True, slots=True)
class WorkspaceSettings:
    """What admins decide in Slack. *budgets*: network → the most that a month may cost; without one, no bound."""

    rates: tuple[Rate, ...] = DEFAULT_RATES
    leaderboard: bool = False
    least_participants: int = 3
    utm: bool = True
    utm_content: bool = False
    charts: bool = True  # False once Slack has refused the chart block (rolled out in phases)
    budgets: Mapping[str, int] = field(default_factory=dict)


class Workspaces:
    def __init__(self, redis: Client) -> None:
        self._redis = redis

    async def settings(self, team: str) -> WorkspaceSettings:
        stored = {name: json.loads(text) for name, text in (await self._redis.hgetall(keys.workspace(team))).items()}
        if "rates" in stored:
            stored["rates"] = tuple(fill(Rate, rate) for rate in stored["rates"])
        known = set(asdict(WorkspaceSettings()))
        return replace(WorkspaceSettings(), **{name: one for name, one in stored.items() if name in known})

    async def put(self, team: str, **values: bool | int) -> None:
        """Some settings by their names in ``WorkspaceSettings``; the others stay as they are, whoever changes them."""
        await self._redis.hset(keys.workspace(team), mapping={name: json.dumps(one) for name, one in values.items()})

    async def change(self, team: str, settings: WorkspaceSettings) -> None:
        values = {name: json.dumps(one) for name, one in asdict(settings).items()}
        await self._redis.hset(keys.workspace(team), mapping=values)

    async def offer(
        self, team: str, post: Post, captions: tuple[str, ...], by: str, now: float, expires: float | None
    ) -> Offer:
        made = Offer(secrets.token_hex(4), post, captions, by, now, expires)
        # The index first, and last when withdrawn: an offer that is in it can always be found.
        await self._redis.zadd(keys.offers(team), {made.id: now})
        await self._redis.set(keys.offer(team, made.id), json.dumps(asdict(made)))
        return made

    async def get_offer(self, team: str, offer_id: str) -> Offer | None:
        stored = await self._redis.get(keys.offer(team, offer_id))
        if stored is None:
            return None
        raw = json.loads(stored)
        return fill(Offer, raw, post=post_in(raw["post"]), captions=tuple(raw["captions"]))

    async def offers(self, team: str, now: float, most: int = 20) -> list[Offer]:
        """What is on offer now, newest first."""
        found: list[Offer] = []
        skipped = 0
        while len(found) < most:
            ids = await self._redis.zrevrange(keys.offers(team), skipped, skipped + _PAGE - 1)
            offers = [await self.get_offer(team, one) for one in ids]
            found += [offer for offer in offers if offer is not None and offer.open(now)]
            skipped += len(ids)
            if len(ids) < _PAGE:
                break
        return found[:most]

    async def withdraw(self, team: str, offer_id: str) -> None:
        await self._redis.delete(keys.offer(team, offer_id))
        await self._redis.zrem(keys.offers(team), offer_id)

    async def app_id(self, team: str) -> str | None:
        """Slack's id of the app in this workspace; empty when Slack would not tell, None when nobody has asked."""
        return await self._redis.get(keys.app_id(team))

    async def know_app_id(self, team: str, app: str, lives: int) -> None:
        await self._redis.set(keys.app_id(team), app, ex=lives)

    async def set_board(self, team: str, period: str, places: list[Place], now: float) -> None:
        board = {"at": now, "places": [asdict(place) for place in places]}
        await self._redis.set(keys.board(team, period), json.dumps(board), ex=7 * 86400)
        # Looked at afterwards: somebody may have been erased since the places were counted (rule 23).
        members = await self._redis.smembers(keys.members_of(team))
        if any(place.member not in members for place in places):
            await self._redis.delete(keys.board(team, period))

    async def forget(self, team: str, mid: str, user: str) -> None:
        """Boards and offers name this member no more (rule 23); boards are rebuilt within minutes."""
        for period in (Period.WEEK, Period.MONTH, Period.ALL):
            _, places = await self.board(team, period)
            if any(place.member == mid for place in places):
                await self._redis.delete(keys.board(team, period))
        for offer_id in await self._redis.zrange(keys.offers(team), 0, -1):
            stored = await self._redis.get(keys.offer(team, offer_id))
            raw = json.loads(stored or "{}")
            if raw.get("by") == user:
                await self._redis.set(keys.offer(team, offer_id), json.dumps({**raw, "by": ""}), xx=True)

    async def board(self, team: str, period: str) -> tuple[float, list[Place]]:
        """When it was rebuilt, and its places; 0 and none when it never was."""
        stored = await self._redis.get(keys.board(team, period))
        if stored is None:
            return 0.0, []
        raw = json.loads(stored)
        return raw["at"], [fill(Place, place) for place in raw["places"]]
