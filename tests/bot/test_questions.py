"""What a network asks before its prompt: on Grapevine's own page, answered there, and a secret seen by nobody."""

import logging
from collections.abc import AsyncIterator

import pytest

from grapevine.domain.errors import Refused
from grapevine.networks.base import Question
from grapevine.store import Store
from tests.bot.dance import link, way_back
from tests.bot.stage import Browser, Stage, staged
from tests.fakes import BUSY, Birdsong
from tests.people import BEA

TREE = Question("tree", "Your tree", "Its name stands on its trunk.", "oak.example", "elm.example")
WORD = Question("word", "Your app word", secret=True)
PASSWORD = "open-sesame-1234"


@pytest.fixture
def birdsong() -> Birdsong:
    return Birdsong(questions=(TREE, WORD))


@pytest.fixture
async def asking(store: Store, redis_url: str, birdsong: Birdsong) -> AsyncIterator[Stage]:
    async with staged(store, redis_url, {"birdsong": birdsong}) as stage:
        yield stage


def answers(tree: str = "ash.example") -> dict[str, str]:
    return {"answer.tree": tree, "answer.word": PASSWORD}


async def test_the_page_asks_with_label_hint_and_what_is_suggested(asking: Stage, browser: Browser) -> None:
    page = await browser.get(await link(asking))
    for words in (
        '<label for="answer-1">Your tree</label>',
        'name="answer.tree" type="text"',
        'placeholder="oak.example" value="elm.example"',
        'aria-describedby="hint-1"',
        "Its name stands on its trunk.",
        'name="answer.word" type="password"',
    ):
        assert words in page.text, words


async def test_the_answers_reach_the_network_and_the_dance_goes_on(
    asking: Stage, browser: Browser, birdsong: Birdsong
) -> None:
    prompt = await browser.press(await browser.get(await link(asking)), follow=False, **answers())
    assert prompt.status == 303
    assert birdsong.answered == [{"tree": "ash.example", "word": PASSWORD}]
    assert "Connected" in (await browser.get(way_back(prompt, code="bea"))).text


async def test_a_wrong_answer_is_said_beside_the_field_and_can_be_mended_there(
    asking: Stage, browser: Browser, birdsong: Birdsong
) -> None:
    birdsong.mishap = Refused("There is no such tree. Please look at its trunk.")
    page = await browser.press(await browser.get(await link(asking)), follow=False, **answers("<ash>"))
    assert page.status == 422
    assert "There is no such tree. Please look at its trunk. Nothing was connected." in page.text
    assert 'value="&lt;ash&gt;"' in page.text
    assert 'aria-invalid="true"' in page.text
    assert PASSWORD not in page.text
    birdsong.mishap = BUSY
    page = await browser.press(page, follow=False, **answers())
    assert page.status == 503
    assert "has trouble of its own" in page.text
    prompt = await browser.press(page, follow=False, **answers())
    assert "Connected" in (await browser.get(way_back(prompt, code="bea"))).text


async def test_a_secret_answer_is_in_no_address_no_log_and_no_key(
    asking: Stage, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    page = await browser.get(await link(asking))
    prompt = await browser.press(page, follow=False, **answers())
    assert PASSWORD not in f"{page.action} {prompt.headers} {prompt.url}"
    held = [await asking.store.redis.get(key) async for key in asking.store.redis.scan_iter(match="t:*")]
    assert held
    assert not any(PASSWORD in (text or "") for text in held)
    assert PASSWORD not in caplog.text
    assert PASSWORD not in str(asking.pg.dms(BEA.user)) + str(asking.pg.ephemerals(BEA.user))


async def test_an_answer_has_an_end_and_what_nobody_asked_for_is_left_out(
    asking: Stage, browser: Browser, birdsong: Birdsong
) -> None:
    page = await browser.get(await link(asking))
    await browser.press(page, follow=False, **{"answer.tree": "a" * 5000, "answer.more": "x"})
    assert birdsong.answered == [{"tree": "a" * 300, "word": ""}]


async def test_a_network_without_questions_shows_no_field(store: Store, redis_url: str, browser: Browser) -> None:
    async with staged(store, redis_url, {"birdsong": Birdsong()}) as stage:
        page = await browser.get(await link(stage))
    assert "answer" not in page.text
    assert page.text.count("<input") == 1
