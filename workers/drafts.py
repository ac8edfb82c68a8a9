"""What a network is given to publish: the caption, the post, and what of it has to be fetched from elsewhere first."""

import asyncio
import hashlib
from dataclasses import replace

from grapevine.domain.errors import GrapevineError, Refused
from grapevine.domain.posts import Image, PostKind
from grapevine.domain.shares import Placement, Share
from grapevine.networks.abilities import Bare, Filming
from grapevine.networks.base import Draft, Network, Picture
from grapevine.networks.opengraph import card_of, picture_at
from grapevine.settings import WorkerSettings
from workers import media, uploads
from workers.fitting import fit
from workers.slack import Slack

#: pictures that are fetched and made to fit at a time: they are held in memory
_AT_ONCE = 2
#: pixels of a card's picture that anybody sees
_CARD = 1200


async def draft(
    share: Share, placement: Placement, name: str, network: Network, settings: WorkerSettings, slack: Slack, team: str
) -> Draft:
    """With the pictures of an image post as *network* takes them, and the video for one that films; *name* is unique.

    ``Refused`` or ``TryLater`` when they cannot be had.
    """
    post = share.post
    link = f"{settings.short_url}/{placement.card}" if placement.card else None
    key = hashlib.sha256(name.encode()).hexdigest()[:32]
    plain = Draft(placement.caption, post, link, key=key, at=share.created)
    video, films = post.kind is PostKind.VIDEO, isinstance(network, Filming)
    room = asyncio.Semaphore(_AT_ONCE)
    notes: set[str] = set()
    if video and post.file and not films:
        raise Refused("This network takes no video from Grapevine.")
    if post.kind is not PostKind.IMAGE and not (video and films):
        return plain

    async def fetched(image: Image) -> Picture:
        async with room:
            if image.file:
                found = await uploads.fetch(slack, team, image.file, video=video)
            else:
                found = await media.fetch(image.url, allow_private=settings.allow_private_addresses, video=video)
            if video:
                return Picture(*found, image.alt_text)
            fitted = await fit(*found, network.pictures, network.title, private=bool(image.file))
            notes.add(fitted.note)
            return Picture(fitted.content, fitted.kind, image.alt_text)

    first, *more = await asyncio.gather(*map(fetched, post.images))
    note = " ".join(sorted(notes - {""}))
    return replace(plain, media=(first.content, first.kind), more=tuple(more), note=note)


async def with_card(plain: Draft, network: Network, settings: WorkerSettings) -> Draft:
    """With what the page says of itself, for a network that fetches nothing; what the member wrote comes first.

    It takes ten seconds at the most, and a page that says nothing, or cannot be had, leaves the draft as it is.
    """
    if plain.link is None or not isinstance(network, Bare):
        return plain
    private = settings.allow_private_addresses
    card = await card_of(plain.post.url, allow_private=private)
    title, description = plain.post.title or card.title, plain.post.description or card.description
    picture = await _on_card(card.picture, network, settings) if card.picture else None
    return replace(plain, post=replace(plain.post, title=title, description=description), thumbnail=picture)


async def _on_card(url: str, network: Network, settings: WorkerSettings) -> tuple[bytes, str] | None:
    """The picture at *url* as the network takes it; None when it cannot be had: a card without one is no worse."""
    found = await picture_at(url, allow_private=settings.allow_private_addresses)
    if found is None:
        return None
    takes = replace(network.pictures, side=min(_CARD, network.pictures.side))
    try:
        fitted = await fit(*found, takes, network.title, private=False)
    except GrapevineError:
        return None
    return fitted.content, fitted.kind
