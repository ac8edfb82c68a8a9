"""What people see on the stand-in LinkedIn, and what they and scripts do there."""

from typing import Any

import pytest
from aiohttp import ClientSession

from grapevine.playground.linkedin_faults import MODES
from tests.networks.linkedin_stand_in import Stage
from tests.playground.linkedin import POST, api


async def test_people_react_on_the_feed_and_a_crowd_through_the_state(linkedin: Stage, browser: ClientSession) -> None:
    assert linkedin.state.react(likes=1) is None
    text = "Look: https://go.example.com/a\\_b, it is <b>new</b> #Launch".replace("<", "\\<").replace(">", "\\>")
    _, _, urn = await api(linkedin, "POST", "/rest/posts", body=POST | {"commentary": text})
    for reaction in ("likes", "likes", "comments", "reshares"):
        async with browser.post(f"{linkedin.url}/linkedin/feed/update/{urn}", data={"reaction": reaction}) as page:
            shown = await page.text()
    assert "2 likes · 1 comment · 1 repost" in shown
    assert '<a href="https://go.example.com/a_b" target="_blank" rel="noopener">' in shown
    assert "&lt;b&gt;new" in shown
    assert "A thing" in shown
    assert 'src="/linkedin/pictures/bea.svg"' in shown
    assert linkedin.state.react(likes=3, reshares=-5) == urn
    (post,) = linkedin.state.posts()
    assert (post["likes"], post["comments"], post["reshares"]) == (5, 1, 0)
    assert (post["id"], post["url"], post["text"][:5]) == (urn, "https://example.com/a", "Look:")


@pytest.mark.parametrize("path", ["", "/", "/faults", "/pictures/ada.svg"])
async def test_the_pages_are_there(linkedin: Stage, browser: ClientSession, path: str) -> None:
    async with browser.get(f"{linkedin.url}/linkedin{path}") as answer:
        assert answer.status == 200


@pytest.mark.parametrize("path", ["/pictures/nobody.svg", "/images/urn:li:image:1", "/feed/update/urn:li:share:1"])
async def test_what_is_not_there_is_not_found(linkedin: Stage, browser: ClientSession, path: str) -> None:
    async with browser.get(f"{linkedin.url}/linkedin{path}") as answer:
        assert answer.status == 404


async def test_faults_are_switched_on_their_page_and_by_scripts(linkedin: Stage, browser: ClientSession) -> None:
    for mode in MODES:
        async with browser.post(f"{linkedin.url}/linkedin/faults", data={"fault": mode}) as page:
            assert f"Now: <b>{mode}</b>" in await page.text()
    async with browser.post(f"{linkedin.url}/linkedin/faults", data={"fault": ""}) as page:
        assert "all is well" in await page.text()
    control = f"{linkedin.url}/linkedin/_control"
    async with browser.post(control, json={"fault": "500", "times": 1, "only": "GET /v2"}) as answer:
        assert (await answer.json())["fault"]["mode"] == "500"
    assert [(await api(linkedin, "GET", "/v2/me"))[0] for _ in range(2)] == [500, 200]
    wishes: list[Any] = [{"fault": "flood"}, [], {"fault": "slow", "seconds": "x"}]
    for wrong in wishes:
        async with browser.post(control, json=wrong) as answer:
            assert answer.status == 400


async def test_a_member_takes_the_permission_back(linkedin: Stage, browser: ClientSession) -> None:
    assert (await api(linkedin, "GET", "/v2/me"))[0] == 200
    async with browser.post(f"{linkedin.url}/linkedin/faults", data={"revoke": "bea"}) as page:
        assert page.status == 200
    assert all(token.revoked for token in linkedin.state.tokens.values())
    await api(linkedin, "GET", "/v2/me")  # a new token
    async with browser.post(f"{linkedin.url}/linkedin/_control", json={"revoke": "bea"}) as page:
        assert page.status == 200
    assert all(token.revoked for token in linkedin.state.tokens.values())


async def test_an_app_may_be_denied_what_its_scopes_allow_and_allowed_again(
    linkedin: Stage, browser: ClientSession
) -> None:
    path = "/rest/memberFollowersCount?q=me"
    for denied, status in ((True, 403), (False, 200)):
        async with browser.post(f"{linkedin.url}/linkedin/faults", data={"deny": "memberFollowersCount"}) as page:
            assert ("Allow memberFollowersCount" in await page.text()) is denied
        assert (await api(linkedin, "GET", path))[0] == status
    async with browser.post(f"{linkedin.url}/linkedin/_control", json={"deny": "everything"}) as page:
        assert page.status == 200
    assert linkedin.state.forbidden == set()
