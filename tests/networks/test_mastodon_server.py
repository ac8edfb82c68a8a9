"""Which server a member means."""

import pytest

from grapevine.domain.errors import Refused
from grapevine.networks.mastodon_server import named


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("social.example", "https://social.example"),
        (" Social.Example ", "https://social.example"),
        ("social.example.", "https://social.example"),
        ("https://social.example", "https://social.example"),
        ("https://social.example/@bea", "https://social.example"),
        ("HTTPS://social.example/web/home?x=1#y", "https://social.example"),
        ("social.example/@bea", "https://social.example"),
        ("@bea@social.example", "https://social.example"),
        ("bea@social.example", "https://social.example"),
        ("bücher.example", "https://xn--bcher-kva.example"),
    ],
)
def test_a_name_an_address_and_a_handle_are_understood(typed: str, url: str) -> None:
    assert named(typed).url == url
    assert named(typed, allow_private=True).url == url


@pytest.mark.parametrize(
    "typed",
    [
        "", "  ", "bea", "@bea", "http://social.example", "ftp://social.example", "javascript:alert(1)", "127.0.0.1",
        "https://127.0.0.1", "[::1]", "https://[::1]/", "localhost", "social.example:8443", "https://a:b@social.example",
        "social.example:99999", "social example", "social..example", "-a.example", "2130706433", "0x7f.1", "..",
        "a" * 70 + ".de",
        "social.example\r\nHost: x", "social.example%2f@evil", "bea@127.0.0.1", "https://", "http://127.0.0.1:9",
    ],
)  # fmt: skip
def test_everything_else_is_refused_with_a_sentence(typed: str) -> None:
    with pytest.raises(Refused, match=r"mastodon\.social\.$"):
        named(typed)


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("127.0.0.1:8083", "http://127.0.0.1:8083"),
        ("http://localhost:8083/@bea", "http://localhost:8083"),
        ("https://127.0.0.1:8443", "https://127.0.0.1:8443"),
        ("@bea@127.0.0.1:8083", "http://127.0.0.1:8083"),
        ("http://[::1]:8083", "http://[::1]:8083"),
        ("social.intranet.example:8443", "https://social.intranet.example:8443"),
    ],
)
def test_where_private_addresses_are_allowed_a_server_may_be_on_this_machine(typed: str, url: str) -> None:
    assert named(typed, allow_private=True).url == url


@pytest.mark.parametrize(
    "typed", ["http://social.example", "http://127.0.0.1:0", "http://bea@127.0.0.1:80", "ws://127.0.0.1"]
)
def test_plain_http_is_for_this_machine_only(typed: str) -> None:
    with pytest.raises(Refused):
        named(typed, allow_private=True)


def test_its_name_is_what_the_account_is_known_by() -> None:
    assert named("https://social.example/@bea").name == "social.example"
    assert named("127.0.0.1:8083", allow_private=True).name == "127.0.0.1:8083"
