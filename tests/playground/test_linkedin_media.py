"""What a post on the stand-in LinkedIn may show: as strict as the real one, and seen by people."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientSession

from grapevine.playground.linkedin_state import MEMBERS, Image
from tests.networks.linkedin_stand_in import Stage, staged
from tests.playground.linkedin import BEA, POST, api

PNG = b"\x89PNG\r\n\x1a\n" + bytes(16)
FILM = b"\0\0\0\x18ftypmp42" + bytes(90_000)
ARTICLE = {"source": "https://example.com/a", "title": "A thing"}


@pytest.fixture
async def linkedin() -> AsyncIterator[Stage]:
    async with staged("share") as stage:
        stage.state.part_size = 50_000
        stage.state.images |= {
            "urn:li:image:bea": Image(BEA, PNG),
            "urn:li:image:cy": Image(MEMBERS["cy"], PNG),
            "urn:li:image:empty": Image(BEA),
            "urn:li:image:slow": Image(BEA, PNG, stage.state.clock() + 60),
        }
        yield stage


def album(*urns: str, **more: str) -> dict[str, Any]:
    return {"multiImage": {"images": [{"id": urn, **more} for urn in urns]}}


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        (album("urn:li:image:bea", "urn:li:image:bea", altText="A room"), 201, ""),
        (album("urn:li:image:bea"), 400, "2 to 20"),
        (album(*["urn:li:image:bea"] * 21), 400, "2 to 20"),
        (album("urn:li:image:bea", "urn:li:image:cy"), 400, "no image of the author's"),
        (album("urn:li:image:bea", "urn:li:image:bea", caption="x"), 422, "unrecognized field"),
        (album("urn:li:image:bea", "urn:li:image:bea", altText="x" * 4087), 422, "unrecognized field"),
        ({"media": {"id": "urn:li:image:empty"}}, 400, "no image of the author's"),
        ({"media": {"id": "urn:li:image:slow"}}, 400, "still being processed"),
        ({"article": ARTICLE | {"thumbnail": "urn:li:image:bea"}}, 201, ""),
        ({"article": ARTICLE | {"thumbnail": "urn:li:image:cy"}}, 400, "/content/article/thumbnail"),
        ({"article": ARTICLE | {"thumbnail": "https://example.com/a.png"}}, 400, "/content/article/thumbnail"),
        ({"article": ARTICLE, "media": {"id": "urn:li:image:bea"}}, 422, "exactly one"),
    ],
)
async def test_what_a_post_shows_is_checked(linkedin: Stage, content: Any, status: int, said: str) -> None:
    got, told, _ = await api(linkedin, "POST", "/rest/posts", body=POST | {"content": content})
    assert got == status
    assert said in str(told)
    assert len(linkedin.state.posts()) == (status == 201)


async def test_people_see_the_cards_picture_and_every_picture_with_its_description(linkedin: Stage) -> None:
    shown = album("urn:li:image:bea", "urn:li:image:bea", altText='A "room"')
    await api(linkedin, "POST", "/rest/posts", body=POST | {"content": shown})
    card = {"article": ARTICLE | {"thumbnail": "urn:li:image:bea"}}
    await api(linkedin, "POST", "/rest/posts", body=POST | {"content": card})
    async with ClientSession() as session, session.get(f"{linkedin.url}/linkedin/") as answer:
        page = await answer.text()
    assert page.count('alt="A &quot;room&quot;"') == 2
    assert page.count("/images/urn:li:image:bea") == 3


async def begun(linkedin: Stage, size: int = len(FILM)) -> dict[str, Any]:
    ask = {"initializeUploadRequest": {"owner": BEA.urn, "fileSizeBytes": size}}
    status, told, _ = await api(linkedin, "POST", "/rest/videos?action=initializeUpload", body=ask)
    assert status == 200
    return dict(told["value"])


async def finished(linkedin: Stage, video: str, parts: list[str], token: str = "") -> int:
    ask = {"finalizeUploadRequest": {"video": video, "uploadToken": token, "uploadedPartIds": parts}}
    return (await api(linkedin, "POST", "/rest/videos?action=finalizeUpload", body=ask))[0]


async def put(linkedin: Stage, url: str, content: bytes) -> tuple[int, str]:
    path = urlsplit(url).path
    token = next(iter(linkedin.state.tokens))
    head = {"Authorization": f"Bearer {token}"}
    async with ClientSession() as session, session.put(f"{linkedin.url}{path}", data=content, headers=head) as answer:
        return answer.status, answer.headers.get("ETag", "")


async def test_a_video_is_put_together_of_all_its_parts_in_their_order(linkedin: Stage) -> None:
    place = await begun(linkedin)
    tags = []
    for part in place["uploadInstructions"]:
        whole = FILM[part["firstByte"] : part["lastByte"] + 1]
        assert (await put(linkedin, part["uploadUrl"], whole[1:]))[0] == 400
        status, tag = await put(linkedin, part["uploadUrl"], whole)
        assert status == 200
        tags.append(tag)
    assert len(tags) == 2
    for wrong in (tags[:1], tags[::-1], []):
        assert await finished(linkedin, place["video"], wrong) == 400
    assert await finished(linkedin, place["video"], tags, "made-up") == 400
    assert await finished(linkedin, place["video"], tags) == 200
    assert await finished(linkedin, place["video"], tags) == 404
    content = {"media": {"id": place["video"], "title": "A film"}}
    assert (await api(linkedin, "POST", "/rest/posts", body=POST | {"content": content}))[0] == 201
    async with ClientSession() as session:
        async with session.get(f"{linkedin.url}/linkedin/") as answer:
            assert "<video" in await answer.text()
        async with session.get(f"{linkedin.url}/linkedin/images/{place['video']}") as answer:
            assert (answer.content_type, await answer.read()) == ("video/mp4", FILM)


async def test_a_video_that_is_not_whole_is_none(linkedin: Stage) -> None:
    place = await begun(linkedin)
    first = place["uploadInstructions"][0]
    _, tag = await put(linkedin, first["uploadUrl"], FILM[: first["lastByte"] + 1])
    assert await finished(linkedin, place["video"], [tag]) == 400
    assert (await put(linkedin, "/linkedin-api/dms-uploads/urn:li:video:1/0", b""))[0] == 404


@pytest.mark.parametrize(
    ("path", "ask", "status"),
    [
        ("initializeUpload", {"owner": MEMBERS["cy"].urn, "fileSizeBytes": 90_000}, 403),
        ("initializeUpload", {"owner": BEA.urn, "fileSizeBytes": 74_999}, 400),
        ("initializeUpload", {"owner": BEA.urn, "fileSizeBytes": 500_000_001}, 400),
        ("initializeUpload", {"owner": BEA.urn}, 400),
        ("finalizeUpload", {"video": "urn:li:video:1"}, 404),
        ("somethingElse", {}, 400),
    ],
)
async def test_a_wrong_request_for_a_video_is_refused(linkedin: Stage, path: str, ask: Any, status: int) -> None:
    body = {f"{path}Request": ask}
    assert (await api(linkedin, "POST", f"/rest/videos?action={path}", body=body))[0] == status
