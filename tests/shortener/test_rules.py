"""Rules 1 to 7 of the design, by real requests."""

import asyncio

import pytest

from grapevine.domain.accounts import Account, AccountState
from grapevine.domain.posts import PostKind
from grapevine.domain.shares import Receipt
from grapevine.store import Store, keys
from tests.people import BEA, CHROME, DORA, EMIL, FAY, GOOGLEBOT, LINKEDINBOT, NOON, SLACKBOT, Visitor, crowd
from tests.shortener.conftest import ACCOUNT, Shares, Shortener, Start


async def test_rule_1_a_unique_click_is_one_persons_first_on_a_share(shortener: Shortener, shares: Shares) -> None:
    bea, linkedin, _ = await shares.make()
    for day in range(4):
        shortener.clock.now = NOON + day * 86400
        for visitor in (DORA, EMIL, DORA):
            await shortener.click(linkedin, visitor)
    assert await shares.receipt(bea) == Receipt(repeat=10, unique=2, networks={"linkedin": 2})
    assert await shares.store.redis.hgetall(keys.click_days(bea.id)) == {"20261121": "2"}


async def test_rule_1_the_network_first_followed_gets_the_credit(shortener: Shortener, shares: Shares) -> None:
    bea, linkedin, mylink = await shares.make()
    for slug, visitor in [(mylink, DORA), (linkedin, DORA), (linkedin, EMIL), (mylink, EMIL), (mylink, FAY)]:
        await shortener.click(slug, visitor)
    receipt = await shares.receipt(bea)
    assert receipt == Receipt(repeat=2, unique=3, networks={"mylink": 2, "linkedin": 1})


async def test_rule_1_shares_do_not_know_each_others_visitors(shortener: Shortener, shares: Shares) -> None:
    bea, first, _ = await shares.make("first1")
    _, second, _ = await shares.make("second")
    await shortener.click(first, DORA)
    await shortener.click(second, DORA)
    assert [(await shares.receipt(bea, sid)).unique for sid in ("first1", "second")] == [1, 1]
    tags = [await shares.store.redis.smembers(keys.visitors(bea.id, sid)) for sid in ("first1", "second")]
    assert tags[0] != tags[1]


async def test_rule_2_a_forwarded_copy_credits_who_shared_first(shortener: Shortener, shares: Shares) -> None:
    bea, linkedin, _ = await shares.make()
    for number, visitor in enumerate(crowd(5)):
        await shortener.click(linkedin, visitor, headers={"Referer": f"https://forum{number}.example/"})
    assert (await shares.receipt(bea)).unique == 5


@pytest.mark.parametrize("kind", [PostKind.IMAGE, PostKind.VIDEO])
async def test_rule_3_images_and_videos_have_no_clicks(shortener: Shortener, shares: Shares, kind: PostKind) -> None:
    bea, linkedin, _ = await shares.make(kind=kind)
    await shortener.click(linkedin, DORA)
    assert await shares.receipt(bea) == Receipt(networks={})


async def test_rule_3_articles_have(shortener: Shortener, shares: Shares) -> None:
    bea, linkedin, _ = await shares.make(kind=PostKind.ARTICLE)
    await shortener.click(linkedin, DORA)
    assert (await shares.receipt(bea)).unique == 1


async def test_rule_4_a_click_is_in_the_store_before_its_302_leaves(shortener: Shortener, shares: Shares) -> None:
    bea, linkedin, _ = await shares.make()
    for number, visitor in enumerate(crowd(20), 1):
        await shortener.click(linkedin, visitor)
        assert (await shares.receipt(bea)).unique == number
        assert (await shares.store.insights.by_day(bea.id, NOON, 1)).clicks == [number]
    assert await shares.store.digests.due(NOON) == [bea.id]


async def test_rule_5_disconnecting_stops_the_gathering_and_reconnecting_resumes_it(
    shortener: Shortener, shares: Shares
) -> None:
    bea, linkedin, mylink = await shares.make()
    await shortener.click(linkedin, DORA)
    await shares.store.accounts.disconnect(bea, ACCOUNT)
    await shortener.click(linkedin, EMIL)
    await shortener.click(linkedin, Visitor("198.51.100.9", GOOGLEBOT))
    await shortener.click(mylink, FAY)
    assert await shares.receipt(bea) == Receipt(unique=2, networks={"linkedin": 1, "mylink": 1})
    account = Account("linkedin", "bea", "Bea", AccountState.CONNECTED, NOON)
    await shares.store.accounts.connect(bea, account, "token")
    await shortener.click(linkedin, EMIL)
    assert (await shares.receipt(bea)).networks == {"linkedin": 2, "mylink": 1}


async def test_rule_5_a_token_that_merely_expired_does_not_stop_it(shortener: Shortener, shares: Shares) -> None:
    bea, linkedin, _ = await shares.make()
    await shares.store.accounts.change(bea.id, ACCOUNT, state=AccountState.EXPIRED)
    await shortener.click(linkedin, DORA)
    assert (await shares.receipt(bea)).unique == 1


@pytest.mark.parametrize(
    ("visitor", "more", "row"),
    [
        (DORA, {"headers": {"Sec-Purpose": "prefetch"}}, "prefetch"),
        (DORA, {"headers": {"Sec-Purpose": "prefetch;prerender"}}, "prefetch"),
        (DORA, {"headers": {"Purpose": "prefetch"}}, "prefetch"),
        (DORA, {"headers": {"X-Purpose": "preview"}}, "prefetch"),
        (DORA, {"headers": {"X-Moz": "prefetch"}}, "prefetch"),
        (Visitor("198.51.100.9", LINKEDINBOT), {}, "preview"),
        (Visitor("198.51.100.9", SLACKBOT), {}, "preview"),
        (Visitor("198.51.100.9", "facebookexternalhit/1.1"), {}, "preview"),
        (Visitor("198.51.100.9", "WhatsApp/2.24.1 A"), {}, "preview"),
        (Visitor("198.51.100.9", GOOGLEBOT), {}, "bot"),
        (Visitor("198.51.100.9", "curl/8.5.0"), {}, "bot"),
        (Visitor("198.51.100.9", "python-requests/2.32"), {}, "bot"),
        (Visitor("198.51.100.9", "Mozilla/5.0"), {}, "bot"),
        (Visitor("198.51.100.9", ""), {}, "bot"),
        (DORA, {"method": "HEAD"}, "bot"),
        (DORA, {"method": "POST"}, "bot"),
        (DORA, {"method": "OPTIONS"}, "bot"),
        (DORA, {"headers": {"Sec-Fetch-Dest": "image"}}, "bot"),
        (DORA, {"headers": {"Sec-Fetch-Dest": "empty"}}, "bot"),
        (DORA, {"headers": {"Sec-Fetch-Dest": "iframe"}}, "bot"),
        (DORA, {"headers": {"Sec-Fetch-Dest": "document"}}, "unique"),
        (Visitor("203.0.113.5"), {}, "colleague"),
        (Visitor("2001:db8:c0::5"), {}, "colleague"),
        (Visitor("::ffff:203.0.113.5"), {}, "colleague"),
    ],
)
async def test_rules_6_and_7_each_request_is_in_one_row(
    start: Start, shares: Shares, visitor: Visitor, more: dict[str, object], row: str
) -> None:
    shortener = await start(COMPANY_NETWORKS="203.0.113.0/24, 2001:db8:c0::/48")
    bea, linkedin, _ = await shares.make()
    answer = await shortener.ask(linkedin, visitor, **more)  # type: ignore[arg-type]  # of the table above
    assert answer.status == (503 if row == "prefetch" else 302)
    assert answer.cookies == {}
    receipt = await shares.receipt(bea)
    assert getattr(receipt, row) == receipt.total == 1
    assert receipt.unique == (row == "unique")


async def test_rule_6_the_sharers_own_clicks_are_their_own(shortener: Shortener, shares: Shares) -> None:
    bea, linkedin, _ = await shares.make()
    for query in ("?own", "?own=1", "?utm_source=x&own"):
        answer = await shortener.ask(linkedin + query, DORA)
        assert answer.headers["Location"] == "https://example.com/news?id=7"
    await shortener.click(linkedin + "?known", EMIL)
    assert await shares.receipt(bea) == Receipt(own=3, unique=1, networks={"linkedin": 1})


async def test_rule_6_more_than_the_cap_from_one_address_are_capped(start: Start, shares: Shares) -> None:
    shortener = await start(TRUSTED_PROXIES="127.0.0.1")
    bea, linkedin, _ = await shares.make()
    office = [DORA.with_(user_agent=CHROME.replace("Windows NT 10.0", f"Windows NT 10.0; PC{n}x")) for n in range(103)]
    for visitor in [*office, office[0], EMIL]:
        await shortener.click(linkedin, visitor)
    assert await shares.receipt(bea) == Receipt(capped=3, repeat=1, unique=101, networks={"linkedin": 101})


async def test_rule_6_no_cookie_is_set_and_none_is_read(shortener: Shortener, shares: Shares) -> None:
    bea, linkedin, _ = await shares.make()
    for value in ("a", "b"):
        answer = await shortener.ask(linkedin, DORA, headers={"Cookie": f"visitor={value}"})
        assert "Set-Cookie" not in answer.headers
    assert await shares.receipt(bea) == Receipt(repeat=1, unique=1, networks={"linkedin": 1})


async def test_rule_7_the_rows_add_up_whatever_comes_at_once(shortener: Shortener, shares: Shares) -> None:
    bea, linkedin, mylink = await shares.make()
    people = [visitor for visitor in crowd(60) for _ in range(3)]
    bots = [Visitor("198.51.100.9", GOOGLEBOT), Visitor("198.51.100.9", LINKEDINBOT), Visitor("198.51.100.9", "")] * 20
    asked = [shortener.ask((linkedin, mylink)[number % 2], visitor) for number, visitor in enumerate([*people, *bots])]
    assert {answer.status for answer in await asyncio.gather(*asked)} == {302}
    receipt = await shares.receipt(bea)
    assert receipt.total == 240
    assert (receipt.unique, receipt.repeat, receipt.bot, receipt.preview) == (60, 120, 40, 20)
    assert sum((receipt.networks or {}).values()) == 60


async def test_rule_7_the_day_is_utc_at_the_time_of_the_click(shortener: Shortener, shares: Shares) -> None:
    bea, linkedin, _ = await shares.make()
    midnight = NOON + 12 * 3600
    for moment, visitor in [(midnight - 1, DORA), (midnight, EMIL)]:
        shortener.clock.now = moment
        await shortener.click(linkedin, visitor)
    assert await shares.store.redis.hgetall(keys.click_days(bea.id)) == {"20261121": "1", "20261122": "1"}


async def test_rule_9_a_closed_share_redirects_and_records_nothing(shortener: Shortener, shares: Shares) -> None:
    bea, linkedin, _ = await shares.make()
    await shortener.click(linkedin, DORA)
    await shares.store.clicks.close(bea.id, "abcdef")
    await shortener.click(linkedin, EMIL)
    assert await shares.receipt(bea) == Receipt(unique=1, networks={"linkedin": 1})


async def test_rule_23_the_links_of_an_erased_member_lead_on(
    shortener: Shortener, shares: Shares, store: Store
) -> None:
    bea, linkedin, _ = await shares.make()
    await shortener.click(linkedin, DORA)
    await store.erasure.erase(bea)
    await shortener.click(linkedin, EMIL)
    assert [name async for name in store.redis.scan_iter(f"{{{bea.id}}}*")] == []
    assert await store.members.of(BEA.team, BEA.user) is None
