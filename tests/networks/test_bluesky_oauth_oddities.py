"""What the reference server does in Bluesky's OAuth that one would not expect: see tests/second_opinion."""

import pytest

from grapevine.domain.errors import Refused
from grapevine.networks.bluesky_client import app_at, keys_of
from tests.networks.bluesky_oauth_stand_in import PUBLIC, SECRET, staged
from tests.networks.calls import call, failing


async def test_a_server_that_only_says_that_it_ended_a_permission_is_not_believed() -> None:
    async with staged() as bluesky:
        token = (await bluesky.connect()).token
        await bluesky.fault("no-metadata")  # it cannot read who asks, and answers as if it were done
        assert await call(bluesky.client.revoke, token) is False
        assert bluesky.state.oauth.granted
        await bluesky.fault("")
        assert await call(bluesky.client.revoke, token) is True
        assert not bluesky.state.oauth.granted


async def test_a_new_key_is_known_to_servers_in_ten_minutes_and_what_the_old_one_began_goes_on() -> None:
    async with staged() as bluesky:
        token = (await bluesky.connect()).token
        bluesky.client = bluesky.at(PUBLIC, "a newer key", SECRET)
        assert "does not take the signature" in str(await failing(Refused, bluesky.begin_blocking))
        assert await call(bluesky.client.refresh, token)
        bluesky.state.fetched.clear()
        assert await bluesky.connect()


@pytest.mark.parametrize(
    "base_url",
    [
        "https://grapevine.acme.com:443",
        "https://grapevine.acme.com:port",
        "https://grapevine.müller.example.org",
        "https://acme.com/grape%20vine",
        "https://me@grapevine.acme.com",
    ],
)
def test_nobody_is_asked_where_servers_write_the_address_in_another_way(base_url: str) -> None:
    assert app_at(base_url, keys_of((SECRET,))) is None
