"""Whose turn it is: many share it, one has it alone."""

import asyncio

from shortener.turns import Turn


async def test_many_share_it_and_who_wants_it_alone_waits_for_them() -> None:
    turn, said = Turn(), list[str]()

    async def alone() -> None:
        async with turn.alone():
            said.append("alone")

    async with turn.shared(), turn.shared():
        waiting = asyncio.create_task(alone())
        await asyncio.sleep(0)
        said.append("shared")
    await waiting
    assert said == ["shared", "alone"]


async def test_who_comes_later_to_share_it_waits_behind_who_wants_it_alone() -> None:
    turn, said = Turn(), list[str]()

    async def alone() -> None:
        async with turn.alone():
            await asyncio.sleep(0)
            said.append("alone")

    async def shared() -> None:
        async with turn.shared():
            said.append("later")

    async with turn.shared():
        tasks = [asyncio.create_task(alone())]
        await asyncio.sleep(0)
        tasks.append(asyncio.create_task(shared()))
        await asyncio.sleep(0)
        said.append("before")
    await asyncio.gather(*tasks)
    assert said == ["before", "alone", "later"]


async def test_it_is_free_again_after_somebody_fails_or_is_cancelled() -> None:
    turn = Turn()

    async def sharing() -> None:
        async with turn.shared():
            await asyncio.Event().wait()

    task = asyncio.create_task(sharing())
    await asyncio.sleep(0)
    waiting = asyncio.create_task(turn.alone().__aenter__())
    await asyncio.sleep(0)
    waiting.cancel()
    task.cancel()
    await asyncio.gather(task, waiting, return_exceptions=True)
    async with asyncio.timeout(1), turn.alone():
        pass
    async with asyncio.timeout(1), turn.shared():
        pass
