"""Which row of the receipt a request falls into."""

from collections.abc import Mapping

import pytest

from grapevine.domain.clicks import Row, no_navigation, row_of, speculative


@pytest.mark.parametrize(
    ("method", "headers", "agent", "own", "colleague", "row"),
    [
        ("GET", {}, None, False, False, None),
        ("GET", {"Sec-Purpose": "prefetch"}, Row.PREVIEW, True, True, Row.PREFETCH),
        ("HEAD", {"Sec-Purpose": "prefetch"}, Row.BOT, True, True, Row.PREFETCH),
        ("GET", {"Sec-Fetch-Dest": "image"}, Row.PREVIEW, True, True, Row.PREVIEW),
        ("GET", {}, Row.BOT, True, True, Row.BOT),
        ("HEAD", {}, None, True, True, Row.BOT),
        ("GET", {"Sec-Fetch-Dest": "image"}, None, True, True, Row.BOT),
        ("GET", {}, None, True, True, Row.OWN),
        ("GET", {}, None, False, True, Row.COLLEAGUE),
    ],
)
def test_rule_7_the_first_row_that_fits(
    method: str, headers: Mapping[str, str], agent: Row | None, own: bool, colleague: bool, row: Row | None
) -> None:
    assert row_of(method, headers, agent, own=own, colleague=colleague) is row


@pytest.mark.parametrize(
    ("name", "value", "yes"),
    [
        ("Sec-Purpose", "prefetch", True),
        ("Sec-Purpose", "prefetch;prerender", True),
        ("Sec-Purpose", "Prefetch;anonymous-client-ip", True),
        ("Purpose", "prefetch", True),
        ("X-Purpose", "instant", True),
        ("X-Moz", "prefetch", True),
        ("Sec-Purpose", "", False),
        ("Purpose", "checkout", False),
    ],
)
def test_a_speculative_load_says_so(name: str, value: str, yes: bool) -> None:
    assert speculative({name: value}) is yes


@pytest.mark.parametrize(
    ("method", "dest", "yes"),
    [("GET", "document", False), ("GET", "", False), ("GET", "Document ", False), ("GET", "iframe", True)]
    + [(method, "document", True) for method in ("HEAD", "POST", "OPTIONS", "PUT", "get")],
)
def test_a_navigation_is_a_get_for_a_document(method: str, dest: str, yes: bool) -> None:
    assert no_navigation(method, {"Sec-Fetch-Dest": dest}) is yes
