"""Videos on LinkedIn: uploaded in parts, put together, and shown once LinkedIn has worked on them."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from grapevine.domain.errors import Refused, TryLater
from grapevine.networks.abilities import Filming
from grapevine.networks.pictures import is_mp4
from tests.networks.calls import call, failing
from tests.networks.drafts import MP4
from tests.networks.drafts import VIDEO as FILM
from tests.networks.linkedin_stand_in import Stage, staged


@pytest.fixture
async def linkedin() -> AsyncIterator[Stage]:
    async with staged("share", processing=0.1) as stage:
        stage.state.part_size = 40_000
        yield stage


async def test_a_video_goes_out_in_parts(linkedin: Stage) -> None:
    assert isinstance(linkedin.client, Filming)
    token = (await linkedin.connect()).token
    draft = replace(FILM, prepared=await call(linkedin.client.prepare, token, FILM))
    published = await call(linkedin.client.publish, token, draft)
    (shown,) = linkedin.state.stored[published.id].pictures
    assert shown["title"] == "A film"
    assert linkedin.state.images[shown["id"]].content == MP4
    assert sum(one.startswith("PUT /dms-uploads") for one in linkedin.state.calls) == 3
    assert published.id.startswith("urn:li:ugcPost:")


async def test_a_video_that_linkedin_still_works_on_is_for_later_and_not_uploaded_again() -> None:
    async with staged("share", processing=3600.0) as linkedin:
        token = (await linkedin.connect()).token
        draft = replace(FILM, prepared=await call(linkedin.client.prepare, token, FILM))
        error = await failing(TryLater, linkedin.client.publish, token, draft)
        assert (error.uncertain, error.after) == (False, 30.0)
        (video,) = linkedin.state.images.values()
        video.ready = 0.0
        await call(linkedin.client.publish, token, draft)
        assert len(linkedin.state.posts()) == 1


@pytest.mark.parametrize(
    "media", [(MP4, "video/quicktime"), (MP4[:60_000], "video/mp4"), (MP4 + bytes(100_000_000), "video/mp4")]
)
async def test_what_linkedin_does_not_take_is_refused_before_any_call(
    linkedin: Stage, media: tuple[bytes, str]
) -> None:
    token = (await linkedin.connect()).token
    linkedin.state.calls.clear()
    assert "MP4 of 75 KB to 100 MB" in str(
        await failing(Refused, linkedin.client.prepare, token, replace(FILM, media=media))
    )
    assert linkedin.state.calls == []


@pytest.mark.parametrize("only", ["POST /rest/videos", "PUT /dms-uploads"])
@pytest.mark.parametrize("mode", ["500", "lost_answer", "html"])
async def test_a_video_that_could_not_be_uploaded_is_certain(
    linkedin: Stage, impatient: None, only: str, mode: str
) -> None:
    token = (await linkedin.connect()).token
    await linkedin.fault(mode, only=only)
    assert not (await failing(TryLater, linkedin.client.prepare, token, FILM)).uncertain


def test_an_mp4_is_told_by_its_first_bytes() -> None:
    assert is_mp4(MP4)
    assert not is_mp4(b"\0\0\0\x14ftypqt  ")
    assert not is_mp4(b"\x89PNG\r\n\x1a\n")
    assert not is_mp4(b"")
