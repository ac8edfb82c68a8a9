"""X's API, version 2, as far as Grapevine calls it; shapes from X's OpenAPI description 2.167."""

from datetime import datetime
from html import escape
from typing import Any

from aiohttp import BodyPartReader, web
from twitter_text import parse_tweet

from grapevine.playground.x_oauth import member
from grapevine.playground.x_state import STATE, Person, XPost, XStandIn, links_in, timestamp

PROBLEMS = "https://api.x.com/2/problems/"
_FIELDS = {"id", "text", "media", "reply_settings", "made_with_ai"}
_IMAGES = ("image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp", "image/tiff", "image/pjpeg")


def problem(status: int, title: str, detail: str, kind: str = "about:blank", **more: Any) -> web.Response:
    body = {"title": title, "detail": detail, "type": kind, "status": status, **more}
    return web.json_response(body, status=status, content_type="application/problem+json")


def invalid(message: str, **parameters: list[str]) -> web.Response:
    return problem(
        400,
        "Invalid Request",
        "One or more parameters to your request was invalid.",
        f"{PROBLEMS}invalid-request",
        errors=[{"parameters": parameters, "message": message}],
    )


def _short(post: XPost, number: int) -> str:
    return f"https://t.co/{int(post.id) % 10**6:06d}{number:04d}"


def shown(post: XPost, fields: set[str]) -> dict[str, Any]:
    """A post as the API shows it: every link wrapped in t.co, the addresses themselves under ``entities``."""
    text = post.text
    urls: list[dict[str, Any]] = []
    for number, (start, end, address) in reversed(list(enumerate(links_in(post.text)))):
        wrapped = _short(post, number)
        text = text[:start] + wrapped + text[end:]
        urls.insert(0, {"url": wrapped, "expanded_url": address, "display_url": address.split("://", 1)[-1][:30]})
    if post.media:
        photo = _short(post, 9999)
        text = f"{text} {photo}"
        urls.append({"url": photo, "expanded_url": f"{post.url}/photo/1", "display_url": "pic.x.com"})
    for url in urls:
        url["start"] = text.index(url["url"])
        url["end"] = url["start"] + len(url["url"])
    answer: dict[str, Any] = {
        "id": post.id,
        "text": escape(text, quote=False),
        "edit_history_tweet_ids": [post.id],
    }
    if "created_at" in fields:
        answer["created_at"] = timestamp(post.created)
    if "entities" in fields and urls:
        answer["entities"] = {"urls": urls}
    if "public_metrics" in fields:
        answer["public_metrics"] = {
            "retweet_count": post.reposts,
            "reply_count": post.replies,
            "like_count": post.likes,
            "quote_count": post.quotes,
            "bookmark_count": 0,
            "impression_count": 17 * (post.likes + post.replies + post.reposts),
        }
    return answer


def _wanted(request: web.Request, name: str = "tweet.fields") -> set[str]:
    return set(filter(None, request.query.get(name, "").split(",")))


async def create(request: web.Request) -> web.Response:
    state, author = request.app[STATE], (await member(request)).person
    if state.read_only:
        said = "Your client app is not configured with the appropriate oauth1 app permissions for this endpoint."
        return problem(403, "Forbidden", said, f"{PROBLEMS}oauth1-permissions")
    if request.content_type != "application/json":
        return invalid("The request body must be application/json.")
    try:
        body = await request.json()
        text, media = body.get("text", ""), (body.get("media") or {}).get("media_ids", [])
    except (ValueError, AttributeError):
        return invalid("Requests with bodies must have content-type of application/json.")
    if unknown := set(body) - _FIELDS:
        return invalid(f"[{', '.join(sorted(unknown))}] is not a valid field.")
    if not isinstance(text, str) or not (text or media):
        return invalid("One of text or media is required.")
    if len(media) > 4 or any(number not in state.media or state.media[number][0] != author.id for number in media):
        return invalid("Your media IDs are invalid.", **{"media.media_ids": [str(number) for number in media]})
    if parse_tweet(text).weightedLength > 280:
        return problem(403, "Forbidden", "You are not permitted to perform this action.")
    if any(post.author == author and post.text == text for post in state.newest()):
        return problem(403, "Forbidden", "You are not allowed to create a Tweet with duplicate content.")
    page = request.app.router["post"].url_for(id="{id}")
    post = state.add(author, text, f"{request.url.origin()}{page.path}", media)
    return web.json_response({"data": shown(post, set())}, status=201)


async def look_up(request: web.Request) -> web.Response:
    state = request.app[STATE]
    await member(request)
    ids = [number for number in request.query.get("ids", "").split(",") if number]
    if not 1 <= len(ids) <= 100:
        return invalid(
            f"The number of values in the `ids` query parameter list [{len(ids)}] is not between 1 and 100", ids=ids[:3]
        )
    if strange := [number for number in ids if not (number.isdigit() and len(number) <= 19)]:
        return invalid(f"The `ids` query parameter value [{strange[0]}] is not valid", ids=strange)
    fields = _wanted(request)
    found = [post for number in ids if (post := state.post(number))]
    missing = [
        {
            "value": number,
            "detail": f"Could not find tweet with ids: [{number}].",
            "title": "Not Found Error",
            "resource_type": "tweet",
            "parameter": "ids",
            "resource_id": number,
            "type": f"{PROBLEMS}resource-not-found",
        }
        for number in ids
        if state.post(number) is None
    ]
    answer: dict[str, Any] = {}
    if found:
        answer["data"] = [shown(post, fields) for post in found]
    if missing:
        answer["errors"] = missing
    return web.json_response(answer)


async def delete(request: web.Request) -> web.Response:
    state, author = request.app[STATE], (await member(request)).person
    post = state.post(request.match_info["id"])
    if post is None or post.author != author:
        return problem(403, "Forbidden", "You are not authorized to delete this Tweet.")
    state.remove(post.id)
    return web.json_response({"data": {"deleted": True}})


async def me(request: web.Request) -> web.Response:
    person, fields = (await member(request)).person, _wanted(request, "user.fields")
    data: dict[str, Any] = {"id": person.id, "name": person.name, "username": person.handle}
    if "profile_image_url" in fields:
        data["profile_image_url"] = _picture(request, person)
    if "public_metrics" in fields:
        data["public_metrics"] = _metrics(request.app[STATE], person)
    return web.json_response({"data": data})


def _metrics(state: XStandIn, person: Person) -> dict[str, int]:
    own = sum(post.author == person for post in state.newest())
    return {"followers_count": person.followers, "following_count": 90, "tweet_count": own, "listed_count": 0}


def _picture(request: web.Request, person: Person) -> str:
    return f"{request.url.origin()}{request.app.router['picture'].url_for(name=f'{person.handle}_normal.svg').path}"


async def timeline(request: web.Request) -> web.Response:
    """A member's own posts, newest first, a page at a time; ``start_time`` as X takes it, ``max_results`` 5 to 100."""
    state = request.app[STATE]
    await member(request)
    count = request.query.get("max_results", "10")
    if not count.isdigit() or not 5 <= int(count) <= 100:
        return invalid(
            f"The `max_results` query parameter value [{count}] is not between 5 and 100", max_results=[count]
        )
    try:
        start = datetime.fromisoformat(request.query.get("start_time", "1970-01-01T00:00:00Z")).timestamp()
    except ValueError:
        return invalid("Invalid 'start_time'", start_time=[request.query["start_time"]])
    fields = _wanted(request)
    own = [p for p in state.newest() if p.author.id == request.match_info["id"] and p.created >= start]
    first = request.query.get("pagination_token", "after-0").removeprefix("after-")
    if not first.isdigit():
        return invalid("Invalid 'pagination_token'", pagination_token=[request.query["pagination_token"]])
    last = int(first) + int(count)
    found = [shown(post, fields) for post in own[int(first) : last]]
    meta: dict[str, object] = {"result_count": len(found)}
    if last < len(own):
        meta["next_token"] = f"after-{last}"
    return web.json_response({"data": found, "meta": meta} if found else {"meta": meta})


async def upload(request: web.Request) -> web.Response:
    state, owner = request.app[STATE], (await member(request)).person
    if request.content_type != "multipart/form-data":
        return invalid("The media must be sent as multipart/form-data.")
    media, kind, category = b"", "", ""
    async for part in await request.multipart():
        if isinstance(part, BodyPartReader) and part.name == "media":
            media, kind = bytes(await part.read()), part.headers.get("Content-Type", "")
        elif isinstance(part, BodyPartReader) and part.name == "media_category":
            category = await part.text()
    if category != "tweet_image" or not media or len(media) > 5 * 1024 * 1024 or kind not in _IMAGES:
        return invalid("The media or its category is not valid.", media_category=[category])
    number = state.new_id()
    state.media[number] = (owner.id, media, kind)
    data = {"id": number, "media_key": f"3_{number}", "size": len(media), "expires_after_secs": 86400}
    return web.json_response({"data": data})


async def describe(request: web.Request) -> web.Response:
    """``POST /2/media/metadata``: the alternative text of an image, at most 1,000 characters."""
    state, owner = request.app[STATE], (await member(request)).person
    body = await request.json()
    number, text = str(body.get("id", "")), body.get("metadata", {}).get("alt_text", {}).get("text", "")
    if number not in state.media or state.media[number][0] != owner.id or not 0 < len(text) <= 1000:
        return invalid("The media id or its alt text is not valid.", id=[number])
    state.alt_texts[number] = text
    return web.json_response({"data": {"id": number, "associated_metadata": {"alt_text": {"text": text}}}})
