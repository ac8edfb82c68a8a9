"""A member's connected accounts, and who owns which account in a workspace (rule 5)."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace

from grapevine.domain.accounts import Account, AccountState, next_warning
from grapevine.domain.errors import Refused, TryLater
from grapevine.domain.members import Member
from grapevine.store import keys
from grapevine.store.commands import Client
from grapevine.store.due import Due
from grapevine.store.leases import Leases
from grapevine.store.records import pack, unpack
from grapevine.store.scripts import script
from grapevine.store.tokens import Tokens

#: seconds that connecting may take here, and for which a second attempt at the same account waits
_CONNECTING, _PATIENCE = 30.0, 3.0


class Accounts:
    def __init__(self, redis: Client, tokens: Tokens) -> None:
        self._redis = redis
        self.tokens = tokens
        self._leases = Leases(redis)
        self._account = script(redis, "account")
        self._drop = script(redis, "drop")
        self.reach = Due(redis, keys.DUE_REACH)
        self.expiries = Due(redis, keys.DUE_EXPIRIES)

    async def all(self, mid: str) -> dict[str, Account]:
        """Account id → account, disconnected ones included (their old placements still name them)."""
        stored = await self._redis.hgetall(keys.accounts(mid))
        return {name: _account(text) for name, text in sorted(stored.items())}

    async def get(self, mid: str, account: str) -> Account | None:
        stored = await self._redis.hget(keys.accounts(mid), account)
        return _account(stored) if stored else None

    async def connected(self, mids: Iterable[str], network: str) -> dict[str, str]:
        """Which account of *network* members use now, by member, in few trips; those who have none are left out."""
        found: dict[str, str] = {}
        every = list(mids)
        for start in range(0, len(every), 1000):
            some = every[start : start + 1000]
            async with self._redis.pipeline(transaction=False) as pipe:
                for mid in some:
                    pipe.hgetall(keys.gathering(mid))
                for mid, accounts in zip(some, await pipe.execute(), strict=True):
                    for name, on in accounts.items():
                        if on == "1" and name.startswith(f"{network}:"):
                            found[mid] = name
        return found

    async def connected_to(self, network: str) -> list[Account]:
        """Every account that is connected at *network*, of the first 10,000 of all: those whose reach is read."""
        names = [due_parts(name) for name in await self.reach.now(float("inf"))]
        found: list[Account] = []
        ours = [(mid, account) for mid, account in names if account.startswith(f"{network}:")]
        for start in range(0, len(ours), 1000):
            async with self._redis.pipeline(transaction=False) as pipe:
                for mid, account in ours[start : start + 1000]:
                    pipe.hget(keys.accounts(mid), account)
                found += [_account(text) for text in await pipe.execute() if text]
        return [account for account in found if account.state is AccountState.CONNECTED]

    async def connect(self, member: Member, account: Account, token: str) -> None:
        """Keep a connected account and its token; ``Refused`` when it belongs to another member of the workspace.

        A member has one account a network at a time: another one of the same network is disconnected first by the
        caller, who can revoke its token.
        """
        sealed = self.tokens.encrypt(token)
        for _ in range(int(_PATIENCE / 0.05)):
            async with self._leases.holding(f"connect:{member.team}:{account.id}", _CONNECTING) as alone:
                if alone:
                    return await self._connect(member, account, sealed)
            await asyncio.sleep(0.05)
        raise Refused("This account is being connected by somebody right now. Please try again in a minute.")

    async def _connect(self, member: Member, account: Account, sealed: str) -> None:
        owner = keys.owner_of(member.team, account.id)
        other = await self._redis.get(owner)
        # Somebody who died between two lines owns an account without having it: that one is free.
        if other is not None and other != member.id and await self._has(other, account.id):
            raise Refused(
                "This account is connected by another member of your workspace. Ask them to disconnect it first."
            )
        await self._redis.set(owner, member.id)
        name = due_name(member.id, account.id)
        await self.reach.at(name, account.connected_at)
        if account.expires_at is not None:
            await self.expiries.at(name, next_warning(account.expires_at, 0))
        if await self._change(member.id, account.id, lambda _: account, "connect", sealed) is None:
            await self._drop(keys=[owner], args=[member.id])
            raise Refused("You do not take part in Grapevine any more, so nothing was connected.")

    async def owner(self, member: Member, account: str) -> str | None:
        """Which member of *member*'s workspace has connected this account."""
        return await self._redis.get(keys.owner_of(member.team, account))

    async def change(self, mid: str, account: str, **changes: object) -> Account | None:
        """The account with some facts changed, kept; None when the member has no such account (any more).

        A disconnected one stays disconnected, whatever *changes* say of its state: only connecting brings it back.
        """

        def changed(known: Account | None) -> Account | None:
            if known is None:
                return None
            final = {"state": known.state} if known.state is AccountState.DISCONNECTED else {}
            return replace(known, **{**changes, **final})  # type: ignore[arg-type]  # names are checked by replace

        return await self._change(mid, account, changed)

    async def runs_out(self, mid: str, account: str, at: float | None, *, since: float) -> None:
        """The token of the connection that was made at *since* runs out *at*; a later connection has its own date."""

        def renewed(known: Account | None) -> Account | None:
            return replace(known, expires_at=at) if known is not None and known.connected_at == since else None

        await self._change(mid, account, renewed)

    async def disconnect(self, member: Member, account: str) -> None:
        """Stop gathering, wipe the token, free the account for others; the numbers stay (rules 5, 14, 22)."""

        def ended(known: Account | None) -> Account | None:
            return known and replace(known, state=AccountState.DISCONNECTED)

        if await self._change(member.id, account, ended, "wipe") is None:
            await self.tokens.wipe(member.id, account)
        await self._drop(keys=[keys.owner_of(member.team, account)], args=[member.id])
        for due in (self.reach, self.expiries):
            await due.done(due_name(member.id, account))

    async def _has(self, mid: str, account: str) -> bool:
        known = await self.get(mid, account)
        return known is not None and known.state is not AccountState.DISCONNECTED

    async def _change(
        self,
        mid: str,
        account: str,
        change: Callable[[Account | None], Account | None],
        token: str = "keep",  # noqa: S107 (what becomes of it, not the token)
        sealed: str = "",
    ) -> Account | None:
        """What *change* makes of the account, kept as a whole; None when there is nothing to change or nobody to."""
        for _ in range(1000):
            before = await self._redis.hget(keys.accounts(mid), account)
            wanted = change(_account(before) if before else None)
            if wanted is None:
                return None
            answer = await self._account(
                keys=[keys.member(mid), keys.accounts(mid), keys.gathering(mid), keys.tokens(mid)],
                args=[account, before or "", pack(wanted, before), "1" if wanted.gathering else "0", token, sealed],
            )
            if answer != "changed":
                return wanted if answer == "done" else None
        raise TryLater("This account is changing all the time. Please try again in a minute.")


def due_name(mid: str, account: str) -> str:
    return f"{mid}|{account}"


def due_parts(name: str) -> tuple[str, str]:
    """Member and account of a name in ``Accounts.reach`` and ``Accounts.expiries``."""
    mid, _, account = name.partition("|")
    return mid, account


def _account(text: str) -> Account:
    known = unpack(Account, text)
    return replace(known, state=AccountState(known.state))
