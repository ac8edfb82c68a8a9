"""The schedule: one keeper among many, each slot once, and on again after Redis was away."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from grapevine.store import Store
from grapevine.store.embedded import EmbeddedServer
from tests.processes import python
from tests.waiting import eventually
from workers.schedule import Duty, Schedule

EVERY = 0.1


class Diary:
    """Notes the slots in which a duty was done."""

    def __init__(self) -> None:
        self.slots: list[int] = []

    async def note(self, now: float) -> None:
        self.slots.append(int(now // EVERY))

    def schedule(self, store: Store, silent: float = 0.6) -> Schedule:
        return Schedule(store, [Duty("note", EVERY, self.note)], silent)


@contextlib.asynccontextmanager
async def running(*schedules: Schedule):  # type: ignore[no-untyped-def]  # a context manager without a value
    tasks = [asyncio.create_task(schedule.run()) for schedule in schedules]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_of_many_schedules_one_does_each_slot_once(store: Store) -> None:
    diary = Diary()

    async def enough() -> bool:
        return len(diary.slots) >= 10

    async with running(*(diary.schedule(store) for _ in range(4))):
        await eventually(enough)
    assert sorted(set(diary.slots)) == diary.slots
    assert diary.slots[-1] - diary.slots[0] < 2 * len(diary.slots)


async def test_when_its_keeper_stops_another_one_goes_on_at_once(store: Store) -> None:
    first, second = Diary(), Diary()

    async def begun() -> bool:
        return bool(first.slots)

    async def taken_over() -> bool:
        return bool(second.slots)

    async with running(first.schedule(store, silent=60.0)):
        await eventually(begun)
        async with running(second.schedule(store, silent=0.3)):
            assert second.slots == []
    async with running(second.schedule(store, silent=0.3)):
        await eventually(taken_over, within=3)
    assert not set(first.slots) & set(second.slots)


async def test_when_its_keeper_dies_another_one_goes_on(store: Store) -> None:
    dead, heir = Diary(), Diary()
    await dead.schedule(store, silent=0.4).tick(time.time())
    assert len(dead.slots) == 1

    async def taken_over() -> bool:
        return bool(heir.slots)

    began = time.monotonic()
    async with running(heir.schedule(store, silent=0.4)):
        await eventually(taken_over, within=5)
    assert time.monotonic() - began >= 0.3


async def test_who_takes_over_within_a_slot_does_not_do_it_again(store: Store) -> None:
    first, second = Diary(), Diary()
    keeper, heir = first.schedule(store, silent=60.0), second.schedule(store, silent=60.0)
    now = 1_000_000.05
    await keeper.tick(now)
    await heir.tick(now)
    assert (len(first.slots), second.slots) == (1, []), "one keeps it, and the other looks on"
    await store.turns.resign(vars(keeper)["_who"])
    await heir.tick(now)
    assert second.slots == []
    await heir.tick(now + EVERY)
    assert second.slots == [first.slots[0] + 1]


async def test_a_slot_is_given_out_once_and_never_again(store: Store) -> None:
    assert await store.turns.claim("note", 7)
    assert not await store.turns.claim("note", 7)
    assert not await store.turns.claim("note", 6)
    assert await store.turns.claim("note", 9)
    assert await store.turns.claim("other", 7)


async def test_a_duty_that_fails_does_not_keep_the_others_from_being_done(store: Store) -> None:
    diary = Diary()

    async def broken(now: float) -> None:
        raise RuntimeError("no")

    schedule = Schedule(store, [Duty("broken", EVERY, broken), Duty("note", EVERY, diary.note)])
    now = time.time()
    await schedule.tick(now)
    await schedule.tick(now)
    await schedule.tick(now + EVERY)
    assert len(diary.slots) == 2


async def test_it_goes_on_after_redis_was_away_and_repeats_no_slot(tmp_path: Path) -> None:
    server = await asyncio.to_thread(EmbeddedServer.start, tmp_path)
    url = server.url
    store, diary = Store.open(url), Diary()
    try:

        async def begun() -> bool:
            return len(diary.slots) >= 3

        async with running(diary.schedule(store)):
            await eventually(begun)
            await asyncio.to_thread(server.stop)
            before = len(diary.slots)
            server = await asyncio.to_thread(EmbeddedServer.start, tmp_path)
            assert server.url == url

            async def again() -> bool:
                return len(diary.slots) >= before + 3

            await eventually(again, within=20)
        assert sorted(set(diary.slots)) == diary.slots
    finally:
        await store.close()
        await asyncio.to_thread(server.stop)


async def test_many_schedules_in_processes_of_their_own_do_each_slot_once_whoever_is_killed(redis_url: str) -> None:
    """Each process writes the slots that it does into one list; the keeper is killed with kill -9, twice."""
    code = (
        "import asyncio, sys\n"
        "from grapevine.store import Store\n"
        "from workers.schedule import Duty, Schedule\n"
        "async def main():\n"
        "    store = Store.open(sys.argv[1])\n"
        "    async def note(now):\n"
        "        await store.redis.execute_command('RPUSH', 'diary', f'{sys.argv[2]} {int(now // 0.1)}')\n"
        "    await Schedule(store, [Duty('note', 0.1, note)], 0.5).run()\n"
        "asyncio.run(main())\n"
    )
    store = Store.open(redis_url)
    try:
        with contextlib.ExitStack() as stack:
            crew = {str(n): stack.enter_context(python(code, redis_url, n)) for n in range(4)}

            async def diary() -> list[str]:
                said: list[str] = await store.redis.execute_command("LRANGE", "diary", 0, -1)
                return said

            def done(slots: int) -> Callable[[], Awaitable[bool]]:
                async def enough() -> bool:
                    return len(await diary()) >= slots

                return enough

            for slots in (5, 10):
                await eventually(done(slots), within=30)
                keeper = (await diary())[-1].split()[0]
                crew[keeper].kill()
            await eventually(done(20), within=30)
            slots_done = [int(line.split()[1]) for line in await diary()]
            assert len({line.split()[0] for line in await diary()}) >= 3
            assert sorted(set(slots_done)) == slots_done
    finally:
        await store.close()
