"""Publishing one placement: at most once at the network, whatever dies on the way.

Pending → publishing → published, refused, or asking the member. "Publishing" is written before the network is called;
who finds it there settles what became of the call before anything else. The due list brings a placement back until it
is done, so a job may die at any instruction.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from grapevine.domain.accounts import AccountState
from grapevine.domain.budgets import Use
from grapevine.domain.errors import GrapevineError, NotFound, Otherwise, Reconnect, Refused, TryLater
from grapevine.domain.members import ERASED_AFTER, Member
from grapevine.domain.money import used_up
from grapevine.domain.posts import PostKind
from grapevine.domain.publishing import PATIENCE, next_try
from grapevine.domain.shares import Placement, PlacementState, Share, Status
from grapevine.networks.abilities import Charging, Preparing
from grapevine.networks.base import Draft, Network, Published
from grapevine.settings import WorkerSettings
from grapevine.store import Store
from grapevine.store.queue import Jobs, publication
from workers import drafts
from workers.accounts import leave, lost
from workers.acts import Acts
from workers.calls import Meter
from workers.slack import Slack, gently
from workers.spending import purse
from workers.telling import Telling
from workers.tokens import fresh

log = logging.getLogger("workers.publishing")

T = TypeVar("T")

#: seconds after which a job that has died is no longer waited for
LEASE = 10.0
#: seconds after which an uncertain create is settled, at the earliest: networks show a new post late
_SETTLE = 15.0
_AGAIN = 60.0
_GAVE_UP = "Grapevine waits for a day at most. Please share it again if you still want it out."

PENDING, PUBLISHING, ASKING = PlacementState.PENDING, PlacementState.PUBLISHING, PlacementState.ASKING


async def plan(store: Store, jobs: Jobs, now: float) -> None:
    """Puts a job for each placement that is due, and looks again in a minute, should the queue lose it."""
    due = await store.publishing.due(now)
    for placement in due:
        await store.publishing.hint(*placement, now + _AGAIN)
    await jobs.put_all([publication(*placement) for placement in due])


async def publish(
    mid: str,
    sid: str,
    network: str,
    *,
    store: Store,
    networks: Mapping[str, Network],
    slack: Slack,
    settings: WorkerSettings,
    now: float,
) -> None:
    """One step, or all of them, from where the placement stands."""
    async with store.leases.holding(f"publish:{mid}:{sid}:{network}", LEASE) as alone:
        if not alone:
            await store.publishing.hint(mid, sid, network, now + LEASE)
            return
        member, share = await store.members.get(mid), await store.shares.get(mid, sid)
        status = (await store.shares.statuses(mid, sid)).get(network)
        if member is None or share is None or status is None:
            await store.publishing.done(mid, sid, network)
            return
        # should we die from here on
        await store.publishing.hint(mid, sid, network, now + LEASE)
        telling = Telling(member, share, store, networks, slack, LEASE, now)
        step = Publication(member, share, share.placement(network), store, networks, slack, settings, now, telling)
        if status.state is PENDING:
            status = await step.begin(status)
        elif status.state is PUBLISHING:
            status = await step.resume(status)
        if status is None:
            return
        if status.state in (PENDING, PUBLISHING):  # a question that the member has answered disappears
            await gently(telling.tell())
        elif await step.announce(status):
            await store.publishing.done(mid, sid, network)


@dataclass
class Publication:
    """One placement on its way. Steps answer with the status that was reached, None when somebody else moved it."""

    member: Member
    share: Share
    placement: Placement
    store: Store
    networks: Mapping[str, Network]
    slack: Slack
    settings: WorkerSettings
    now: float
    telling: Telling
    _began: float = field(default_factory=time.monotonic, init=False)

    @property
    def title(self) -> str:
        network = self.networks.get(self.placement.network)
        return network.title if network else self.placement.network

    async def begin(self, status: Status) -> Status | None:
        """From pending: post it."""
        if self.member.left is not None:
            return await self._move(Status(PlacementState.CANCELLED, self.now), PENDING)
        try:
            network, token = await self._connection()
            draft = replace(await self._draft(), prepared=status.prepared)
            await self._pay(network, draft, self.now)
            if not status.prepared:  # by an earlier attempt, which the network put off
                draft = await self._prepared(network, token, draft)
        except TryLater as error:
            return await self._postpone(status, error, PENDING)
        except GrapevineError as error:
            return await self._move(await self._refused(error), PENDING)
        # The network is asked to post only after this stands in Redis.
        if await self._move(Status(PUBLISHING, self.now, prepared=draft.prepared), PENDING) is None:
            return None
        try:
            published = await self._call(network, network.publish, token, draft)
        except Otherwise as error:  # whoever settles it has to know with what it went out
            anew = await self._move(replace(status, prepared=error.prepared), PUBLISHING)
            return None if anew is None else await self.begin(anew)
        except TryLater as error:
            if error.uncertain:
                await self._hint(self.now + max(error.after or 0.0, _SETTLE))
                unsure = Status(PUBLISHING, self.now, reason=str(error), prepared=draft.prepared)
                return await self._move(unsure, PUBLISHING)
            return await self._postpone(replace(status, prepared=draft.prepared), error, PUBLISHING)
        except GrapevineError as error:
            return await self._move(await self._refused(error), PUBLISHING)
        return await self._published(published, draft)

    async def resume(self, status: Status) -> Status | None:
        """From publishing: an earlier call went out and nobody knows what became of it."""
        asking = Status(ASKING, self.now)
        try:
            network, token = await self._connection()
            draft = replace(await self._draft(), prepared=status.prepared)
            await self._pay(network, draft, status.since)  # paid then, unless this Grapevine was older
        except Refused:  # nobody can look any more
            return await self._move(asking, PUBLISHING)
        except TryLater as error:
            return await self._doubt(status, error)
        try:
            found = await self._call(network, network.settle, token, draft, status.since)
        except TryLater as error:
            return await self._doubt(status, error)
        except Refused as error:  # the network was asked, and says that it did not and will not take it
            return await self._move(await self._refused(error), PUBLISHING)
        except GrapevineError as error:
            if isinstance(error, Reconnect):
                await self._lost(error)
            return await self._move(asking, PUBLISHING)
        return await self._published(found, draft) if found is not None else await self._move(asking, PUBLISHING)

    async def announce(self, status: Status) -> bool:
        """Everything that follows from an outcome, each thing once; True when there is nothing left to do."""
        mid, sid, network = self.member.id, self.share.id, self.placement.network
        await self._give_back(status)  # once more, should a job have died before it
        if status.state is PlacementState.PUBLISHED and status.remote:
            account = await self.store.accounts.get(mid, self.placement.account)
            if account is None or account.may_count:
                await self.store.reactions.open(mid, sid, network, status.since)
            else:
                await self.store.reactions.cannot(mid, sid, network, account.count_reason)
        if self.member.left is not None:
            return True
        try:
            await self.telling.tell()
        except NotFound:
            await leave(self.store, self.networks, self.member, self.now, self.now + ERASED_AFTER)
        except (TryLater, Refused) as error:
            if isinstance(error, TryLater) and self.now - status.since <= PATIENCE:
                await self._hint(self.now + (error.after or _AGAIN))
                return False
            log.warning("%s was not told of %s: %s", mid, sid, error)
        return True

    async def _connection(self) -> tuple[Network, str]:
        """Network and token; ``Refused`` says what is missing."""
        network = self.networks.get(self.placement.network)
        account = await self.store.accounts.get(self.member.id, self.placement.account)
        if network is None:
            raise Refused(f"This Grapevine no longer offers {self.title}.")
        if account is None or account.state is AccountState.DISCONNECTED:
            raise Refused(f"Your {network.title} account is not connected any more.")
        token = await self.store.tokens.get(self.member.id, account.id)
        if account.state is AccountState.EXPIRED or token is None:
            raise Refused(f"Your {network.title} connection has run out.")
        try:
            token = await fresh(self.store, network, self.member.id, account.id, token, self.now)
        except Reconnect as error:
            raise Refused(await self._lost(error)) from None
        if token is None:
            raise Refused(f"Your {network.title} account is not connected any more.")
        uploads = (Use.UPLOADING,) if self.share.post.kind in (PostKind.IMAGE, PostKind.VIDEO) else ()
        await Meter(self.store, network, account.id).unpaused(Use.POSTING, *uploads)
        return network, token

    async def _pay(self, network: Network, draft: Draft, at: float) -> None:
        """Take what a post costs out of the workspace's budget, once a placement; ``Refused`` when that is used up."""
        own = await purse(self.store, self.member.team, network)
        if own and isinstance(network, Charging) and not await own.post(self._name, network.price(draft), at):
            raise Refused(used_up(network.title, at))

    async def _give_back(self, status: Status) -> None:
        """What was paid for a post that certainly is not out."""
        network = self.networks.get(self.placement.network)
        if network is not None and status.state in (PENDING, PlacementState.REFUSED, PlacementState.CANCELLED):
            own = await purse(self.store, self.member.team, network)
            if own is not None:
                await own.unpost(self._name, self.now)

    @property
    def _name(self) -> str:
        return f"{self.member.id}:{self.share.id}:{self.placement.network}"

    async def _call(self, network: Network, call: Callable[..., T], token: str, *given: Any) -> T:
        acts = Acts(self.store, network, self.member, self.placement.account, self._name, self.now)
        return await acts.call(call, token, *given)

    async def _draft(self) -> Draft:
        about = (self.share, self.placement, self._name, self.networks[self.placement.network])
        return await drafts.draft(*about, self.settings, self.slack, self.member.team)

    async def _prepared(self, network: Network, token: str, draft: Draft) -> Draft:
        """Everything that is fetched or uploaded for the post: before the create, and never once that is in doubt."""
        draft = await drafts.with_card(draft, network, self.settings)
        if not isinstance(network, Preparing):
            return draft
        return replace(draft, prepared=await self._call(network, network.prepare, token, draft))

    async def _postpone(self, status: Status, error: TryLater, expected: PlacementState) -> Status | None:
        """It is certain that nothing was posted: back to pending, and once more later."""
        at = next_try(self.now, status.since, error.after)
        if at is None:
            return await self._move(await self._refused(Refused(f"{error} {_GAVE_UP}")), expected)
        await self._hint(at)
        put_off = Status(PENDING, status.since, reason=str(error), prepared=status.prepared)
        return await self._move(put_off, expected)

    async def _doubt(self, status: Status, error: TryLater) -> Status | None:
        """The network cannot be asked yet what became of the call; after a day the member is."""
        at = next_try(self.now, status.since, error.after)
        if at is None:
            return await self._move(Status(ASKING, self.now), PUBLISHING)
        await self._hint(at)
        return await self._move(replace(status, reason=str(error)), PUBLISHING)

    async def _published(self, published: Published, draft: Draft) -> Status | None:
        note = " ".join(filter(None, (published.note, draft.note)))
        status = Status(PlacementState.PUBLISHED, self.now, published.id, published.url, note)
        # What is known beats the question that another job may have asked meanwhile.
        return await self._move(status, PUBLISHING, ASKING)

    async def _lost(self, error: Reconnect) -> str:
        account = await self.store.accounts.get(self.member.id, self.placement.account)
        network = self.networks[self.placement.network]
        if account is None:
            return str(error)
        what = await lost(self.member, account, network, error, store=self.store, slack=None)
        return what if await self._disconnected() else f"{what} Please share the post once more."

    async def _refused(self, error: GrapevineError) -> Status:
        reason = await self._lost(error) if isinstance(error, Reconnect) else str(error)
        return Status(PlacementState.REFUSED, self.now, reason=reason, reconnect=await self._disconnected())

    async def _disconnected(self) -> bool:
        account = await self.store.accounts.get(self.member.id, self.placement.account)
        if account is None or account.state is not AccountState.CONNECTED:
            return True
        return await self.store.tokens.get(self.member.id, account.id) is None

    async def _move(self, status: Status, *expected: PlacementState) -> Status | None:
        moved = await self.store.shares.move(self.member.id, self.share.id, self.placement.network, status, expected)
        if moved:
            await self._give_back(status)
        return status if moved else None

    async def _hint(self, at: float) -> None:
        at += time.monotonic() - self._began  # a network's pause begins with its answer
        await self.store.publishing.hint(self.member.id, self.share.id, self.placement.network, at)
