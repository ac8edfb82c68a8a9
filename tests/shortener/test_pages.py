"""The pages that people see."""

import asyncio
import re
from html.parser import HTMLParser

import pytest

from grapevine.domain.links import Link
from grapevine.domain.shares import Receipt
from shortener.languages import chosen
from shortener.texts import TEXTS
from tests.people import DORA, EMIL, GOOGLEBOT, Visitor
from tests.shortener.conftest import TARGET, Shares, Shortener, Start


class Outline(HTMLParser):
    """The tags of a page in order, and its language."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.language: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "html":
            self.language = dict(attrs)["lang"]


@pytest.mark.parametrize(
    "path",
    [
        "",
        "Unknown1",
        "x",
        "Unknown1+",
        "a/b",
        ".well-known/security.txt",
        "login",
        "metrics",
        "admin",
        "%00",
        "ä",
        "a" * 90,
    ],
)
async def test_an_unknown_address_says_so_kindly(shortener: Shortener, path: str) -> None:
    answer = await shortener.ask(path, DORA)
    assert answer.status == 404
    page = await answer.text()
    assert "There is no such link" in page
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "Server" not in answer.headers
    assert len(page) < 2500


@pytest.mark.parametrize("language", sorted(TEXTS))
async def test_pages_speak_the_readers_language(shortener: Shortener, language: str) -> None:
    answer = await shortener.ask("Unknown1", DORA.with_(language=f"{language}-XX, en;q=0.5"))
    page = await answer.text()
    outline = Outline(page)
    assert outline.language == answer.headers["Content-Language"] == language
    assert answer.headers["Vary"] == "Accept-Language"
    assert TEXTS[language].missing.title in page
    assert outline.tags == ["html", "head", "meta", "meta", "meta", "title", "style", "body", "main", "h1", "p"]


@pytest.mark.parametrize(
    ("wish", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT", "de"),
        ("pt-BR,es;q=0.8,en;q=0.5", "es"),
        ("en;q=0.1,fr;q=0.9", "fr"),
        ("de;q=0,fr;q=0.1", "fr"),
        ("ja", "en"),
        ("*", "en"),
        ("de;q=nonsense, fr", "fr"),
        ("de;q=nan", "en"),
    ],
)
def test_the_language_is_the_best_of_ours(wish: str, language: str) -> None:
    assert chosen(wish) == language


async def test_a_preview_shows_the_target_and_counts_nothing(shortener: Shortener, shares: Shares) -> None:
    bea, linkedin, _ = await shares.make()
    answer = await shortener.ask(linkedin + "+", DORA)
    page = await answer.text()
    assert answer.status == 200
    assert "https://example.com/news?id=7" in page
    assert f'href="/{linkedin}"' in page
    assert (await shares.receipt(bea)).total == 0


async def test_a_preview_runs_nothing_of_the_targets(shortener: Shortener, shares: Shares) -> None:
    slug = await shares.store.links.claim(Link('https://example.com/"><script>alert(1)</script>'))
    answer = await shortener.ask(slug + "+", DORA)
    assert "<script" not in await answer.text()
    policy = answer.headers["Content-Security-Policy"]
    assert re.match(r"default-src 'none'; style-src 'sha256-[\w+/=]+';", policy)


async def test_a_link_that_is_taken_down_says_so_at_once_and_counts_nothing(
    shortener: Shortener, shares: Shares
) -> None:
    bea, linkedin, mylink = await shares.make()
    await shortener.click(linkedin, DORA)  # from now on it is remembered
    assert await shares.store.links.take_down(linkedin)
    await until(shortener, linkedin, 410)
    answer = await shortener.ask(linkedin, EMIL, headers={"Accept-Language": "de"})
    assert "Dieser Link wurde entfernt" in await answer.text()
    assert "Location" not in answer.headers
    assert (await shortener.ask(linkedin + "+", EMIL)).status == 410
    assert (await shortener.ask(linkedin, EMIL, method="HEAD")).status == 410
    await shortener.click(mylink, DORA)  # the other link of the share goes on
    assert await shares.receipt(bea) == Receipt(unique=1, repeat=1, networks={"linkedin": 1})
    assert await shares.store.links.restore(linkedin)
    await until(shortener, linkedin, 200)
    await shortener.click(linkedin, EMIL)
    assert (await shares.receipt(bea)).unique == 2


async def test_a_link_that_was_taken_down_before_the_start_is_down(start: Start, shares: Shares) -> None:
    _, linkedin, _ = await shares.make()
    await shares.store.links.take_down(linkedin)
    assert (await (await start()).ask(linkedin, DORA)).status == 410


async def until(shortener: Shortener, slug: str, status: int, within: float = 3.0) -> None:
    """Look where the link leads, which counts nothing, until the answer is *status*."""
    deadline = asyncio.get_running_loop().time() + within
    while (answer := await shortener.ask(slug + "+", DORA)).status != status:
        assert asyncio.get_running_loop().time() < deadline, answer.status
        await asyncio.sleep(0.05)


async def test_what_machines_ask_for_is_never_a_click(shortener: Shortener, shares: Shares) -> None:
    bea, _, _ = await shares.make()
    healthz = await shortener.ask("healthz", DORA)
    said = {"status": "ok", "instance": "an instance", "program": "shortener"}
    assert (healthz.status, await healthz.json()) == (200, said)
    assert (await shortener.ask("readyz", DORA)).status == 200
    assert (await shortener.ask("favicon.ico", DORA)).status == 204
    robots = await (await shortener.ask("robots.txt", Visitor("198.51.100.9", GOOGLEBOT))).text()
    assert robots.endswith("User-agent: *\nDisallow: /\n")
    assert "User-agent: LinkedInBot\n" in robots.partition("Allow: /\n")[0]
    assert (await shares.receipt(bea)).total == 0
    assert TARGET not in robots
