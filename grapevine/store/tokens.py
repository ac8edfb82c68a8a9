"""Tokens at rest: encrypted with Fernet, the first key encrypts, all decrypt (rule 21)."""

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from grapevine.store import keys
from grapevine.store.commands import Client
from grapevine.store.scripts import script


class Tokens:
    """The members' tokens. Without keys, tokens can be wiped but neither kept nor read."""

    def __init__(self, redis: Client, encryption_keys: Sequence[str]) -> None:
        self._redis = redis
        self._renew = script(redis, "renew")
        self._fernet = MultiFernet([Fernet(key) for key in encryption_keys]) if encryption_keys else None

    def encrypt(self, text: str) -> str:
        if self._fernet is None:
            raise RuntimeError("This program was given no ENCRYPTION_KEYS.")
        return self._fernet.encrypt(text.encode()).decode()

    def decrypt(self, text: str) -> str | None:
        """None when no key opens it (the keys were changed without keeping the old one)."""
        if self._fernet is None:
            raise RuntimeError("This program was given no ENCRYPTION_KEYS.")
        try:
            return self._fernet.decrypt(text).decode()
        except (InvalidToken, ValueError):  # ValueError: not even text as Fernet writes it
            return None

    async def keep(self, mid: str, account: str, token: str, *, before: str) -> bool:
        """The network renewed the token *before*: keep the new one. False when that was wiped meanwhile (rule 22), or
        the account connected anew. May be tried again. A first token comes by ``Accounts.connect``.
        """
        kept = await self._redis.hget(keys.tokens(mid), account)
        known = self.decrypt(kept) if kept else None
        if kept is None or known != before:
            return known == token  # it is ours already where an answer was lost
        return bool(await self._renew(keys=[keys.tokens(mid)], args=[account, kept, self.encrypt(token)]))

    async def get(self, mid: str, account: str) -> str | None:
        kept = await self._redis.hget(keys.tokens(mid), account)
        return self.decrypt(kept) if kept else None

    async def wipe(self, mid: str, account: str) -> None:
        await self._redis.hdel(keys.tokens(mid), account)
