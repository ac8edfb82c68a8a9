"""Telling a member what has become of a share: one message, kept true, and another where one must not be overlooked."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from grapevine.domain.errors import Refused, TryLater
from grapevine.domain.members import Member
from grapevine.domain.outcomes import WHOLE, Message, Step, next_step, outcome
from grapevine.domain.shares import MY_LINK, Share, Status
from grapevine.networks.abilities import connectable
from grapevine.networks.base import Network
from grapevine.store import Store
from workers.outcomes import message, summary
from workers.slack import Block, Slack

#: seconds after which a worker who finds another one telling of the same share looks again
_ASIDE = 2.0
#: more steps than any share has to tell at once: somebody deletes messages as fast as they are posted
_MOST = 20
_UNSURE = 3 * 86400


@dataclass(frozen=True)
class Telling:
    """Of one share. *lease*: seconds after which a dead teller is replaced; *now*: the time at which this was made."""

    member: Member
    share: Share
    store: Store
    networks: Mapping[str, Network]
    slack: Slack
    lease: float
    now: float
    _began: float = field(default_factory=time.monotonic, init=False)

    async def tell(self) -> None:
        """Tell every outcome that has not been told; ``TryLater``, ``NotFound`` and ``Refused`` as ``Slack.tell``.

        One worker at a time, in whichever process. It reads the store before each step, so it also tells what others
        have reached meanwhile, and in the end the messages say what the store says.
        """
        if await self._next() is None:
            return
        async with self.store.leases.holding(f"tell:{self.member.id}:{self.share.id}", self.lease) as alone:
            if not alone:
                raise TryLater("Another worker tells of this share.", _ASIDE)
            for _ in range(_MOST):
                step = await self._next()
                if step is None or not await self._take(step):
                    return
        raise TryLater("The messages of this share do not stay.")

    def _clock(self) -> float:
        """The time by now: a large video takes minutes."""
        return self.now + time.monotonic() - self._began

    async def _next(self) -> Step | None:
        return next_step(await self._statuses(), await self._messages(), self._clock())

    async def _statuses(self) -> dict[str, Status]:
        known = await self.store.shares.statuses(self.member.id, self.share.id)
        names = [placement.network for placement in self.share.placements]
        return {name: known[name] for name in names if name in known and name != MY_LINK}

    async def _messages(self) -> dict[str, Message]:
        return await self.store.messages.about(self.member.id, self.share.id)

    async def _take(self, step: Step) -> bool:
        """What is said is made of what stands in the store now, and kept as said when Slack has it.

        False when nothing more is to be told, since the member is being erased.
        """
        mid, sid = self.member.id, self.share.id
        statuses, messages = await self._statuses(), await self._messages()
        about = statuses if step.about == WHOLE else {step.about: statuses[step.about]}
        shown = {network: outcome(status) for network, status in about.items()}
        said = self._said(step.about, statuses, messages)
        if said is None:  # something else has become of it this very moment
            return True
        before = messages.get(step.about)
        if step.anew or before is None:
            channel, ts = await self._post(step.about, shown, *said)
            kept = Message(channel, ts, self._clock(), shown)
        elif await self.slack.change(self.member, before.channel, before.ts, *said):
            kept = Message(before.channel, before.ts, before.at, shown)
        else:  # the member has deleted it
            await self.store.messages.forget(mid, sid, step.about)
            return True
        return await self.store.messages.keep(mid, sid, step.about, kept)

    def _said(
        self, about: str, statuses: Mapping[str, Status], messages: Mapping[str, Message]
    ) -> tuple[str, list[Block]] | None:
        titles = {name: one.title if (one := self.networks.get(name)) else name for name in statuses}
        offers = {name: connectable(self.networks[name]) for name in statuses if name in self.networks}
        if about == WHOLE:
            return summary(self.share, statuses, titles, messages.keys() - {WHOLE}, offers)
        return message(self.share, self.share.placement(about), statuses[about], titles[about], offers.get(about, ""))

    async def _post(self, about: str, shown: Mapping[str, str], text: str, blocks: list[Block]) -> tuple[str, str]:
        """Once more where nobody knows whether it arrived: better the same news twice than never, but not for ever."""
        try:
            return await self.slack.tell(self.member, text, blocks)
        except TryLater as error:
            unsure = f"unsure:{self.member.id}:{self.share.id}:{about}:{sorted(shown.items())}"
            if error.uncertain and not await self.store.passes.first(unsure, _UNSURE):
                raise Refused("Slack does not say whether it has this message, which was sent twice.") from None
            raise
