"""The stand-in LinkedIn is as strict as the real one: what a client may not get away with."""

from typing import Any
from urllib.parse import urlsplit

import pytest

from grapevine.playground.linkedin import MEMBERS
from tests.networks.linkedin_stand_in import Stage, staged
from tests.playground.linkedin import BEA, POST, api

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
