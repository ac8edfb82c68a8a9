"""Whose turn it is: many share it, one has it alone."""

import asyncio

from shortener.turns import Turn


async def test_many_share_it_and_who_wants_it_alone_waits_for_them() -> None:
    turn, said = Turn(), list[str]()

    async def alone() -> None:
        async with turn.alone():
            said.append("alone")

    for _ in range(2):
        await turn.join()
    waiting = asyncio.create_task(alone())
    await asyncio.sleep(0)
    turn.leave()
    await asyncio.sleep(0)
    said.append("shared")
    turn.leave()
    await waiting
    assert said == ["shared", "alone"]


async def test_who_comes_later_to_share_it_waits_behind_who_wants_it_alone() -> None:
    turn, said = Turn(), list[str]()

    async def alone() -> None:
        async with turn.alone():
            await asyncio.sleep(0)
            said.append("alone")

    async def shared() -> None:
        await turn.join()
        said.append("later")
        turn.leave()

    await turn.join()
    tasks = [asyncio.create_task(alone())]
    await asyncio.sleep(0)
    tasks.append(asyncio.create_task(shared()))
    await asyncio.sleep(0)
    said.append("before")
    turn.leave()
    await asyncio.gather(*tasks)
    assert said == ["before", "alone", "later"]


async def test_it_is_free_again_when_who_wanted_it_alone_gives_up() -> None:
    turn = Turn()
    await turn.join()
    waiting = asyncio.create_task(turn.alone().__aenter__())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    async with asyncio.timeout(1):
        await turn.join()
    turn.leave()
    turn.leave()
    async with asyncio.timeout(1), turn.alone():
        pass
