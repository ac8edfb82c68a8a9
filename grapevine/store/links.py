"""Slugs: claimed once, leading to their target for ever."""

import json
import secrets
from collections.abc import Set as AbstractSet
from dataclasses import fields

from grapevine.domain.errors import Refused
from grapevine.domain.links import ALPHABET, RESERVED, SLUG, SLUG_LENGTH, Link
from grapevine.domain.targets import LONGEST, trouble_with
from grapevine.store import keys
from grapevine.store.commands import Client
from grapevine.store.wire import Wire

#: what this version knows of a link; a newer one may have written more
_KNOWN = len(fields(Link))
#: characters: an address as a person may type it, and what UTM tags add
_LONGEST = LONGEST + 512


class Links:
    """Slugs are looked up over *wire* where there is one."""

    def __init__(self, redis: Client, wire: Wire | None = None) -> None:
        self._redis, self._wire = redis, wire

    async def claim(self, link: Link) -> str:
        """A new slug for *link*; a slug that is taken already is never given twice.

        Until its share is made it is noted with its member, so that erasing finds it. ``Refused`` when the target is no
        address to lead anybody to, whoever should have looked before.
        """
        _check(link)
        for _ in range(20):
            slug = "".join(secrets.choice(ALPHABET) for _ in range(SLUG_LENGTH))
            if slug.lower() in RESERVED:
                continue
            if link.member:
                await self._redis.sadd(keys.claimed(link.member), slug)
            if await self._redis.set(keys.slug(slug), _text(link), nx=True):
                return slug
        raise RuntimeError("Twenty random slugs in a row were taken: the alphabet is full or the generator is broken.")

    async def claim_custom(self, slug: str, link: Link) -> bool:
        """Claim a slug of somebody's choice for *link*; False when it is taken. ``Refused`` as by ``claim``, and when
        the slug is none that may be chosen.
        """
        if not SLUG.fullmatch(slug):
            raise Refused("A link's name has 3 to 40 characters: letters without accents, digits, - and _.")
        if slug.lower() in RESERVED:
            raise Refused(f"“{slug}” is a name that Grapevine keeps for itself. Please choose another one.")
        _check(link)
        noted = bool(link.member) and await self._redis.sadd(keys.claimed(link.member), slug) == 1
        if await self._redis.set(keys.slug(slug), _text(link), nx=True):
            return True
        if noted:
            await self._redis.srem(keys.claimed(link.member), slug)
        return False

    async def take_down(self, slug: str) -> bool:
        """From now on the slug answers that it was taken down (410), and nothing is counted; False when it did before.

        What it leads to is kept for ``restore``. Shorteners learn of both within two seconds.
        """
        return bool(await self._redis.sadd(keys.DOWN, slug))

    async def restore(self, slug: str) -> bool:
        """Bring a slug back that was taken down; False when it was not."""
        return bool(await self._redis.srem(keys.DOWN, slug))

    async def down(self) -> AbstractSet[str]:
        """Every slug that is taken down."""
        return await self._redis.smembers(keys.DOWN)

    async def get(self, slug: str) -> Link | None:
        name = keys.slug(slug)
        stored = await (self._wire.ask("GET", name) if self._wire else self._redis.get(name))
        return Link(*json.loads(stored)[:_KNOWN]) if stored else None

    async def forget_owner(self, slug: str) -> None:
        """The slug keeps only its target (rule 23)."""
        link = await self.get(slug)
        if link is not None and link.member:
            await self._redis.set(keys.slug(slug), _text(Link(link.target)))


def _check(link: Link) -> None:
    if trouble := trouble_with(link.target, allow_private=True, longest=_LONGEST):
        raise Refused(trouble)


def _text(link: Link) -> str:
    row = [link.target, link.member, link.share, link.network, link.account]
    while len(row) > 1 and row[-1] == "":
        row.pop()
    return json.dumps(row, separators=(",", ":"), ensure_ascii=False)
