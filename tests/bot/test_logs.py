"""What is written down holds no token (rule 21)."""

import logging
import sys

import pytest

from bot.logs import Scrubbed


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("token xoxb-123-abc_DEF failed", "token [token] failed"),
        ("app xapp-1-A0-99-ff", "app [token]"),
        ("GET https://a.example/cb?code=1&state=2 failed", "GET https://a.example/cb?… failed"),
        ("url='wss://wss.slack.com/link/?ticket=abc'", "url='wss://wss.slack.com/link/?…'"),
        ("nothing to hide", "nothing to hide"),
    ],
)
def test_tokens_and_queries_are_cut_out(said: str, written: str) -> None:
    record = logging.LogRecord("bot", logging.INFO, __file__, 1, said, None, None)
    assert Scrubbed("%(message)s").format(record) == written


def test_exception_texts_are_scrubbed_too() -> None:
    try:
        raise ValueError("xoxb-123 was refused")
    except ValueError:
        record = logging.LogRecord("bot", logging.ERROR, __file__, 1, "oh", None, sys.exc_info())
    assert (
        "xoxb-123" not in Scrubbed("%(message)s").format(record).split("raise ValueError")[-1].split("ValueError:")[1]
    )
