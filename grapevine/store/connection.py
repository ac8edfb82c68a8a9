"""Addresses of Redis: ``redis://``, ``rediss://``, ``unix://``, ``redis+sentinel://``, ``redis+cluster://``."""

from typing import cast
from urllib.parse import parse_qs, unquote, urlsplit

from redis.asyncio import Redis, RedisCluster, Sentinel

from grapevine.store.commands import Client


def connect(url: str, *, timeout: float = 5.0) -> Client:
    """A client that decodes to text; *timeout* in seconds bounds each answer. Opens nothing yet."""
    scheme = url.split("://", 1)[0]
    if scheme == "redis+sentinel":
        return _through_sentinels(url, timeout)
    if scheme == "redis+cluster":
        plain = "redis://" + url.split("://", 1)[1]
        return cast("Client", RedisCluster.from_url(plain, decode_responses=True, socket_timeout=timeout))
    return cast(
        "Client",
        Redis.from_url(url, decode_responses=True, socket_timeout=timeout, socket_connect_timeout=timeout),
    )


def _through_sentinels(url: str, timeout: float) -> Client:
    """``redis+sentinel://[user:password@]host:26379[,host:port…]/service[?db=0]``."""
    parts = urlsplit(url)
    places = parts.netloc.rpartition("@")[2]
    credentials = parts.netloc.rpartition("@")[0]
    user, _, password = credentials.partition(":")
    sentinels = []
    for place in places.split(","):
        host, _, port = place.rpartition(":") if ":" in place else (place, "", "26379")
        sentinels.append((host, int(port)))
    service = parts.path.strip("/").split("/")[0] or "mymaster"
    db = int(parse_qs(parts.query).get("db", ["0"])[0])
    watch = Sentinel(sentinels, socket_timeout=timeout)  # type: ignore[no-untyped-call]  # redis-py has no types here
    master = watch.master_for(
        service,
        decode_responses=True,
        socket_timeout=timeout,
        db=db,
        username=unquote(user) or None,
        password=unquote(password) or None,
    )
    return cast("Client", master)
