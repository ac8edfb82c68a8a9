"""Rule 18 on every network: names, addresses and comments in every object of every answer, and none of it survives."""

import json
import logging
import time
from collections.abc import AsyncIterator

import pytest

from grapevine.networks.base import Published
from tests.networks.calls import call
from tests.networks.drafts import DRAFTS
from tests.networks.stage import CALLBACK, Stage
from tests.networks.stages import STAGES
from tests.networks.stuffing import STUFFED, STUFFING, marks_in, spoilt_and_stuffed
from tests.networks.test_contract_answers import another, calls_of, end_of
from tests.networks.wire import status


@pytest.fixture(params=STAGES)
async def stage(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Stage]:
    caplog.set_level(logging.DEBUG)
    async with STAGES[request.param]() as stage:
        yield stage


async def test_the_whole_way_of_a_post_leaves_none_of_it(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    stage.wire.spoil(STUFFED)
    network, connected = stage.network, await stage.connect()
    assert connected.profile.name == stage.called
    told: list[object] = [connected, connected.token]
    for draft in DRAFTS.values():
        since = time.time()
        published = await call(network.publish, connected.token, draft)
        assert isinstance(published, Published)
        told += [published, await end_of(network.settle, connected.token, draft, since)]
        told.append(await call(network.counts, connected.token, [published.id]))
    told.append(await call(network.profile, connected.token))
    token = (await call(network.refresh, connected.token) or (connected.token,))[0]
    told += [token, await call(network.revoke, token)]
    assert len(stage.wire.answers) >= 5, "all of it went over the wire"
    assert marks_in(*told, caplog.text) == []


async def test_an_answer_that_cannot_be_read_leaves_none_of_it(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    token = (await stage.connect()).token
    post = (await call(stage.network.publish, token, another())).id
    for function, arguments in ((stage.network.counts, (token, [post])), (stage.network.profile, (token,))):
        for at, said in enumerate(await calls_of(stage, function, *arguments)):
            for fault in spoilt_and_stuffed(said):
                stage.wire.spoil(fault, at)
                assert marks_in(await end_of(function, *arguments)) == []
    for at, said in enumerate(await calls_of(stage, stage.network.publish, token, another())):
        for fault in spoilt_and_stuffed(said):
            draft, since = another(), time.time()
            stage.wire.spoil(fault, at)
            ends = [await end_of(stage.network.publish, token, draft)]
            stage.wire.spoil(fault)
            assert marks_in(*ends, await end_of(stage.network.settle, token, draft, since)) == []
    assert marks_in(caplog.text) == []


@pytest.mark.parametrize("code", [400, 401, 402, 403, 404, 409, 422, 429, 500])
async def test_a_refusal_leaves_none_of_it(stage: Stage, code: int, caplog: pytest.LogCaptureFixture) -> None:
    token = (await stage.connect()).token
    begun = await call(stage.network.authorize, CALLBACK, "state-1", stage.answers)
    query = await stage.decide(begun.url)
    stage.wire.spoil(status(code, json.dumps(STUFFING)))
    ends = [
        await end_of(stage.network.connect, CALLBACK, query, begun.secret),
        await end_of(stage.network.profile, token),
        await end_of(stage.network.publish, token, another("image")),
        await end_of(stage.network.settle, token, another(), time.time()),
        await end_of(stage.network.counts, token, ["urn:li:share:7" if stage.network.name == "linkedin" else "7"]),
        await end_of(stage.network.refresh, token),
        await end_of(stage.network.revoke, token),
    ]
    assert marks_in(*ends, caplog.text) == []
