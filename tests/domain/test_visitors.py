"""Who a visitor is."""

from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grapevine.domain.agents import family, is_browser_shaped, is_previewer
from grapevine.domain.visitors import (
    address_of,
    blocks,
    client,
    fingerprint,
    hops,
    language,
    net,
    share_key,
    source_tag,
    visitor_tag,
    within,
)
from tests.people import CHROME, FIREFOX, IPHONE, LINKEDINBOT, SLACKBOT

KEY = share_key("secret", "salt")
PROXIES = blocks([ip_network("10.0.0.0/8"), ip_network("2001:db8:ff::/48")])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("198.51.100.7", "::ffff:198.51.100.7"),
        ("198.51.100.7", "198.51.100.7:443"),
        ("2001:db8:4:7::1", "2001:db8:4:7:ffff:1:2:3"),
        ("2001:db8:4:7::1", "[2001:db8:4:7::9]:443"),
        ("fe80::1", "fe80::1%eth0"),
    ],
)
def test_one_persons_addresses_are_one_net(one: str, other: str) -> None:
    assert net(address_of(one)) == net(address_of(other)) != b""


@pytest.mark.parametrize(
    ("one", "other"),
    [("198.51.100.7", "198.51.100.8"), ("2001:db8:4:7::1", "2001:db8:4:8::1"), ("0.0.0.0", "::")],
)
def test_other_addresses_are_other_nets(one: str, other: str) -> None:
    assert net(address_of(one)) != net(address_of(other))


@pytest.mark.parametrize("text", ["", "unknown", "_hidden", "256.1.1.1", "10.0.0", "0x7f.1", "example.com"])
def test_what_is_no_address_is_none(text: str) -> None:
    assert address_of(text) is None
    assert net(None) == b""


@pytest.mark.parametrize(
    ("peer", "told", "known"),
    [
        ("198.51.100.7", ["1.1.1.1"], "198.51.100.7"),  # whoever comes directly is believed nothing
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.7"], "198.51.100.7"),
        ("10.0.0.1", ["1.1.1.1", "198.51.100.7"], "198.51.100.7"),  # the left one is the visitor's invention
        ("10.0.0.1", ["1.1.1.1", "198.51.100.7", "10.0.0.2"], "198.51.100.7"),
        ("10.0.0.1", ["10.0.0.3", "10.0.0.2"], "10.0.0.3"),
        ("10.0.0.1", ["1.1.1.1", "unknown"], "10.0.0.1"),
        ("10.0.0.1", ["1.1.1.1", ""], "10.0.0.1"),
        ("::ffff:10.0.0.1", ["198.51.100.7"], "198.51.100.7"),
        ("2001:db8:ff::1", ["2001:db8:4:7::1"], "2001:db8:4:7::1"),
    ],
)
def test_proxies_are_believed_from_the_right_as_far_as_they_are_trusted(peer: str, told: list[str], known: str) -> None:
    assert client(peer, told, PROXIES) == address_of(known) is not None


def test_without_trusted_proxies_nothing_is_believed() -> None:
    assert client("10.0.0.1", ["198.51.100.7"], []) == address_of("10.0.0.1")


def test_hops_stand_in_one_header_and_on_several_lines() -> None:
    def lines(**fields: list[str]) -> list[str]:
        return hops(lambda name: fields.get(name.lower().replace("-", "_"), []))

    assert [hop.strip() for hop in lines(x_forwarded_for=["1.1.1.1, 2.2.2.2", "3.3.3.3"])] == [
        "1.1.1.1",
        "2.2.2.2",
        "3.3.3.3",
    ]
    forwarded = ['for=192.0.2.43;proto=http, For="[2001:db8:cafe::17]:4711";by=203.0.113.43', "proto=https", "for=_x"]
    assert lines(forwarded=forwarded) == ["192.0.2.43", '"[2001:db8:cafe::17]:4711"', "", "_x"]
    # a proxy that writes X-Forwarded-For hands a forged Forwarded on
    assert lines(x_forwarded_for=["1.1.1.1"], forwarded=["for=6.6.6.6"]) == ["1.1.1.1"]


def test_an_operator_may_name_the_header() -> None:
    fields = {"X-Forwarded-For": ["6.6.6.6"], "CF-Connecting-IP": ["1.1.1.1"]}
    assert hops(lambda name: fields.get(name, []), "CF-Connecting-IP") == ["1.1.1.1"]


def test_networks_of_the_other_version_hold_no_address() -> None:
    address = address_of("::ffff:10.1.2.3")
    assert address is not None
    assert within(address, PROXIES)
    assert not within(address, blocks([ip_network("2001:db8::/32")]))


@given(st.ip_addresses(), st.ip_addresses(), st.integers(0, 32))
def test_networks_hold_what_the_standard_library_says(
    one: IPv4Address | IPv6Address, other: IPv4Address | IPv6Address, length: int
) -> None:
    network = ip_network((other, length), strict=False)
    packed = address_of(str(one))
    assert packed is not None
    if getattr(one, "ipv4_mapped", None) is None:
        assert packed == one.packed
        assert within(packed, blocks([network])) == (one in network)


@pytest.mark.parametrize(
    ("header", "primary"),
    [
        ("de-DE,de;q=0.9,en;q=0.8", "de"),
        ("EN", "en"),
        (" fr ;q=0.5", "fr"),
        ("*", ""),
        ("", ""),
        ("verylonglanguage", ""),
    ],
)
def test_the_language_is_the_first_primary_tag(header: str, primary: str) -> None:
    assert language(header) == primary


def test_an_update_does_not_make_a_new_person() -> None:
    assert family(CHROME) == family(CHROME.replace("156.0.0.0", "157.0.1.2"))
    assert family(IPHONE) == family(IPHONE.replace("18_7", "26_1").replace("26.6", "26.7").replace("15E148", "16A5"))
    assert family(FIREFOX) == family(FIREFOX.replace("153", "154"))
    app = "Mozilla/5.0 (Linux; Android 14; SM-S918B Build/UP1A.231005.007; wv) AppleWebKit/537.36 (KHTML, like Gecko) "
    app += "Version/4.0 Chrome/130.0.1.2 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/487.0.0.55.108;]"
    later = app.replace("Android 14", "Android 15").replace("UP1A.231005.007", "AP3A.240617.008").replace("487", "490")
    assert family(app) == family(later)
    assert "SM-S918B" in family(app)
    assert family(app) != family(app.replace("SM-S918B", "SM-S911B"))


def test_browsers_are_of_different_families() -> None:
    assert len({family(agent) for agent in (CHROME, IPHONE, FIREFOX)}) == 3


def test_no_more_of_a_user_agent_is_looked_at_than_512_characters() -> None:
    assert family(CHROME + " " * 512 + "x") == family(CHROME + " " * 512 + "y")
    assert not is_previewer(" " * 512 + "LinkedInBot")
    assert not is_browser_shaped("Mozilla/5.0 (" + " " * 512 + "Gecko/")


def test_previewers_announce_themselves() -> None:
    mail = "Mozilla/5.0 (Macintosh) AppleWebKit/601 (KHTML, like Gecko) facebookexternalhit/1.1 Facebot Twitterbot/1.0"
    for agent in (LINKEDINBOT, SLACKBOT, "WhatsApp/2.23 A", mail):
        assert is_previewer(agent)
    # WhatsApp's own browser has its name further behind: a person
    for agent in (CHROME, IPHONE, FIREFOX, CHROME + " WhatsApp/2.2"):
        assert not is_previewer(agent)
        assert is_browser_shaped(agent)


def test_a_tag_is_a_signed_64_bit_number_of_share_and_visitor() -> None:
    tag = visitor_tag(KEY, b"4abcd", "family", "en")
    assert -(2**63) <= tag < 2**63
    assert tag == visitor_tag(share_key("secret", "salt"), b"4abcd", "family", "en")
    others = [
        visitor_tag(share_key("secret", "other"), b"4abcd", "family", "en"),
        visitor_tag(share_key("other", "salt"), b"4abcd", "family", "en"),
        visitor_tag(KEY, b"4abce", "family", "en"),
        visitor_tag(KEY, b"4abcd", "familyen", ""),
        visitor_tag(KEY, b"4abcdf", "amily", "en"),
        source_tag(KEY, b"4abcd"),
    ]
    assert len({tag, *others}) == 7


def test_a_secret_is_known_by_its_fingerprint() -> None:
    assert fingerprint("one") == fingerprint("one") != fingerprint("two")
    assert "one" not in fingerprint("one")


@given(st.text(), st.text())
def test_nothing_that_a_visitor_sends_breaks_the_tag(agent: str, accept: str) -> None:
    raw = agent.encode("utf-8", "replace").decode("utf-8", "surrogateescape")
    visitor_tag(KEY, b"", family(raw), language(accept))


@given(st.binary())
def test_bytes_that_are_no_text_do_not_break_it_either(agent: bytes) -> None:
    visitor_tag(KEY, b"", family(agent.decode("utf-8", "surrogateescape")), "")


@given(st.text(), st.lists(st.text()), st.lists(st.text()))
def test_nothing_that_a_proxy_tells_breaks_the_walk(peer: str, lines: list[str], more: list[str]) -> None:
    client(peer, [*hops(lambda _: lines), *hops(lambda _: more, "Forwarded")], PROXIES)
