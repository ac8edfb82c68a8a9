"""What a network is given to publish: the caption, the post, and what of it has to be fetched from elsewhere first."""

import asyncio
import hashlib
from dataclasses import replace

from grapevine.domain.errors import Refused
from grapevine.domain.posts import Image, PostKind
from grapevine.domain.shares import Placement, Share
from grapevine.networks.abilities import Bare
from grapevine.networks.base import Draft, Network, Picture
from grapevine.networks.opengraph import card_of, picture_at
from grapevine.settings import WorkerSettings
from workers import media, uploads
from workers.slack import Slack


async def draft(
    share: Share, placement: Placement, name: str, settings: WorkerSettings, slack: Slack, team: str, *, films: bool
) -> Draft:
    """With the pictures of an image post, and the video for a network that *films*; *name* is unique.

    ``Refused`` or ``TryLater`` when they cannot be had.
    """
    post = share.post
    link = f"{settings.short_url}/{placement.card}" if placement.card else None
    key = hashlib.sha256(name.encode()).hexdigest()[:32]
    plain = Draft(placement.caption, post, link, key=key, at=share.created)
    video = post.kind is PostKind.VIDEO
    if video and post.file and not films:
        raise Refused("This network takes no video from Grapevine.")
    if post.kind is not PostKind.IMAGE and not (video and films):
        return plain

    async def fetched(image: Image) -> Picture:
        if image.file:
            return Picture(*await uploads.fetch(slack, team, image.file, video=video), image.alt_text)
        found = await media.fetch(image.url, allow_private=settings.allow_private_addresses, video=video)
        return Picture(*found, image.alt_text)

    first, *more = await asyncio.gather(*map(fetched, post.images))
    return replace(plain, media=(first.content, first.kind), more=tuple(more))


async def with_card(plain: Draft, network: Network, settings: WorkerSettings) -> Draft:
    """With what the page says of itself, for a network that fetches nothing; what the member wrote comes first.

    It takes ten seconds at the most, and a page that says nothing, or cannot be had, leaves the draft as it is.
    """
    if plain.link is None or not isinstance(network, Bare):
        return plain
    private = settings.allow_private_addresses
    card = await card_of(plain.post.url, allow_private=private)
    title, description = plain.post.title or card.title, plain.post.description or card.description
    picture = await picture_at(card.picture, allow_private=private) if card.picture else None
    return replace(plain, post=replace(plain.post, title=title, description=description), thumbnail=picture)
