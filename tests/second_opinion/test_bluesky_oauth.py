"""Our OAuth against Bluesky's own servers, and the same against our stand-in: both have to answer alike.

Each test runs for both kinds of client: one on the person's own machine, and one with an address and keys.
"""

import base64
import itertools
import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from grapevine.domain.errors import NotFound, Reconnect, Refused, Stale
from grapevine.domain.reactions import Counts
from grapevine.networks.base import Draft
from grapevine.networks.bluesky_client import SCOPES
from tests.networks.bluesky_oauth_stand_in import changed, granted
from tests.networks.bluesky_stand_in import ADA, BEA, DRAFT, OFFICE
from tests.networks.calls import call, failing
from tests.second_opinion import prompts, servers
from tests.second_opinion.acme import Acme
from tests.second_opinion.prompts import fresh
from tests.second_opinion.visitor import Visitor

DAY = 86400.0
KEY = "the first key"
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=")
IMAGE = Draft("Our new office", OFFICE, None, (PNG, "image/png"))
_NUMBERS = itertools.count()


@pytest.fixture(params=["here", "public"])
def base_url(request: pytest.FixtureRequest) -> str:
    """Another for each test, since the server remembers who said yes to whom."""
    if request.param == "public":
        return f"https://grapevine{next(_NUMBERS)}.acme.com"
    return f"http://127.0.0.1:{servers.free_port()}"


@pytest.fixture
async def stand_in(base_url: str) -> AsyncIterator[prompts.StandIn]:
    async with prompts.stand_in(base_url) as place:
        await place.move_in(KEY)
        yield place


@pytest.fixture
async def reference(base_url: str, there: servers.Bluesky, house: Acme, browsing: Visitor) -> prompts.Reference:
    place = prompts.Reference(base_url, there, house, browsing)
    await place.move_in(KEY)
    return place


@pytest.fixture(params=["reference", "stand_in"])
def place(request: pytest.FixtureRequest, base_url: str) -> prompts.Place:  # which the two want
    found: prompts.Place = request.getfixturevalue(request.param)
    return found


async def test_a_member_says_yes_and_is_published_for_with_links_and_pictures(place: prompts.Place) -> None:
    connected = await place.connect()
    assert connected.profile.uid.startswith("did:plc:")
    if place.signs:
        assert connected.expires_at is None
    else:
        assert connected.expires_at == pytest.approx(time.time() + 14 * DAY, abs=60)
    assert await place.do("granted") == [" ".join(SCOPES)]
    assert (await place.do("record", await place.publish(connected.token)))["text"] == DRAFT.caption
    (image,) = (await place.do("record", await place.publish(connected.token, IMAGE)))["embed"]["images"]
    assert (image["alt"], image["image"]["mimeType"]) == ("A room", "image/png")


async def test_a_create_whose_answer_was_lost_is_found_and_one_that_never_came_is_made(place: prompts.Place) -> None:
    token = (await place.connect()).token
    known, unknown = fresh(), fresh()
    published = await call(place.client.publish, token, known)
    assert await call(place.client.settle, token, known, known.at) == published
    assert await call(place.client.publish, token, known) == published, "the key is taken: nothing is written over"
    made = await call(place.client.settle, token, unknown, unknown.at)
    assert made is not None
    assert await place.do("record", made.id)


async def test_numbers_are_counted_and_a_deleted_post_is_gone(place: prompts.Place) -> None:
    if not place.counting:
        pytest.skip("without PostgreSQL (`initdb`, `postgres`) there is no AppView, which counts")
    token = (await place.connect()).token
    post, other = [await place.publish(token) for _ in range(2)]
    await place.do("react", post)
    await place.do("remove", other)
    counts = await call(place.client.counts, token, [post, other])
    assert counts[post] == Counts(1, 1, 2)
    assert isinstance(counts[other], NotFound)


async def test_a_member_says_no(place: prompts.Place) -> None:
    begun = await place.begin()
    query = await place.decide(begun, allow=False)
    assert query["state"] == "state-1"
    with pytest.raises(Refused, match="You said no"):
        await place.finish(begun, query)


async def test_whoever_signs_in_as_somebody_else_is_told_and_nothing_stays(place: prompts.Place) -> None:
    begun = await place.begin(ADA)
    query = await place.decide(begun, ADA)
    for_bea = {**json.loads(begun.secret), "did": "did:plc:bea", "handle": BEA.handle}
    with pytest.raises(Refused, match=r"another account than bea\.test"):
        await place.finish(replace(begun, secret=json.dumps(for_bea)), query)
    assert await place.do("granted") == []


async def test_a_code_is_good_once_and_for_its_verifier_only(place: prompts.Place) -> None:
    begun = await place.begin()
    query = await place.decide(begun)
    other = await place.begin()
    with pytest.raises(Refused, match="used up"):
        await place.finish(other, query)
    begun = await place.begin()
    query = await place.decide(begun)
    token = (await place.finish(begun, query)).token
    with pytest.raises(Refused, match="used up"):
        await place.finish(begun, query)
    assert (await failing(Reconnect, place.client.refresh, token)).revoked, "the server takes it for a theft"


async def test_a_permission_goes_on_and_each_renewal_is_good_once(place: prompts.Place) -> None:
    token = (await place.connect()).token
    seen = {token}
    for _ in range(3):
        former, token = token, await place.renew(token)
        seen.add(token)
    assert len(seen) == 4
    assert await place.publish(token, IMAGE)
    assert not (await failing(Reconnect, place.client.refresh, former)).revoked, "an answer was lost, that is all"
    assert await place.do("granted") == []
    await failing(Stale, place.client.publish, token, fresh())


async def test_disconnecting_ends_the_permission_at_once(place: prompts.Place) -> None:
    token = (await place.connect()).token
    renewed = await place.renew(token)
    assert await call(place.client.revoke, renewed) is True
    assert await place.do("granted") == []
    await failing(Stale, place.client.publish, renewed, fresh())
    assert (await failing(Reconnect, place.client.refresh, renewed)).revoked
    assert await call(place.client.revoke, renewed) is True, "it was dead already"


@pytest.mark.parametrize("base_url", ["public"], indirect=True)
async def test_disconnecting_is_not_confirmed_where_the_server_cannot_read_who_asks(place: prompts.Place) -> None:
    token = (await place.connect()).token
    await place.move_out()
    assert await call(place.client.revoke, token) is False
    assert len(await place.do("granted")) == 1, "it said that it was done, though"


async def test_taking_it_back_is_a_revocation_and_running_out_is_none(place: prompts.Place) -> None:
    token = (await place.connect()).token
    await place.do("end")
    await failing(Stale, place.client.publish, token, fresh())
    assert (await failing(Reconnect, place.client.refresh, token)).revoked
    for days in ("100", "800"):
        token = (await place.connect()).token
        await place.do("age", days=days)
        assert not (await failing(Reconnect, place.client.refresh, token)).revoked
        assert await place.do("granted") == []


@pytest.mark.parametrize("base_url", ["public"], indirect=True)
async def test_a_member_takes_it_back_where_grapevine_says(reference: prompts.Reference) -> None:
    assert "/account at the server of your account" in reference.client.revoke_hint
    token = (await reference.connect()).token
    await reference.take_back()
    await failing(Stale, reference.client.publish, token, fresh())
    assert (await failing(Reconnect, reference.client.refresh, token)).revoked


async def test_an_access_token_that_ran_out_is_renewed(reference: prompts.Reference) -> None:
    await reference.do("hurry", seconds="1.5")
    token = (await reference.connect()).token
    assert reference.client.stale(token, time.time())
    await reference.do("hurry", seconds="3600")
    deadline, renewed = time.monotonic() + 10, ""
    while not renewed:
        assert time.monotonic() < deadline, "it did not run out"
        try:
            await reference.publish(token)
        except Stale:
            renewed = await reference.renew(token)
    assert await reference.publish(renewed)


async def test_a_permission_is_of_no_use_without_its_key(place: prompts.Place) -> None:
    mine, other = (await place.connect()).token, (await place.connect()).token
    stolen = changed(mine, proof=granted(other)[1].proof)
    await failing(Stale, place.client.publish, stolen, fresh())
    await failing(Reconnect, place.client.refresh, stolen)
    await failing(Reconnect, place.client.refresh, mine)  # it is taken for a theft


async def test_the_doctor_hears_whether_servers_can_read_who_grapevine_is(place: prompts.Place) -> None:
    assert await call(place.client.knock) is True
    await place.move_out()
    if place.signs:
        for asking in (place.client.knock, place.begin_blocking):
            assert place.base_url in str(await failing(Refused, asking))
    else:
        assert await call(place.client.knock) is True, "its name says it all"


@pytest.mark.parametrize("base_url", ["public"], indirect=True)
async def test_an_old_key_still_signs_for_what_it_began(place: prompts.Place) -> None:
    token = (await place.connect()).token
    await place.move_in("a newer key", KEY)
    renewed = await place.renew(token)
    newer = (await place.connect()).token
    kids = [granted(one)[1].kid for one in (token, renewed, newer)]
    assert kids[0] == kids[1] != kids[2]
    for one in (renewed, newer):
        assert await place.publish(one)
        assert await call(place.client.revoke, one) is True
    assert await place.do("granted") == []


async def test_the_page_that_asks_has_words_of_its_own(reference: prompts.Reference) -> None:
    """Newer versions say "Access specific parts of your Bluesky account": docs/networks.md tells of both."""
    said = await reference.read(await reference.begin())
    assert "wants to access your bea.test account" in said
    assert "Manage your profile, posts, likes and follows" in said
    named = urlsplit(reference.base_url).netloc if reference.signs else "An application on your device"
    assert f"{named}\n" in said
    assert set(SCOPES) <= set(said.split()), "behind the question mark"
