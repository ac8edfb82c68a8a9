"""What the ``grapevine`` command asks a Redis: will it do, and does a worker work on it?"""

from datetime import UTC, datetime

from redis.exceptions import RedisError

from grapevine.store.connection import connect

_OLDEST = (6, 2)


async def checkup(url: str) -> tuple[str, list[str]]:
    """Which server answers at *url*, and a sentence for each thing to mend. Raises nothing; names no password."""
    try:
        client = connect(url, timeout=5.0)
        try:
            await client.ping()
            server, memory, disk = [await client.info(part) for part in ("server", "memory", "persistence")]
        finally:
            await client.aclose()
    except (RedisError, OSError, ValueError, TimeoutError) as error:
        return "", [f"It does not answer ({type(error).__name__}): is it running, and do address and password fit?"]
    if not isinstance(server.get("redis_version"), str):  # a cluster answers for each node
        server, memory, disk = (next(iter(part.values()), {}) for part in (server, memory, disk))
    version = str(server.get("redis_version", "?"))
    problems = []
    if tuple(int(part) for part in version.split(".")[:2] if part.isdigit()) < _OLDEST:
        problems.append(f"Redis {version} is too old: 6.2 or newer is needed.")
    if memory.get("maxmemory_policy", "noeviction") != "noeviction":
        problems.append("It may throw clicks away when memory is short: set maxmemory-policy noeviction.")
    if not disk.get("aof_enabled"):
        problems.append("It would forget clicks when it stops: set appendonly yes.")
    return f"{server.get('server_name', 'redis')} {server.get('valkey_version', version)}", problems


async def works(url: str, since: float) -> bool:
    """Whether a worker that was born after *since* takes jobs from the queue at *url*.

    RQ keeps each worker's birth in a hash of its own: https://python-rq.org/docs/workers/
    """
    try:
        client = connect(url, timeout=2.0)
        try:
            born = [await client.hget(name, "birth") for name in await client.smembers("rq:workers")]
        finally:
            await client.aclose()
    except (RedisError, OSError, TimeoutError):
        return False
    begun = datetime.fromtimestamp(since, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
    return any(birth > begun for birth in born if birth)
