"""Whatever stands on the socket: no error of ours, no banner, and the next reader is served."""

import asyncio
from urllib.parse import urlsplit

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.people import DORA
from tests.shortener.conftest import Shares, Shortener

NAMES = (
    "User-Agent X-Forwarded-For Forwarded Accept-Language Sec-Purpose Sec-Fetch-Dest Content-Length Expect Cookie"
    " Transfer-Encoding Upgrade Connection Range Content-Type Content-Encoding Host"
).split()
VALUES = [
    b"",
    b"chunked",
    b"-1",
    b"5",
    b"1.2.3.4, ,,unknown",
    b'for="[::1',
    b"for=;for=,,=",
    b"de;q=\xff",
    b"100-continue",
]

values = st.sampled_from(VALUES) | st.binary(max_size=40).map(lambda raw: raw.translate(None, b"\r\n"))
headers = st.lists(st.tuples(st.sampled_from(NAMES), values), max_size=6)
methods = st.sampled_from([b"GET", b"HEAD", b"POST", b"OPTIONS", b"TRACE", b"CONNECT", b"get", b"G\0T", b"PRI"])
paths = (
    st.sampled_from(
        [b"/", b"*", b"/SLUG", b"/SLUG+", b"/SLUG?own&%ff=%", b"/%00", b"/%ff%fe", b"//x", b"/a/../b", b"x"]
    )
    | st.just(b"http://elsewhere.example/SLUG")
    | st.binary(max_size=30).map(lambda raw: b"/" + raw.translate(None, b"\r\n "))
)


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    lines = b"".join(name.encode() + b": " + value + b"\r\n" for name, value in draw(headers))
    version = draw(st.sampled_from([b"1.1", b"1.0", b"9"]))
    head = draw(methods) + b" " + draw(paths) + b" HTTP/" + version + b"\r\nHost: x\r\n" + lines + b"\r\n"
    return head + draw(st.sampled_from([b"", b"abcde", b"5\r\nhello\r\n0\r\n\r\n"]) | st.binary(max_size=30))


async def said(url: str, sent: bytes) -> bytes:
    """What the server answers until it closes, or has nothing more to say."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        writer.write(sent)
        writer.write_eof()
        async with asyncio.timeout(5):
            return await reader.read()
    except (TimeoutError, ConnectionError):
        return b""
    finally:
        writer.close()


@given(requests() | st.binary(max_size=200))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_nothing_on_the_socket_makes_an_error_of_ours(shortener: Shortener, shares: Shares, sent: bytes) -> None:
    _, linkedin, _ = await shares.make()
    answer = await said(shortener.url, sent.replace(b"SLUG", linkedin.encode()))
    assert b"Server:" not in answer
    assert b"Traceback" not in answer
    if answer:
        status = answer.split(b" ", 2)[1]
        assert status[:1] in b"234" or (status == b"503" and b"Retry-After" in answer)
    await shortener.click(linkedin, DORA)
