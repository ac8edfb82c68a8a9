"""The only room that speaks Redis. A program opens one ``Store`` and hands it on."""

from collections.abc import Sequence

from grapevine.domain.members import Preferences
from grapevine.store.accounts import Accounts
from grapevine.store.budgets import Budgets, Cadences
from grapevine.store.clicks import Clicks
from grapevine.store.commands import Client
from grapevine.store.connection import connect
from grapevine.store.digests import Digests
from grapevine.store.erasure import Erasure
from grapevine.store.identity import Identity
from grapevine.store.insights import InsightStore
from grapevine.store.installations import Installations
from grapevine.store.leases import Leases
from grapevine.store.links import Links
from grapevine.store.members import Members
from grapevine.store.messages import Messages
from grapevine.store.passes import Passes
from grapevine.store.pauses import Pauses
from grapevine.store.progress import Progress
from grapevine.store.publishing import Publishing
from grapevine.store.reactions import ReactionStore
from grapevine.store.rewrites import Rewrites
from grapevine.store.schedule import Turns
from grapevine.store.shares import Shares
from grapevine.store.spending import Spending
from grapevine.store.tokens import Tokens
from grapevine.store.totals import TotalsStore
from grapevine.store.troubles import Troubles
from grapevine.store.wire import Wire
from grapevine.store.workspaces import Workspaces


class Store:
    """Every room of the store over one client. *encryption_keys* only for programs that handle tokens."""

    def __init__(
        self,
        redis: Client,
        *,
        encryption_keys: Sequence[str] = (),
        window: float = 14 * 86400,
        interval: float = 86400,
        visitor_cap: int = 100,
        quiet_hours: tuple[int, int] = (20, 8),
    ) -> None:
        self.redis = redis
        self._wire = Wire.of(redis)
        self.tokens = Tokens(redis, encryption_keys)
        self.members = Members(redis, Preferences(quiet_from=quiet_hours[0], quiet_to=quiet_hours[1]))
        self.accounts = Accounts(redis, self.tokens)
        self.links = Links(redis, self._wire)
        self.shares = Shares(redis)
        self.clicks = Clicks(redis, visitor_cap, self._wire)
        self.reactions = ReactionStore(redis, window, interval)
        self.messages = Messages(redis)
        self.publishing = Publishing(redis, self.shares, self.reactions)
        self.leases = Leases(redis)
        self.budgets = Budgets(redis)
        self.cadences = Cadences(redis)
        self.pauses = Pauses(redis)
        self.progress = Progress(redis)
        self.troubles = Troubles(redis)
        self.turns = Turns(redis, self.leases)
        self.digests = Digests(redis)
        self.insights = InsightStore(redis)
        self.totals = TotalsStore(redis)
        self.workspaces = Workspaces(redis)
        self.spending = Spending(redis)
        self.passes = Passes(redis)
        self.installations = Installations(redis, self.tokens)
        self.identity = Identity(redis)
        self.rewrites = Rewrites(redis)
        self.erasure = Erasure(redis, self.shares, self.links)

    @classmethod
    def open(
        cls,
        url: str,
        *,
        encryption_keys: Sequence[str] = (),
        window: float = 14 * 86400,
        interval: float = 86400,
        quiet_hours: tuple[int, int] = (20, 8),
    ) -> "Store":
        """A store at a Redis address; connects at the first command."""
        return cls(
            connect(url), encryption_keys=encryption_keys, window=window, interval=interval, quiet_hours=quiet_hours
        )

    async def close(self) -> None:
        if self._wire is not None:
            await self._wire.close()
        await self.redis.aclose()
