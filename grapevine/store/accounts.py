"""A member's connected accounts, and who owns which account in a workspace (rule 5)."""

from dataclasses import replace

from grapevine.domain.accounts import Account, AccountState, next_warning
from grapevine.domain.errors import Refused
from grapevine.domain.members import Member
from grapevine.store import keys
from grapevine.store.commands import Client
from grapevine.store.due import Due
from grapevine.store.records import pack, unpack
from grapevine.store.tokens import Tokens


class Accounts:
    def __init__(self, redis: Client, tokens: Tokens) -> None:
        self._redis = redis
        self.tokens = tokens
        self.reach = Due(redis, keys.DUE_REACH)
        self.expiries = Due(redis, keys.DUE_EXPIRIES)

    async def all(self, mid: str) -> dict[str, Account]:
        """Account id → account, disconnected ones included (their old placements still name them)."""
        stored = await self._redis.hgetall(keys.accounts(mid))
        return {name: _account(text) for name, text in sorted(stored.items())}

    async def get(self, mid: str, account: str) -> Account | None:
        stored = await self._redis.hget(keys.accounts(mid), account)
        return _account(stored) if stored else None

    async def connect(self, member: Member, account: Account, token: str) -> None:
        """Keep a connected account and its token; ``Refused`` when it belongs to another member of the workspace.

        A member has one account a network at a time: another one of the same network is disconnected first by the
        caller, who can revoke its token.
        """
        owner = keys.owner_of(member.team, account.id)
        if not await self._redis.set(owner, member.id, nx=True) and await self._redis.get(owner) != member.id:
            raise Refused(
                "This account is connected by another member of your workspace. Ask them to disconnect it first."
            )
        # The token before the state: an account that says "connected" always has one.
        await self.tokens.keep(member.id, account.id, token)
        await self._put(member.id, account)
        await self.reach.at(due_name(member.id, account.id), account.connected_at)
        if account.expires_at is not None:
            await self.expiries.at(due_name(member.id, account.id), next_warning(account.expires_at, 0))

    async def change(self, mid: str, account: str, **changes: object) -> Account | None:
        """The account with some facts changed, kept; None when the member has no such account (any more)."""
        known = await self.get(mid, account)
        if known is None:
            return None
        changed = replace(known, **changes)  # type: ignore[arg-type]  # names are checked by replace
        await self._put(mid, changed)
        return changed

    async def disconnect(self, member: Member, account: str) -> None:
        """Stop gathering, wipe the token, free the account for others; the numbers stay (rules 5, 14, 22)."""
        await self._redis.hset(keys.gathering(member.id), account, "0")
        await self.tokens.wipe(member.id, account)
        await self.change(member.id, account, state=AccountState.DISCONNECTED)
        if await self._redis.get(keys.owner_of(member.team, account)) == member.id:
            await self._redis.delete(keys.owner_of(member.team, account))
        for due in (self.reach, self.expiries):
            await due.done(due_name(member.id, account))

    async def pause(self, mid: str, account: str, seconds: float) -> None:
        """The network asked all of us to leave this account alone for *seconds*."""
        await self._redis.set(keys.pause(mid, account), "1", px=max(1, int(seconds * 1000)))

    async def paused(self, mid: str, account: str) -> float:
        """For how many seconds the account is to be left alone; 0 when it is not."""
        return max(0, await self._redis.pttl(keys.pause(mid, account))) / 1000

    async def _put(self, mid: str, account: Account) -> None:
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hset(keys.accounts(mid), account.id, pack(account))
            pipe.hset(keys.gathering(mid), account.id, "1" if account.gathering else "0")
            await pipe.execute()


def due_name(mid: str, account: str) -> str:
    return f"{mid}|{account}"


def due_parts(name: str) -> tuple[str, str]:
    """Member and account of a name in ``Accounts.reach`` and ``Accounts.expiries``."""
    mid, _, account = name.partition("|")
    return mid, account


def _account(text: str) -> Account:
    known = unpack(Account, text)
    return replace(known, state=AccountState(known.state))
