"""Addresses of Redis: ``redis://``, ``rediss://``, ``unix://``, ``redis+sentinel://``, ``redis+cluster://``."""

from collections.abc import Sequence
from typing import Any, cast
from urllib.parse import parse_qs, unquote, urlsplit

import redis
from redis.asyncio import BlockingConnectionPool, Redis, RedisCluster, Sentinel
from redis.sentinel import SentinelManagedConnection

from grapevine.store.commands import Client, Server

#: what a client raises when Redis does not answer, or will not do its work
UNREACHABLE = (redis.RedisError, OSError)

#: connections of one client; who wants one more waits for one to be free
_MOST = 64
#: through sentinels nobody can wait for one to be free, so there are as many as wanted
_ANY = 10_000


def connect(url: str, *, timeout: float = 5.0) -> Client:
    """A client that decodes to text; *timeout* in seconds bounds each answer. Opens nothing yet."""
    scheme = url.split("://", 1)[0]
    if scheme == "redis+sentinel":
        return _through_sentinels(url, timeout)
    if scheme == "redis+cluster":
        plain = "redis://" + url.split("://", 1)[1]
        return cast(
            "Client",
            RedisCluster.from_url(plain, decode_responses=True, socket_timeout=timeout, socket_connect_timeout=timeout),
        )
    pool: Any = BlockingConnectionPool.from_url(
        url,
        max_connections=_MOST,
        timeout=timeout,
        decode_responses=True,
        socket_timeout=timeout,
        socket_connect_timeout=timeout,
    )
    return cast("Client", Redis.from_pool(pool))


async def servers(client: Client) -> Sequence[Server]:
    """The servers behind a client, for what concerns each of them: of a cluster its primaries."""
    if not isinstance(client, RedisCluster):
        return [client]
    return cast("Sequence[Server]", (await client.initialize()).get_primaries())


def connect_queue(url: str, *, timeout: float = 10.0) -> redis.Redis:
    """A client for RQ, which speaks bytes and waits for nobody but Redis. No cluster: RQ does not run on one."""
    if url.split("://", 1)[0] != "redis+sentinel":
        return redis.Redis.from_url(url, socket_timeout=timeout, socket_connect_timeout=5.0)
    sentinels, service, options = _sentinels(url)
    watch: Any = redis.Sentinel(sentinels, socket_timeout=5.0)  # type: ignore[no-untyped-call]  # redis-py has no types
    master = watch.master_for(service, socket_timeout=timeout, connection_class=_WholeAnswers, **options)
    return cast("redis.Redis", master)


class _WholeAnswers(SentinelManagedConnection):
    """Drops a connection whose reading was interrupted; the next command would get the wrong answer.

    https://github.com/redis/redis-py/pull/4292
    """

    def read_response(self, *args: Any, **options: Any) -> Any:
        return super().read_response(*args, **{**options, "disconnect_on_error": True})


class _Master(Redis):
    """A client found through sentinels, which closes its connections to them as well."""

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        await super().aclose(close_connection_pool)
        for sentinel in cast("Any", self.connection_pool).sentinel_manager.sentinels:
            await sentinel.aclose()


def _through_sentinels(url: str, timeout: float) -> Client:
    sentinels, service, options = _sentinels(url)
    watch = Sentinel(sentinels, socket_timeout=timeout)  # type: ignore[no-untyped-call]  # redis-py has no types here
    master = watch.master_for(
        service, redis_class=_Master, decode_responses=True, socket_timeout=timeout, max_connections=_ANY, **options
    )
    return cast("Client", master)


def _sentinels(url: str) -> tuple[list[tuple[str, int]], str, dict[str, Any]]:
    """``redis+sentinel://[user:password@]host:26379[,host:port…]/service[?db=0]``."""
    parts = urlsplit(url)
    credentials, _, places = parts.netloc.rpartition("@")
    user, _, password = credentials.partition(":")
    sentinels = []
    for place in places.split(","):
        one = urlsplit(f"//{place}")  # by itself: it knows the brackets of IPv6
        sentinels.append((one.hostname or "127.0.0.1", one.port or 26379))
    service = unquote(parts.path.strip("/").split("/")[0]) or "mymaster"
    db = int(parse_qs(parts.query).get("db", ["0"])[0])
    return sentinels, service, {"db": db, "username": unquote(user) or None, "password": unquote(password) or None}
