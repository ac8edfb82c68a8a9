"""What a reader's browser gets."""

import pytest

from grapevine.domain.links import Link
from grapevine.domain.shares import Receipt
from tests.people import BEA, DORA, SLACKBOT, Visitor, crowd
from tests.shortener.conftest import TARGET, Shares, Shortener, Start


async def test_a_redirect_is_neither_kept_nor_indexed_nor_told_too_much(shortener: Shortener, shares: Shares) -> None:
    _, linkedin, _ = await shares.make()
    answer = await shortener.ask(linkedin, DORA)
    assert answer.status == 302
    headers = dict(answer.headers)
    headers.pop("Date")
    headers.pop("Content-Type", None)
    assert headers == {
        "Location": TARGET,
        "Cache-Control": "private, no-store",
        "X-Robots-Tag": "noindex, nofollow",
        "Referrer-Policy": "origin",
        "Content-Length": "0",
    }


async def test_the_referrer_policy_is_the_operators_choice(start: Start, shares: Shares) -> None:
    _, linkedin, _ = await shares.make()
    strict, browsers = await start(REFERRER_POLICY="no-referrer"), await start(REFERRER_POLICY="")
    assert (await strict.ask(linkedin, DORA)).headers["Referrer-Policy"] == "no-referrer"
    assert "Referrer-Policy" not in (await browsers.ask(linkedin, DORA)).headers


async def test_behind_tls_browsers_are_told_to_stay_there(start: Start, shares: Shares) -> None:
    _, linkedin, _ = await shares.make()
    plain, encrypted = await start(), await start(SHORT_URL="https://go.example.com")
    assert "Strict-Transport-Security" not in (await plain.ask(linkedin, DORA)).headers
    assert (await encrypted.ask(linkedin, DORA)).headers["Strict-Transport-Security"] == "max-age=31536000"


async def test_head_answers_like_get(shortener: Shortener, shares: Shares) -> None:
    _, linkedin, _ = await shares.make()
    get, head = await shortener.ask(linkedin, DORA), await shortener.ask(linkedin, DORA, method="HEAD")
    assert head.status == get.status
    aside = ("Date", "Content-Length")  # a HEAD need not tell the length
    told = [{name: one for name, one in answer.headers.items() if name not in aside} for answer in (get, head)]
    assert told[0] == told[1]


async def test_a_prefetch_is_asked_to_come_again_and_then_counts(shortener: Shortener, shares: Shares) -> None:
    bea, linkedin, _ = await shares.make()
    answer = await shortener.ask(linkedin, DORA, headers={"Sec-Purpose": "prefetch"})
    assert answer.status == 503
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Retry-After"] == "1"
    assert "Location" not in answer.headers
    await shortener.click(linkedin, DORA)
    assert await shares.receipt(bea) == Receipt(prefetch=1, unique=1, networks={"linkedin": 1})


@pytest.mark.parametrize(
    ("target", "location"),
    [
        ("https://example.com/a?b=c&d=%20e#f", "https://example.com/a?b=c&d=%20e#f"),
        ("https://example.com/ä?ö=ü", "https://example.com/%C3%A4?%C3%B6=%C3%BC"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://example.com/a b", "https://example.com/a%20b"),
        ("http://example.com", "http://example.com"),
    ],
)
async def test_any_target_makes_a_valid_location(
    shortener: Shortener, shares: Shares, target: str, location: str
) -> None:
    slug = await shares.put(target)
    answer = await shortener.ask(slug, DORA)
    assert answer.headers["Location"] == location


@pytest.mark.parametrize("target", ["javascript:alert(1)", "data:text/html,x", "//example.com", "https://", "ftp://x/"])
async def test_nobody_is_led_to_what_is_no_web_address(shortener: Shortener, shares: Shares, target: str) -> None:
    slug = await shares.put(target)
    assert (await shortener.ask(slug, DORA)).status == 404


async def test_a_link_that_is_nobodys_redirects_and_records_nothing(shortener: Shortener, shares: Shares) -> None:
    slug = await shares.store.links.claim(Link(TARGET))
    before = await shares.store.redis.execute_command("DBSIZE")
    await shortener.click(slug, DORA)
    assert await shares.store.redis.execute_command("DBSIZE") == before


async def test_a_forged_header_mints_no_visitor(start: Start, shares: Shares) -> None:
    bea, linkedin, _ = await shares.make()
    direct = await start(TRUSTED_PROXIES="")
    for number, visitor in enumerate(crowd(20)):
        forged = dict.fromkeys(("X-Real-IP", "CF-Connecting-IP", "True-Client-IP", "Client-IP"), visitor.address)
        await direct.click(linkedin, visitor, headers={**forged, "Forwarded": f"for=192.0.2.{number}"})
    assert await shares.receipt(bea) == Receipt(repeat=19, unique=1, networks={"linkedin": 1})


async def test_what_a_visitor_wrote_before_the_proxy_is_not_believed(shortener: Shortener, shares: Shares) -> None:
    bea, linkedin, _ = await shares.make()
    for number, visitor in enumerate(crowd(20)):
        forged = {"X-Forwarded-For": f"{visitor.address}, 198.51.100.7", "Forwarded": f"for=192.0.2.{number}"}
        await shortener.click(linkedin, DORA, headers=forged)
    assert await shares.receipt(bea) == Receipt(repeat=19, unique=1, networks={"linkedin": 1})


async def test_a_proxy_may_speak_rfc_7239(shortener: Shortener, shares: Shares) -> None:
    bea, linkedin, _ = await shares.make()
    for number in (1, 2, 1):
        forwarded = f'for="[2001:db8:4:{number}::1]:443";proto=https'
        headers = {"Forwarded": forwarded, "User-Agent": DORA.user_agent}
        assert (await shortener.ask(linkedin, headers=headers)).status == 302
    assert await shares.receipt(bea) == Receipt(repeat=1, unique=2, networks={"linkedin": 2})


async def test_a_click_between_slug_and_share_spoils_no_later_one(shortener: Shortener, shares: Shares) -> None:
    bea = await BEA.joins(shares.store)
    early = await shares.store.links.claim(Link(TARGET, bea.id, "abcdef", "mylink"))
    await shortener.click(early, Visitor("198.51.100.9", SLACKBOT))
    await shares.make()
    await shortener.click(early, DORA)
    assert await shares.receipt(bea) == Receipt(unique=1, networks={"mylink": 1})
