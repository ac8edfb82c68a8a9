"""The stand-in for Mastodon in the hands of Mastodon.py, a client that others wrote."""

import asyncio
import base64
from collections.abc import AsyncIterator
from typing import Any

import pytest

from grapevine.playground.mastodon_state import PEOPLE, MastodonStandIn
from tests.networks.stage import CALLBACK, Stage
from tests.networks.stages import on_mastodon

mastodon = pytest.importorskip("mastodon")
BEA = PEOPLE[1]
SCOPES = ["profile", "read:statuses", "write:statuses", "write:media"]
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=")


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with on_mastodon() as stage:
        yield stage


async def call(function: Any, *given: Any, **named: Any) -> Any:
    return await asyncio.to_thread(function, *given, **named)


async def connected(stage: Stage) -> Any:
    """A client in Bea's name, by the whole dance."""
    url = stage.answers["server"]
    key, secret = await call(
        mastodon.Mastodon.create_app, "Second opinion", scopes=SCOPES, redirect_uris=CALLBACK, api_base_url=url
    )
    client = await call(
        mastodon.Mastodon,
        client_id=key,
        client_secret=secret,
        api_base_url=url,
        version_check_mode="none",
        request_timeout=5,
    )
    address = await call(
        client.auth_request_url, client_id=key, redirect_uris=CALLBACK, scopes=SCOPES, state="state-1", allow_http=True
    )
    query = await stage.decide(address)
    await call(client.log_in, code=query["code"], redirect_uri=CALLBACK, scopes=SCOPES, allow_http=True)
    return client


async def test_mastodon_py_connects_posts_reads_and_deletes(stage: Stage) -> None:
    assert isinstance(stage.state, MastodonStandIn)
    client = await connected(stage)
    me = await call(client.account_verify_credentials)
    assert (str(me.id), me.display_name, me.followers_count) == (BEA.id, BEA.name, BEA.followers)
    status = await call(client.status_post, "Look https://example.com/a", idempotency_key="k", visibility="public")
    again = await call(client.status_post, "Look https://example.com/a", idempotency_key="k", visibility="public")
    assert again.id == status.id
    stage.state.react(str(status.id), likes=2, comments=1, reshares=3)
    read = await call(client.status, status.id)
    assert (read.favourites_count, read.replies_count, read.reblogs_count) == (2, 1, 3)
    (one,) = await call(client.statuses, [status.id])
    assert (one.id, one.favourites_count) == (status.id, 2)
    await call(client.status_delete, status.id)
    with pytest.raises(mastodon.MastodonNotFoundError):
        await call(client.status, status.id)


async def test_mastodon_py_publishes_a_picture_and_reads_the_instance(stage: Stage) -> None:
    client = await connected(stage)
    media = await call(client.media_post, PNG, "image/png", description="An office")
    status = await call(client.status_post, "Our office", media_ids=[media])
    assert [one.description for one in status.media_attachments] == ["An office"]
    instance = await call(client.instance_v2)
    assert instance.configuration.statuses.max_characters > 0


async def test_mastodon_py_understands_how_the_stand_in_says_no(stage: Stage) -> None:
    client = await connected(stage)
    with pytest.raises(mastodon.MastodonAPIError, match="Validation failed"):
        await call(client.status_post, "x" * 501)
    await call(client.revoke_access_token, allow_http=True)
    other = await call(
        mastodon.Mastodon, access_token="nobody", api_base_url=stage.answers["server"], version_check_mode="none"
    )
    with pytest.raises(mastodon.MastodonUnauthorizedError):
        await call(other.account_verify_credentials)
