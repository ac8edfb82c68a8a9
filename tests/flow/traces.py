"""What the house holds, byte by byte: every key and value of its Redis, every file, everything it said."""

import json
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress

from redis import Redis

from tests.flow.house import House
from tests.processes import until

Held = list[tuple[str, bytes]]


def uncompressed(house: House) -> None:
    """Let the server write plain files, so that what is in them can be found."""
    with Redis.from_url(house.redis_url) as redis:
        redis.config_set("rdbcompression", "no")


def everything(house: House) -> Held:
    """Place and content of all that is held; files as they are once no rewrite goes on."""
    with Redis.from_url(house.redis_url) as redis:
        until(lambda: not _rewriting(redis))
        return [*_dump(redis), *at_rest(house)]


def at_rest(house: House) -> Held:
    """Every file of the data folder, the logs among them, and all that was said."""
    files = [path for path in house.data.rglob("*") if path.is_file()]
    read = [(str(path.relative_to(house.data)), path.read_bytes()) for path in files]
    return [*read, ("standard output", house.said.encode())]


def places(held: Held, *needles: str) -> dict[str, list[str]]:
    """Where each needle is found, as it is or as JSON writes it."""
    forms = {needle: {needle.encode(), json.dumps(needle)[1:-1].encode()} for needle in needles}
    return {
        needle: [place for place, content in held if any(form in content for form in forms[needle])]
        for needle in needles
    }


def _rewriting(redis: Redis) -> bool:
    state = redis.info("persistence")
    return bool(state["aof_rewrite_in_progress"] or state["aof_rewrite_scheduled"])


def _dump(redis: Redis) -> Iterator[tuple[str, bytes]]:
    """Every key with all that it holds; what RQ has packed is unpacked."""
    for key in redis.scan_iter(count=1000):
        yield f"the key {key!r}", bytes(key)
        for value in _values(redis, key):
            content = value if isinstance(value, bytes) else repr(value).encode()
            yield f"the value of {key!r}", content
            with suppress(zlib.error):
                yield f"packed in {key!r}", zlib.decompress(content)


def _values(redis: Redis, key: bytes) -> Iterable[object]:
    kind = redis.type(key)
    if kind == b"string":
        return [redis.get(key)]
    if kind == b"hash":
        return [part for pair in redis.hgetall(key).items() for part in pair]
    if kind == b"set":
        return redis.smembers(key)
    if kind == b"zset":
        return redis.zrange(key, 0, -1)
    if kind == b"list":
        return redis.lrange(key, 0, -1)
    if kind == b"stream":
        return redis.xrange(key) or []
    assert kind == b"none", f"{key!r} is a {kind!r}, which this test cannot look into"
    return []
