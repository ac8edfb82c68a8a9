"""What journals hold is counted as if it had come at once: in order, once, on its day, and only for open shares."""

from pathlib import Path

import pytest

from grapevine.domain.clicks import Row
from grapevine.domain.members import Member
from grapevine.domain.shares import Receipt
from grapevine.store import Store, keys
from grapevine.store.clicks import REMEMBERED, Batch, Click
from shortener.frames import Trip
from shortener.journal import Journal
from tests.people import DORA, EMIL, FAY, GOOGLEBOT, NOON, Visitor, crowd
from tests.shortener.conftest import ACCOUNT, INSTANCE, Shares, Shortener, Start
from tests.shortener.outages.server import Server
from tests.waiting import until

DAY = 86400.0


def journals(tmp_path: Path) -> Path:
    return tmp_path / "shortener" / "journal"


async def test_the_first_link_followed_has_the_credit_also_across_an_outage(
    server: Server, shares: Shares, shortener: Shortener
) -> None:
    bea, linkedin, mylink = await shares.make()
    for slug in (linkedin, mylink):
        await shortener.click(slug, DORA)
    server.hang()
    people = crowd(40)
    for visitor in people:
        await shortener.click(linkedin, visitor)
    server.go_on()
    for visitor in people:  # at once, while it still catches up
        await shortener.click(mylink, visitor)
    await shortener.until_ready()
    assert await shares.receipt(bea) == Receipt(unique=41, repeat=41, networks={"linkedin": 41})


async def test_a_click_counts_on_its_own_day(server: Server, shares: Shares, shortener: Shortener) -> None:
    bea, linkedin, _ = await shares.make()
    await shortener.click(linkedin, DORA)
    server.hang()
    for number, visitor in enumerate([EMIL, FAY, Visitor("198.51.100.9", GOOGLEBOT)]):
        shortener.clock.now = NOON + number * DAY
        await shortener.click(linkedin, visitor)
    shortener.clock.now = NOON + 3 * DAY
    server.go_on()
    await shortener.until_ready()
    assert await shares.receipt(bea) == Receipt(unique=3, bot=1, networks={"linkedin": 3})
    assert (await shares.store.insights.by_day(bea.id, NOON + 3 * DAY, 4)).clicks == [2, 1, 0, 0]


@pytest.mark.parametrize("how", ["closed", "erased", "disconnected"])
async def test_rule_9_nothing_in_a_journal_brings_a_share_back(
    shares: Shares, over: Store, start: Start, tmp_path: Path, how: str
) -> None:
    bea, linkedin, _ = await shares.make()
    await (await start(over, GRAPEVINE_DATA=str(tmp_path / "another machine"))).click(linkedin, DORA)
    left = leave(tmp_path, bea, *[Click(None, "linkedin", ACCOUNT, NOON, tag, 7) for tag in range(5)])
    match how:
        case "closed":
            await shares.store.clicks.close(bea.id, "abcdef")
        case "erased":
            await shares.store.erasure.erase(bea)
        case _:
            await shares.store.accounts.disconnect(bea, ACCOUNT)
    before, receipt = await held_of(shares.store, bea), await shares.receipt(bea)
    await start(over)
    await until(lambda: not left.exists())
    assert await shares.receipt(bea) == receipt
    assert await held_of(shares.store, bea) == before


def leave(tmp_path: Path, member: Member, *clicks: Click, sent: float | None = None) -> Path:
    """A journal of a process that is gone."""
    journal = Journal(journals(tmp_path), INSTANCE, 10**6)
    journal.append(Trip(1, sent, (Batch(member.id, "abcdef", "", 1, clicks),)))
    journal.close()
    return journal.path


async def held_of(store: Store, member: Member) -> set[str]:
    return {key async for key in store.redis.scan_iter("*") if f"{{{member.id}}}" in key}


async def test_a_journal_that_comes_twice_counts_once(
    server: Server, shares: Shares, shortener: Shortener, over: Store, start: Start, tmp_path: Path
) -> None:
    bea, linkedin, _ = await shares.make()
    await shortener.click(linkedin, DORA)
    server.hang()
    for visitor in [*crowd(9), DORA, Visitor("198.51.100.9", GOOGLEBOT)]:
        await shortener.click(linkedin, visitor)
    (left,) = journals(tmp_path).iterdir()
    copy = left.read_bytes()
    server.go_on()
    await shortener.until_ready()
    expected = Receipt(unique=10, repeat=1, bot=1, networks={"linkedin": 10})
    assert await shares.receipt(bea) == expected
    left.write_bytes(copy)
    await start(over)
    await until(lambda: not left.exists())
    assert await shares.receipt(bea) == expected


@pytest.mark.parametrize(("age", "counted"), [(REMEMBERED - DAY, True), (REMEMBERED + DAY, False)])
async def test_what_redis_has_forgotten_is_lost_rather_than_counted_twice(
    shares: Shares, start: Start, over: Store, tmp_path: Path, age: float, counted: bool
) -> None:
    bea, _, _ = await shares.make()
    clicks = tuple(Click(None, "mylink", "", NOON - age, tag, tag) for tag in range(5))
    journal = Journal(journals(tmp_path), INSTANCE, 10**6)
    journal.append(Trip(7, NOON - age, (Batch(bea.id, "abcdef", "", 7, clicks[:3]),)))  # sent, and no answer came
    journal.append(Trip(8, None, (Batch(bea.id, "abcdef", "", 8, clicks[3:]),)))  # never sent
    journal.close()
    shortener = await start(over)
    await until(lambda: not journal.path.exists())
    told = await shortener.metrics()
    assert (await shares.receipt(bea)).unique == (5 if counted else 2)
    assert told["grapevine_shortener_clicks_lost_total"] == (0 if counted else 3)
    assert told["grapevine_shortener_clicks_replayed_total"] == (5 if counted else 2)
    assert told["grapevine_shortener_journals_adopted_total"] == 1


async def test_the_journal_of_another_grapevine_is_left_alone(
    shares: Shares, start: Start, over: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    journal = Journal(journals(tmp_path), "another instance", 10**6)
    journal.append(Trip(1, None, ()))
    journal.close()
    await start(over)
    await until(lambda: "another Grapevine" in caplog.text)
    assert journal.path.exists()


async def test_one_that_cannot_be_read_does_not_hold_up_the_others(
    shares: Shares, start: Start, over: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    bea, _, _ = await shares.make()
    for number in range(4):
        row = "no such row" if number < 2 else None
        leave(tmp_path, bea, Click(row, "mylink", "", NOON, number))  # type: ignore[arg-type]  # of another version
    shortener = await start(over)
    await until(lambda: len(list(journals(tmp_path).iterdir())) == 3)  # the two, and the shortener's own
    assert await shares.receipt(bea) == Receipt(unique=2, networks={"mylink": 2})
    assert caplog.text.count("cannot be replayed") == 2
    assert (await shortener.ask("readyz")).status == 200


async def test_a_link_that_was_only_looked_at_is_counted_without_redis_too(
    server: Server, shares: Shares, shortener: Shortener
) -> None:
    bea, linkedin, _ = await shares.make()
    assert (await shortener.ask(linkedin + "+", DORA)).status == 200
    server.hang()
    await shortener.click(linkedin, DORA)
    server.go_on()
    await shortener.until_ready()
    assert (await shares.receipt(bea)).unique == 1
    assert (await shortener.metrics())["grapevine_shortener_clicks_lost_total"] == 0


async def test_clicks_that_redis_never_takes_do_not_hold_up_the_others(
    shares: Shares, start: Start, over: Store, tmp_path: Path
) -> None:
    spoilt, sound = "spoilt", "abcdef"
    await shares.make(spoilt)
    bea, linkedin, _ = await shares.make(sound)
    await shares.store.redis.hset(keys.receipt(bea.id, spoilt), "bot", "a word where a number should be")
    journal = Journal(journals(tmp_path), INSTANCE, 10**6)
    for number, sid in enumerate((spoilt, sound, spoilt), 1):
        clicks = (Click(Row.BOT, "mylink", "", NOON), Click(None, "mylink", "", NOON, number, number))
        journal.append(Trip(number, None, (Batch(bea.id, sid, "", number, clicks),)))
    journal.close()
    shortener = await start(over)
    await until(lambda: not journal.path.exists())
    assert (await shares.receipt(bea, sound)).total == 2
    await shortener.click(linkedin, DORA)
    assert (await shares.receipt(bea, sound)).total == 3
    assert (await shortener.metrics())["grapevine_shortener_clicks_lost_total"] == 4


async def test_a_closed_shares_clicks_are_not_lost_while_redis_is_away(
    server: Server, shares: Shares, shortener: Shortener
) -> None:
    bea, linkedin, _ = await shares.make()
    await shares.store.clicks.close(bea.id, "abcdef")
    await shortener.click(linkedin, DORA)
    server.hang()
    await shortener.click(linkedin, DORA)
    assert (await shortener.metrics())["grapevine_shortener_clicks_lost_total"] == 0
