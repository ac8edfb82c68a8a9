"""Stand-ins of the five networks that answer nothing but reads of counts, as slowly as real ones, and keep the books.

``python -m benchmarks.networks``: says its address in its first line. ``GET /books`` tells, by network, the calls that
came, those that were answered with 429, those that came during a pause that was asked for, the calls of each account,
and how often each post was told. At a few of its calls each network asks to be left alone for a second, LinkedIn a
member, Bluesky everybody.
"""

import asyncio
import json
import random
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from aiohttp import web

#: seconds to an answer
LATENCY = (0.08, 0.3)
#: the calls of each network that are answered with 429, and for how many seconds
LIMITED, PAUSE = (4, 9, 40), 1.0
#: seconds that a call may have been on its way when the pause began
_AT_ONCE = 0.25

Answer = tuple[Any, list[str]]  # the JSON, and the posts that it tells of


@dataclass
class Books:
    calls: int = 0
    limited: int = 0
    disobedient: int = 0
    accounts: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    paused: dict[str, tuple[float, float]] = field(default_factory=dict)  # account → from, until


def headers(network: str) -> dict[str, str]:
    """How each says that it wants to be left alone."""
    reset = time.time() + PAUSE
    return {
        "x": {"x-rate-limit-remaining": "0", "x-rate-limit-reset": str(int(reset + 1))},
        "mastodon": {"X-RateLimit-Reset": datetime.fromtimestamp(reset, UTC).isoformat()},
        "bluesky": {"ratelimit-reset": str(int(reset + 1))},
    }.get(network, {"Retry-After": str(int(PAUSE))})


def linkedin(request: web.Request) -> Answer:
    query = request.raw_path.partition("?")[2]
    urn = unquote(query.partition("entity=(share:")[2].partition(")")[0])
    metric = query.partition("queryType=")[2].partition("&")[0]
    row = {"count": 1, "metricType": metric, "targetEntity": {"share": urn}}
    return {"elements": [row]}, [urn] if metric == "RESHARE" else []  # the last of the three: now it is told wholly


def x(request: web.Request) -> Answer:
    ids = request.query["ids"].split(",")
    metrics = {"repost_count": 1, "reply_count": 1, "like_count": 1, "quote_count": 0}
    return {"data": [{"id": one, "public_metrics": metrics} for one in ids]}, ids


def mastodon(request: web.Request) -> Answer:
    ids = request.query.getall("id[]")
    return [{"id": one, "favourites_count": 1, "replies_count": 1, "reblogs_count": 1} for one in ids], ids


def bluesky(request: web.Request) -> Answer:
    uris = request.query.getall("uris")
    posts = [{"uri": uri, "likeCount": 1, "replyCount": 1, "repostCount": 1, "quoteCount": 0} for uri in uris]
    return {"posts": posts}, [uri.rpartition("/")[2] for uri in uris]


async def facebook(request: web.Request) -> Answer:
    asked = json.loads(str((await request.post())["batch"]))
    ids = [str(one["relative_url"]).partition("/")[2].partition("?")[0] for one in asked]
    summary = {"summary": {"total_count": 1}}
    told = {"shares": {"count": 1}, "reactions": summary, "comments": summary}
    return [{"code": 200, "body": json.dumps({"id": one, **told})} for one in ids], ids


def app(books: dict[str, Books]) -> web.Application:
    chance = random.Random(7)

    def route(network: str, answer: Callable[[web.Request], Answer | Awaitable[Answer]]) -> Any:
        own = books[network]

        async def handle(request: web.Request) -> web.Response:
            account = "everybody" if network == "bluesky" else request.headers.get("Authorization", "")
            if network == "x":  # OAuth 1 signs each request anew
                account = account.partition('oauth_token="')[2].partition('"')[0]
            now = time.monotonic()
            own.calls += 1
            own.accounts[account] += 1
            begun, until = own.paused.get(account, (0.0, 0.0))
            own.disobedient += begun + _AT_ONCE < now < until
            limited = own.calls in LIMITED
            await request.read()  # before its sender may be killed
            await asyncio.sleep(chance.uniform(*LATENCY))
            if limited:
                own.limited += 1
                own.paused[account] = time.monotonic(), time.monotonic() + PAUSE
                return web.json_response({}, status=429, headers=headers(network))
            found = answer(request)
            said, told = found if isinstance(found, tuple) else await found
            own.told.update(told)
            return web.json_response(said)

        return handle

    async def show(_: web.Request) -> web.Response:
        return web.json_response(
            {
                name: {
                    "calls": own.calls,
                    "limited": own.limited,
                    "disobedient": own.disobedient,
                    "most of an account": max(own.accounts.values(), default=0),
                    "told": own.told,
                }
                for name, own in books.items()
            }
        )

    site = web.Application(client_max_size=8 << 20)
    site.add_routes(
        [
            web.get("/linkedin/rest/memberCreatorPostAnalytics", route("linkedin", linkedin)),
            web.get("/x/2/tweets", route("x", x)),
            web.get("/api/v1/statuses", route("mastodon", mastodon)),
            web.get("/bluesky/xrpc/app.bsky.feed.getPosts", route("bluesky", bluesky)),
            web.post("/facebook/{version}/", route("facebook", facebook)),
            web.get("/books", show),
        ]
    )
    return site


async def main() -> None:
    runner = web.AppRunner(app(defaultdict(Books)), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
