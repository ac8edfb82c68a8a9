"""Pictures from a member's device, read from the stand-in Slack over real HTTP."""

from dataclasses import replace
from typing import Any

import pytest

from grapevine.domain.errors import Refused, TryLater
from grapevine.domain.posts import Image, PostKind
from grapevine.domain.shares import PlacementState
from grapevine.playground import files
from tests.people import BEA
from tests.workers.stage import PNG, Stage, staged
from workers import uploads


def picked(stage: Stage, name: str = "room.png", content: bytes = PNG) -> dict[str, Any]:
    return files.picked(stage.pg.workspace, BEA.user, name, content)


async def test_pictures_from_a_device_go_out(everywhere: Stage) -> None:
    first, second = picked(everywhere), picked(everywhere, "view.png")
    share = await everywhere.share(
        "Look",
        kind=PostKind.IMAGE,
        url=first["permalink"],
        title="A room",
        alt_text="A room",
        file=first["id"],
        more=(Image(second["permalink"], "A view", second["id"]),),
    )
    status = await everywhere.publish(share)
    assert status.state is PlacementState.PUBLISHED, status.reason
    assert len(everywhere.posts()) == 1
    kept = await everywhere.store.shares.get(share.member, share.id)
    assert kept is not None
    assert kept.post == share.post


async def test_a_picture_that_was_deleted_in_slack_is_said_to_be_gone(stage: Stage) -> None:
    file = picked(stage)
    del stage.pg.workspace.uploads[file["id"]]
    share = await stage.share("Look", kind=PostKind.IMAGE, url=file["permalink"], title="", file=file["id"])
    status = await stage.publish(share)
    assert status.state is PlacementState.REFUSED
    assert status.reason == "The picture is no longer in Slack. Please share it once more."


@pytest.mark.parametrize(
    ("mishap", "error", "said"),
    [
        ("missing_scope", Refused, "files:read"),
        ("internal_error", TryLater, "busy"),
        ("ratelimited", TryLater, "busy"),
        ("not_in_channel", Refused, "does not give the picture"),
    ],
)
async def test_what_slack_says_is_told(stage: Stage, mishap: str, error: type[Exception], said: str) -> None:
    file = picked(stage)
    stage.pg.workspace.mishaps["files.info"] = [mishap] * 3
    with pytest.raises(error, match=said):
        await uploads.fetch(stage.slack, stage.bea.team, file["id"])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"just words", "no JPEG, PNG, GIF or WebP"),
        (PNG + bytes(20_000_000), "larger than 20 MB"),
        (b"\0\0\0\x24ftypheic", "share it as a JPEG"),
    ],
)
async def test_what_is_no_picture_or_too_large_is_refused(stage: Stage, content: bytes, said: str) -> None:
    with pytest.raises(Refused, match=said):
        await uploads.fetch(stage.slack, stage.bea.team, picked(stage, content=content)["id"])


async def test_the_page_to_sign_in_is_no_picture(stage: Stage) -> None:
    file = picked(stage)
    config = stage.pg.workspace.config
    uploads_of = uploads.fetch(stage.slack, stage.bea.team, file["id"])
    stage.pg.workspace.config = replace(config, manifest=replace(config.manifest, scopes=("chat:write",)))
    with pytest.raises(Refused, match="files:read"):
        await uploads_of


@pytest.mark.parametrize(
    ("url", "api", "ours"),
    [
        ("https://files.slack.com/files-pri/T1-F1/a.png", "https://slack.com/api/", True),
        ("https://files.slack-gov.com/a.png", "https://slack-gov.com/api/", True),
        ("http://files.slack.com/a.png", "https://slack.com/api/", False),
        ("https://evilslack.com/a.png", "https://slack.com/api/", False),
        ("https://slack.com.evil.example/a.png", "https://slack.com/api/", False),
        ("https://drive.example.com/a.png", "https://slack.com/api/", False),
        ("http://127.0.0.1:5000/a.png", "http://127.0.0.1:5000/slack/api/", True),
        ("http://127.0.0.1:5001/a.png", "http://127.0.0.1:5000/slack/api/", False),
        ("", "https://slack.com/api/", False),
    ],
)
def test_the_token_is_shown_to_slack_alone(url: str, api: str, ours: bool) -> None:
    assert uploads._of_slack(url, api) is ours


MP4 = b"\0\0\0\x18ftypmp42" + bytes(100_000)


async def test_a_video_from_a_device_goes_out_on_linkedin(redis_url: str) -> None:
    async with staged(redis_url, "linkedin") as stage:
        file = picked(stage, "film.mp4", MP4)
        share = await stage.share("Watch", kind=PostKind.VIDEO, url=file["permalink"], title="A film", file=file["id"])
        status = await stage.publish(share)
        assert status.state is PlacementState.PUBLISHED, status.reason
        state: Any = stage.network.state
        assert [image.content for image in state.images.values()] == [MP4]


async def test_a_video_of_a_device_is_refused_where_none_is_taken(stage: Stage) -> None:
    file = picked(stage, "film.mp4", MP4)
    share = await stage.share("Watch", kind=PostKind.VIDEO, url=file["permalink"], title="A film", file=file["id"])
    status = await stage.publish(share)
    assert (status.state, stage.posts()) == (PlacementState.REFUSED, [])
    assert "takes no video" in status.reason


async def test_a_picture_is_no_video_and_a_video_no_picture(stage: Stage) -> None:
    for content, video in ((PNG, True), (MP4, False)):
        with pytest.raises(Refused, match="The file is no"):
            await uploads.fetch(stage.slack, stage.bea.team, picked(stage, content=content)["id"], video=video)
