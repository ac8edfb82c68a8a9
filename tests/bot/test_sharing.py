"""From a form to a share: rules 2, 3, 8, 20 and 27."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from bot.form import Form, known
from bot.sharing import Sharing
from grapevine.domain.accounts import Account, AccountState
from grapevine.domain.links import Link
from grapevine.domain.members import Member
from grapevine.domain.posts import Image, PostKind
from grapevine.domain.shares import MY_LINK, PlacementState, Share
from grapevine.networks import offered
from grapevine.networks.base import Network
from grapevine.settings import NetworkSettings, load
from grapevine.store import Store
from grapevine.store.queue import Jobs
from grapevine.store.workspaces import WorkspaceSettings
from tests.fakes import Birdsong
from tests.people import BEA, NOON

NETWORKS = offered(
    load(
        NetworkSettings,
        {"LINKEDIN_CLIENT_ID": "id", "LINKEDIN_CLIENT_SECRET": "s", "X_API_KEY": "key", "X_API_SECRET": "s"},
    )
)
FORM = Form(
    url="https://example.com/launch",
    networks=("linkedin", "x", MY_LINK),
    captions={"linkedin": "Look: https://example.com/launch and https://other.example/a.", "x": "We are live"},
)


def account(network: str, **changes: object) -> Account:
    return replace(Account(network, "1", "Bea", AccountState.CONNECTED, NOON, reach=100), **changes)  # type: ignore[arg-type]


def test_a_caption_that_was_left_out_beside_others_is_pointed_out_before_anything_is_out() -> None:
    bea = Member("m", BEA.team, BEA.user, NOON)
    places = (account("linkedin"), account("x"))
    said = sharing(bea, *places).checks(replace(FORM, captions={"linkedin": "We are live", "x": ""}))
    assert [one.remarks for one in said] == [(), ("No caption here, though there is one on LinkedIn.",)]
    nowhere = sharing(bea, *places).checks(replace(FORM, captions={"linkedin": "", "x": ""}))
    assert [one.remarks for one in nowhere] == [(), ()]


@pytest.fixture
async def bea(store: Store) -> Member:
    return await BEA.joins(store)


@pytest.fixture
def jobs(redis_url: str) -> Iterator[Jobs]:
    jobs = Jobs(redis_url)
    yield jobs
    jobs.close()


def sharing(bea: Member, *accounts: Account, networks: Mapping[str, Network] = NETWORKS) -> Sharing:
    known = {one.id: one for one in accounts or (account("linkedin"), account("x"))}
    return Sharing(bea, known, networks, WorkspaceSettings(), "https://go.example.com")


async def shared(store: Store, jobs: Jobs, bea: Member, form: Form) -> Share:
    made = await sharing(bea).share(form, store, jobs, NOON)
    kept = await store.shares.get(bea.id, made.id)
    assert kept == made
    return made


async def test_every_link_in_a_caption_is_shortened_not_only_the_post_s_own(
    store: Store, jobs: Jobs, bea: Member
) -> None:
    """Rule 2."""
    share = await shared(store, jobs, bea, replace(FORM, utm=False))
    placement = share.placement("linkedin")
    own, other = placement.links
    assert placement.caption == f"Look: https://go.example.com/{own.slug} and https://go.example.com/{other.slug}."
    assert await store.links.get(own.slug) == Link(
        "https://example.com/launch", bea.id, share.id, "linkedin", "linkedin:1"
    )
    assert (await store.links.get(other.slug) or Link("")).target == "https://other.example/a"
    assert placement.card == own.slug


async def test_each_network_has_short_links_of_its_own(store: Store, jobs: Jobs, bea: Member) -> None:
    share = await shared(store, jobs, bea, FORM)
    slugs = [link.slug for one in share.placements for link in one.links]
    assert len(set(slugs)) == len(slugs) == 4


async def test_where_the_card_comes_from_the_text_the_link_is_put_into_the_text(
    store: Store, jobs: Jobs, bea: Member
) -> None:
    placement = (await shared(store, jobs, bea, FORM)).placement("x")
    assert placement.caption == f"We are live\nhttps://go.example.com/{placement.card}"


async def test_my_link_is_out_at_once_and_needs_no_account(store: Store, jobs: Jobs, bea: Member) -> None:
    share = await shared(store, jobs, bea, replace(FORM, networks=(MY_LINK,)))
    assert share.placement(MY_LINK).account == ""
    statuses = await store.shares.statuses(bea.id, share.id)
    assert statuses[MY_LINK].state is PlacementState.PUBLISHED
    assert await jobs.waiting() == 0


async def test_only_what_the_member_chose_is_put_on_the_queue(store: Store, jobs: Jobs, bea: Member) -> None:
    """Rule 20."""
    await shared(store, jobs, bea, replace(FORM, networks=("x",)))
    assert await jobs.waiting() == 1


async def test_an_image_post_shortens_nothing_and_counts_no_clicks(store: Store, jobs: Jobs, bea: Member) -> None:
    """Rule 3."""
    form = replace(FORM, kind=PostKind.IMAGE, url="https://example.com/a.png", networks=("linkedin",))
    share = await shared(store, jobs, bea, form)
    assert share.placement("linkedin").links == ()
    assert share.placement("linkedin").caption == FORM.captions["linkedin"]


async def test_utm_tags_name_the_network_and_the_share_only_if_an_admin_switched_that_on(
    store: Store, jobs: Jobs, bea: Member
) -> None:
    """Rule 27."""
    share = await shared(store, jobs, bea, replace(FORM, networks=("x",)))
    assert share.placement("x").links[0].target == ("https://example.com/launch?utm_source=x&utm_medium=advocacy")
    known = {"x:1": account("x")}
    named = Sharing(bea, known, NETWORKS, WorkspaceSettings(utm_content=True), "https://go.example.com")
    made = await named.share(replace(FORM, networks=("x",)), store, jobs, NOON)
    assert made.placement("x").links[0].target.endswith(f"&utm_content={made.id}")


async def test_the_share_s_potential_reach_is_the_sum_of_its_accounts(store: Store, jobs: Jobs, bea: Member) -> None:
    assert (await shared(store, jobs, bea, FORM)).reach == 200


@pytest.mark.parametrize(
    ("changes", "where", "said"),
    [
        ({"url": "example.com"}, "url:0", "Did you mean https://example.com?"),
        ({"url": "https://go.example.com/abc"}, "url:0", "Grapevine's own short links"),
        ({"url": "https://bit.ly/abc"}, "url:0", "a short link already"),
        ({"networks": ()}, "networks", "choose where"),
        ({"networks": ("facebook",)}, "networks", "choose where"),
        ({"captions": {"x": "x" * 300}}, "caption:x:0", "X takes 280 characters; this would be 324"),
        ({"captions": {"x": "See http://10.0.0.1/a"}}, "caption:x:0", "private network"),
        ({"kind": PostKind.IMAGE, "url": "https://example.com/a.png"}, "networks", "no link to count"),
    ],
)
async def test_what_must_be_mended_is_said_beneath_its_box(
    bea: Member, changes: dict[str, object], where: str, said: str
) -> None:
    errors = sharing(bea).errors(replace(FORM, **changes))  # type: ignore[arg-type]
    assert said in errors[where]


async def test_a_form_without_faults_has_no_errors(bea: Member) -> None:
    assert sharing(bea).errors(FORM) == {}


async def test_an_account_that_cannot_post_is_not_offered(bea: Member) -> None:
    gone = account("linkedin", state=AccountState.EXPIRED)
    mute = account("x", can_post=False)
    (only,) = sharing(bea, gone, mute).choices()
    assert only.network == MY_LINK
    run_out, may_not = only.note.splitlines()
    assert run_out == ":warning: The connection to LinkedIn has run out. `/grapevine connect` brings it back."
    assert may_not.startswith(":warning: X did not allow Grapevine to post when you connected. `/grapevine connect x`")


async def test_a_member_without_an_account_is_told_how_to_have_one(bea: Member) -> None:
    (only,) = Sharing(bea, {}, NETWORKS, WorkspaceSettings(), "https://go.example.com").choices()
    assert "connect it first with `/grapevine connect`" in only.note
    assert not any(choice.note for choice in sharing(bea).choices())
    assert Sharing(bea, {}, {}, WorkspaceSettings(), "https://go.example.com").choices()[0].note == ""


async def test_the_preview_shows_short_links_and_the_network_s_own_count(bea: Member) -> None:
    linkedin, x = sharing(bea).checks(replace(FORM, captions={"linkedin": "", "x": "Hi example.org"}))
    assert linkedin.length == 0
    assert x.preview == "Hi example.org\nhttps://go.example.com/xxxxxxx"
    assert x.fixable


async def test_an_emoji_of_the_workspace_s_own_is_remarked(bea: Member) -> None:
    _, x = sharing(bea).checks(replace(FORM, captions={"linkedin": "🎉", "x": "Yes :our_own:"}))
    assert x.remarks == (":our_own: can be seen as a picture in Slack only: elsewhere people read the letters.",)


ALBUM = replace(
    FORM,
    kind=PostKind.IMAGE,
    url="https://example.com/1.png",
    title="A room",
    more="https://example.com/2.png  A view of it\n\n  https://example.com/3.png",
    networks=("linkedin", "x"),
)


async def test_an_image_post_may_have_several_images_each_with_its_description(
    store: Store, jobs: Jobs, bea: Member
) -> None:
    assert sharing(bea).errors(ALBUM) == {}
    post = (await shared(store, jobs, bea, ALBUM)).post
    assert (post.url, post.alt_text) == ("https://example.com/1.png", "A room")
    assert post.more == (Image("https://example.com/2.png", "A view of it"), Image("https://example.com/3.png"))
    assert (await shared(store, jobs, bea, replace(FORM, more="https://example.com/2.png"))).post.more == ()


async def test_what_is_wrong_with_further_images_is_said_beneath_their_box(bea: Member) -> None:
    inside = replace(ALBUM, more="https://example.com/2.png\nhttp://10.0.0.1/a.png")
    assert "http://10.0.0.1/a.png" in sharing(bea).errors(inside)["more:0"]
    assert "https://" in sharing(bea).errors(replace(ALBUM, more="example.com/2.png"))["more:0"]
    many = replace(ALBUM, more="https://example.com/2.png\n" * 4)
    said = "X takes 4; with these it would be 5. Please leave some out."
    assert sharing(bea).errors(many) == {"more:0": said}
    assert sharing(bea).errors(replace(many, networks=("linkedin",))) == {}
    most = replace(many, more="https://example.com/2.png\n" * 20, networks=("linkedin",))
    assert "LinkedIn takes 20; with these it would be 21" in sharing(bea).errors(most)["more:0"]


async def test_a_network_that_does_not_say_how_many_takes_one(bea: Member) -> None:
    known = {"birdsong:1": account("birdsong")}
    one = Sharing(bea, known, {"birdsong": Birdsong()}, WorkspaceSettings(), "https://go.example.com")
    alone = replace(ALBUM, networks=("birdsong",), captions={})
    assert "Birdsong takes 1;" in one.errors(alone)["more:0"]
    assert one.errors(replace(alone, more="")) == {}


@pytest.mark.parametrize(
    ("changes", "looked_at"),
    [
        ({}, True),
        ({"title": "Mine"}, False),
        ({"looked": known(FORM.url)}, False),
        ({"looked": known("https://example.com/another")}, True),
        ({"kind": PostKind.IMAGE}, False),
        ({"url": "http://127.0.0.1:8000/jobs"}, False),
        ({"url": "example.com"}, False),
    ],
)
async def test_a_page_is_looked_at_for_a_title_that_is_missing(
    bea: Member, changes: dict[str, object], looked_at: bool
) -> None:
    assert sharing(bea).wants_words(replace(FORM, **changes)) is looked_at  # type: ignore[arg-type]


def test_places_stand_in_the_order_in_which_networks_are_offered() -> None:
    bea = Member("m", BEA.team, BEA.user, NOON)
    names = [one.network for one in sharing(bea, account("x"), account("linkedin")).choices()]
    assert names == ["linkedin", "x", MY_LINK]
    names = [
        one.network
        for one in sharing(
            bea, account("x"), account("linkedin"), networks=dict(reversed(list(NETWORKS.items())))
        ).choices()
    ]
    assert names.index("x") < names.index("linkedin")
