"""LinkedIn's client against the strict stand-in, over real HTTP: the dance and the token."""

import json
import logging
import time
from typing import TYPE_CHECKING

import pytest

from grapevine.domain.accounts import Capabilities, Profile
from grapevine.domain.errors import GrapevineError, Reconnect, Refused, TryLater
from grapevine.networks import offered
from grapevine.networks.linkedin import LinkedIn
from grapevine.settings import NetworkSettings
from tests.networks.calls import call, failing
from tests.networks.drafts import IMAGE
from tests.networks.linkedin_stand_in import CALLBACK, COMMUNITY, DRAFT, Stage, staged

if TYPE_CHECKING:
    from grapevine.networks.base import Network

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
    assert [ask.code for ask in client.asks] == (scopes or "openid profile w_member_social").split()
    assert all(ask.why.startswith("to ") for ask in client.asks)
    assert not any("_" in ask.scope for ask in client.asks), "words, and not the names of an interface"


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
        lambda: client.publish(token, IMAGE),
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
