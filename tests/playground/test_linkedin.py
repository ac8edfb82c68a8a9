"""The stand-in LinkedIn is as strict as the real one: what a client may not get away with, and what people see."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from aiohttp import ClientSession, CookieJar
from yarl import URL

from grapevine.playground.linkedin import MEMBERS
from grapevine.playground.linkedin_faults import MODES
from tests.networks.linkedin_stand_in import CALLBACK, COMMUNITY, Stage, staged

BEA = MEMBERS["bea"]
POST = {
    "author": BEA.urn,
    "commentary": "Hello",
    "visibility": "PUBLIC",
    "distribution": {"feedDistribution": "MAIN_FEED"},
    "lifecycleState": "PUBLISHED",
    "content": {"article": {"source": "https://example.com/a", "title": "A thing"}},
}


@pytest.fixture
async def linkedin() -> AsyncIterator[Stage]:
    async with staged() as stage:
        yield stage


@pytest.fixture
async def browser() -> AsyncIterator[ClientSession]:
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
        yield session


async def api(
    stage: Stage, method: str, path: str, *, without: str = "", body: Any = None, **headers: str
) -> tuple[int, Any, str]:
    """Status, JSON and x-restli-id of a call as Bea; *without* leaves one of the usual headers out."""
    token = next(
        (one for one, held in stage.state.tokens.items() if held.member == BEA and not held.revoked), None
    ) or stage.state.new_token(BEA, stage.state.scopes)
    usual = {
        "Authorization": f"Bearer {token}",
        "Linkedin-Version": "202610",
        "X-Restli-Protocol-Version": "2.0.0",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    usual.pop(without, None)
    async with (
        ClientSession() as session,
        session.request(
            method, URL(f"{stage.url}/linkedin-api{path}", encoded=True), json=body, headers=usual
        ) as answer,
    ):
        told = await answer.json() if answer.content_type == "application/json" else None
        return answer.status, told, answer.headers.get("x-restli-id", "")


# --- headers and versions


@pytest.mark.parametrize(
    ("without", "headers", "status", "code"),
    [
        ("Linkedin-Version", {}, 400, "VERSION_MISSING"),
        ("", {"Linkedin_Version": "202401"}, 426, "NONEXISTENT_VERSION"),
        ("X-Restli-Protocol-Version", {}, 400, "ILLEGAL_ARGUMENT"),
        ("Authorization", {}, 401, "EMPTY_ACCESS_TOKEN"),
        ("", {"Authorization": "Bearer nonsense"}, 401, "INVALID_ACCESS_TOKEN"),
    ],
)
async def test_a_call_without_its_headers_is_refused(
    linkedin: Stage, without: str, headers: dict[str, str], status: int, code: str
) -> None:
    told = await api(linkedin, "POST", "/rest/posts", without=without, body=POST, **headers)
    assert (told[0], told[1]["code"]) == (status, code)


async def test_twelve_versions_are_served(linkedin: Stage) -> None:
    linkedin.state.clock = lambda: 1789819200.0  # 19 September 2026
    assert (min(linkedin.state.versions()), max(linkedin.state.versions())) == ("202510", "202609")
    assert len(linkedin.state.versions()) == 12


async def test_a_fresh_token_is_refused_for_a_moment() -> None:
    async with staged(settling=60.0) as stage:
        status, told, _ = await api(stage, "GET", "/v2/me")
    assert (status, told["code"], told["serviceErrorCode"]) == (401, "REVOKED_ACCESS_TOKEN", 65601)


async def test_a_quota_ends_in_429() -> None:
    async with staged(quota=1) as stage:
        assert (await api(stage, "GET", "/v2/me"))[0] == 200
        assert (await api(stage, "GET", "/v2/me"))[0] == 429


# --- posts


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"author": MEMBERS["ada"].urn}, 403),
        ({"author": None}, 422),
        ({"surprise": 1}, 422),
        ({"commentary": "x" * 3001}, 400),
        ({"visibility": "ALL"}, 400),
        ({"lifecycleState": "DRAFT"}, 400),
        ({"content": {"article": {"source": "https://example.com/a"}}}, 422),
        ({"content": {"article": {"source": "example.com", "title": "A"}}}, 400),
        ({"content": {"article": {"source": "https://example.com/a", "title": "t" * 401}}}, 400),
        ({"content": {"media": {"id": "urn:li:image:1"}}}, 400),
        ({"content": {"poll": {}}}, 422),
    ],
)
async def test_a_post_that_is_not_right_is_refused(linkedin: Stage, change: dict[str, Any], status: int) -> None:
    body = {name: value for name, value in (POST | change).items() if value is not None}
    assert (await api(linkedin, "POST", "/rest/posts", body=body))[0] == status
    assert linkedin.state.posts() == []


async def test_an_unescaped_text_is_cut_off_in_silence(linkedin: Stage) -> None:
    status, _, urn = await api(linkedin, "POST", "/rest/posts", body=POST | {"commentary": "Hello (world)"})
    assert status == 201
    assert linkedin.state.stored[urn].text == "Hello "


async def test_a_duplicate_names_the_first_even_when_that_is_deleted(linkedin: Stage) -> None:
    _, _, urn = await api(linkedin, "POST", "/rest/posts", body=POST)
    status, told, _ = await api(linkedin, "POST", "/rest/posts", body=POST)
    assert status == 422
    assert told["errorDetails"]["inputErrors"][0]["code"] == "DUPLICATE_POST"
    assert told["message"].endswith(urn)
    where = f"/rest/posts/{urn.replace(':', '%3A')}"
    assert [(await api(linkedin, "DELETE", where))[0] for _ in range(2)] == [204, 404]
    assert (await api(linkedin, "POST", "/rest/posts", body=POST))[0] == 422


async def test_reading_posts_is_closed(linkedin: Stage) -> None:
    status, told, _ = await api(linkedin, "GET", "/rest/posts/urn%3Ali%3Ashare%3A1")
    assert status == 403
    assert told["message"].startswith("Not enough permissions to access: partnerApiPostsExternal.GET.")


async def test_an_upload_has_to_be_a_picture_of_the_members_own(linkedin: Stage) -> None:
    ask = {"initializeUploadRequest": {"owner": BEA.urn}}
    stranger = {"initializeUploadRequest": {"owner": MEMBERS["cy"].urn}}
    where = "/rest/images?action=initializeUpload"
    assert (await api(linkedin, "POST", where, body=stranger))[0] == 403
    _, told, _ = await api(linkedin, "POST", where, body=ask)
    path = urlsplit(told["value"]["uploadUrl"]).path.removeprefix("/linkedin-api")
    assert (await api(linkedin, "PUT", path, body={"no": "picture"}))[0] == 400


# --- statistics


@pytest.mark.parametrize(
    "query",
    [
        "q=entity&entity=%28share:urn%3Ali%3Ashare%3A1%29&queryType=REACTION&aggregation=TOTAL",
        "q=entity&entity=(share:urn:li:share:1)&queryType=REACTION&aggregation=TOTAL",
        "q=entity&entity=(share:urn%3Ali%3AugcPost%3A1)&queryType=REACTION&aggregation=TOTAL",
        "q=entity&entity=(share:urn%3Ali%3Ashare%3A1)&queryType=LIKES&aggregation=TOTAL",
        "entity=(share:urn%3Ali%3Ashare%3A1)&queryType=REACTION",
    ],
)
async def test_a_wrongly_encoded_statistics_query_is_refused(linkedin: Stage, query: str) -> None:
    assert (await api(linkedin, "GET", f"/rest/memberCreatorPostAnalytics?{query}"))[0] == 400


async def test_the_metric_has_another_shape_before_may_2026(linkedin: Stage) -> None:
    _, _, urn = await api(linkedin, "POST", "/rest/posts", body=POST)
    query = f"q=entity&entity=(share:{urn.replace(':', '%3A')})&queryType=COMMENT&aggregation=TOTAL"
    for version, shape in (("202604", dict), ("202605", str)):
        _, told, _ = await api(linkedin, "GET", f"/rest/memberCreatorPostAnalytics?{query}", Linkedin_Version=version)
        assert isinstance(told["elements"][0]["metricType"], shape)


async def test_many_posts_are_asked_for_with_a_raw_list(linkedin: Stage) -> None:
    _, _, urn = await api(linkedin, "POST", "/rest/posts", body=POST)
    linkedin.state.react(urn, likes=4, comments=2)
    encoded = urn.replace(":", "%3A")
    missing = "urn%3Ali%3Ashare%3A1"
    status, told, _ = await api(linkedin, "GET", f"/rest/socialMetadata?ids=List({encoded},{missing})")
    assert status == 200
    assert told["results"][urn]["commentSummary"]["count"] == 2
    assert sum(kind["count"] for kind in told["results"][urn]["reactionSummaries"].values()) == 4
    assert list(told["errors"]) == ["urn:li:share:1"]
    assert (await api(linkedin, "GET", f"/rest/socialMetadata?ids=List%28{encoded}%29"))[0] == 400


@pytest.mark.parametrize(
    "path",
    [
        "/rest/memberCreatorPostAnalytics?q=entity&entity=(share:urn%3Ali%3Ashare%3A1)&queryType=REACTION",
        "/rest/socialMetadata/urn%3Ali%3Ashare%3A1",
        "/rest/socialMetadata?ids=List(urn%3Ali%3Ashare%3A1)",
        "/rest/memberFollowersCount?q=me",
        "/v2/me",
        f"/v2/connections/{BEA.urn}",
    ],
)
async def test_a_share_app_is_denied_what_only_a_community_app_may(path: str) -> None:
    async with staged("share") as stage:
        status, told, _ = await api(stage, "GET", path)
    assert (status, told["code"], told["serviceErrorCode"]) == (403, "ACCESS_DENIED", 100)


async def test_connections_of_somebody_else_are_not_told(linkedin: Stage) -> None:
    assert (await api(linkedin, "GET", f"/v2/connections/{MEMBERS['ada'].urn}"))[0] == 403


# --- the prompt and the tokens


def prompt(stage: Stage, **changes: str) -> tuple[str, dict[str, str]]:
    asked = {
        "response_type": "code",
        "client_id": stage.state.client_id,
        "redirect_uri": CALLBACK,
        "state": "s",
        "scope": COMMUNITY,
        **changes,
    }
    return f"{stage.url}/linkedin/oauth/v2/authorization", {k: v for k, v in asked.items() if v}


@pytest.mark.parametrize(
    "change",
    [
        {"redirect_uri": "http://evil.example/"},
        {"client_id": "other"},
        {"response_type": "token"},
        {"prompt": "none"},
        {"scope": ""},
    ],
)
async def test_a_wrong_request_stays_on_linkedins_page(
    linkedin: Stage, browser: ClientSession, change: dict[str, str]
) -> None:
    url, query = prompt(linkedin, **change)
    for method in ("GET", "POST"):
        async with browser.request(method, url, params=query, allow_redirects=False) as answer:
            assert answer.status == 400
            assert "Bummer" in await answer.text()


async def test_without_registered_addresses_those_of_this_machine_will_do(browser: ClientSession) -> None:
    async with staged(redirect_uris=None) as stage:
        for there, status in ((CALLBACK, 200), ("http://evil.example/", 400), ("", 400)):
            url, query = prompt(stage, redirect_uri=there)
            async with browser.get(url, params=query) as answer:
                assert answer.status == status


async def test_mixed_scopes_go_back_as_an_error(linkedin: Stage, browser: ClientSession) -> None:
    url, query = prompt(linkedin, scope=f"openid {COMMUNITY}")
    async with browser.get(url, params=query, allow_redirects=False) as answer:
        back = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
    assert (back["error"], back["state"]) == ("unauthorized_scope_error", "s")


async def exchange(stage: Stage, code: str, auth: str = "", **changes: str) -> tuple[int, Any]:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": stage.state.client_id,
        "client_secret": stage.state.client_secret,
        "redirect_uri": CALLBACK,
        **changes,
    }
    headers = {"Authorization": auth} if auth else {}
    async with (
        ClientSession() as session,
        session.post(
            f"{stage.url}/linkedin/oauth/v2/accessToken",
            data={name: value for name, value in form.items() if value},
            headers=headers,
        ) as answer,
    ):
        return answer.status, await answer.json()


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"auth": "Basic aWQ6c2VjcmV0"}, 401, "invalid_client"),
        ({"code_verifier": "v" * 43}, 401, "invalid_client"),
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_secret": ""}, 400, "invalid_request"),
        ({"redirect_uri": ""}, 400, "invalid_request"),
        ({"redirect_uri": "http://127.0.0.1:3000/other"}, 400, "invalid_redirect_uri"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, 400, "invalid_request"),
    ],
)
async def test_a_wrong_exchange_is_refused(linkedin: Stage, changes: dict[str, str], status: int, error: str) -> None:
    query = await linkedin.decide(linkedin.client.authorize(CALLBACK, "s").url)
    told = await exchange(linkedin, query["code"], **changes)
    assert (told[0], told[1]["error"]) == (status, error)


async def test_a_code_is_good_once_and_for_half_an_hour(linkedin: Stage) -> None:
    query = await linkedin.decide(linkedin.client.authorize(CALLBACK, "s").url)
    status, told = await exchange(linkedin, query["code"])
    assert status == 200
    assert "token_type" not in told
    assert told["scope"] == COMMUNITY.replace(" ", ",")
    assert (await exchange(linkedin, query["code"]))[0] == 401
    query = await linkedin.decide(linkedin.client.authorize(CALLBACK, "s").url)
    linkedin.state.codes[query["code"]].made -= 1801
    assert (await exchange(linkedin, query["code"]))[0] == 400


async def test_asking_for_other_scopes_ends_the_earlier_token(linkedin: Stage) -> None:
    first = linkedin.state.new_token(BEA, ("r_basicprofile",))
    same = linkedin.state.new_token(BEA, ("r_basicprofile",))
    assert not linkedin.state.tokens[first].revoked
    linkedin.state.new_token(BEA, ("w_member_social",))
    assert linkedin.state.tokens[first].revoked
    assert linkedin.state.tokens[same].revoked


# --- what people see


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
