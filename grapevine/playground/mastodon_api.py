"""Mastodon's REST API as far as Grapevine calls it: https://docs.joinmastodon.org/methods/"""

import re
from datetime import UTC, datetime
from html import escape
from typing import Any

import regex
from aiohttp import BodyPartReader, web

from grapevine.playground.mastodon_oauth import caller, deny, fields_of, reader
from grapevine.playground.mastodon_state import KEY_LIFE, STATE, MastodonStandIn, Media, Person, Status

ADDRESS = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]'…]")
_MENTION = re.compile(r"@(\w+)@[\w.-]+\w")
_IMAGES = ("image/jpeg", "image/png", "image/gif", "image/webp", "image/heic", "image/avif")
_BATCH, _IMAGE_SIZE, _DESCRIPTION = 20, 16 * 1024 * 1024, 1500


def when(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def account(request: web.Request, person: Person) -> dict[str, Any]:
    origin, state = str(request.url.origin()), request.app[STATE]
    picture = f"{origin}/pictures/{person.acct}.svg"
    return {
        "id": person.id,
        "username": person.acct,
        "acct": person.acct,
        "display_name": person.name,
        "locked": False,
        "bot": False,
        "created_at": "2022-11-15T00:00:00.000Z",
        "note": "<p>I grow grapes and write about it.</p>",
        "url": f"{origin}/@{person.acct}",
        "avatar": picture,
        "avatar_static": picture,
        "followers_count": person.followers,
        "following_count": 90,
        "statuses_count": sum(one.author == person for one in state.newest()),
        "emojis": [],
        "fields": [{"name": "Pronouns", "value": "they/them", "verified_at": None}],
    }


def shown(request: web.Request, status: Status) -> dict[str, Any]:
    """A status as the API shows it, with all that Grapevine has no business with."""
    links = ADDRESS.findall(status.text)
    content = ADDRESS.sub(lambda found: f'<a href="{escape(found[0])}">{escape(found[0])}</a>', escape(status.text))
    return {
        "id": status.id,
        "created_at": when(status.created),
        "visibility": status.visibility,
        "url": status.url,
        "uri": status.url,
        "replies_count": status.replies,
        "reblogs_count": status.boosts,
        "favourites_count": status.favourites,
        "content": f"<p>{content}</p>",
        "account": account(request, status.author),
        "media_attachments": [_attachment(request, number) for number in status.media],
        "mentions": [],
        "tags": [],
        "card": {"url": links[0], "title": "A page", "author_name": "Somebody"} if links else None,
        "application": {"name": "Grapevine", "website": None},
    }


def _length(text: str) -> int:
    """StatusLengthValidator: links count 23, remote mentions without their server."""
    return len(regex.findall(r"\X", _MENTION.sub(r"@\1", ADDRESS.sub("x" * 23, text))))


async def create(request: web.Request) -> web.Response:
    state, person = request.app[STATE], caller(request, "write", "write:statuses")
    key = (person.id, request.headers.get("Idempotency-Key", ""))
    at, made = state.keys.get(key, (0.0, ""))
    if key[1] and made and state.clock() - at < KEY_LIFE:
        known = state.post(made)
        if known is None:
            deny(404, "Record not found")
        return web.json_response(shown(request, known))
    fields = await fields_of(request)
    text, media = str(fields.get("status") or ""), [str(number) for number in fields.get("media_ids") or ()]
    if not text.strip() and not media:
        deny(422, "Validation failed: Text can't be blank")
    if _length(text) > state.limit:
        deny(422, f"Validation failed: Text character limit of {state.limit} exceeded")
    if fields.get("visibility", "public") not in ("public", "unlisted", "private", "direct"):
        deny(422, "Validation failed: Visibility is not included in the list")
    _attachable(state, person, media)
    for number in media:
        state.media[number].used = True
    url = f"{request.url.origin()}/@{person.acct}/{{id}}"
    status = state.add(person, text, url, media, str(fields.get("visibility", "public")))
    if key[1]:
        state.keys[key] = (state.clock(), status.id)
    return web.json_response(shown(request, status))


def _attachable(state: MastodonStandIn, person: Person, media: list[str]) -> None:
    if len(media) > 4:
        deny(422, "Cannot attach more than 4 files")
    for number in media:
        one = state.media.get(number)
        if one is None or one.owner != person or one.used:
            deny(422, f"Media {number} not found or already attached to another post")
        if one.ready > state.clock():
            deny(422, "Cannot attach files that have not finished processing. Try again in a moment!")


def _visible(state: MastodonStandIn, number: str, person: Person | None) -> Status | None:
    status = state.post(number)
    return status if status and (status.visibility in ("public", "unlisted") or status.author == person) else None


async def read_many(request: web.Request) -> web.Response:
    state = request.app[STATE]
    if not state.modern:
        deny(404, "Not Found")
    person, ids = reader(request), list(dict.fromkeys(request.query.getall("id[]", [])))
    if len(ids) > _BATCH:
        deny(422, "Mastodon::ValidationError")
    found = [status for number in ids if (status := _visible(state, number, person))]
    return web.json_response([shown(request, status) for status in found])


async def read_one(request: web.Request) -> web.Response:
    status = _visible(request.app[STATE], request.match_info["id"], reader(request))
    if status is None:
        deny(404, "Record not found")
    return web.json_response(shown(request, status))


async def delete(request: web.Request) -> web.Response:
    state, person = request.app[STATE], caller(request, "write", "write:statuses")
    status = state.post(request.match_info["id"])
    if status is None or status.author != person:
        deny(404, "Record not found")
    state.remove(status.id)
    return web.json_response({**shown(request, status), "text": status.text})


async def verify_credentials(request: web.Request) -> web.Response:
    person = caller(request, "read", "read:accounts", "profile")
    return web.json_response({**account(request, person), "source": {"privacy": "public", "note": "I grow grapes."}})


async def upload(request: web.Request) -> web.Response:
    state, person = request.app[STATE], caller(request, "write", "write:media")
    content, kind, description = b"", "", ""
    if request.content_type == "multipart/form-data":
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader) and part.name == "file":
                content, kind = bytes(await part.read()), part.headers.get("Content-Type", "")
            elif isinstance(part, BodyPartReader) and part.name == "description":
                description = await part.text()
    if not content:
        deny(422, "Validation failed: File can't be blank")
    if kind not in _IMAGES:
        deny(422, "Validation failed: File content type is invalid, File is invalid")
    if len(content) > _IMAGE_SIZE:
        deny(422, "Validation failed: File file size must be less than 16 MB")
    if len(description) > _DESCRIPTION:
        deny(422, "Validation failed: Description is too long (maximum is 1500 characters)")
    number = state.new_id()
    state.media[number] = Media(person, content, kind, description, state.clock() + state.processing)
    return web.json_response(_attachment(request, number), status=202 if state.processing else 200)


async def processed(request: web.Request) -> web.Response:
    state, person = request.app[STATE], caller(request, "write", "write:media")
    number = request.match_info["id"]
    one = state.media.get(number)
    if one is None or one.owner != person or one.used:
        deny(404, "Record not found")
    return web.json_response(_attachment(request, number), status=206 if one.ready > state.clock() else 200)


def _attachment(request: web.Request, number: str) -> dict[str, Any]:
    one, state = request.app[STATE].media[number], request.app[STATE]
    address = f"{request.url.origin()}/pictures/{number}"
    return {
        "id": number,
        "type": "image",
        "url": address if one.ready <= state.clock() else None,
        "preview_url": address,
        "description": one.description or None,
    }


async def instance(request: web.Request) -> web.Response:
    """``/api/v2/instance``, and ``/api/v1/instance`` in the older form."""
    state = request.app[STATE]
    configuration = {
        "statuses": {"max_characters": state.limit, "max_media_attachments": 4, "characters_reserved_per_url": 23},
        "media_attachments": {"supported_mime_types": list(_IMAGES), "image_size_limit": _IMAGE_SIZE},
    }
    body = {"version": state.version, "title": "Stand-in", "configuration": configuration}
    if "/v1/" in request.path:
        return web.json_response({"uri": request.host, **body})
    if tuple(map(int, re.findall(r"\d+", state.version)[:2])) >= (4, 3):
        body["api_versions"] = {"mastodon": 2}
    return web.json_response({"domain": request.host, "contact": {"email": "admin@example.org"}, **body})
