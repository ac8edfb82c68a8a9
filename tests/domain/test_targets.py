"""Where a short link may lead."""

import pytest

from grapevine.domain.targets import shortened_already, trouble_with


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "http://example.com:8080/a?b#c",
        "https://xn--bcher-kva.example/ü",
        "https://[2606:4700::1]/",
    ],
)
def test_public_addresses_are_fine(url: str) -> None:
    assert trouble_with(url) is None


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("example.com/page", "Did you mean https://example.com/page?"),
        ("javascript:alert(1)", "Only addresses that begin with https://"),
        ("ftp://example.com", "Only addresses that begin with https://"),
        ("https://", "does not look like a web address"),
        ("https://intranet", "does not look like a web address"),
        ("https://a b.example", "a space or a line break"),
        ("https://bea:secret@example.com", "user name or password"),
        ("https://example.com/" + "a" * 2048, "longer than 2048"),
        ("https://[::1", "does not look like a web address"),
        ("https://example.com:99999/", "does not look like a web address"),
        ("https://go.example.com/abc", "Grapevine's own short links"),
    ],
)
def test_what_cannot_be_shared_is_answered_with_a_sentence(url: str, said: str) -> None:
    assert said in (trouble_with(url, own_hosts=frozenset({"go.example.com"})) or "")


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1.1",
        "0x7f.0.0.1",
        "10.0.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "[::1]",
        "[::ffff:10.0.0.1]",
        "[fe80::1]",
        "localhost",
        "printer.local",
    ],
)
def test_private_addresses_are_refused_unless_the_setting_allows_them(host: str) -> None:
    assert "private network" in (trouble_with(f"http://{host}/x") or "")
    assert trouble_with(f"http://{host}/x", allow_private=True) is None


def test_other_shorteners_are_known() -> None:
    assert shortened_already("https://www.bit.ly/x")
    assert not shortened_already("https://example.com/bit.ly")
