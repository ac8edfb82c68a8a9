"""Where the direct messages about a share stand in Slack, and what they say: so that they are changed, not repeated."""

from grapevine.domain.outcomes import Message
from grapevine.store import keys
from grapevine.store.commands import Client
from grapevine.store.records import pack, unpack
from grapevine.store.scripts import script

#: seconds after the last change; longer than anything is tried again by itself
_KEPT = 7 * 86400


class Messages:
    def __init__(self, redis: Client) -> None:
        self._redis = redis
        self._keep = script(redis, "keep")

    async def about(self, mid: str, sid: str) -> dict[str, Message]:
        """``outcomes.WHOLE`` or network → the message."""
        stored = await self._redis.hgetall(keys.messages(mid, sid))
        return {about: unpack(Message, text) for about, text in stored.items()}

    async def keep(self, mid: str, sid: str, about: str, message: Message) -> bool:
        """In place of the one before; False for a member who is being erased, about whom nothing is kept."""
        record = [keys.member(mid), keys.messages(mid, sid)]
        return bool(await self._keep(keys=record, args=[about, pack(message), _KEPT]))

    async def forget(self, mid: str, sid: str, about: str) -> None:
        """It is no longer there."""
        await self._redis.hdel(keys.messages(mid, sid), about)
