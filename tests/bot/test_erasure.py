"""Export and erase (rule 23)."""

import json
import threading

from bot.erasure import erase, erase_view
from grapevine.domain.links import Link
from grapevine.domain.posts import Post, PostKind
from grapevine.domain.shares import Placement, PlacementState, Share, ShortLink, Status
from grapevine.store import keys
from tests.blockkit import takes
from tests.bot.dance import begin
from tests.bot.stage import Browser, Page, Stage, text_of, urls_of
from tests.fakes import Birdsong
from tests.people import BEA, CY, NOON, TEAM


async def test_the_export_is_one_json_file_in_a_direct_message(stage: Stage, browser: Browser) -> None:
    await browser.get(await begin(stage, browser))
    assert "direct messages" in await stage.types(BEA, "export")
    uploads = list(stage.pg.workspace.uploads.values())
    assert [upload.name for upload in uploads] == ["grapevine-export.json"]
    held = json.loads(uploads[0].content or b"")
    assert held["member"]["user"] == BEA.user
    assert held["accounts"]["birdsong:bea"]["name"] == "Bea at Birdsong"
    assert "token-bea" not in json.dumps(held)
    assert held["tokens"] == {"birdsong:bea": "held, encrypted"}
    assert any(message.get("files") for message in stage.pg.dms(BEA.user))


async def download(stage: Stage, browser: Browser) -> tuple[str, Page]:
    stage.pg.fail("files.getUploadURLExternal", "missing_scope")
    await stage.types(BEA, "export")
    (url,) = urls_of(stage.pg.dms(BEA.user)[-1])
    return url, await browser.get(url)


async def test_where_slack_takes_no_file_a_private_page_hands_it_out_once(stage: Stage, browser: Browser) -> None:
    url, page = await download(stage, browser)
    assert page.status == 200
    assert page.headers["Cache-Control"] == "no-store"
    got = await browser.press(page)
    assert got.headers["Content-Disposition"] == 'attachment; filename="grapevine-export.json"'
    assert json.loads(got.text)["member"]["user"] == BEA.user
    for again in (await browser.press(page), await browser.get(url)):
        assert again.status == 410
        assert "type /grapevine export" in again.text.lower()


async def test_a_scanner_uses_no_download_up(stage: Stage, browser: Browser) -> None:
    url, page = await download(stage, browser)
    async with Browser() as scanner:
        assert (await scanner.head(url)).status == 200
        assert (await scanner.get(url)).status == 200
        assert (await scanner.post(url, token="guessed")).status == 410
    assert (await browser.press(page)).status == 200


async def test_erasing_wants_a_word_typed(stage: Stage) -> None:
    await stage.types(BEA, "help")
    await stage.pg.command(BEA.user, "/grapevine", "erase")
    view = await stage.pg.until(lambda: stage.pg.modal(BEA.user))
    outcome = await stage.pg.submit(BEA.user, view["id"], {"word": "yes"})
    assert (outcome.errors or {})["word"] == "Type the word erase to confirm."
    assert await stage.store.members.of(TEAM, BEA.user)


async def test_erasing_removes_everything_and_says_what_remains(
    stage: Stage, browser: Browser, birdsong: Birdsong
) -> None:
    await browser.get(await begin(stage, browser))
    await browser.get(await begin(stage, browser, CY, "cy"))
    member = await stage.member(BEA)
    await stage.pg.command(BEA.user, "/grapevine", "erase")
    view = await stage.pg.until(lambda: stage.pg.modal(BEA.user))
    assert (await stage.pg.submit(BEA.user, view["id"], {"word": " Erase "})).ok
    said = await stage.told(BEA, 2)
    for words in ("is erased", "Birdsong confirmed", "Links that you shared go on", "Slack keeps the messages"):
        assert words in said, words
    await stage.pg.until(lambda: "is erased" in text_of(stage.pg.modal(BEA.user)))
    assert birdsong.revoked == ["token-bea"]
    assert await stage.store.members.of(TEAM, BEA.user) is None
    left = [key async for key in stage.store.redis.scan_iter(match=f"*{member.id}*")]
    assert left == []
    assert await stage.store.redis.get(keys.owner_of(TEAM, "birdsong:bea")) is None
    assert await stage.store.tokens.get((await stage.member(CY)).id, "birdsong:cy") == "token-cy"
    await stage.pg.until(lambda: "Bea at Birdsong" not in text_of(stage.pg.home(BEA.user)))


async def test_a_slug_keeps_its_target_when_its_sharer_is_erased(stage: Stage) -> None:
    await stage.types(BEA, "help")
    member = await stage.member(BEA)
    slug = await stage.store.links.claim(Link("https://a.example/x", member.id, "abc234", "birdsong", ""))
    post = Post(PostKind.LINK, "https://a.example/x")
    placement = Placement("birdsong", "", "Read this", (ShortLink(slug, "https://a.example/x"),), slug)
    share = Share("abc234", member.id, post, NOON, (placement,))
    await stage.store.shares.make(share, {"birdsong": Status(PlacementState.PUBLISHED, NOON)}, NOON)
    await erase(stage.store, stage.jobs, {}, member)
    assert await stage.store.links.get(slug) == Link("https://a.example/x")


async def test_a_network_that_takes_long_shows_that_erasing_goes_on(
    stage: Stage, browser: Browser, birdsong: Birdsong
) -> None:
    await browser.get(await begin(stage, browser))
    birdsong.holds = threading.Event()
    await stage.pg.command(BEA.user, "/grapevine", "erase")
    view = await stage.pg.until(lambda: stage.pg.modal(BEA.user))
    assert (await stage.pg.submit(BEA.user, view["id"], {"word": "erase"})).ok
    assert "Erasing…" in text_of(stage.pg.modal(BEA.user))
    birdsong.holds.set()
    await stage.pg.until(lambda: "is erased" in text_of(stage.pg.modal(BEA.user)))


async def test_erasing_goes_on_although_the_network_is_silent(
    stage: Stage, browser: Browser, birdsong: Birdsong
) -> None:
    await browser.get(await begin(stage, browser))
    birdsong.breaks = True
    await stage.pg.command(BEA.user, "/grapevine", "erase")
    view = await stage.pg.until(lambda: stage.pg.modal(BEA.user))
    await stage.pg.submit(BEA.user, view["id"], {"word": "erase"})
    assert "remove it yourself at birdsong.example/permissions" in await stage.told(BEA, 2)
    assert await stage.store.members.of(TEAM, BEA.user) is None


def test_the_modal_is_what_slack_accepts() -> None:
    takes(erase_view())
