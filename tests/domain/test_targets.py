"""Where a short link may lead."""

import pytest

from grapevine.domain.targets import own_hosts, shortened_already, trouble_with, with_scheme


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


def test_only_an_address_that_can_be_shared_is_offered_in_place_of_one_without_scheme() -> None:
    assert trouble_with("foo") == "Only addresses that begin with https:// or http:// can be shared."
    assert with_scheme("example.com/a") == "https://example.com/a"
    assert with_scheme("javascript:alert(1)") is None


@pytest.mark.parametrize(
    ("short_url", "target", "is_own"),
    [
        ("https://go.example.com", "http://go.example.com/abc", True),
        ("https://go.example.com", "https://GO.example.com.:443/abc", True),
        ("http://intranet.example:8000", "http://intranet.example:8000/abc", True),
        ("http://intranet.example:8000", "http://intranet.example/news", False),
    ],
)
def test_another_port_of_the_same_machine_is_somebody_else_s(short_url: str, target: str, is_own: bool) -> None:
    assert (trouble_with(target, own_hosts=own_hosts(short_url)) is not None) is is_own
