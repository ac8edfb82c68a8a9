"""A network's own words: a sentence's end for a member, and never a token."""

import json
from typing import Any

import pytest

from grapevine.domain.errors import GrapevineError
from grapevine.networks.reasons import reason_in
from tests.networks.calls import call
from tests.networks.test_deep_answers import DRAFT, NAMES, client, saying

SECRET = "AQX-access_token.of|bea+1234567890=="


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409, 413, 422, 429, 500])
@pytest.mark.parametrize("name", NAMES)
async def test_a_network_that_repeats_what_it_was_sent_tells_no_token(name: str, status: int) -> None:
    said: dict[str, Any] = {"message": f"Bearer {SECRET} may not", "detail": f"{SECRET}", "code": "ILLEGAL_ARGUMENT"}
    said |= {"error": {"message": said["message"], "code": 200} if name == "facebook" else said["message"]}
    async with saying(status, json.dumps(said).encode()) as url:
        network, token, post = client(name, url)
        with pytest.raises(GrapevineError) as caught:
            await call(network.publish, token, DRAFT)
        told: list[object] = [caught.value]
        try:
            told += (await call(network.counts, token, [post])).values()
        except GrapevineError as error:
            told.append(error)
        assert [one for one in told if SECRET[:12] in str(one)] == []


def test_a_reason_is_one_line_of_bounded_length_without_its_full_stop() -> None:
    assert reason_in(" It is\n too\tlong. ") == "It is too long"
    assert reason_in("No: abcd-efgh-ijkl-mnop.") == "No: …"
    assert len(reason_in("words and words " * 99)) <= 200
    nothing: list[object] = [None, 7, [], {}]
    assert [reason_in(one) for one in nothing] == [""] * 4
