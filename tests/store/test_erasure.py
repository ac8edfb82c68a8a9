"""Rule 23: export hands a member everything, erase removes it all."""

import asyncio
import itertools
import json

from grapevine.domain.errors import NotFound, Refused
from grapevine.domain.links import Link
from grapevine.domain.members import Member, Preferences
from grapevine.domain.shares import ShortLink
from grapevine.store import Store, keys
from tests.people import ADA, BEA, CY, NOON, TEAM
from tests.store.full import TARGET, a_share, account, clicked, everything, full, mentions, pending


async def traces(store: Store, bea: Member, salt: str = "") -> list[str]:
    """What is left in the whole Redis of Bea, who was erased."""
    words = [bea.id, BEA.user, account(BEA).uid, account(BEA).id, json.dumps(account(BEA).uid), "the-state"]
    return await mentions(store, *words, *([salt] if salt else []))


async def test_rule_23_nothing_of_an_erased_member_is_left_in_the_whole_redis(store: Store) -> None:
    bea, slugs = await full(store, BEA)
    salt = await store.clicks.salt(bea.id, "abcdef")
    assert salt
    assert len(await traces(store, bea, salt)) > 25
    token = await store.redis.hget(keys.tokens(bea.id), account(BEA).id)
    await store.erasure.erase(bea)
    assert await traces(store, bea, salt) == []
    assert await mentions(store, str(token)) == []
    for slug in slugs:
        link = await store.links.get(slug)
        assert link is not None
        assert (link.target.removesuffix("&more"), link.member, link.account) == (TARGET, "", "")


async def test_rule_23_erasing_touches_nobody_else(store: Store) -> None:
    cy = await CY.joins(store)
    await store.accounts.connect(cy, account(CY), "token of Cy")
    share = a_share(cy)
    await store.shares.make(share, pending(share), NOON)
    await clicked(store, cy, share.id, 1, 3)
    link = await store.passes.issue("link", {"member": cy.id}, 900)
    before = await everything(store)
    bea, slugs = await full(store, BEA)
    await store.erasure.erase(bea)
    after = await everything(store)
    nameless = {keys.slug(slug) for slug in slugs}
    offered = {key for key in after if key.startswith(f"{keys.offers(TEAM)}")}
    hashed = {key for key in after if key.startswith("z:")}
    others = nameless | offered | hashed | {keys.cadence("mastodon")}
    assert {key: value for key, value in after.items() if key not in others} == before
    assert await store.passes.use("link", link) == {"member": cy.id}


class Mortal:
    """A store whose process dies before its command number *dies_at* is sent."""

    class DiedError(Exception):
        pass

    def __init__(self, url: str, dies_at: int) -> None:
        self.store, self.left = Store.open(url), dies_at
        self._send = self.store.redis.execute_command
        self.store.redis.execute_command = self._until_death  # type: ignore[method-assign]  # here it dies

    async def _until_death(self, *words: str | int | float, **options: object) -> object:
        self.left -= 1
        if self.left <= 0:
            raise self.DiedError
        return await self._send(*words, **options)

    async def erases(self, member: Member) -> bool:
        """Whether it lived to see the end."""
        try:
            await self.store.erasure.erase(member)
        except self.DiedError:
            return False
        finally:
            await self.store.close()
        return True


async def test_rule_23_what_a_crash_at_any_step_leaves_is_found_and_erased(store: Store, redis_url: str) -> None:
    for dies_at in itertools.count(1, 2):
        await store.redis.execute_command("FLUSHALL")
        bea, slugs = await full(store, BEA)
        lived = await Mortal(redis_url, dies_at).erases(bea)
        due = [mid for mid in await store.members.erasures.now(NOON) if mid == bea.id]
        if lived:
            assert due == []
            assert dies_at > 40
            break
        if dies_at > 2:  # before its second step nothing has happened: Bea is told so, and asks again
            assert due == [bea.id], dies_at
            member = await store.members.get(bea.id)
            assert member is None or member.left is not None
        # what the schedule does
        await store.erasure.erase(await store.members.get(bea.id) or bea)
        assert await traces(store, bea) == [], dies_at
        for slug in slugs:
            assert (await store.links.get(slug) or Link("")).target.startswith(TARGET)


async def test_erasing_twice_changes_nothing(store: Store) -> None:
    bea, _ = await full(store, BEA)
    await store.erasure.erase(bea)
    before = await everything(store)
    assert await traces(store, bea) == []
    await store.erasure.erase(bea)
    assert await everything(store) == before


async def test_two_erase_at_once(store: Store, redis_url: str) -> None:
    bea, _ = await full(store, BEA)
    other = Store.open(redis_url)
    await asyncio.gather(store.erasure.erase(bea), other.erasure.erase(bea))
    await other.close()
    assert await traces(store, bea) == []


async def test_nothing_that_comes_while_a_member_is_erased_brings_anything_back(store: Store, redis_url: str) -> None:
    """Clicks, settings, connections, shares, tokens and departures in flight."""
    bea, _ = await full(store, BEA)
    other = Store.open(redis_url, encryption_keys=[])
    going, refused, enough = True, 0, asyncio.Event()

    async def clicks(writer: str) -> None:
        number = 2
        while going:
            number += 1
            await clicked(other, bea, "abcdef", number, 3, writer)

    async def chores() -> None:
        nonlocal refused
        round_ = 0
        while going:
            round_ += 1
            await store.members.know(bea, f"Etc/GMT+{round_ % 12}", "sv-SE")
            await store.members.prefer(bea.id, Preferences(quiet_from=round_ % 24))
            await store.members.leave(bea.id, NOON, NOON + 1e9)
            await store.members.return_(bea.id)
            before = await store.tokens.get(bea.id, account(BEA).id) or ""
            await store.tokens.keep(bea.id, account(BEA).id, "renewed", before=before)
            await store.accounts.change(bea.id, account(BEA).id, reach=round_)
            try:
                slug = await store.links.claim(Link(TARGET, bea.id, f"sid{round_}"))
                share = a_share(bea, f"sid{round_}", links=(ShortLink(slug, TARGET),))
                await store.shares.make(share, pending(share), NOON)
            except NotFound:
                refused += 1
            try:
                await store.accounts.connect(bea, account(BEA), "token again")
            except Refused:
                refused += 1
            if refused >= 4:
                enough.set()

    tasks = [asyncio.create_task(one) for one in (clicks("one"), clicks("two"), chores())]
    await asyncio.sleep(0.05)
    await store.erasure.erase(bea)
    await asyncio.wait_for(enough.wait(), 10)
    going = False
    await asyncio.gather(*tasks)
    await other.close()
    # hints may name too many: whoever looks finds nobody
    for due in keys.DUE_LISTS:
        for name in await store.redis.zrange(due, 0, -1):
            if name.startswith(bea.id):
                await store.redis.zrem(due, name)
    assert await traces(store, bea) == []


async def test_who_comes_back_after_erasing_is_somebody_new(store: Store) -> None:
    bea, _ = await full(store, BEA)
    await store.erasure.erase(bea)
    again = await BEA.joins(store)
    assert again.id != bea.id
    assert again.left is None
    assert await store.shares.count(again.id) == 0
    await store.accounts.connect(again, account(BEA), "token")
    await store.erasure.erase(bea)  # the old job, delivered again
    assert await store.members.of(TEAM, BEA.user) == again
    assert await store.tokens.get(again.id, account(BEA).id) == "token"
    assert [member.id for member in await store.members.all(TEAM)] == [again.id]


async def test_rule_23_the_export_has_everything_and_no_secret(store: Store) -> None:
    bea, slugs = await full(store, BEA)
    await full(store, ADA)
    export = await store.erasure.export(bea)
    said = json.dumps(export, ensure_ascii=False)
    record = keys.member(bea.id)
    unsaid = (
        "k",
        "b",
        "x",
        "v",
        "w",
    )  # tokens, and marks of clicks; a window, whose end is with its counts
    for key, value in (await everything(store)).items():
        if key.startswith(record) and not key.removeprefix(record).startswith(unsaid):
            held = await _facts(store, key)
            assert held, key
            for fact in held:
                assert fact in said, f"{fact} of {key} = {value}"
    salt = await store.clicks.salt(bea.id, "abcdef")
    token = await store.redis.hget(keys.tokens(bea.id), account(BEA).id)
    assert salt
    assert token
    assert salt not in said
    assert token not in said
    assert "token of Bea" not in said
    assert account(BEA).id in export["tokens"]
    assert "the-state" not in said
    assert slugs[2] in said
    assert export["offers_made"][0]["captions"] == ["Read this"]
    assert "U0ADA" not in said
    assert "Ada" not in said


async def _facts(store: Store, key: str) -> list[str]:
    """What a key holds, as it would stand in the export."""
    kind = await store.redis.execute_command("TYPE", key)
    if kind == "string":
        return [str(one) for one in _leaves(json.loads(await store.redis.get(key) or "null"))]
    if kind == "hash":
        facts = {name: value for name, value in (await store.redis.hgetall(key)).items() if name != "salt"}
        names = [name.removeprefix("d:") for name in facts]  # a receipt's days stand among the days
        return [*names, *(str(one) for value in facts.values() for one in _leaves(_json(value)))]
    if kind == "set":
        return list(await store.redis.smembers(key))
    return await store.redis.zrange(key, 0, -1)


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _leaves(value: object) -> list[object]:
    if isinstance(value, dict):
        return [leaf for one in value.values() for leaf in _leaves(one)]
    if isinstance(value, list):
        return [leaf for one in value for leaf in _leaves(one)]
    # quotes are escaped in the export as in what is held
    return [] if value is None else [json.dumps(value, ensure_ascii=False).strip('"')]


async def test_a_rewrite_of_the_file_is_asked_for_and_an_earlier_one_waited_for(store: Store) -> None:
    for _ in range(3):
        assert await store.erasure.rewrite()


async def test_a_server_that_forbids_the_rewrite_is_no_error(store: Store, redis_url: str) -> None:
    await store.redis.execute_command("ACL", "SETUSER", "guest", "on", ">pass", "~*", "+@all", "-bgrewriteaof")
    guest = Store.open(redis_url.replace("unix://", "unix://guest:pass@"))
    assert not await guest.erasure.rewrite()
    await guest.close()
    await store.redis.execute_command("ACL", "DELUSER", "guest")
