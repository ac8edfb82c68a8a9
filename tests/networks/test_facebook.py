"""Facebook's client against the strict stand-in, over real HTTP: connecting, and the end of a permission."""

import time
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from grapevine.domain.accounts import Capabilities, Profile
from grapevine.domain.errors import Reconnect, Refused, TryLater
from grapevine.networks import offered
from grapevine.networks.abilities import OfPages
from grapevine.networks.base import Choice, Network
from grapevine.networks.facebook import Facebook
from grapevine.networks.facebook_token import Token, unpack
from grapevine.playground.facebook_state import ADA, BEA, CY, SCOPES, Page
from grapevine.settings import NetworkSettings
from tests.networks.calls import call, failing
from tests.networks.drafts import DRAFT
from tests.networks.facebook_stand_in import CALLBACK, CAREERS, VINE, Stage, staged


def test_it_is_offered_with_both_credentials_only() -> None:
    half = {"facebook_app_id": "1", "bluesky": "off", "mastodon": "off"}
    assert offered(NetworkSettings.model_validate(half)) == {}
    both = half | {"facebook_app_secret": "s"}
    assert list(offered(NetworkSettings.model_validate(both))) == ["facebook"]


def test_it_says_that_profiles_cannot_be_posted_to_and_why() -> None:
    network: Network = Facebook("1", "s", "v25.0", "https://www.facebook.com", "https://graph.facebook.com")
    assert isinstance(network, OfPages)
    assert "Pages only" in network.note
    assert "August 2018" in network.note
    assert len(network.asks) == len(SCOPES)
    assert "'s'" not in repr(network)


async def test_the_prompt_asks_for_three_permissions_and_again_for_what_was_declined(facebook: Stage) -> None:
    begun = await call(facebook.client.authorize, CALLBACK, "state 1")
    where = urlsplit(begun.url)
    assert where.path == "/facebook/v25.0/dialog/oauth"
    assert parse_qs(where.query) == {
        "client_id": [facebook.state.app_id],
        "redirect_uri": [CALLBACK],
        "state": ["state 1"],
        "response_type": ["code"],
        "scope": ["pages_show_list,pages_manage_posts,pages_read_engagement"],
        "auth_type": ["rerequest"],
    }
    assert facebook.state.app_secret not in begun.url


async def test_the_only_page_is_connected_and_the_persons_own_token_is_not_kept(facebook: Stage) -> None:
    connected = await facebook.connect()
    picture = f"{facebook.url}/pictures/{VINE.id}.svg"
    assert connected.profile == Profile(VINE.id, "Vine & Co", picture, 2310)
    assert connected.capabilities == Capabilities()
    assert connected.expires_at is None
    kept = unpack(connected.token)
    assert (kept.page, kept.person) == (VINE.id, BEA.id)
    own = [one for one in facebook.state.tokens.values() if not one.page]
    assert len(own) == 2, "a short one and a long one"
    assert not [one for one in own if one.token in connected.token]
    assert kept.access not in repr(connected) + repr(kept)
    of_page = facebook.state.tokens[kept.access]
    assert of_page.ends is None, "it comes of the long one, so it does not run out"


async def test_several_pages_are_a_choice_by_name_without_those_one_may_only_look_at(facebook: Stage) -> None:
    choice = await facebook.opened(ADA)
    assert isinstance(choice, Choice)
    assert [option.profile.name for option in choice.options] == ["Vine & Co", "Vine & Co Careers"]
    assert len({option.token for option in choice.options}) == 2
    assert await call(facebook.client.profile, choice.options[1].token) == choice.options[1].profile


async def test_a_page_that_was_not_ticked_at_facebook_is_none(facebook: Stage) -> None:
    assert (await facebook.connect(ADA, pages=[CAREERS.id])).profile.name == CAREERS.name


async def test_more_pages_than_one_answer_holds_are_all_there() -> None:
    many = [Page(f"2{number:014d}", f"Page {number:03d}", 1, "#000", {BEA.id: ("MANAGE",)}) for number in range(230)]
    async with staged(pages=many) as facebook:
        choice = await facebook.opened()
    assert isinstance(choice, Choice)
    assert [option.profile.name for option in choice.options] == [page.name for page in many]


async def test_whoever_has_no_page_reads_what_to_do(facebook: Stage) -> None:
    for person, pages in ((CY, None), (BEA, [])):
        said = await facebook.refused(person, pages=pages)
        assert "no Page on which you may create content" in said
        assert "cannot post on personal profiles" in said


async def test_a_permission_that_was_left_out_is_named(facebook: Stage) -> None:
    assert "see your Pages" in await facebook.refused(scopes=SCOPES[1:])
    assert "post on your Page" in await facebook.refused(scopes=(SCOPES[0], SCOPES[2]))


async def test_without_the_permission_to_read_it_posts_and_says_why_there_are_no_numbers(facebook: Stage) -> None:
    connected = await facebook.connect(scopes=SCOPES[:2])
    may = connected.capabilities
    assert (may.post, may.count, may.reach) == (True, False, False)
    assert "tell Grapevine the numbers" in may.count_reason == may.reach_reason


async def test_whoever_says_no_is_not_connected(facebook: Stage) -> None:
    query = await facebook.come_back(decision="cancel")
    assert "You said no at Facebook" in str(await failing(Refused, facebook.client.connect, CALLBACK, query, ""))
    assert facebook.state.tokens == {}


async def test_a_code_is_good_once_for_ten_minutes_and_for_one_address(facebook: Stage) -> None:
    query = await facebook.come_back()
    elsewhere = CALLBACK.replace("3000", "3001")
    assert "one-time code" in str(await failing(Refused, facebook.client.connect, elsewhere, query, ""))
    query = await facebook.come_back()
    await call(facebook.client.connect, CALLBACK, query, "")
    assert "one-time code" in str(await failing(Refused, facebook.client.connect, CALLBACK, query, ""))
    query = await facebook.come_back()
    facebook.state.clock = lambda: time.time() + 601
    assert "one-time code" in str(await failing(Refused, facebook.client.connect, CALLBACK, query, ""))


async def test_trouble_at_the_end_of_the_dance_is_tried_once_more(facebook: Stage) -> None:
    query = await facebook.come_back()
    facebook.fault("500", only="/me/accounts", times=1)
    assert await call(facebook.client.connect, CALLBACK, query, "")
    query = await facebook.come_back()
    facebook.fault("html", only="/me", times=2)
    error = await failing(TryLater, facebook.client.connect, CALLBACK, query, "")
    assert not error.uncertain


async def test_a_wrong_secret_is_the_admins_and_ends_nobodys_connection(
    facebook: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    connected = await facebook.connect()
    wrong = Facebook(facebook.state.app_id, "another", "v25.0", facebook.url, f"{facebook.url}/graph")
    query = await facebook.come_back()
    for function, arguments in (
        (wrong.connect, (CALLBACK, query, "")),
        (wrong.profile, (connected.token,)),
        (wrong.publish, (connected.token, DRAFT)),
        (wrong.counts, (connected.token, [f"{VINE.id}_1"])),
    ):
        caplog.clear()
        error = await failing(TryLater, function, *arguments)
        assert "tell your Grapevine admin" in str(error)
        assert "FACEBOOK_APP_SECRET" in caplog.text
        assert not error.uncertain
    assert await call(wrong.revoke, connected.token) is False
    unknown = Facebook("7", facebook.state.app_secret, "v25.0", facebook.url, f"{facebook.url}/graph")
    error = await failing(TryLater, unknown.connect, CALLBACK, await facebook.come_back(), "")
    assert "tell your Grapevine admin" in str(error)
    assert await call(facebook.client.trouble) == ""
    for client in (wrong, unknown):
        assert "FACEBOOK_APP_ID and FACEBOOK_APP_SECRET" in await call(client.trouble)
    facebook.fault("500")
    await failing(TryLater, facebook.client.trouble)


async def test_an_address_that_is_not_listed_stays_at_facebook(facebook: Stage) -> None:
    facebook.state.redirect_uris.clear()
    with pytest.raises(AssertionError, match="URL blocked"):
        await facebook.come_back()


async def test_revoking_ends_all_that_the_person_allowed_and_no_one_elses(facebook: Stage) -> None:
    choice = await facebook.opened(ADA)
    assert isinstance(choice, Choice)
    vine, careers = (option.token for option in choice.options)
    beas = (await facebook.connect(BEA)).token
    assert facebook.client.share_permission(vine, careers)
    assert not facebook.client.share_permission(vine, beas)
    assert not facebook.client.share_permission(vine, "nonsense")
    assert await call(facebook.client.revoke, vine) is True
    error = await failing(Reconnect, facebook.client.profile, careers)
    assert error.revoked
    assert (await call(facebook.client.profile, beas)).uid == VINE.id
    assert await call(facebook.client.revoke, vine) is True, "it is dead already, and Facebook says so"


@pytest.mark.parametrize("mode", ["hang", "html", "half_json", "500", "401", "429", "lost_answer"])
async def test_an_unclear_answer_to_a_revocation_is_no(facebook: Stage, impatient: None, mode: str) -> None:
    token = (await facebook.connect()).token
    facebook.fault(mode, only="DELETE")
    assert await call(facebook.client.revoke, token) is False


async def test_removing_the_app_at_facebook_shows_as_taken_back(facebook: Stage) -> None:
    token = (await facebook.connect()).token
    facebook.state.remove_app(BEA.id)
    assert (await failing(Reconnect, facebook.client.publish, token, DRAFT)).revoked


async def test_a_role_that_was_taken_away_shows_as_taken_back(facebook: Stage) -> None:
    token = (await facebook.connect()).token
    facebook.state.pages[VINE.id] = replace(VINE, tasks={ADA.id: VINE.tasks[ADA.id]})
    assert (await failing(Reconnect, facebook.client.publish, token, DRAFT)).revoked


@pytest.mark.parametrize(
    "kept", ['{"page":"1","access":"","person":"2"}', '{"page":1,"access":"a","person":"2"}', "[]"]
)
async def test_a_token_in_parts_is_none(facebook: Stage, kept: str) -> None:
    with pytest.raises(Reconnect):
        unpack(kept)
    assert await call(facebook.client.revoke, kept) is False


def test_a_token_survives_packing() -> None:
    token = Token("1", "EAAG", "2")
    assert unpack(token.pack()) == token
