"""The playground's page in a real browser, with a real Bolt app behind it."""

import pytest
from playwright.async_api import Locator, Page, expect

from tests.people import BEA, CY
from tests.playground.tiny_app import Stage, staged

pytestmark = pytest.mark.browser
PHONE = (390, 844)


async def looks(page: Page, stage: Stage, place: str = "", user: str = BEA.user) -> None:
    await page.goto(f"{stage.url}/?user={user}{place}")


async def writes(page: Page, text: str) -> None:
    box = page.get_by_role("textbox", name="Message")
    await box.fill(text)
    await box.press("Enter")


async def composes(page: Page, stage: Stage) -> Locator:
    """Bea, with the composer open in #general."""
    await looks(page, stage, "#C0GENERAL1")
    await writes(page, "/grapevine")
    dialog = page.get_by_role("dialog", name="Share a post")
    await expect(dialog).to_be_visible()
    return dialog


#: how many pixels anything that is seen reaches beyond the right edge
REACH = """() => Math.max(0, document.documentElement.scrollWidth - innerWidth,
  ...[...document.querySelectorAll("header *, main, main *, dialog, dialog *")]
    .filter((node) => !node.closest(".visually-hidden"))
    .map((node) => node.getBoundingClientRect().right - innerWidth))"""


async def test_a_command_opens_a_modal_that_complains_beside_the_input_and_is_sent_whole(
    page: Page, stage: Stage
) -> None:
    dialog = await composes(page, stage)
    link = dialog.get_by_label("Link", exact=True)
    await expect(link).to_be_focused()
    await dialog.get_by_role("button", name="Share").click()
    await expect(dialog.get_by_text("Please complete this required field.")).to_have_count(1)
    await expect(link).to_have_accessible_description("Please complete this required field.")
    await link.fill("https://bit.ly/x")
    await dialog.get_by_role("button", name="Share").click()
    await expect(dialog.get_by_text("This link is already shortened.")).to_be_visible()
    assert stage.of("submitted") == []
    await link.fill("https://vine.example/post")
    await dialog.get_by_label("X", exact=True).check()
    await dialog.get_by_role("combobox", name="Tags").click()
    await dialog.get_by_role("option", name="Jobs").click()
    await dialog.get_by_role("button", name="Share").click()
    await expect(dialog).to_have_count(0)
    values = (await stage.heard("submitted"))["view"]["state"]["values"]
    chosen = {name: [each["value"] for each in values[name]["v"]["selected_options"]] for name in ("networks", "tags")}
    assert chosen == {"networks": ["linkedin", "x"], "tags": ["jobs"]}
    assert values["url"]["v"] == {"type": "url_text_input", "value": "https://vine.example/post"}
    assert values["caption"]["v"]["value"] == "Look at this"
    assert values["day"]["v"] == {"type": "datepicker", "selected_date": None}


async def test_what_was_typed_survives_an_update_and_a_second_modal(page: Page, stage: Stage) -> None:
    dialog = await composes(page, stage)
    await dialog.get_by_label("Caption").fill("Mine")
    await dialog.get_by_label("LinkedIn").uncheck()
    await dialog.get_by_role("button", name="Check").click()
    await expect(dialog.get_by_text("This link works.")).to_be_visible()
    checked = (await stage.heard("check"))["view"]["state"]["values"]
    assert (checked["caption"]["v"]["value"], checked["networks"]["v"]["selected_options"]) == ("Mine", [])
    await dialog.get_by_role("button", name="Preview").click()
    await expect(page.get_by_role("dialog", name="Preview")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_visible()
    await expect(dialog.get_by_label("Caption")).to_have_value("Mine")
    await expect(dialog.get_by_label("LinkedIn")).not_to_be_checked()


async def test_the_cross_closes_every_modal_at_once(page: Page, stage: Stage) -> None:
    dialog = await composes(page, stage)
    await dialog.get_by_role("button", name="Preview").click()
    await page.get_by_role("dialog", name="Preview").get_by_role("button", name="Dismiss").click()
    await stage.heard("closed")
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_escape_closes_a_modal_and_tells_the_app(page: Page, stage: Stage) -> None:
    dialog = await composes(page, stage)
    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    assert (await stage.heard("closed"))["view"]["callback_id"] == "share"


async def test_home_shows_its_chart_with_values_and_its_buttons_work(page: Page, stage: Stage) -> None:
    await looks(page, stage)
    await expect(page.get_by_role("tab", name="Home")).to_have_attribute("aria-selected", "true")
    chart = page.get_by_role("img", name="Clicks by day")
    await expect(chart.locator("circle")).to_have_count(3)
    await expect(page.get_by_role("table", name="Clicks by day").get_by_role("row", name="Tue")).to_contain_text("9")
    await expect(page.get_by_text("0 clicks")).to_be_visible()
    await expect(page.get_by_text("2025-12-01 01:00")).to_be_visible()
    await page.get_by_role("button", name="Count").click()
    await expect(page.get_by_text("1 clicks")).to_be_visible()
    assert len(stage.of("opened")) == 1


async def test_a_confirmation_stands_before_the_action(page: Page, stage: Stage) -> None:
    await looks(page, stage)
    erase = page.get_by_role("button", name="Erase me")
    await erase.click()
    await page.get_by_role("alertdialog", name="Are you sure?").get_by_role("button", name="Keep").click()
    await expect(page.get_by_role("alertdialog")).to_have_count(0)
    await erase.click()
    await page.get_by_role("alertdialog").get_by_role("button", name="Erase").click()
    await stage.heard("erase")
    assert len(stage.of("erase")) == 1


async def test_a_button_with_an_address_opens_a_new_tab_and_tells_the_app_too(page: Page, stage: Stage) -> None:
    await looks(page, stage)
    async with page.context.expect_page() as opened:
        await page.get_by_role("button", name="Read more").click()
    assert (await opened.value).url == f"{stage.url}/avatars/{BEA.user}.svg"
    action = (await stage.heard("how"))["actions"][0]
    assert action["url"] == f"{stage.url}/avatars/{BEA.user}.svg"


async def test_a_direct_message_is_unread_until_it_is_looked_at(page: Page, stage: Stage) -> None:
    dialog = await composes(page, stage)
    await dialog.get_by_label("Link", exact=True).fill("https://vine.example/post")
    await dialog.get_by_role("button", name="Share").click()
    await expect(page.get_by_role("link", name="Grapevine")).to_contain_text("1")
    await expect(page).to_have_title("(1) general · Vine & Co")
    await page.reload()
    await page.get_by_role("link", name="Grapevine").click()
    await expect(page.get_by_role("tab", name="Messages")).to_have_attribute("aria-selected", "true")
    await expect(page.get_by_role("article").get_by_text("Your post is out.")).to_be_visible()
    await expect(page).to_have_title("Grapevine · Vine & Co")
    await page.get_by_role("button", name="Insights").click()
    await expect(page.get_by_text("Nobody has clicked yet.")).to_be_visible()
    await expect(page.get_by_text("Your post is out.")).to_have_count(0)


async def test_an_answer_only_for_one_is_marked_and_its_markup_injects_nothing(page: Page, stage: Stage) -> None:
    await looks(page, stage, "#C0GENERAL1")
    await writes(page, "/grapevine hello")
    answer = page.get_by_role("article").filter(has_text="Only visible to you")
    await expect(answer.get_by_text("@Cy Ortega")).to_be_visible()
    await expect(answer.locator("strong", has_text="bold")).to_be_visible()
    await expect(answer).to_contain_text("<script>window.hit = 1</script> &")
    assert await answer.locator("a, script").count() == 0
    assert await page.evaluate("window.hit") is None
    await looks(page, stage, "#C0GENERAL1", CY.user)
    await expect(page.get_by_role("link", name="Cy")).to_have_attribute("aria-current", "true")
    await expect(page.get_by_role("heading", name="This is the beginning of #general")).to_be_visible()


async def test_shortcuts_are_in_the_message_box_and_on_messages(page: Page, stage: Stage) -> None:
    await looks(page, stage, "#C0GENERAL1")
    await writes(page, "Look: https://vine.example")
    message = page.get_by_role("article").filter(has_text="Look:")
    await expect(message.get_by_role("link")).to_have_attribute("href", "https://vine.example/")
    await message.hover()
    await message.get_by_role("button", name="More actions").click()
    await page.get_by_role("menuitem", name="Share this message").click()
    await page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    await page.get_by_role("button", name="Shortcuts").click()
    await page.get_by_role("menuitem", name="Share a post").click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    assert [each["type"] for each in stage.of("shortcut")] == ["message_action", "shortcut"]


async def test_commands_complete_with_the_keyboard(page: Page, stage: Stage) -> None:
    await looks(page, stage, "#C0GENERAL1")
    box = page.get_by_role("textbox", name="Message")
    await box.press_sequentially("/gr")
    await expect(page.get_by_role("listbox", name="Slash commands").get_by_role("option")).to_have_count(3)
    await box.press("ArrowDown")
    await box.press("Enter")
    await expect(box).to_have_value("/grapevine-share ")
    await writes(page, "/nope")
    await expect(page.get_by_text("is not a command here")).to_be_visible()


async def test_the_crowd_says_what_came_of_it(page: Page, stage: Stage) -> None:
    await looks(page, stage)
    await page.get_by_role("button", name="Crowd").click()
    crowd = page.get_by_role("complementary", name="Crowd")
    await crowd.get_by_label("People").fill("4")
    await crowd.get_by_role("button", name="Follow links").click()
    await expect(crowd.get_by_role("status")).to_contain_text("share something first")


async def test_nothing_scrolls_sideways_on_a_phone(page: Page, stage: Stage) -> None:
    await page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    await looks(page, stage)
    await expect(page.get_by_role("img", name="Clicks by day").locator("circle")).to_have_count(3)
    assert await page.evaluate(REACH) == 0
    await expect(page.get_by_role("navigation", name="Workspace")).to_be_hidden()
    await page.get_by_role("button", name="Menu").click()
    await page.get_by_role("navigation", name="Workspace").get_by_role("link", name="general").click()
    await writes(page, "/grapevine hello " + "long" * 40)
    await expect(page.get_by_role("dialog")).to_be_visible()
    assert await page.evaluate(REACH) == 0


async def test_the_page_says_when_the_app_is_gone(page: Page) -> None:
    async with staged() as stage:
        dialog = await composes(page, stage)
        banner = page.get_by_text("Grapevine is not connected, so commands")
        await expect(banner).to_be_hidden()
        await dialog.get_by_label("Link", exact=True).fill("https://vine.example/post")
        await stage.handler.close_async()
        await expect(banner).to_be_visible()
        await dialog.get_by_role("button", name="Share").click()
        await expect(dialog.get_by_role("alert").filter(has_text="trouble connecting")).to_be_visible()
        await expect(dialog.get_by_label("Link", exact=True)).to_have_value("https://vine.example/post")
        await page.keyboard.press("Escape")
        await writes(page, "/grapevine")
        await expect(page.get_by_role("alert").filter(has_text="/grapevine failed")).to_be_visible()
    await expect(page.get_by_text("The playground itself stopped answering.")).to_be_visible()
