"""The stand-in for X in the hands of tweepy, a client that others wrote: it must not suit our own client only."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.networks.x_stand_in import BEA, CALLBACK, Stage, staged

tweepy = pytest.importorskip("tweepy", reason="tweepy is not installed: `make second-opinion` does it")


@pytest.fixture
async def x(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    async with staged() as stage:
        monkeypatch.setattr(tweepy.auth.OAuth1UserHandler, "_get_oauth_url", lambda _, end: f"{stage.url}/oauth/{end}")
        yield stage


async def connected(x: Stage) -> Any:
    """A client in Bea's name, by the whole dance."""
    dance = tweepy.OAuth1UserHandler(x.state.api_key, x.state.api_secret, callback=CALLBACK)
    address = await asyncio.to_thread(dance.get_authorization_url)
    query = await x.decide(address, BEA)
    token, secret = await asyncio.to_thread(dance.get_access_token, query["oauth_verifier"])
    return at(x, access_token=token, access_token_secret=secret)


def at(x: Stage, **token: str) -> Any:
    client = tweepy.Client(consumer_key=x.state.api_key, consumer_secret=x.state.api_secret, **token)
    send = client.session.request
    client.session.request = lambda method, url, **more: send(
        method, url.replace("https://api.twitter.com", x.url).replace("https://api.x.com", x.url), **more
    )
    return client


async def test_tweepy_connects_posts_reads_and_deletes(x: Stage) -> None:
    client = await connected(x)
    me = await asyncio.to_thread(client.get_me, user_auth=True, user_fields=["public_metrics", "profile_image_url"])
    assert (me.data.id, me.data.username) == (int(BEA.id), BEA.handle)
    assert me.data.public_metrics["followers_count"] == 312
    posted = await asyncio.to_thread(client.create_tweet, text="Look https://example.com/a")
    x.state.react(posted.data["id"], likes=2, comments=1, reshares=3)
    read = await asyncio.to_thread(
        client.get_tweets, [posted.data["id"], "1999999999999999999"], user_auth=True, tweet_fields=["public_metrics"]
    )
    (post,) = read.data
    metrics = post.public_metrics
    assert (metrics["like_count"], metrics["reply_count"]) == (2, 1)
    assert [one["type"].rsplit("/", 1)[1] for one in read.errors] == ["resource-not-found"]
    mine = await asyncio.to_thread(client.get_users_tweets, BEA.id, user_auth=True)
    assert [one.id for one in mine.data] == [post.id]
    gone = await asyncio.to_thread(client.delete_tweet, post.id)
    assert gone.data == {"deleted": True}
    assert x.state.posts() == []


async def test_tweepy_understands_how_the_stand_in_says_no(x: Stage) -> None:
    client = await connected(x)
    await asyncio.to_thread(client.create_tweet, text="Once")
    with pytest.raises(tweepy.Forbidden, match="duplicate content"):
        await asyncio.to_thread(client.create_tweet, text="Once")
    await x.fault("402")
    with pytest.raises(tweepy.HTTPException, match="402"):
        await asyncio.to_thread(client.create_tweet, text="Twice")
    await x.fault("429")
    with pytest.raises(tweepy.TooManyRequests):
        await asyncio.to_thread(client.create_tweet, text="Twice")
    await x.fault("")
    with pytest.raises(tweepy.Unauthorized):
        await asyncio.to_thread(at(x, access_token="1-a", access_token_secret="b").create_tweet, text="Not me")
