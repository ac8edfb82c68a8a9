"""Clicks of shares: settled wholly and once by one script call a batch (design §4)."""

import logging
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from hashlib import sha1
from typing import Any, NamedTuple

from redis.asyncio import RedisCluster
from redis.exceptions import NoScriptError, ResponseError

from grapevine.domain.clicks import Row
from grapevine.domain.days import DAY, day_of
from grapevine.domain.errors import TryLater
from grapevine.store import keys
from grapevine.store.cascade import CAPACITY, FAN_BITS, LEVELS, node, nodes
from grapevine.store.commands import Client
from grapevine.store.connection import UNREACHABLE, servers
from grapevine.store.newcomers import HOUR, QUIET, Newcomers
from grapevine.store.scripts import script, source
from grapevine.store.wire import Command, Wire

log = logging.getLogger(__name__)

#: seconds for which the latest number of a writer and share is remembered: a weekend and more, so that what an outage
#: left in doubt is settled once after it as well
REMEMBERED = 7 * 86400
_MOST_DEEP = 10_000
#: what Redis says where somebody has written something else into a share's keys; of these words and no others, since a
#: server that is full, or has lost its disk, will take the clicks later
_SPOILT = ("WRONGTYPE", "attempt to ", "not an integer", "would overflow", "number expected")


class Click(NamedTuple):
    """One request to a share's link. *row* is None when the visitor decides; then *tag* and *source* are set.

    *tag* stands for the visitor and *source* for the address alone, both signed 64-bit; *at* is in epoch seconds.
    """

    row: Row | None
    network: str
    account: str
    at: float
    tag: int = 0
    source: int = 0


class Batch(NamedTuple):
    """Clicks of one share. *number* rises with each batch that *writer* (a process) has for the share.

    A batch that comes again, or after one with a higher number, changes nothing: a writer goes on to a share's next
    batch only when the one before is settled.
    """

    member: str
    share: str
    writer: str
    number: int
    clicks: tuple[Click, ...]


#: for each click of a batch its row, None for one that is not gathered; or nothing, when the batch was settled before
Rows = tuple[Row | None, ...]
#: what the script says of each click; of a "g" the batch knows the row
_LETTERS = {"u": Row.UNIQUE, "r": Row.REPEAT, "c": Row.CAPPED, "-": None}


class Standing(NamedTuple):
    """Which processes answer, by ids that a restart changes, and whether all that they took is in their files."""

    servers: frozenset[str]
    written: bool


class _Call(NamedTuple):
    """A batch as a command, those of its clicks that have a tag, and whether Redis watches their addresses."""

    batch: Batch
    command: Command
    visits: Sequence[Click]
    told: Sequence[int | None]


class Clicks:
    """*visitor_cap* is the most new visitors an hour from one address on one share (rule 6).

    Trips go over *wire* where there is one, else through *redis*.
    """

    def __init__(self, redis: Client, visitor_cap: int = 100, wire: Wire | None = None) -> None:
        self._redis, self._wire = redis, wire
        self._cap = visitor_cap
        self._newcomers = Newcomers(min(QUIET, visitor_cap))
        self._shut = script(redis, "shut")
        self._source = source("click")
        self._sha = sha1(self._source.encode()).hexdigest()  # noqa: S324 (EVALSHA's own)
        self._deep: dict[tuple[str, str], int] = {}
        #: clicks that no Redis will ever take
        self.refused = 0
        #: seconds in which Redis answers a trip or is known not to, None when somebody else has to keep the time
        self.within = wire.within if wire is not None else None
        # a single server works off a trip in order; a cluster's nodes each their own part of it
        self._nodes_apart = isinstance(redis, RedisCluster)

    async def salt(self, mid: str, sid: str) -> str | None:
        """The salt of a share that gathers clicks; None when it does not."""
        try:
            if self._wire is not None:
                is_open, salt = await self._wire.ask("HMGET", keys.receipt(mid, sid), "open", "salt")
            else:
                is_open, salt = await self._redis.hmget(keys.receipt(mid, sid), ["open", "salt"])
        except UNREACHABLE as error:
            raise TryLater(f"Redis does not answer ({type(error).__name__}).") from error
        return salt if is_open == "1" else None

    async def settle(self, batches: Sequence[Batch], now: float) -> list[Rows]:
        """Settle batches of different shares in one trip; ``TryLater`` when it is not known whether all are settled:
        call again with the same batches. The hints to look for news (due at *now*) go out before the clicks.
        """
        done: dict[int, Rows] = {}
        missing = False
        for _ in range(LEVELS + 3):
            wanted = [place for place in range(len(batches)) if place not in done]
            calls = [self._call(batches[place], now) for place in wanted]
            hints = {call.batch.member for call in calls if call.visits}
            try:
                if missing:
                    await self._redis.script_load(self._source)
                answers = await self._send([call.command for call in calls], hints, now)
            except UNREACHABLE as error:
                raise TryLater(f"Redis does not answer ({type(error).__name__}).") from error
            missing = False
            for place, call, answer in zip(wanted, calls, answers, strict=True):
                if isinstance(answer, str):
                    done[place] = self._settled(call, answer)
                elif isinstance(answer, NoScriptError):
                    missing = True
                elif isinstance(answer, Exception) and any(words in str(answer) for words in _SPOILT):
                    log.error("A share's keys are not what they should be; its clicks are lost: %s", answer)
                    self.refused += len(call.batch.clicks)
                    done[place] = ()  # trying again would only hold up the others
                elif isinstance(answer, Exception):
                    raise TryLater(f"Redis could not settle clicks: {answer}") from answer
                elif answer == ["deep"]:
                    self._deepen(call.batch)
                else:
                    done[place] = (None,) * len(call.batch.clicks) if answer == ["closed"] else ()
            if len(done) == len(batches):
                return [done[place] for place in range(len(batches))]
        raise TryLater("Redis forgets the click script again and again.")

    def when_lost(self, tell: Callable[[], object]) -> None:
        """*tell* is called when the connection breaks that clicks go over; never where that takes more than a wire."""
        if self._wire is not None:
            self._wire.lost = tell

    async def standing(self) -> Standing:
        """``TryLater`` when Redis does not say."""
        try:
            told = [
                await server.execute_command("INFO", section)
                for server in await servers(self._redis)
                for section in ("server", "persistence")
            ]
        except UNREACHABLE as error:
            raise TryLater(f"Redis does not answer ({type(error).__name__}).") from error
        except ResponseError:  # managed servers may forbid the question, and know how to look after their files
            return Standing(frozenset(), written=True)
        ids = frozenset(one["run_id"] for one in told if "run_id" in one)
        return Standing(ids, written=not any(one.get("aof_buffer_length") for one in told))

    async def times(self, mid: str, sid: str) -> tuple[float, float] | None:
        """When an open share was made and when its last new visitor came (0: never); None when it is not open."""
        is_open, born, last = await self._redis.hmget(keys.receipt(mid, sid), ["open", "born", "last"])
        return (float(born or 0), float(last or 0)) if is_open == "1" else None

    async def close(self, mid: str, sid: str, *, lately: bool = True) -> bool:
        """Gather no more clicks of a share; its numbers stay, its visitors and their salt are destroyed (rule 9).

        False when it gathered none. Safe to call again after a crash, which is what destroys the rest then. *lately*:
        whether somebody new may have come within the last hour, so that there may be addresses to forget (rule 6).
        """
        closed = bool(await self._shut(keys=[keys.receipt(mid, sid)]))
        # from now on no script writes any of these
        root = keys.visitors(mid, sid)
        found, level = [root], [0]
        for depth in range(1, LEVELS + 1):
            full = [path for path in level if await self._redis.scard(node(root, depth - 1, path)) >= CAPACITY]
            level = [path | branch << FAN_BITS * (depth - 1) for path in full for branch in range(1 << FAN_BITS)]
            found += [node(root, depth, path) for path in level]
        if lately:  # nothing names these keys but a look at all
            found += [key async for key in self._redis.scan_iter(match=f"{keys.caps(mid, sid)}*", count=5000)]
        # children before their parents, which tell that there are children
        for end in range(len(found), 0, -1000):
            await self._redis.unlink(*reversed(found[max(0, end - 1000) : end]))
        return closed

    async def _send(self, commands: Sequence[Command], hints: AbstractSet[str], now: float) -> Sequence[object]:
        # as ``Digests.hint``, in the clicks' own trip
        before = [("ZADD", keys.DUE_DIGESTS, "LT", now, mid) for mid in hints]
        if self._wire is not None:
            answers: Sequence[object] = await self._wire.trip([*before, *commands])
        else:
            answers = await self._pipeline(before, commands)
        for answer in answers[: len(before)]:
            if isinstance(answer, Exception):
                raise answer
        return answers[len(before) :]

    async def _pipeline(self, before: Sequence[Command], commands: Sequence[Command]) -> Sequence[object]:
        first: list[object] = []
        async with self._redis.pipeline(transaction=False) as pipe:
            for command in before:
                pipe.execute_command(*command)
            if before and self._nodes_apart:
                first = await pipe.execute(raise_on_error=False)
            for command in commands:
                pipe.execute_command(*command)
            return first + await pipe.execute(raise_on_error=False)

    def _call(self, batch: Batch, now: float) -> _Call:
        """The script's command for a batch."""
        mid, sid, writer, number, clicks = batch
        levels = self._deep.get((mid, sid), 0) if self._deep else 0
        visits = [click for click in clicks if click.row is None]
        told = self._newcomers.watched(visits)
        names, mark = _names(mid, sid), f"b:{writer}"
        if told == [None] and len(clicks) == 1 and not levels:  # what most are where many shares are clicked; as below
            _, network, account, at, tag, _ = clicks[0]
            words = (network, account, _day(at // DAY), int(at), 1, tag)
            head = (number, int(now // DAY), sid, self._cap, 0, 1, 0, mark)
            return _Call(batch, ("EVALSHA", self._sha, 5, *names, *head, *words), visits, told)
        more = [path for click in visits for path in nodes(names[4], click.tag, levels)] if levels else []
        said: list[Any] = [number, int(now // DAY), sid, self._cap, levels, len(visits), int(levels == LEVELS), mark]
        run, untold = None, iter(told)
        for row, network, account, at, tag, address in clicks:
            day = at // DAY
            if run != (network, account, day):
                run, begin = (network, account, day), len(said)
                said += (network, account, _day(day), 0, 0)
            said[begin + 3] = max(said[begin + 3], int(at))
            said[begin + 4] += 1
            if row is not None:
                said.append(row)
            elif (count := next(untold)) is None:
                said.append(tag)
            else:
                more.append(keys.cap(mid, sid, address, int(at // HOUR)))
                said += ("=", tag, count)
        return _Call(batch, ("EVALSHA", self._sha, 5 + len(more), *names, *more, *said), visits, told)

    def _settled(self, call: _Call, letters: str) -> Rows:
        clicks = call.batch.clicks
        if len(call.visits) == len(clicks):
            self._newcomers.came(call.visits, call.told, letters)
            return tuple([_LETTERS[letter] for letter in letters])
        pairs = [*zip(letters, clicks, strict=True)]
        if call.visits:
            self._newcomers.came(call.visits, call.told, [letter for letter, click in pairs if click.row is None])
        return tuple([click.row if letter == "g" else _LETTERS[letter] for letter, click in pairs])

    def _deepen(self, batch: Batch) -> None:
        levels = self._deep.pop((batch.member, batch.share), 0) + 1
        if len(self._deep) >= _MOST_DEEP:
            self._deep.clear()
        self._deep[batch.member, batch.share] = levels


@lru_cache(20_000)
def _names(mid: str, sid: str) -> tuple[str, ...]:
    """The script's keys but for the visitors' nodes and the watched addresses."""
    return (
        keys.receipt(mid, sid),
        keys.gathering(mid),
        keys.click_days(mid),
        keys.news(mid),
        keys.visitors(mid, sid),
    )


@lru_cache(64)
def _day(number: float) -> str:
    return day_of(number * DAY)
