"""What people see on the stand-in X, and what they do there."""

import asyncio

import pytest
from aiohttp import ClientSession
from playwright.async_api import Page, expect

from tests.networks.drafts import IMAGE, PIXEL
from tests.networks.x_stand_in import BEA, Stage


async def test_pages_show_no_markup_of_a_member(x: Stage) -> None:
    post = x.state.add(BEA, '<script>alert(1)</script> https://example.com/"><b>', "")
    async with ClientSession() as session, session.get(f"{x.url}/i/status/{post.id}") as answer:
        page = await answer.text()
    assert "<script>" not in page
    assert "<b>" not in page


@pytest.mark.browser
async def test_a_person_can_connect_react_and_revoke(x: Stage, page: Page) -> None:
    x.state.callbacks.append(x.url)  # the way back is the feed here, so that the browser has somewhere to land
    begun = await asyncio.to_thread(x.client.authorize, f"{x.url}/", "state-1")
    await page.goto(begun.url)
    await page.get_by_role("button", name="Sign in as Bea Lindqvist").click()
    await expect(page.get_by_role("heading")).to_have_text("Grapevine wants to access your X account")
    await page.get_by_role("button", name="Authorize app").click()
    await page.wait_for_url(f"{x.url}/?state=state-1&oauth_token=*&oauth_verifier=*")
    query = dict(part.split("=") for part in page.url.split("?")[1].split("&"))
    token = (await asyncio.to_thread(x.client.connect, f"{x.url}/", query, begun.secret)).token

    post = x.state.add(BEA, "Look http://127.0.0.1:8000/abc", f"{x.url}/i/status/{{id}}")
    await page.goto(f"{x.url}/")
    article = page.get_by_role("article", name="Post by Bea Lindqvist")
    link = article.get_by_role("link", name="http://127.0.0.1:8000/abc")
    assert await link.get_attribute("href") == "http://127.0.0.1:8000/abc"
    assert await link.get_attribute("target") == "_blank"
    for button in ("Like", "Reply", "Repost", "Like"):
        await article.get_by_role("button", name=button, exact=True).click()
    await expect(article).to_contain_text("2 likes")
    assert (post.likes, post.replies, post.reposts) == (2, 1, 1)

    await page.get_by_role("link", name="Faults").click()
    await page.get_by_role("button", name="Fault: 429").click()
    await expect(page.get_by_role("status")).to_contain_text("429")
    await page.get_by_role("button", name="No fault").click()
    await expect(page.get_by_role("status")).to_have_text("Now: no fault.")

    await page.get_by_role("link", name="Connected apps").click()
    await page.get_by_role("button", name="Revoke access of Bea Lindqvist").click()
    await expect(page.get_by_text("Nobody has connected an app.")).to_be_visible()
    assert token.split(":")[1] not in x.state.access_tokens


@pytest.mark.browser
async def test_a_person_can_cancel(x: Stage, page: Page) -> None:
    x.state.callbacks.append(x.url)
    begun = await asyncio.to_thread(x.client.authorize, f"{x.url}/", "state-1")
    await page.goto(begun.url)
    await page.get_by_role("button", name="Sign in as Cy Ortega").click()
    await page.get_by_role("button", name="Cancel").click()
    await page.wait_for_url(f"{x.url}/?state=state-1&denied=*")
    await page.goto(begun.url)
    await expect(page.get_by_role("heading")).to_have_text("Whoa there!")


async def test_a_post_shows_its_image_until_it_is_deleted(x: Stage) -> None:
    token = (await x.connect()).token
    published = await asyncio.to_thread(x.client.publish, token, IMAGE)
    async with ClientSession() as session:

        async def get(address: str) -> tuple[int, bytes]:
            async with session.get(address) as answer:
                return answer.status, await answer.read()

        status, shown = await get(published.url)
        assert (status, b'alt="A room"' in shown) == (200, True)
        post = x.state.post(published.id)
        assert post is not None
        assert await get(f"{x.url}/pictures/{post.media[0]}") == (200, PIXEL)
        assert (await get(f"{x.url}/pictures/nobody.svg"))[0] == 404
        async with session.post(f"{published.url}/delete") as answer:
            assert answer.status == 200
        assert (await get(published.url))[0] == 404
        async with session.post(f"{published.url}/like") as answer:
            assert answer.status == 404
