"""The steps of connecting, as a person takes them."""

from urllib.parse import parse_qs, urlencode, urlsplit

from tests.bot.stage import Browser, Page, Stage, urls_of
from tests.people import BEA, Person


async def link(stage: Stage, person: Person = BEA, network: str = "birdsong") -> str:
    """The connect link that Slack shows."""
    (url,) = urls_of(await stage.types_for(person, f"connect {network}"))
    return url


def way_back(prompt: Page, **answer: str) -> str:
    """The callback's address with the network's answer, as the prompt sends the browser there."""
    query = parse_qs(urlsplit(prompt.headers["Location"]).query)
    return f"{query['back'][0]}?{urlencode({'state': query['state'][0], **answer})}"


async def begin(
    stage: Stage, browser: Browser, person: Person = BEA, code: str = "bea", network: str = "birdsong"
) -> str:
    """From Slack to the network's prompt; the way back with a yes."""
    prompt = await browser.press(await browser.get(await link(stage, person, network)), follow=False)
    assert prompt.status == 303
    return way_back(prompt, code=code)
