"""An admin who opens Home reads that a network refuses the company's app; members have nothing to do about it."""

from grapevine.store import Store
from tests.bot.stage import staged, text_of
from tests.bot.test_offers import home_of
from tests.fakes import Birdsong
from tests.people import ADA, BEA


async def test_admins_read_on_home_whom_a_network_turns_away(store: Store, redis_url: str) -> None:
    said = "Birdsong does not take this Grapevine’s app at the moment"
    async with staged(store, redis_url, {"birdsong": Birdsong()}) as stage:
        await stage.types(ADA, "help")
        assert said not in text_of(await home_of(stage, ADA))
        await store.troubles.note("birdsong", "BIRDSONG_KEY is wrong.")
        shown = text_of(await home_of(stage, ADA))
        assert said in shown
        assert "`grapevine status`" in shown
        assert said not in text_of(await home_of(stage, BEA))
