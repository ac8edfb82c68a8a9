"""What is fetched from the open web, over real HTTP, and what is not."""

import asyncio
import contextlib
import gzip
import socket
import time
import tracemalloc
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from grapevine.domain.errors import GrapevineError, Refused, TryLater
from grapevine.networks.web import Fetched, TooLarge, fetch

WHAT = "The page cannot be had from its address"
SEEN: list[str] = []


async def page(request: web.Request) -> web.Response:
    SEEN.append(f"{request.headers['User-Agent']} {request.headers.get('Cookie', '')}")
    answer = web.Response(text="<title>Jobs</title>", content_type="text/html")
    answer.set_cookie("who", "you")
    return answer


async def number(request: web.Request) -> web.Response:
    return web.Response(status=int(request.match_info["status"]))


async def to(request: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": request.query.get("to", "/to")})


async def large(_: web.Request) -> web.Response:
    return web.Response(body=b"x" * 3_000_000, content_type="text/html")


SWELLING = gzip.compress(b"x" * 60_000_000)


async def swelling(_: web.Request) -> web.Response:
    return web.Response(body=SWELLING, headers={"Content-Type": "text/html", "Content-Encoding": "gzip"})


async def endless(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Type": "text/html"})
    await answer.prepare(request)
    while request.transport is not None and not request.transport.is_closing():
        await answer.write(b"x")
        await asyncio.sleep(0.05)
    return answer


@pytest.fixture
async def site() -> AsyncIterator[str]:
    SEEN.clear()
    app = web.Application()
    app.add_routes(
        [
            web.get("/jobs", page),
            web.get("/number/{status}", number),
            web.get("/to", to),
            web.get("/large", large),
            web.get("/swelling", swelling),
            web.get("/endless", endless),
        ]
    )
    async with TestServer(app) as server:
        yield f"http://127.0.0.1:{server.port}"


async def get(url: str, **options: Any) -> Fetched:
    return await fetch(url, WHAT, **{"most": 1_000_000, "seconds": 5.0, "allow_private": True, **options})


async def test_a_page_is_fetched_by_somebody_who_says_who_it_is_and_keeps_no_cookie(site: str) -> None:
    found = await get(f"{site}/jobs", kinds=["text/html"])
    assert (found.content, found.kind, found.whole) == (b"<title>Jobs</title>", "text/html", True)
    await get(f"{site}/to?to=/jobs")
    assert all(one.startswith("Grapevine/") and one.endswith(") ") for one in SEEN)
    assert len(SEEN) == 2


async def test_redirects_are_followed_to_an_end(site: str) -> None:
    assert (await get(f"{site}/to?to=/to?to=/jobs")).url == f"{site}/jobs"
    with pytest.raises(Refused, match="leads from place to place"):
        await get(f"{site}/to?to=/to")


@pytest.mark.parametrize(
    "place",
    ["ftp://127.0.0.1/x", "file:///etc/passwd", "http://", "gopher://127.0.0.1:70/_x", "http://[::1", "http://a:b/"],
)
async def test_what_is_no_web_address_is_refused(site: str, place: str) -> None:
    with pytest.raises(Refused):
        await get(place)
    with pytest.raises(Refused):
        await get(f"{site}/to?to={place}")


@pytest.mark.parametrize(
    ("status", "error"), [(404, Refused), (403, Refused), (204, Refused), (503, TryLater), (429, TryLater)]
)
async def test_a_status_says_whether_it_is_worth_coming_back(site: str, status: int, error: type[Exception]) -> None:
    with pytest.raises(error, match=rf"\(status {status}\)\.$"):
        await get(f"{site}/number/{status}")


async def test_another_kind_is_refused(site: str) -> None:
    with pytest.raises(Refused, match="something else"):
        await get(f"{site}/jobs", kinds=["image/png"])


async def test_of_a_large_page_the_beginning_is_enough(site: str) -> None:
    found = await get(f"{site}/large", cut=True)
    assert (len(found.content), found.whole) == (1_000_000, False)
    with pytest.raises(TooLarge, match="larger than 1 MB"):
        await get(f"{site}/large")


async def test_a_small_answer_that_swells_is_not_taken_whole(site: str) -> None:
    await get(f"{site}/jobs")
    tracemalloc.start()
    try:
        with contextlib.suppress(GrapevineError):
            await get(f"{site}/swelling", cut=True)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


async def test_slow_pages_end_with_the_time_that_they_were_given(site: str) -> None:
    began = time.monotonic()
    async with asyncio.timeout(10):  # else this test would be what hangs, should the bound be gone
        with pytest.raises(TryLater):
            await get(f"{site}/endless", seconds=0.4)
    assert time.monotonic() - began < 3


async def test_nobody_there_is_for_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(TryLater, match=r"cannot be had from its address at the moment\.$"):
        await get(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",  # 127.0.0.1 as one number
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "0.0.0.0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "169.254.169.254",
        "10.0.0.1",
        "192.168.0.1",
        "[fe80::1]",
        "[fd00::1]",
        "[fec0::1]",
        "100.64.0.1",
        "224.0.0.1",
    ],
)
async def test_nothing_inside_this_network_is_fetched(site: str, host: str) -> None:
    port = site.rsplit(":", 1)[1]
    with pytest.raises(Refused, match="is inside a private network"):  # not merely: nobody answered there
        await get(f"http://{host}:{port}/jobs", allow_private=False, seconds=2.0)
    assert SEEN == []


def resolving(monkeypatch: pytest.MonkeyPatch, *answers: str) -> None:
    """Let ``*.example`` be each of *answers*, one after the other, and the last one from then on."""
    real, left = socket.getaddrinfo, list(answers)

    def resolve(host: Any, port: Any, *more: Any, **options: Any) -> Any:
        if isinstance(host, str) and host.endswith(".example"):
            host = left.pop(0) if len(left) > 1 else left[0]
        return real(host, port, *more, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


@pytest.mark.parametrize("answers", [["127.0.0.1"], ["93.184.215.14", "127.0.0.1"]], ids=["always", "from the second"])
async def test_a_name_that_leads_here_is_refused_however_late_it_does(
    site: str, monkeypatch: pytest.MonkeyPatch, answers: list[str]
) -> None:
    port = site.rsplit(":", 1)[1]
    resolving(monkeypatch, *answers)
    with pytest.raises(GrapevineError):
        await get(f"http://rebound.example:{port}/jobs", allow_private=False)
    assert SEEN == []


async def test_a_redirect_is_looked_at_as_the_first_address_was(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first server passes for a public one; where it sends us does not."""
    from grapevine.networks import guard
    from grapevine.networks import web as fetching

    monkeypatch.setattr(fetching, "is_public", lambda address: True)
    real = guard.is_public
    checked: list[str] = []

    def public(address: str) -> bool:
        checked.append(address)
        return len(checked) == 1 or real(address)

    monkeypatch.setattr(guard, "is_public", public)
    with pytest.raises(Refused, match="inside a private network"):
        await get(f"{site}/to?to=/jobs", allow_private=False)
    assert checked == ["127.0.0.1", "127.0.0.1"]
    assert SEEN == []


@contextlib.asynccontextmanager
async def proxy(monkeypatch: pytest.MonkeyPatch, name: str) -> AsyncIterator[list[bytes]]:
    """The operator's proxy by this name; what it was asked for."""
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[0])
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        for variable in ("HTTP_PROXY", "http_proxy"):
            monkeypatch.setenv(variable, f"http://{name}:{server.sockets[0].getsockname()[1]}")
        for variable in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(variable, raising=False)
        yield asked


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "proxy.example"])
async def test_the_operators_proxy_may_be_inside_and_is_not_asked_for_what_is(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    resolving(monkeypatch, "127.0.0.1")
    async with proxy(monkeypatch, name) as asked:
        found = await get("http://name.invalid/jobs", allow_private=False)
        assert (found.content, asked) == (b"hi", [b"GET http://name.invalid/jobs HTTP/1.1"])
        for inside in ("http://10.0.0.1/", "http://inside.example/", f"http://{name}/"):
            with pytest.raises(Refused, match="inside a private network"):
                await get(inside, allow_private=False)
        assert len(asked) == 1
