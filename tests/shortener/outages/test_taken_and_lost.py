"""What Redis took and lost: it answers before a write is in its file, while the disk is busy."""

from pathlib import Path

import pytest

from grapevine.store import Store
from tests.people import crowd
from tests.shortener.conftest import Shares, Shortener, Start
from tests.shortener.outages.server import Server
from tests.waiting import until


@pytest.mark.parametrize("clicks_meanwhile", [0, 3])
async def test_what_redis_took_and_lost_is_counted_once_all_the_same(
    server: Server, shares: Shares, over: Store, start: Start, tmp_path: Path, clicks_meanwhile: int
) -> None:
    shortener = await start(over, GRAPEVINE_DATA=str(tmp_path / "shortener"))
    bea, linkedin, mylink = await shares.make()
    people = crowd(30)
    for person in people[:10]:
        await shortener.click(linkedin, person)
    kept = server.sizes()
    for person in people[5:25]:
        await shortener.click(mylink, person)
    server.kill(keeping=kept)
    for person in people[25 : 25 + clicks_meanwhile]:
        await shortener.click(mylink, person)
    server.restart()
    await shortener.until_ready()
    receipt = await shares.receipt(bea)
    assert (receipt.unique, receipt.repeat) == (25 + clicks_meanwhile, 5)
    assert receipt.networks == {"linkedin": 10, "mylink": 15 + clicks_meanwhile}
    assert sum((await shares.store.insights.clicks_since(bea.id, "00000000")).values()) == receipt.unique
    told = await shortener.metrics()
    assert told["grapevine_shortener_clicks_replayed_total"] == 20 + clicks_meanwhile
    assert told["grapevine_shortener_clicks_lost_total"] == 0


async def test_a_journal_stays_until_redis_has_it_in_its_file(
    server: Server, shares: Shares, over: Store, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bea, linkedin, _ = await shares.make()
    shortener: Shortener = await start(over, GRAPEVINE_DATA=str(tmp_path / "shortener"))
    people = crowd(12)
    await shortener.click(linkedin, people[0])
    kept = server.sizes()
    server.kill(keeping=kept)
    for person in people[1:11]:
        await shortener.click(linkedin, person)
    (path,) = (tmp_path / "shortener" / "journal").iterdir()
    standing = over.clicks.standing

    async def busy() -> object:
        return (await standing())._replace(written=False)

    monkeypatch.setattr(over.clicks, "standing", busy)
    server.restart()
    await shortener.until_ready()
    assert (await shares.receipt(bea)).unique == 11
    assert path.exists()
    server.kill(keeping=kept)  # and all that was settled anew is gone again
    await shortener.click(linkedin, people[11])
    monkeypatch.undo()
    server.restart()
    await shortener.until_ready()
    await until(lambda: not path.exists())
    assert (await shares.receipt(bea)).unique == 12
