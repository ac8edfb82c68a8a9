"""A member about whom everything is held that can be held, and a look into the whole Redis."""

from grapevine.domain.accounts import Account, AccountState
from grapevine.domain.budgets import DAY, Cadence, span
from grapevine.domain.clicks import Row
from grapevine.domain.links import Link
from grapevine.domain.members import Member, Pace, Preferences
from grapevine.domain.outcomes import WHOLE, Message
from grapevine.domain.points import Period, Place
from grapevine.domain.posts import Post, PostKind
from grapevine.domain.reactions import Counts
from grapevine.domain.shares import Placement, PlacementState, Share, ShortLink, Status
from grapevine.store import Store
from grapevine.store.clicks import Batch, Click
from tests.people import NOON, Person

#: what networks really call accounts
MASTODON = "https://social.example/@{name}|{{x}}:1"
TARGET = "https://example.com/news?id=7"


def account(person: Person, network: str = "mastodon", **more: object) -> Account:
    uid = MASTODON.format(name=person.name.lower())
    return Account(network, uid, person.name, AccountState.CONNECTED, NOON, expires_at=NOON + 86400, **more)  # type: ignore[arg-type]  # the caller's words


def a_share(member: Member, sid: str = "abcdef", *, offer: str = "", links: tuple[ShortLink, ...] = ()) -> Share:
    mine = f"mastodon:{MASTODON.format(name='bea')}"
    return Share(
        sid,
        member.id,
        Post(PostKind.LINK, TARGET, "News"),
        NOON,
        (Placement("mastodon", mine, "Read this", links, links[0].slug if links else ""), Placement("mylink", "", "")),
        offer,
        reach=120,
    )


def pending(share: Share) -> dict[str, Status]:
    return {placement.network: Status(PlacementState.PENDING, NOON) for placement in share.placements}


async def clicked(store: Store, member: Member, sid: str, number: int, count: int, writer: str = "writer") -> None:
    mine = f"mastodon:{MASTODON.format(name='bea')}"
    visits = [Click(None, "mastodon", mine, NOON, number * 10_000 + one, one % 10) for one in range(count)]
    batch = Batch(member.id, sid, writer, number, (*visits, Click(Row.BOT, "mylink", "", NOON)))
    await store.clicks.settle([batch], NOON)


async def full(store: Store, person: Person) -> tuple[Member, list[str]]:
    """The member, and their slugs."""
    member = await person.joins(store)
    mine = account(person)
    await store.members.prefer(member.id, Preferences(Pace.DAILY, 22, 7, leaderboard=True))
    await store.accounts.connect(member, mine, f"token of {person.name}")
    await store.pauses.account(mine.id, 60, NOON)
    await store.pauses.strike(mine.id, 60, NOON)
    await store.budgets.take("mastodon", 3, 100, NOON, span(NOON, DAY), mine.id)
    await store.cadences.note("mastodon", Cadence(), {member.id: Cadence(1, 3, extras=False)})
    offer = await store.workspaces.offer(
        person.team, Post(PostKind.LINK, TARGET), ("Read this",), person.user, NOON, None
    )
    slugs = [
        await store.links.claim(Link(TARGET, member.id, "abcdef", "mastodon", mine.id)),
        await store.links.claim(Link(f"{TARGET}&more", member.id, "abcdef", "mastodon", mine.id)),
    ]
    share = a_share(member, offer=offer.id, links=tuple(ShortLink(slug, TARGET) for slug in slugs))
    await store.shares.hint_publication(member.id, share.id, NOON)
    await store.shares.make(share, pending(share), NOON)
    # claimed for a share that never came to be
    slugs.append(await store.links.claim(Link(TARGET, member.id, "zzzzzz", "mastodon", mine.id)))
    await store.shares.hint_publication(member.id, "zzzzzz", NOON)
    await store.publishing.hint(member.id, share.id, "mastodon", NOON)
    await store.messages.keep(member.id, share.id, WHOLE, Message("D0BEA00001", "1.2", NOON, {"mastodon": "published"}))
    await store.reactions.open(member.id, share.id, "mastodon", NOON)
    await store.reactions.take(member.id, share.id, "mastodon", Counts(3, 2, 1), NOON)
    await clicked(store, member, share.id, 1, 600)
    await store.digests.take(member.id, NOON, 0)
    await clicked(store, member, share.id, 2, 5)
    await store.workspaces.set_board(person.team, Period.WEEK, [Place(1, member.id, 605)], NOON)
    link = await store.passes.issue("link", {"member": member.id, "network": "mastodon"}, 900)
    await store.passes.issue("form", {"for": link}, 900)
    await store.passes.keep("state", "the-state", {"member": member.id, "link": link}, 900)
    await store.passes.keep("held", "the-state.answer", {"state": "the-state", "connected": "sealed"}, 900)
    await store.passes.first(f"lost:{member.id}:{mine.id}:{NOON:.0f}", 30 * 86400)
    await store.members.erasures.at(member.id, NOON + 1)
    return member, slugs


async def everything(store: Store) -> dict[str, str]:
    """Each key of the Redis, and all that is in it as text."""
    reads = {
        "string": ("GET",),
        "hash": ("HGETALL",),
        "set": ("SMEMBERS",),
        "zset": ("ZRANGE", 0, -1),
    }
    found = {}
    async for key in store.redis.scan_iter(match="*"):
        word, *rest = reads[await store.redis.execute_command("TYPE", key)]
        found[key] = repr(await store.redis.execute_command(str(word), key, *rest))
    return found


async def mentions(store: Store, *words: str) -> list[str]:
    """The keys that have, or say, one of these."""
    return [
        f"{key} = {value}"
        for key, value in (await everything(store)).items()
        if any(word in key or word in value for word in words)
    ]
