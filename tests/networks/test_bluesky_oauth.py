"""Bluesky's OAuth: a member is asked by their own server, and what comes of it is good for Grapevine's keys only."""

import time
from collections.abc import AsyncIterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from grapevine.domain.errors import NotFound, Reconnect, Refused, Stale, TryLater
from grapevine.networks.bluesky import Bluesky
from grapevine.networks.bluesky_client import SCOPES
from tests.networks.bluesky_oauth_stand_in import HERE, PUBLIC, SECRET, Stage, changed, granted, query_of, staged
from tests.networks.bluesky_stand_in import ADA, BEA, CREATE, DRAFT, IMAGE
from tests.networks.calls import call, failing

DAY = 86400.0


@pytest.fixture
async def bluesky() -> AsyncIterator[Stage]:
    async with staged() as stage:
        yield stage


@pytest.fixture
async def at_home() -> AsyncIterator[Stage]:
    async with staged(HERE) as stage:
        yield stage


async def test_a_member_is_asked_by_their_own_server_for_two_small_permissions(bluesky: Stage) -> None:
    begun = await bluesky.begin()
    prompt = query_of(begun.url)
    assert begun.url.startswith(f"{bluesky.url}/oauth/authorize?")
    assert set(prompt) == {"client_id", "request_uri"}, "what is asked for was handed over before"
    assert prompt["client_id"] == f"{PUBLIC}/oauth-client-metadata.json"
    connected = await bluesky.finish(begun, bluesky.allow(begun))
    assert (connected.profile.uid, connected.profile.name, connected.profile.reach) == (BEA.did, BEA.name, 388)
    assert connected.expires_at is None, "it goes on as long as it is used"
    (session,) = bluesky.state.oauth.granted.values()
    assert set(session.parameters["scope"].split()) == set(SCOPES)
    published = await call(bluesky.client.publish, connected.token, DRAFT)
    pictured = await call(bluesky.client.publish, connected.token, IMAGE)
    assert {post["id"] for post in bluesky.state.posts()} == {published.id, pictured.id}


async def test_on_this_very_machine_no_address_is_needed(at_home: Stage) -> None:
    assert at_home.client.client_document is None
    begun = await at_home.begin()
    named = urlsplit(query_of(begun.url)["client_id"])
    assert named.netloc == "localhost"
    assert parse_qs(named.query) == {"redirect_uri": [at_home.callback], "scope": [" ".join(SCOPES)]}
    connected = await at_home.finish(begun, at_home.allow(begun))
    assert await call(at_home.client.publish, connected.token, DRAFT)
    # a server gives those that anybody could claim to be two weeks and no more
    assert connected.expires_at == pytest.approx(time.time() + 14 * DAY, abs=60)
    renewed = await call(at_home.client.refresh, connected.token)
    assert renewed is not None
    assert renewed[1] == connected.expires_at


async def test_a_member_says_no(bluesky: Stage) -> None:
    begun = await bluesky.begin()
    query = query_of(bluesky.state.deny(query_of(begun.url)["request_uri"]))
    said = await failing(Refused, bluesky.finish_blocking, begun, query)
    assert "You said no" in str(said)


@pytest.mark.parametrize("wrong", [{"iss": "https://bsky.social"}, {"iss": ""}, {"code": ""}, {"code": "cod-made-up"}])
async def test_an_answer_of_somebody_else_connects_nobody(bluesky: Stage, wrong: dict[str, str]) -> None:
    begun = await bluesky.begin()
    query = {**bluesky.allow(begun), **wrong}
    assert "once more" in str(await failing(Refused, bluesky.finish_blocking, begun, query))
    assert not bluesky.state.oauth.granted


async def test_a_code_is_good_once(bluesky: Stage) -> None:
    begun = await bluesky.begin()
    query = bluesky.allow(begun)
    await bluesky.finish(begun, query)
    assert "used up" in str(await failing(Refused, bluesky.finish_blocking, begun, query))


async def test_whoever_signs_in_as_somebody_else_is_told_and_nothing_stays(bluesky: Stage) -> None:
    begun = await bluesky.begin(BEA)
    query = bluesky.allow(begun, ADA)
    said = str(await failing(Refused, bluesky.finish_blocking, begun, query))
    assert "another account than bea.test" in said
    assert not bluesky.state.oauth.granted, "the permission was given back"


async def test_a_server_that_gives_less_than_it_was_asked_for_connects_nobody(bluesky: Stage) -> None:
    begun = await bluesky.begin()
    query = bluesky.allow(begun)
    for asked in bluesky.state.oauth.asked.values():
        asked.parameters["scope"] = "atproto"
    said = str(await failing(Refused, bluesky.finish_blocking, begun, query))
    assert "did not give the permission to publish" in said
    assert not bluesky.state.oauth.granted


async def test_an_app_password_does_it_where_there_is_no_prompt(bluesky: Stage) -> None:
    await bluesky.fault("no-oauth")
    said = str(await failing(Refused, bluesky.begin_blocking))
    assert "has no page of its own" in said
    assert "app password" in said
    begun = await call(bluesky.client.authorize, bluesky.callback, "state-1", bluesky.answers())
    connected = await bluesky.finish(begun, query_of(begun.url))
    assert await call(bluesky.client.publish, connected.token, DRAFT)
    assert await call(bluesky.client.refresh, connected.token)


async def test_a_server_that_cannot_read_who_grapevine_is_asks_nobody(bluesky: Stage) -> None:
    bluesky.state.hosts.clear()
    said = str(await failing(Refused, bluesky.begin_blocking))
    assert f"could not read who Grapevine is at {PUBLIC}" in said
    assert "app password instead" in said


async def test_a_clock_that_is_some_seconds_fast_keeps_nobody_out() -> None:
    async with staged(clock=lambda: time.time() - 8) as bluesky:
        token = (await bluesky.connect()).token
        assert await call(bluesky.client.refresh, token)


async def test_another_grapevine_at_the_address_is_told_from_one_that_cannot_be_read(bluesky: Stage) -> None:
    bluesky.client = bluesky.at(PUBLIC, "a key that is not published")
    own, other = bluesky.client, bluesky.at(PUBLIC, SECRET)
    bluesky.client = other  # what is served at the address
    said = str(await failing(Refused, own.authorize, bluesky.callback, "state-1", {"handle": BEA.handle}))
    assert f"does not take the signature of the Grapevine at {PUBLIC}" in said


@pytest.mark.parametrize(
    ("base_url", "how"),
    [
        ("https://grapevine.acme.com", True),
        ("https://acme.com/grapevine", True),
        ("http://127.0.0.1:3000", True),
        ("http://[::1]:3000", True),
        ("http://localhost:3000", False),
        ("http://grapevine.acme.com", False),
        ("https://grapevine.acme.com:8443", False),
        ("https://Grapevine.acme.com", False),
        ("https://grapevine", False),
        ("https://grapevine.local", False),
        ("https://203.0.113.7", False),
        ("https://[2001:db8::1]", False),
        ("", False),
    ],
)
def test_members_are_asked_where_their_servers_can_read_who_asks(base_url: str, how: bool) -> None:
    client = Bluesky(base_url=base_url, secrets=(SECRET,))
    assert any(question.aside for question in client.questions) is how
    assert Bluesky(base_url=base_url).client_document is None, "nothing is published without a key"


async def test_the_doctor_hears_whether_servers_know_grapevine(bluesky: Stage) -> None:
    assert await call(bluesky.client.knock) is True
    assert await call(bluesky.at("").knock) is False, "nobody is asked there"
    bluesky.state.hosts.clear()
    bluesky.state.fetched.clear()
    assert PUBLIC in str(await failing(Refused, bluesky.client.knock))


async def test_a_permission_lasts_as_long_as_it_is_renewed_and_each_renewal_is_good_once(bluesky: Stage) -> None:
    token = (await bluesky.connect()).token
    assert not bluesky.client.stale(token, time.time() + 3000)
    assert bluesky.client.stale(token, time.time() + 3400), "in good time before its hour is over"
    seen = {token}
    for _ in range(3):
        renewed = await call(bluesky.client.refresh, token)
        assert renewed is not None
        token, expires = renewed
        assert expires is None
        seen.add(token)
    assert len(seen) == 4
    assert await call(bluesky.client.publish, token, DRAFT)


async def test_a_renewal_whose_answer_was_lost_ends_the_permission_and_is_no_revocation(bluesky: Stage) -> None:
    token = (await bluesky.connect()).token
    assert await call(bluesky.client.refresh, token)
    assert not (await failing(Reconnect, bluesky.client.refresh, token)).revoked


async def test_taking_the_permission_back_is_a_revocation_and_running_out_is_none(bluesky: Stage) -> None:
    token = (await bluesky.connect()).token
    bluesky.state.oauth.granted.clear()
    assert (await failing(Reconnect, bluesky.client.refresh, token)).revoked
    old = (await bluesky.connect()).token
    for session in bluesky.state.oauth.granted.values():
        session.updated -= 100 * DAY
    assert not (await failing(Reconnect, bluesky.client.refresh, old)).revoked


async def test_what_was_not_used_for_months_has_run_out_whatever_the_server_calls_it(bluesky: Stage) -> None:
    known, _ = granted((await bluesky.connect()).token)
    bluesky.state.oauth.granted.clear()  # it throws old ones away, and then knows nothing of them
    long_ago = replace(known, until=time.time() - 100 * DAY).pack()
    assert not (await failing(Reconnect, bluesky.client.refresh, long_ago)).revoked


@pytest.mark.parametrize("mode", ["500", "503", "429", "half_json", "html", "401", "no-metadata"])
async def test_an_outage_ends_no_permission(bluesky: Stage, mode: str) -> None:
    token = (await bluesky.connect()).token
    await bluesky.fault(mode)
    error = await failing(TryLater, bluesky.client.refresh, token)
    assert not error.uncertain


async def test_after_the_outage_it_goes_on(bluesky: Stage) -> None:
    token = (await bluesky.connect()).token
    for mode in ("503", "html", "no-metadata"):
        await bluesky.fault(mode)
        await failing(TryLater, bluesky.client.refresh, token)
    await bluesky.fault("")
    assert await call(bluesky.client.refresh, token)


async def test_a_grapevine_that_moved_asks_to_connect_again_where_nobody_knows_its_old_address(bluesky: Stage) -> None:
    token = (await bluesky.connect()).token
    moved = bluesky.at("https://advocacy.acme.com")
    assert await call(moved.refresh, token), "as long as the old address answers"
    token = (await bluesky.connect()).token
    await bluesky.fault("no-metadata")
    error = await failing(Reconnect, moved.refresh, token)
    assert not error.revoked
    assert "moved" in str(error)


async def test_keys_are_made_of_the_secrets_and_an_old_one_still_signs_for_what_it_began(bluesky: Stage) -> None:
    token = (await bluesky.connect()).token
    bluesky.client = bluesky.at(PUBLIC, "a newer key", SECRET)
    bluesky.state.fetched.clear()
    document = bluesky.client.client_document
    assert document is not None
    keys = document["jwks"]["keys"]
    assert [key["kid"] for key in keys] != [granted(token)[1].kid]
    assert all("d" not in key for key in keys), "only the public half is told"
    renewed = await call(bluesky.client.refresh, token)
    assert renewed is not None
    newer = (await bluesky.connect()).token
    assert granted(newer)[1].kid == keys[0]["kid"]
    without = bluesky.at(PUBLIC, "a newer key")
    error = await failing(Reconnect, without.refresh, renewed[0])
    assert not error.revoked
    assert "key" in str(error)


async def test_a_permission_is_of_no_use_without_its_key(bluesky: Stage) -> None:
    stolen = (await bluesky.connect()).token
    _, other = granted((await bluesky.connect(ADA)).token)
    with_another = changed(stolen, proof=other.proof)
    await failing(Stale, bluesky.client.publish, with_another, DRAFT)
    assert bluesky.state.posts() == []
    status, _ = await bluesky.ask("GET", "com.atproto.server.getSession", granted(stolen)[0].access)
    assert status in (400, 401), "nor as a bearer's"


async def test_a_server_may_change_its_number_at_any_time(bluesky: Stage) -> None:
    token = (await bluesky.connect()).token
    await bluesky.fault("nonce")
    renewed = await call(bluesky.client.refresh, token)
    assert renewed is not None
    assert await call(bluesky.client.publish, renewed[0], IMAGE)


async def test_an_access_token_that_ends_before_its_time_is_renewed(bluesky: Stage) -> None:
    token = (await bluesky.connect()).token
    await bluesky.fault("expired", only=CREATE)
    await failing(Stale, bluesky.client.publish, token, DRAFT)


async def test_disconnecting_ends_the_permission_at_once_and_says_so(bluesky: Stage) -> None:
    token = (await bluesky.connect()).token
    await bluesky.fault("500")
    assert await call(bluesky.client.revoke, token) is False
    await bluesky.fault("")
    assert await call(bluesky.client.revoke, token) is True
    assert not bluesky.state.oauth.granted
    await failing(Stale, bluesky.client.publish, token, DRAFT)
    assert (await failing(Reconnect, bluesky.client.refresh, token)).revoked
    assert await call(bluesky.client.revoke, token) is True, "it was dead already"


async def test_after_a_lost_answer_there_is_one_record(bluesky: Stage) -> None:
    token = (await bluesky.connect()).token
    draft = replace(DRAFT, key="k1", at=1.8e9)
    await bluesky.fault("lost_answer", only=CREATE)
    assert (await failing(TryLater, bluesky.client.publish, token, draft)).uncertain
    await bluesky.fault("")
    settled = await call(bluesky.client.settle, token, draft, time.time() - DAY)
    assert settled is not None
    again = await call(bluesky.client.publish, token, draft)
    assert [post["id"] for post in bluesky.state.posts()] == [settled.id] == [again.id]
    bluesky.state.remove(settled.id)
    assert isinstance((await call(bluesky.client.counts, token, [settled.id]))[settled.id], NotFound)
