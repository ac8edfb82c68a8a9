"""What workers wrote down of their reads: how often each placement was taken, as Redis itself tells (keyspace events).

https://redis.io/docs/latest/develop/pubsub/keyspace-notifications/
"""

import re
from collections import Counter
from typing import Any

#: the hash of a share's reactions, in which taking a read writes once: ``grapevine.store.keys.reactions``
_REACTIONS = re.compile(rb"\{(\w+)\}e(\w+)")


class Takes:
    """Listens from the beginning on; *redis* is a blocking client of the server that the workers write to."""

    def __init__(self, redis: Any) -> None:
        redis.config_set("notify-keyspace-events", "Eh")
        self._events = redis.pubsub(ignore_subscribe_messages=True)
        self._events.psubscribe("__keyevent@*__:hset")
        self._taken: Counter[tuple[str, str]] = Counter()

    def look(self) -> Counter[tuple[str, str]]:
        """Member and share → how often it was taken so far."""
        while self._events.connection is not None and self._events.connection.can_read(0):
            event = self._events.get_message()
            if event and (about := _REACTIONS.fullmatch(event["data"])):
                self._taken[about[1].decode(), about[2].decode()] += 1
        return self._taken

    def close(self) -> None:
        self._events.close()
