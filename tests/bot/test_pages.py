"""The pages' headers and cookie, and what else the web server answers."""

from urllib.parse import parse_qs, urlsplit

from bot.pages import linked
from grapevine.store import Store
from tests.bot.dance import link
from tests.bot.stage import Browser, Stage, staged, text_of, urls_of
from tests.fakes import Birdsong
from tests.people import ADA, BEA


async def test_the_page_can_neither_be_cached_nor_framed_nor_run_scripts(stage: Stage, browser: Browser) -> None:
    headers = (await browser.get(await link(stage))).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Frame-Options"] == "DENY"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "script-src" not in headers["Content-Security-Policy"]


async def test_the_cookie_is_for_this_dance_only_and_no_script_reads_it(stage: Stage, browser: Browser) -> None:
    prompt = await browser.press(await browser.get(await link(stage)), follow=False)
    cookie = prompt.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Max-Age=900" in cookie


async def test_behind_https_the_cookie_is_secure_and_bound_to_the_host(store: Store, redis_url: str) -> None:
    public = "https://grapevine.example.com"
    async with staged(store, redis_url, {"birdsong": Birdsong()}) as stage, Browser() as browser:
        local = stage.url
    async with staged(store, redis_url, {"birdsong": Birdsong()}, base_url=public) as stage, Browser() as browser:
        local = stage.pg.config.events_url.removesuffix("/slack/events")
        page = await browser.get((await link(stage)).replace(public, local))
        prompt = await browser.post(page.action.replace(public, local), follow=False, token=page.field("token"))
        assert prompt.headers["Set-Cookie"].startswith("__Host-grapevine=")
        assert "Secure" in prompt.headers["Set-Cookie"]
        assert parse_qs(urlsplit(prompt.headers["Location"]).query)["back"][0].startswith(public)


async def test_connect_without_a_name_offers_every_network(store: Store, redis_url: str) -> None:
    networks = {"birdsong": Birdsong(), "chirp": Birdsong(name="chirp", title="Chirp")}
    async with staged(store, redis_url, networks) as stage:
        answer = await stage.types_for(ADA, "connect")
        assert len(urls_of(answer)) == 2
        assert "15 minutes" in text_of(answer)
        assert "It can connect Birdsong and Chirp" in await stage.types(ADA, "connect Friendster")


async def test_without_any_network_connect_says_what_works_meanwhile(store: Store, redis_url: str) -> None:
    async with staged(store, redis_url, {}) as stage:
        assert "share with your own link" in await stage.types(BEA, "connect")


async def test_a_name_from_slack_or_a_network_cannot_become_markup(stage: Stage, browser: Browser) -> None:
    stage.pg.workspace.users[BEA.user].real_name = "<script>alert(1)</script>"
    page = await browser.get(await link(stage))
    assert "<script" not in page.text
    assert "&lt;script&gt;" in page.text


async def test_when_slack_does_not_name_somebody_the_page_shows_their_id(stage: Stage, browser: Browser) -> None:
    url = await link(stage)
    stage.bot.slack.people.forget(BEA.team, BEA.user)
    stage.pg.fail("users.info", "internal_error")
    page = await browser.get(url)
    assert page.status == 200
    assert BEA.user in page.text


async def test_the_style_is_served_and_nothing_else(stage: Stage, browser: Browser) -> None:
    style = await browser.get(f"{stage.url}/style.css")
    assert style.status == 200
    assert style.headers["Content-Type"].startswith("text/css")
    for path in ("/", "/templates/page.html", "/../bot/app.py", "/connect/", "/oauth/birdsong"):
        assert (await browser.get(f"{stage.url}{path}")).status == 404


def test_an_address_in_a_sentence_can_be_followed_and_nothing_else_becomes_markup() -> None:
    said = linked("Make one at birdsong.example/settings/keys, as <b>bea.birdsong.example</b> & co.")
    assert said == (
        'Make one at <a href="https://birdsong.example/settings/keys" target="_blank" rel="noopener noreferrer">'
        "birdsong.example/settings/keys</a>, as &lt;b&gt;bea.birdsong.example&lt;/b&gt; &amp; co."
    )
