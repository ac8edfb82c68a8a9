"""The bot behind TLS, Bluesky's own servers and a phone: from a command in Slack through both pages, and back."""

from urllib.parse import urlsplit

import pytest

from grapevine.networks.bluesky import Bluesky
from grapevine.store import Store
from tests.bot.stage import staged, urls_of
from tests.people import BEA
from tests.second_opinion import servers
from tests.second_opinion.acme import Acme
from tests.second_opinion.prompts import Reference
from tests.second_opinion.visitor import Visitor

PUBLIC = "https://whole.acme.com"


@pytest.mark.browser
async def test_a_member_connects_and_disconnects_on_a_phone(
    store: Store, redis_url: str, there: servers.Bluesky, house: Acme, browsing: Visitor
) -> None:
    bluesky = Reference(PUBLIC, there, house, browsing)
    urls = (there.pds, there.appview or there.pds, there.plc)
    client = Bluesky(*urls, allow_private=True, base_url=PUBLIC, secrets=("k",))
    async with staged(store, redis_url, {"bluesky": client}, base_url=PUBLIC) as stage:
        house.behind = {urlsplit(PUBLIC).netloc: urlsplit(str(stage.pg.config.events_url)).netloc}
        (link,) = urls_of(await stage.types_for(BEA, "connect bluesky"))
        assert link.startswith(PUBLIC)
        assert "Bluesky is connected as @bea.test" in await browsing.connect(link, "bea.test", there.own)
        assert "Bluesky* is connected as" in await stage.told(BEA)
        assert len(await bluesky.do("granted")) == 1
        assert "Bluesky confirmed" in await stage.disconnects(BEA, "bluesky")
        assert await bluesky.do("granted") == []
