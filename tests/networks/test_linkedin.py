"""LinkedIn's client against the strict stand-in, over real HTTP."""

import json
import logging
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from grapevine.domain.accounts import Capabilities, Profile
from grapevine.domain.errors import GrapevineError, Reconnect, Refused, Throttled, TryLater, Unavailable
from grapevine.domain.posts import Post, PostKind
from grapevine.domain.reactions import Counts
from grapevine.networks import offered
from grapevine.networks.base import Draft, Network
from grapevine.networks.linkedin import LinkedIn
from grapevine.networks.linkedin_posts import written_at
from grapevine.settings import NetworkSettings
from tests.networks.calls import call, failing
from tests.networks.linkedin_stand_in import CALLBACK, COMMUNITY, Stage, staged

LINK = "https://go.example.com/a_1b2"
CAPTION = f"We built a thing (at last!) for @everyone #Launch {LINK}"
DRAFT = Draft(
    CAPTION,
    Post(PostKind.ARTICLE, "https://example.com/thing", "A thing", "What it is & why"),
    LINK,
)
PIXEL = b"\x89PNG\r\n\x1a\n" + bytes(64)
PICTURE = Draft(
    "Our new office",
    Post(PostKind.IMAGE, "https://example.com/a.png", alt_text="A room"),
    None,
    (PIXEL, "image/png"),
)


@pytest.fixture
async def linkedin() -> AsyncIterator[Stage]:
    async with staged() as stage:
        yield stage


# --- what it is


def test_it_is_offered_only_with_credentials() -> None:
    settings = {"linkedin_client_id": "id", "linkedin_client_secret": "secret"}
    assert "linkedin" in offered(NetworkSettings.model_validate(settings))
    assert "linkedin" not in offered(NetworkSettings.model_validate({"linkedin_client_id": "id"}))


def test_it_fulfils_the_contract() -> None:
    network: Network = LinkedIn("id", "secret", "202610", "", "https://www.linkedin.com", "https://api.linkedin.com")
    assert (network.name, network.title, network.caption_limit, network.batch_size) == (
        "linkedin",
        "LinkedIn",
        3000,
        1,
    )
    assert "Permitted services" in network.revoke_hint


@pytest.mark.parametrize("scopes", ["", COMMUNITY])
def test_each_permission_that_is_asked_for_has_its_why(scopes: str) -> None:
    client = LinkedIn("id", "secret", "202610", scopes, "https://www.linkedin.com", "https://api.linkedin.com")
    assert [ask.scope for ask in client.asks] == (scopes or "openid profile w_member_social").split()
    assert all(ask.why.startswith("to ") for ask in client.asks)


def test_the_prompt_of_the_real_linkedin_is_asked_over_https_without_a_prompt_parameter() -> None:
    client = LinkedIn("id", "secret", "202610", "", "https://www.linkedin.com", "https://api.linkedin.com")
    url = client.authorize("https://grapevine.example/oauth/linkedin", "s").url
    assert url.startswith("https://www.linkedin.com/oauth/v2/authorization?response_type=code&client_id=id")
    assert "prompt" not in url
    assert "code_challenge" not in url


# --- connecting


async def test_a_share_app_connects_and_says_what_it_cannot_tell() -> None:
    async with staged("share") as stage:
        connected = await stage.connect("ada")
    assert (connected.profile.name, connected.profile.reach) == ("Ada Okafor", None)
    assert (connected.profile.picture or "").endswith("/linkedin-api/pictures/ada.svg")
    able = connected.capabilities
    assert (able.post, able.count, able.reach) == (True, False, False)
    assert "Community Management API" in able.count_reason
    assert "Community Management API" in able.reach_reason
    assert connected.expires_at == pytest.approx(time.time() + 5184000, abs=30)


async def test_a_community_app_connects_with_everything(linkedin: Stage) -> None:
    connected = await linkedin.connect("bea")
    assert connected.profile == Profile(
        "Bea4mt8Xw1", "Bea Lindqvist", f"{linkedin.url}/linkedin-api/pictures/bea.svg", 880
    )
    assert connected.capabilities == Capabilities()


async def test_a_fresh_token_that_is_refused_for_a_moment_is_tried_again() -> None:
    async with staged(settling=0.3) as stage:
        connected = await stage.connect()
        assert connected.profile.name == "Bea Lindqvist"
        assert stage.state.calls.count("GET /v2/me") > 1


async def test_a_fresh_token_that_stays_refused_ends_in_a_sentence() -> None:
    async with staged(settling=60.0) as stage:
        begun = stage.client.authorize(CALLBACK, "s")
        query = await stage.decide(begun.url)
        error = await failing(Refused, stage.client.connect, CALLBACK, query, "")
        assert "again in a minute" in str(error)


@pytest.mark.parametrize("member", ["", "bea"])
async def test_cancelling_at_linkedin_is_told_as_such(linkedin: Stage, member: str) -> None:
    query = await linkedin.decide(linkedin.client.authorize(CALLBACK, "s").url, member, "cancel")
    assert query["state"] == "s"
    assert "cancelled" in str(await failing(Refused, linkedin.client.connect, CALLBACK, query, ""))


async def test_scopes_of_the_other_kind_of_app_are_explained() -> None:
    async with staged("share") as stage:
        query = {
            "error": "unauthorized_scope_error",
            "error_description": 'Scope "r_basicprofile" is not authorized',
        }
        error = await failing(Refused, stage.client.connect, CALLBACK, query, "")
    assert "LINKEDIN_SCOPES" in str(error)


async def test_a_code_works_once(linkedin: Stage) -> None:
    query = await linkedin.decide(linkedin.client.authorize(CALLBACK, "s").url)
    await call(linkedin.client.connect, CALLBACK, query, "")
    assert "used up" in str(await failing(Refused, linkedin.client.connect, CALLBACK, query, ""))


async def test_a_callback_without_a_code_is_refused(linkedin: Stage) -> None:
    await failing(Refused, linkedin.client.connect, CALLBACK, {"state": "s"}, "")


async def test_wrong_credentials_name_the_settings(linkedin: Stage) -> None:
    wrong = LinkedIn(
        linkedin.state.client_id,
        "wrong",
        "202610",
        COMMUNITY,
        f"{linkedin.url}/linkedin",
        f"{linkedin.url}/linkedin-api",
    )
    query = await linkedin.decide(linkedin.client.authorize(CALLBACK, "s").url)
    assert "LINKEDIN_CLIENT_SECRET" in str(await failing(Refused, wrong.connect, CALLBACK, query, ""))


@pytest.mark.parametrize("mode", ["500", "429", "html", "half_json", "lost_answer"])
async def test_a_token_endpoint_in_trouble_means_later(linkedin: Stage, mode: str) -> None:
    query = await linkedin.decide(linkedin.client.authorize(CALLBACK, "s").url)
    await linkedin.fault(mode)
    await failing(TryLater, linkedin.client.connect, CALLBACK, query, "")


async def test_a_reach_that_is_not_told_does_not_lose_the_connection() -> None:
    async with staged() as stage:
        await stage.fault("500", only="connections")
        connected = await stage.connect()
        assert connected.profile.reach is None
        assert connected.capabilities.reach


async def test_followers_are_read_where_connections_are_not_told() -> None:
    async with staged(analytics=False) as stage:
        assert (await stage.connect("ada")).profile.reach == 512


# --- the token


async def test_a_token_holds_what_is_needed_and_shows_nothing(linkedin: Stage) -> None:
    connected = await linkedin.connect()
    fields = json.loads(connected.token)
    assert fields["access"] in linkedin.state.tokens
    assert fields["person"] == "Bea4mt8Xw1"
    assert fields["access"] not in repr(connected)


@pytest.mark.parametrize("packed", ["", "nonsense", "[]", '{"access":"a"}'])
async def test_an_unreadable_token_asks_to_connect_again(linkedin: Stage, packed: str) -> None:
    await failing(Reconnect, linkedin.client.profile, packed)
    assert linkedin.client.revoke(packed) is False


async def test_a_token_that_ran_out_is_told_apart_from_a_revoked_one(linkedin: Stage) -> None:
    token = (await linkedin.connect()).token
    dated = json.dumps(json.loads(token) | {"expires_at": time.time() - 1})
    assert (await call(linkedin.client.profile, dated)).uid, "LinkedIn says when it is over, not our clock"
    for held in linkedin.state.tokens.values():
        held.expires = time.time() - 1
    assert (await failing(Reconnect, linkedin.client.profile, token)).revoked is False
    linkedin.state.revoke(next(iter(linkedin.state.tokens.values())).member)
    assert (await failing(Reconnect, linkedin.client.profile, token)).revoked is True


async def test_a_token_without_refresh_is_not_refreshed(linkedin: Stage) -> None:
    assert await call(linkedin.client.refresh, (await linkedin.connect()).token) is None


async def test_a_token_is_refreshed_where_the_app_may() -> None:
    async with staged(refresh_tokens=True) as stage:
        connected = await stage.connect()
        renewed = await call(stage.client.refresh, connected.token)
        assert renewed is not None
        token, expires = renewed
        assert json.loads(token)["access"] != json.loads(connected.token)["access"]
        assert json.loads(token)["refresh"] == json.loads(connected.token)["refresh"]
        assert expires == pytest.approx(time.time() + 5184000, abs=30)
        assert (await call(stage.client.profile, token)).name == "Bea Lindqvist"
        stage.state.revoke(next(iter(stage.state.tokens.values())).member)
        await failing(Reconnect, stage.client.refresh, token)


async def test_revoking_is_confirmed_by_introspection(linkedin: Stage) -> None:
    token = (await linkedin.connect()).token
    assert await call(linkedin.client.revoke, token) is True
    assert (await failing(Reconnect, linkedin.client.profile, token)).revoked is True


@pytest.mark.parametrize("only", ["revoke", "introspect"])
async def test_an_unconfirmed_revocation_is_not_called_one(linkedin: Stage, only: str) -> None:
    token = (await linkedin.connect()).token
    await linkedin.fault("500", only=only)
    assert await call(linkedin.client.revoke, token) is False


# --- publishing


async def test_a_post_goes_out_with_text_hashtag_and_card(linkedin: Stage) -> None:
    published = await call(linkedin.client.publish, (await linkedin.connect()).token, DRAFT)
    post = linkedin.state.stored[published.id]
    assert published.url == f"{linkedin.url}/linkedin/feed/update/{published.id}"
    assert post.text == CAPTION
    assert "#Launch" in post.commentary
    assert "\\#Launch" not in post.commentary
    assert post.article == {"source": LINK, "title": "A thing", "description": "What it is & why"}


async def test_a_post_without_title_is_named_after_its_host_and_long_texts_of_the_card_are_cut(
    linkedin: Stage,
) -> None:
    token = (await linkedin.connect()).token
    bare = replace(DRAFT, post=Post(PostKind.LINK, "https://example.com/thing"))
    article = linkedin.state.stored[(await call(linkedin.client.publish, token, bare)).id].article
    assert article == {"source": LINK, "title": "example.com"}
    long = replace(DRAFT, caption="Long", post=Post(PostKind.LINK, "https://example.com", "t" * 999, "d" * 9999))
    article = linkedin.state.stored[(await call(linkedin.client.publish, token, long)).id].article
    assert article is not None
    assert (len(article["title"]), len(article["description"])) == (400, 4000)


async def test_a_video_is_shared_by_its_own_address(linkedin: Stage) -> None:
    token = (await linkedin.connect()).token
    video = Draft("Watch", Post(PostKind.VIDEO, "https://video.example.com/1", "A film"))
    article = linkedin.state.stored[(await call(linkedin.client.publish, token, video)).id].article
    assert article == {"source": "https://video.example.com/1", "title": "A film"}


async def test_a_picture_is_uploaded_and_posted(linkedin: Stage) -> None:
    published = await call(linkedin.client.publish, (await linkedin.connect()).token, PICTURE)
    assert published.id.startswith("urn:li:ugcPost:")
    (picture,) = linkedin.state.stored[published.id].pictures
    assert linkedin.state.images[picture["id"]].content == PIXEL


async def test_a_picture_of_another_kind_is_refused_before_any_call(linkedin: Stage) -> None:
    token = (await linkedin.connect()).token
    linkedin.state.calls.clear()
    webp = replace(PICTURE, media=(PIXEL, "image/webp"))
    assert "JPEG" in str(await failing(Refused, linkedin.client.publish, token, webp))
    assert linkedin.state.calls == []


async def test_an_upload_that_fails_is_certain(linkedin: Stage) -> None:
    token = (await linkedin.connect()).token
    await linkedin.fault("lost_answer", only="PUT /dms-uploads")
    assert (await failing(TryLater, linkedin.client.publish, token, PICTURE)).uncertain is False


async def test_the_token_is_sent_to_linkedins_own_hosts_only(linkedin: Stage) -> None:
    from grapevine.networks.linkedin_rest import Conversation
    from grapevine.networks.linkedin_token import Token
    from grapevine.networks.linkedin_versions import Versions

    for api, place in [
        ("https://api.linkedin.com", "https://linkedin.com.evil.example/x"),
        ("https://api.linkedin.com", "http://www.linkedin.com/x"),
        ("https://api.linkedin.com", f"{linkedin.url}/x"),
        ("https://api.linkedin.com", "https://evil.example\\@www.linkedin.com/x"),
        ("https://api.linkedin.com", "https://[x"),
        (linkedin.url, "https://evil.example/x"),
    ]:
        line = Conversation(Token("t", ()), api, api, Versions("202610"))
        with line, pytest.raises(TryLater, match="named an unknown place"):
            line.upload(place, PIXEL, "image/png")


async def test_a_text_that_is_too_long_is_refused_with_a_sentence(linkedin: Stage) -> None:
    token = (await linkedin.connect()).token
    longest = replace(DRAFT, caption="(" * 1500)
    assert linkedin.client.caption_length(longest.caption) == linkedin.client.caption_limit
    await call(linkedin.client.publish, token, longest)
    error = await failing(Refused, linkedin.client.publish, token, replace(DRAFT, caption="(" * 1501))
    assert "too long" in str(error)


async def test_a_repeated_post_is_refused_naming_the_first(linkedin: Stage) -> None:
    token = (await linkedin.connect()).token
    first = await call(linkedin.client.publish, token, DRAFT)
    assert first.url in str(await failing(Refused, linkedin.client.publish, token, DRAFT))


async def test_other_refusals_carry_linkedins_reason(linkedin: Stage) -> None:
    token = (await linkedin.connect()).token
    ftp = replace(DRAFT, link="ftp://example.com/x")
    assert "not a valid URL" in str(await failing(Refused, linkedin.client.publish, token, ftp))
    stranger = json.dumps(json.loads(token) | {"person": "somebody"})
    assert "did not allow" in str(await failing(Refused, linkedin.client.publish, stranger, DRAFT))


# --- what goes wrong on the way


@pytest.mark.parametrize("mode", ["500", "html", "lost_answer", "hang", "slow"])
async def test_a_create_without_a_whole_answer_is_uncertain(linkedin: Stage, mode: str, impatient: None) -> None:
    token = (await linkedin.connect()).token
    await linkedin.fault(mode, only="POST /rest/posts")
    assert (await failing(TryLater, linkedin.client.publish, token, DRAFT)).uncertain is True


async def test_a_refused_connection_is_certain(linkedin: Stage) -> None:
    token = (await linkedin.connect()).token
    nobody = LinkedIn("id", "s", "202610", COMMUNITY, "http://127.0.0.1:1", "http://127.0.0.1:1")
    assert (await failing(TryLater, nobody.publish, token, DRAFT)).uncertain is False
    assert nobody.revoke(token) is False


async def test_a_limit_says_neither_whose_it_is_nor_when_it_ends_and_is_tried_again_soon(linkedin: Stage) -> None:
    token = (await linkedin.connect()).token
    await linkedin.fault("429")
    error = await failing(Throttled, linkedin.client.publish, token, DRAFT)
    assert (error.uncertain, error.after, error.whole_app) == (False, 900.0, None)


async def test_a_permission_taken_back_is_told_as_revoked(linkedin: Stage) -> None:
    token = (await linkedin.connect()).token
    await linkedin.fault("revoked")
    assert (await failing(Reconnect, linkedin.client.publish, token, DRAFT)).revoked is True


async def test_a_linkedin_that_serves_no_known_version_is_a_sentence() -> None:
    async with staged(clock=lambda: 0.0) as stage:
        token = json.dumps(
            {"access": "a", "scope": COMMUNITY.split(), "expires_at": None, "refresh": "", "person": "p"}
        )
        assert "update" in str(await failing(Refused, stage.client.publish, token, DRAFT))


# --- settling an uncertain create


async def test_settling_adopts_the_post_that_went_out(linkedin: Stage) -> None:
    token = (await linkedin.connect()).token
    await linkedin.fault("lost_answer", only="POST /rest/posts", times=1)
    began = time.time()
    await failing(TryLater, linkedin.client.publish, token, DRAFT)
    published = await call(linkedin.client.settle, token, DRAFT, began)
    assert [post["id"] for post in linkedin.state.posts()] == [published.id if published else None]


async def test_settling_posts_when_nothing_went_out(linkedin: Stage) -> None:
    token = (await linkedin.connect()).token
    await linkedin.fault("500", only="POST /rest/posts", times=1)
    began = time.time()
    await failing(TryLater, linkedin.client.publish, token, DRAFT)
    published = await call(linkedin.client.settle, token, DRAFT, began)
    assert [post["id"] for post in linkedin.state.posts()] == [published.id if published else None]


async def test_settling_does_not_adopt_an_older_post(linkedin: Stage) -> None:
    token = (await linkedin.connect()).token
    first = await call(linkedin.client.publish, token, DRAFT)
    assert written_at(first.id) == pytest.approx(time.time(), abs=30)
    later = time.time() + 3600  # as if the attempt had begun an hour after the first post
    assert first.url in str(await failing(Refused, linkedin.client.settle, token, DRAFT, later))


async def test_settling_leaves_pictures_and_old_attempts_to_the_member(linkedin: Stage) -> None:
    token = (await linkedin.connect()).token
    linkedin.state.calls.clear()
    assert await call(linkedin.client.settle, token, PICTURE, time.time()) is None
    assert await call(linkedin.client.settle, token, DRAFT, time.time() - 86400) is None
    assert linkedin.state.calls == []


def test_the_time_of_a_post_stands_in_its_number() -> None:
    assert written_at("urn:li:share:7141138937766391808") == pytest.approx(1702580000, abs=86400)
    assert written_at("nonsense") == 0.0


# --- counts


async def test_counts_are_read_one_metric_at_a_time(linkedin: Stage) -> None:
    token = (await linkedin.connect()).token
    share, picture = [(await call(linkedin.client.publish, token, one)).id for one in (DRAFT, PICTURE)]
    linkedin.state.react(share, likes=7, comments=2, reshares=1)
    linkedin.state.calls.clear()
    assert await call(linkedin.client.counts, token, [share]) == {share: Counts(7, 2, 1)}
    assert linkedin.state.calls == ["GET /rest/memberCreatorPostAnalytics"] * 4  # the last one for its link clicks
    assert await call(linkedin.client.counts, token, [picture]) == {picture: Counts(0, 0, 0)}


async def test_a_post_known_under_its_twin_only_is_found() -> None:
    async with staged(twins=True) as stage:
        token = (await stage.connect()).token
        share = (await call(stage.client.publish, token, DRAFT)).id
        stage.state.react(share, likes=3)
        assert await call(stage.client.counts, token, [share]) == {share: Counts(3, 0, 0)}


async def test_rows_left_out_beside_figures_are_zeros_and_no_figures_are_none() -> None:
    async with staged(sparse=True) as stage:
        token = (await stage.connect()).token
        share = (await call(stage.client.publish, token, DRAFT)).id
        nothing = (await call(stage.client.counts, token, [share]))[share]
        assert isinstance(nothing, Unavailable)
        assert "no figures" in str(nothing)
        stage.state.react(share, comments=2)
        assert await call(stage.client.counts, token, [share]) == {share: Counts(0, 2, 0)}


async def test_a_share_app_is_told_no_counts_without_a_call() -> None:
    async with staged("share") as stage:
        token = (await stage.connect()).token
        share = (await call(stage.client.publish, token, DRAFT)).id
        stage.state.calls.clear()
        told = (await call(stage.client.counts, token, [share]))[share]
        assert isinstance(told, Unavailable)
        assert stage.state.calls == []


async def test_statistics_that_deny_themselves_are_neither_zero_nor_a_deleted_post() -> None:
    async with staged(analytics=False) as stage:
        token = (await stage.connect()).token
        share = (await call(stage.client.publish, token, DRAFT)).id
        stage.state.react(share, likes=4, comments=1)
        told = (await call(stage.client.counts, token, [share]))[share]
        assert isinstance(told, Unavailable)
        assert "4 reactions and 1 comment" in str(told)
        stage.state.stored[share].deleted = True
        assert isinstance((await call(stage.client.counts, token, [share]))[share], Unavailable)


@pytest.mark.parametrize("mode", ["half_json", "html", "500", "429"])
async def test_counts_in_trouble_mean_later_and_no_number(linkedin: Stage, mode: str) -> None:
    token = (await linkedin.connect()).token
    share = (await call(linkedin.client.publish, token, DRAFT)).id
    await linkedin.fault(mode, only="GET /rest/memberCreatorPostAnalytics")
    assert (await failing(TryLater, linkedin.client.counts, token, [share])).uncertain is False


async def test_the_profile_is_read_again_with_its_reach(linkedin: Stage) -> None:
    token = (await linkedin.connect("cy")).token
    assert (await call(linkedin.client.profile, token)).reach == 204


# --- secrets


@pytest.mark.parametrize("mode", ["500", "429", "lost_answer", "half_json", "html", "revoked", "slow", None])
async def test_no_token_and_no_secret_is_in_any_error_or_log(
    linkedin: Stage, mode: str | None, impatient: None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token = (await linkedin.connect()).token
    query = await linkedin.decide(linkedin.client.authorize(CALLBACK, "s").url)
    await linkedin.fault(mode)
    client = linkedin.client
    errors: list[BaseException | None] = []
    for act in (
        lambda: client.publish(token, DRAFT),
        lambda: client.publish(token, PICTURE),
        lambda: client.profile(token),
        lambda: client.counts(token, ["urn:li:share:1"]),
        lambda: client.connect(CALLBACK, query, ""),
        lambda: client.revoke(token),
    ):
        try:
            await call(act)
        except GrapevineError as error:
            errors.append(error)
    said = [record.getMessage() for record in caplog.records]
    while errors:
        if (one := errors.pop()) is not None:
            said += [str(one), repr(one)]
            errors += [one.__cause__, one.__context__]
    text = "\n".join(said)
    for secret in (*linkedin.state.tokens, linkedin.state.client_secret, query["code"]):
        assert secret not in text
