"""Slugs: claimed once, leading to their target for ever."""

import json
import secrets
from dataclasses import fields

from grapevine.domain.links import ALPHABET, RESERVED, SLUG_LENGTH, Link
from grapevine.store import keys
from grapevine.store.commands import Client

#: what this version knows of a link; a newer one may have written more
_KNOWN = len(fields(Link))


class Links:
    def __init__(self, redis: Client) -> None:
        self._redis = redis

    async def claim(self, link: Link) -> str:
        """A new slug for *link*; a slug that is taken already is never given twice.

        Until its share is made it is noted with its member, so that erasing finds it.
        """
        for _ in range(20):
            slug = "".join(secrets.choice(ALPHABET) for _ in range(SLUG_LENGTH))
            if slug.lower() in RESERVED:
                continue
            if link.member:
                await self._redis.sadd(keys.claimed(link.member), slug)
            if await self._redis.set(keys.slug(slug), _text(link), nx=True):
                return slug
        raise RuntimeError("Twenty random slugs in a row were taken: the alphabet is full or the generator is broken.")

    async def get(self, slug: str) -> Link | None:
        stored = await self._redis.get(keys.slug(slug))
        return Link(*json.loads(stored)[:_KNOWN]) if stored else None

    async def forget_owner(self, slug: str) -> None:
        """The slug keeps only its target (rule 23)."""
        link = await self.get(slug)
        if link is not None and link.member:
            await self._redis.set(keys.slug(slug), _text(Link(link.target)))


def _text(link: Link) -> str:
    row = [link.target, link.member, link.share, link.network, link.account]
    while len(row) > 1 and row[-1] == "":
        row.pop()
    return json.dumps(row, separators=(",", ":"), ensure_ascii=False)
