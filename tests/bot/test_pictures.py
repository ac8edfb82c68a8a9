"""The pictures of an image post: from a device, at an address, or several."""

from dataclasses import replace

import pytest

from bot.form import File, Form
from bot.pictures import images_in, shown_errors, shown_post
from grapevine.domain.posts import Image, Post, PostKind
from grapevine.playground import files
from tests.bot.stage import Stage
from tests.bot.test_composer import composer, input_of, said_in_modal
from tests.bot.test_sharing import NETWORKS
from tests.people import BEA

ROOM, VIEW = (
    File("F0ROOM0001", "room.png", "https://x.slack.com/1"),
    File("F0VIEW0001", "view.png", "https://x.slack.com/2"),
)
FORM = Form(kind=PostKind.IMAGE, files=(ROOM, VIEW), title="A room\n\nA view", networks=("linkedin", "x"))
PNG = b"\x89PNG\r\n\x1a\n" + bytes(16)


def fine(url: str) -> str | None:
    return None if url.startswith("https://") else f"{url} is no address."


def test_pictures_come_in_order_each_with_its_line() -> None:
    form = replace(FORM, title="A room\nA view\nA door\nToo many", url="https://example.com/3.png")
    form = replace(form, more="https://example.com/4.png  A lamp\n\nhttps://example.com/5.png")
    assert images_in(form) == (
        Image(ROOM.url, "A room", ROOM.id),
        Image(VIEW.url, "A view", VIEW.id),
        Image("https://example.com/3.png", "A door"),
        Image("https://example.com/4.png", "A lamp"),
        Image("https://example.com/5.png"),
    )
    assert shown_post(form).images == images_in(form)


def test_a_single_picture_has_the_whole_text() -> None:
    (image,) = images_in(replace(FORM, files=(ROOM,), title="A room\nwith a view"))
    assert image.alt_text == "A room with a view"


def test_a_post_without_description_is_known_by_the_name_of_its_file() -> None:
    assert shown_post(replace(FORM, title="")).title == "room.png"
    assert shown_post(replace(FORM, title="", files=(), url="https://example.com/a.png")).title == ""


@pytest.mark.parametrize(
    ("changes", "where", "said"),
    [
        ({"files": ()}, "url:0", "add a picture, or give its address"),
        ({"url": "example.com"}, "url:0", "no address"),
        ({"more": "https://example.com/a.png\nb.png"}, "more:0", "b.png: b.png is no address"),
        ({"files": (ROOM,) * 5}, "files:0", "X takes 4; with these it would be 5"),
        ({"more": "https://example.com/a.png\n" * 3}, "more:0", "X takes 4; with these it would be 5"),
    ],
)
def test_what_is_wrong_is_said_beneath_its_box(changes: dict[str, object], where: str, said: str) -> None:
    errors = shown_errors(replace(FORM, **changes), NETWORKS, fine)  # type: ignore[arg-type]
    assert said in errors[where]


def test_a_form_without_faults_has_none() -> None:
    assert shown_errors(FORM, NETWORKS, fine) == {}


FILM = replace(FORM, kind=PostKind.VIDEO, files=(File("F0FILM0001", "film.mp4", "https://x.slack.com/3"),), title="")


@pytest.mark.parametrize(
    ("changes", "where", "said"),
    [
        ({"files": ()}, "url:0", "one of the two"),
        ({"url": "https://example.com/film.mp4"}, "url:0", "one of the two"),
        ({"files": (), "url": "film.mp4"}, "url:0", "no address"),
        ({"networks": ("linkedin", "x")}, "networks", "Grapevine shares no videos on X. Please leave that out."),
    ],
)
def test_what_is_wrong_with_a_video_is_said(changes: dict[str, object], where: str, said: str) -> None:
    alone = replace(FILM, networks=("linkedin",))
    assert shown_errors(alone, NETWORKS, fine) == {}
    assert said in shown_errors(replace(alone, **changes), NETWORKS, fine)[where]  # type: ignore[arg-type]


def test_a_video_is_a_post_of_one_file() -> None:
    assert shown_post(FILM) == Post(PostKind.VIDEO, "https://x.slack.com/3", "film.mp4", file="F0FILM0001")
    assert shown_post(replace(FILM, title="Our film")).title == "Our film"


async def test_a_member_shares_a_picture_from_their_device(stage: Stage) -> None:
    view = await composer(stage, "")
    await stage.pg.click(BEA.user, view, "compose:kind", "image", state={input_of(view, "kind")["block_id"]: "image"})
    view = await said_in_modal(stage, "From this device")
    file = files.picked(stage.pg.workspace, BEA.user, "room.png", PNG)
    outcome = await stage.pg.submit(BEA.user, view["id"], {"files:0": {"type": "file_input", "files": [file]}})
    assert outcome.ok, outcome
    member = await stage.member(BEA)
    await stage.eventually(lambda: stage.store.shares.count(member.id), lambda count: count == 1)
    (share,) = await stage.store.shares.newest(member.id, 0, 1)
    assert (share.post.file, share.post.title, share.post.url) == (file["id"], "room.png", file["permalink"])
