"""Short links in an admin's hands: take one down and bring it back, or make one with a name of its own."""

import re
from urllib.parse import urlsplit

from bot.blocks import escaped
from bot.command import Command
from bot.home import publish_home
from grapevine.domain.errors import NotFound, Refused
from grapevine.domain.links import Link
from grapevine.domain.members import Member
from grapevine.domain.posts import Post, PostKind
from grapevine.domain.shares import MY_LINK, Placement, PlacementState, Share, ShortLink, Status
from grapevine.domain.targets import own_hosts, shortened_already, trouble_with
from grapevine.domain.utm import with_utm

USAGE = """An admin's commands for short links:
• `/grapevine link make summer https://example.com/offer` makes a link with a name of your choice
• `/grapevine link takedown` and a short link: it leads nowhere any more, and says so
• `/grapevine link restore` and a short link brings it back"""


async def on_link(command: Command) -> None:
    """``/grapevine link make|takedown|restore …``, for admins."""
    if not command.is_admin:
        raise Refused("Only workspace owners and admins can take links down or choose their names.")
    words = command.text.split()
    match [words[0].lower() if words else "", *words[1:]]:
        case ["make", slug, target]:
            await _make(command, slug, _bare(target))
        case ["takedown", which]:
            await _take_down(command, *await _found(command, which))
        case ["restore", which]:
            await _restore(command, *await _found(command, which))
        case _:
            await command.respond(text=USAGE)


async def _take_down(command: Command, slug: str, link: Link, owner: Member | None) -> None:
    address, target = _address(command, slug), escaped(link.target)
    if not await command.store.links.take_down(slug):
        await command.respond(text=f"{address} was taken down before; it still is.")
        return
    await command.respond(
        text=f"{address} is taken down. It led to {target}. Whoever follows it reads that it was taken down, and no "
        f"click is counted. `/grapevine link restore {slug}` brings it back."
    )
    await _tell(command, owner, f"took down your short link {address}, which led to {target}. It counts no clicks now.")


async def _restore(command: Command, slug: str, link: Link, owner: Member | None) -> None:
    address, target = _address(command, slug), escaped(link.target)
    if not await command.store.links.restore(slug):
        await command.respond(text=f"{address} was not taken down; it leads to {target}.")
        return
    await command.respond(text=f"{address} leads to {target} again, and its clicks count again.")
    await _tell(command, owner, f"brought back your short link {address}, which leads to {target}.")


async def _tell(command: Command, owner: Member | None, what: str) -> None:
    """Whose link it is should not learn of it from a reader."""
    if owner is not None and owner.left is None and owner.id != command.member.id:
        said = f"<@{command.member.user}> {what}"
        await command.client.chat_postMessage(channel=owner.user, text=said, unfurl_links=False, unfurl_media=False)


async def _make(command: Command, slug: str, url: str) -> None:
    """The link becomes a share of the admin's on "my link", so that its clicks are counted and shown to somebody."""
    store, mid = command.store, command.member.id
    own = own_hosts(command.settings.short_url)
    if trouble := trouble_with(url, own_hosts=own, allow_private=command.settings.allow_private_addresses):
        raise Refused(trouble)
    if shortened_already(url):
        raise Refused("That is a short link already. Please give the address that it leads to.")
    workspace = await store.workspaces.settings(command.member.team)
    sid = store.shares.new_id()
    content = sid if workspace.utm_content else ""
    target = with_utm(url, source=MY_LINK, content=content) if workspace.utm else url
    if not await store.links.claim_custom(slug, Link(target, mid, sid, MY_LINK)):
        before = await store.links.get(slug)
        # a claim of this admin's that a crash kept from becoming a share is taken up again
        if before is None or before.member != mid or await store.shares.get(mid, before.share) is not None:
            raise Refused(f"{_address(command, slug)} is taken. Please choose another name.")
        sid, target, url = before.share, before.target, before.target
    share = Share(
        sid,
        mid,
        Post(PostKind.LINK, url),
        command.now,
        (Placement(MY_LINK, "", "", (ShortLink(slug, target),), slug),),
    )
    await store.shares.hint_publication(mid, sid, command.now)
    await store.shares.make(share, {MY_LINK: Status(PlacementState.PUBLISHED, command.now)}, command.now)
    await command.respond(
        text=f"{_address(command, slug)} leads to {escaped(target)}. It is among your shares on Home, where the people "
        "who follow it are counted; anybody may use it."
    )
    await publish_home(
        command.client, store, command.networks, command.settings, command.member, command.now, is_admin=True
    )


async def _found(command: Command, which: str) -> tuple[str, Link, Member | None]:
    """The slug that *which* (a slug or a short link) means, where it leads and whose it is."""
    slug, short = _bare(which), command.settings.short_url
    if "://" in slug:
        # with whatever a person may have copied along: ?own, the + of the preview
        where = urlsplit(slug)
        path = urlsplit(short).path + "/"
        if where.netloc.lower() != urlsplit(short).netloc.lower() or not where.path.startswith(path):
            raise NotFound(f"That is not one of Grapevine's short links, which begin with {short}/.")
        slug = where.path.removeprefix(path)
    slug = slug.rstrip("+/")
    link = await command.store.links.get(slug)
    owner = await command.store.members.get(link.member) if link and link.member else None
    if link is None or (owner is not None and owner.team != command.member.team):
        raise NotFound(f"There is no short link “{escaped(slug[:40])}”. Capital and small letters matter.")
    if owner is None and command.settings.many_workspaces:
        raise Refused("Whoever made that link was erased, so nobody can tell that it is your workspace's.")
    return slug, link, owner


def _address(command: Command, slug: str) -> str:
    """To be read and copied: as code it is no link, which whoever shows it would follow and be counted."""
    return f"`{command.settings.short_url}/{slug}`"


def _bare(word: str) -> str:
    """A word as it was typed: Slack may have put an address into angle brackets."""
    found = re.fullmatch(r"<([^|>]+)(?:\|[^>]*)?>", word)
    return found[1] if found else word
