"""Mastodon servers, and what pretends to be one, say odd things: each ends in a result or in one of our errors."""

import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Any

import pytest
from aiohttp import web

from grapevine.domain.accounts import Profile
from grapevine.domain.errors import GrapevineError, Refused, TryLater, Unavailable
from grapevine.domain.reactions import Counts
from grapevine.networks.mastodon import Mastodon
from grapevine.networks.mastodon_server import Server
from grapevine.networks.mastodon_token import Token
from tests.networks.calls import call, failing
from tests.networks.drafts import DRAFT, IMAGE
from tests.networks.mastodon_stand_in import CALLBACK
from tests.serving import serving


class Odd:
    """A server that says what it is told to; *said* maps "METHOD /path" to a status and a body."""

    def __init__(self, url: str = "") -> None:
        self.said: dict[str, tuple[int, Any]] = {}
        self.url = url
        self.client = Mastodon(allow_private=True, patience=(0.01,))

    @property
    def token(self) -> str:
        return Token(self.url, "access-token-of-bea-1234567890", "client-id", "client-secret-1234567890").pack()

    async def answer(self, request: web.Request) -> web.Response:
        status, body = self.said.get(f"{request.method} {request.path}", (404, {"error": "Record not found"}))
        text = body if isinstance(body, str) else json.dumps(body)
        return web.Response(status=status, text=text, content_type="application/json")


@pytest.fixture
async def odd() -> AsyncIterator[Odd]:
    made, app = Odd(), web.Application()
    app.router.add_route("*", "/{path:.*}", made.answer)
    async with serving(app) as url:
        made.url = url
        yield made


ACCOUNT = {
    "id": "7",
    "acct": "bea",
    "display_name": "Bea",
    "avatar": "https://files.example/bea.png",
    "followers_count": 3,
    "note": "<p>NOTE</p>",
    "fields": [{"name": "FIELD", "value": "VALUE"}],
    "source": {"note": "SOURCE"},
    "email": "EMAIL",
    "role": {"name": "ROLE"},
}
STATUS = {
    "id": "1",
    "favourites_count": 3,
    "replies_count": 2,
    "reblogs_count": 1,
    "content": "<p>CONTENT</p>",
    "account": {"display_name": "FRIEND", "acct": "FRIENDACCT"},
    "mentions": [{"acct": "MENTIONED"}],
    "favourited_by": [{"display_name": "ADMIRER"}],
    "replies": [{"content": "COMMENT", "account": {"acct": "COMMENTER"}}],
    "card": {"author_name": "AUTHOR"},
}
NAMES = (
    "NOTE FIELD VALUE SOURCE EMAIL ROLE CONTENT FRIEND FRIENDACCT MENTIONED ADMIRER COMMENT COMMENTER AUTHOR".split()
)


@pytest.mark.parametrize("status", [200, 400, 403, 422, 500])
async def test_no_name_and_no_comment_survives(odd: Odd, status: int) -> None:
    """Rule 18: ids, name, picture and numbers go further; a server may send whatever it likes."""
    body: Any = [STATUS] if status == 200 else {"error": "No", **STATUS}
    odd.said = {
        "GET /api/v1/accounts/verify_credentials": (status, ACCOUNT if status == 200 else {"error": "No", **ACCOUNT}),
        "GET /api/v1/statuses": (status, body),
        "GET /api/v1/statuses/1": (status, STATUS),
        "POST /api/v1/statuses": (status, STATUS if status == 200 else body),
    }
    told: list[Any] = []
    for function, arguments in (
        (odd.client.profile, ()),
        (odd.client.counts, (["1"],)),
        (odd.client.publish, (DRAFT,)),
    ):
        try:
            told.append(await call(function, odd.token, *arguments))
        except GrapevineError as error:
            told.append(f"{error!r} {error.__cause__!r} {error.__context__!r} {vars(error)!r}")
    if status == 200:
        assert told[0] == Profile(f"7@{Server(odd.url).name}", "Bea", "https://files.example/bea.png", 3)
        assert told[1] == {"1": Counts(3, 2, 1)}
        assert asdict(told[2]) == {"id": "1", "url": f"{odd.url}/statuses/1", "note": ""}
    text = repr(told)
    assert not [name for name in NAMES if name in text]


async def test_a_server_that_repeats_what_it_was_sent_tells_no_token(odd: Odd) -> None:
    secret = "access-token-of-bea-1234567890"
    odd.said["POST /api/v1/statuses"] = (422, {"error": f"Bearer {secret} may not do this"})
    error = await failing(Refused, odd.client.publish, odd.token, DRAFT)
    assert secret not in str(error)
    assert "may not do this" in str(error)


@pytest.mark.parametrize(
    "status",
    [
        {"id": "1"},
        {**STATUS, "favourites_count": None},
        {**STATUS, "favourites_count": "3"},
        {**STATUS, "replies_count": True},
        {**STATUS, "reblogs_count": -1},
    ],
)
async def test_numbers_that_are_none_are_unavailable_and_never_zero(odd: Odd, status: Any) -> None:
    odd.said["GET /api/v1/statuses"] = (200, [status])
    assert isinstance((await call(odd.client.counts, odd.token, ["1"]))["1"], Unavailable)


@pytest.mark.parametrize("body", ["", "[", {}, "null", "7", '"x"'])
async def test_a_list_that_is_none_is_for_later(odd: Odd, body: Any) -> None:
    odd.said["GET /api/v1/statuses"] = (200, body)
    await failing(TryLater, odd.client.counts, odd.token, ["1"])


@pytest.mark.parametrize("body", ["[]", "[7, null]", [{**STATUS, "id": "2"}]])
async def test_a_post_that_a_batch_leaves_out_is_asked_for_alone(odd: Odd, body: Any) -> None:
    odd.said = {"GET /api/v1/statuses": (200, body), "GET /api/v1/statuses/1": (200, STATUS)}
    assert (await call(odd.client.counts, odd.token, ["1"]))["1"] == Counts(3, 2, 1)


@pytest.mark.parametrize("said", [{}, {"id": 7}, {"id": ""}, {"id": "../../x"}, {"id": "1" * 65}])
async def test_a_post_without_a_name_is_uncertain(odd: Odd, said: Any) -> None:
    odd.said["POST /api/v1/statuses"] = (200, said)
    assert (await failing(TryLater, odd.client.publish, odd.token, DRAFT)).uncertain


@pytest.mark.parametrize(
    "url", [None, 7, "javascript:alert(1)", "https://elsewhere.example/1", "//elsewhere.example/1"]
)
async def test_a_posts_address_is_on_its_own_server(odd: Odd, url: Any) -> None:
    odd.said["POST /api/v1/statuses"] = (200, {"id": "1", "url": url})
    assert (await call(odd.client.publish, odd.token, DRAFT)).url == f"{odd.url}/statuses/1"


@pytest.mark.parametrize("account", [{}, {"id": 7}, {"id": "a|b"}, {"id": ""}])
async def test_an_account_without_an_id_is_for_later(odd: Odd, account: Any) -> None:
    odd.said["GET /api/v1/accounts/verify_credentials"] = (200, account)
    await failing(TryLater, odd.client.profile, odd.token)


async def test_a_member_without_name_picture_and_reach(odd: Odd) -> None:
    bare = {"id": "7", "acct": "bea", "display_name": " ", "avatar": "javascript:x", "followers_count": "many"}
    odd.said["GET /api/v1/accounts/verify_credentials"] = (200, bare)
    assert await call(odd.client.profile, odd.token) == Profile(f"7@{Server(odd.url).name}", "@bea")


@pytest.mark.parametrize("said", [{}, {"id": None}, "half"])
async def test_an_image_without_a_name_is_for_later(odd: Odd, said: Any) -> None:
    odd.said["POST /api/v2/media"] = (200, said)
    assert not (await failing(TryLater, odd.client.publish, odd.token, IMAGE)).uncertain


@pytest.mark.parametrize(
    "apps",
    [(200, {}), (200, {"client_id": "a"}), (200, {"client_id": 7, "client_secret": "b"}), (403, {"error": "No"})],
)
async def test_a_server_that_registers_nobody_is_said(odd: Odd, apps: Any) -> None:
    odd.said = {"GET /api/v2/instance": (200, {"version": "4.5.0"}), "POST /api/v1/apps": apps}
    error = await failing(Refused, odd.client.authorize, CALLBACK, "state-1", {"server": odd.url})
    assert "Your server" in str(error)


@pytest.mark.parametrize(
    ("path", "about", "limit"),
    [
        ("/api/v2/instance", {"configuration": {"statuses": {"max_characters": 5000}}}, 5000),
        ("/api/v1/instance", {"configuration": {"statuses": {"max_characters": 700}}}, 700),
        ("/api/v1/instance", {"max_toot_chars": 3000}, 3000),
        ("/api/v2/instance", {}, 500),
        ("/api/v2/instance", {"configuration": {"statuses": {"max_characters": 0}}}, 500),
        ("/api/v2/instance", {"configuration": {"statuses": {"max_characters": "many"}}}, 500),
        ("/api/v2/instance", {"configuration": [7]}, 500),
    ],
)
async def test_the_limit_is_read_with_a_sane_default(odd: Odd, path: str, about: Any, limit: int) -> None:
    odd.said = {
        f"GET {path}": (200, {"version": "4.1.0", **about}),
        "POST /api/v1/apps": (200, {"client_id": "a", "client_secret": "b"}),
    }
    begun = await call(odd.client.authorize, CALLBACK, "state-1", {"server": odd.url})
    assert f'"caption_limit":{limit}' in begun.secret
