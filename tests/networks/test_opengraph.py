"""The card that a page draws of itself, however well or badly it does."""

import time
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st

from grapevine.networks.opengraph import Card, card_in, card_of, picture_at
from grapevine.networks.web import Fetched

HERE = "https://example.com/blog/post"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


def drawn(html: str | bytes, said: str = "text/html; charset=utf-8") -> Card:
    return card_in(Fetched(HERE, said, html if isinstance(html, bytes) else html.encode()))


def test_open_graph_wins_over_twitter_and_twitter_over_the_rest() -> None:
    html = """<html><head><title>Plain</title><meta name="description" content="Plain words">
        <meta name="twitter:title" content="Bird"><meta name="twitter:description" content="Bird words">
        <meta name="twitter:image" content="/bird.png">"""
    assert drawn(html) == Card("Bird", "Bird words", "https://example.com/bird.png")
    html += """<meta property="og:title" content="Jobs &amp; more"><meta property="og:description" content="Join us">
        <meta property="og:image" content="https://cdn.example.com/a.png"></head></html>"""
    assert drawn(html) == Card("Jobs & more", "Join us", "https://cdn.example.com/a.png")


def test_a_page_without_any_has_its_title_and_description() -> None:
    assert drawn("<title> Two\n lines </title><meta name=Description content='Words'>") == Card("Two lines", "Words")


@pytest.mark.parametrize("html", ["", "\0\0", "<", "<html>", "no markup at all", "<svg><title>Icon</title></svg>"])
def test_a_page_that_says_nothing_has_an_empty_card(html: str) -> None:
    assert drawn(html) == Card()


@pytest.mark.parametrize(
    "charset",
    [
        "zlib",
        "hex",
        "rot13",
        "base64",
        "idna",
        "undefined",
        "punycode",
        "unicode_escape",
        "raw_unicode_escape",
        "utf-7",
    ],
)
def test_a_charset_that_is_none_of_pages_is_taken_for_utf_8(charset: str) -> None:
    html = "<title>Grüße</title>"
    assert drawn(html, f"text/html; charset={charset}").title == "Grüße"
    assert drawn(f"<meta charset={charset}>{html}", "text/html").title == "Grüße"


def test_empty_tags_say_nothing_and_the_first_that_does_counts() -> None:
    html = '<meta property=og:title content=""><meta property=og:title content="A"><meta property=og:title content="B">'
    assert drawn(html).title == "A"


@pytest.mark.parametrize(
    ("src", "address"),
    [
        ("../a.png", "https://example.com/a.png"),
        ("//cdn.example.com/a.png", "https://cdn.example.com/a.png"),
        ("data:image/png;base64,AAAA", ""),
        ("file:///etc/passwd", ""),
        ("javascript:alert(1)", ""),
        ("http://[", ""),
    ],
)
def test_a_picture_is_one_on_the_web(src: str, address: str) -> None:
    assert drawn(f'<meta property="og:image" content="{src}">').picture == address


@pytest.mark.parametrize(
    ("html", "said"),
    [
        ("<title>Größe</title>".encode("latin-1"), "text/html; charset=ISO-8859-1"),
        ("<meta charset=windows-1252><title>Größe</title>".encode("cp1252"), "text/html"),
        ("<title>Größe</title>".encode("utf-8-sig"), "text/html"),
        ("<title>Größe</title>".encode(), "text/html; charset=no-such-thing"),
        ("<title>Größe</title>".encode("utf-16"), "text/html"),
    ],
)
def test_letters_are_read_as_they_were_written(html: bytes, said: str) -> None:
    assert drawn(html, said).title == "Größe"


def test_texts_are_bounded_and_hold_no_signs_that_nobody_sees() -> None:
    card = drawn(f'<meta property=og:title content="{"a " * 9000}"><meta name=description content="{"b" * 900_000}">')
    assert len(card.title) <= 300
    assert card.title.endswith("a…")
    assert len(card.description) == 1000
    assert drawn('<meta property=og:title content="A\u202eB\u0000C&#10;&#7;D">').title.isprintable()


def test_declared_entities_are_not_read() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd"><!ENTITY b "&a;&a;">]><title>&a;&b;</title>'
    assert "root:" not in drawn(bomb).title


@pytest.mark.parametrize("piece", ["<div>", "<meta content=", "<!--", "<", "<p><b>", "<?", "<svg>", "<title>", "&amp;"])
def test_no_page_takes_long_to_read(piece: str) -> None:
    """Parsers that build a tree, and Python's own, take a minute for some of these."""
    began = time.monotonic()
    drawn(piece * (1_000_000 // len(piece)))
    attributes = " ".join(f"a{number}=1" for number in range(100_000))
    drawn(f"<meta {attributes}>")
    assert time.monotonic() - began < 3


@given(st.binary(max_size=400), st.sampled_from(["text/html", "text/html; charset=utf-16", "text/html; charset=x"]))
def test_no_bytes_break_the_reading(content: bytes, said: str) -> None:
    card = drawn(b"<meta property=og:title content='" + content, said)
    assert len(card.title) <= 300
    assert card.title == "" or card.title.isprintable()


@pytest.fixture
async def site() -> AsyncIterator[str]:
    async def page(_: web.Request) -> web.Response:
        return web.Response(
            text="<meta property='og:image' content='/a.png'><title>Jobs</title>", content_type="text/html"
        )

    async def picture(_: web.Request) -> web.Response:
        return web.Response(body=PNG, content_type="application/octet-stream")

    async def lie(_: web.Request) -> web.Response:
        return web.Response(text="<html>", content_type="image/png")

    async def huge(_: web.Request) -> web.Response:
        return web.Response(body=PNG + bytes(10_000_000), content_type="image/png")

    app = web.Application()
    app.add_routes([web.get("/jobs", page), web.get("/a.png", picture), web.get("/b", lie), web.get("/c", huge)])
    async with TestServer(app) as server:
        yield f"http://127.0.0.1:{server.port}"


async def test_a_page_and_its_picture_are_fetched(site: str) -> None:
    card = await card_of(f"{site}/jobs", allow_private=True)
    assert card == Card("Jobs", "", f"{site}/a.png")
    assert await picture_at(card.picture, allow_private=True) == (PNG, "image/png")


@pytest.mark.parametrize("path", ["/b", "/c", "/nothing"])
async def test_what_is_no_picture_or_too_large_is_none(site: str, path: str) -> None:
    assert await picture_at(f"{site}{path}", allow_private=True) is None


async def test_a_page_that_cannot_be_had_has_an_empty_card(site: str) -> None:
    assert await card_of(f"{site}/nothing", allow_private=True) == Card()
    assert await card_of(f"{site}/a.png", allow_private=True) == Card()
    assert await card_of(f"{site}/jobs", allow_private=False) == Card()
    assert await picture_at(f"{site}/a.png", allow_private=False) is None
