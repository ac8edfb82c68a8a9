"""The stand-in's repository and public view, as strict as the lexicons: https://github.com/bluesky-social/atproto"""

import re
import secrets
from datetime import datetime
from typing import Any, NoReturn
from urllib.parse import urlsplit

import regex
from aiohttp import web

from grapevine.playground.bluesky_access import require_upload, require_write
from grapevine.playground.bluesky_sessions import body_of, deny, member, person_of, prefix
from grapevine.playground.bluesky_state import PEOPLE, POST, STATE, Person, Post

_TID = re.compile(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")
_URI = re.compile(rf"at://(did:plc:[a-z2-7]{{24}})/{re.escape(POST)}/([\w.~:-]{{1,512}})")
_IMAGE = 1_000_000
_UPLOAD = 5 * 1024 * 1024
_SIGNS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png", b"GIF8": "image/gif"}


async def upload_blob(request: web.Request) -> web.Response:
    owner = member(request)
    require_upload(request)
    content = await request.read()
    if not content:
        deny("InvalidRequest", "Request has no body")
    if len(content) > _UPLOAD:
        deny("InvalidRequest", "This file is too large")
    # What it looks like counts, not what it is called: clients also call it */*.
    kind = next((kind for sign, kind in _SIGNS.items() if content.startswith(sign)), request.content_type)
    cid = request.app[STATE].blob(owner.did, content, kind)
    blob = {"$type": "blob", "ref": {"$link": cid}, "mimeType": kind, "size": len(content)}
    return web.json_response({"blob": blob})


async def put_record(request: web.Request) -> web.Response:
    """With a *swapRecord* of null only where nothing is; without one, whatever is there is written over."""
    state, author, body = request.app[STATE], member(request), await body_of(request)
    key = _place(request, body, author, "create", "update")
    record = _valid(request, author, body.get("record"))
    before = state.post(author.did, key)
    if "swapRecord" in body and (before.cid if before else None) != body["swapRecord"]:
        deny("InvalidSwap", f"Record was at {before.cid if before else 'null'}")
    return _written(request, author, key, record)


async def create_record(request: web.Request) -> web.Response:
    state, author, body = request.app[STATE], member(request), await body_of(request)
    key = _place(request, {"rkey": _tid(state.clock()), **body}, author, "create")
    if state.post(author.did, key):
        raise web.HTTPInternalServerError(
            text='{"error":"InternalServerError","message":"Internal Server Error"}', content_type="application/json"
        )
    return _written(request, author, key, _valid(request, author, body.get("record")))


async def delete_record(request: web.Request) -> web.Response:
    author, body = member(request), await body_of(request)
    request.app[STATE].remove(_place(request, body, author, "delete"))
    return web.json_response({})


async def get_record(request: web.Request) -> web.Response:
    did, collection, key = (request.query.get(name, "") for name in ("repo", "collection", "rkey"))
    if person_of(did) is None:
        deny("RepoNotFound", f"Could not find repo for DID: {did}")
    post = request.app[STATE].post(did, key) if collection == POST else None
    if post is None:
        deny("RecordNotFound", f"Could not locate record: at://{did}/{collection}/{key}")
    return web.json_response({"uri": post.uri, "cid": post.cid, "value": post.record})


async def get_posts(request: web.Request) -> web.Response:
    """At most 25; what is deleted is left out without a word."""
    uris, state = request.query.getall("uris", []), request.app[STATE]
    if not 1 <= len(uris) <= 25:
        deny("InvalidRequest", "Error: uris must not have more than 25 elements")
    posts = []
    for uri in uris:
        named = _URI.fullmatch(uri)
        if named is None:
            deny("InvalidRequest", "Error: uris/0 must be a valid at-uri")
        if post := state.post(named[1], named[2]):
            posts.append(_view(request, post))
    return web.json_response({"posts": [] if state.fault and state.fault.mode == "unindexed" else posts})


async def get_profile(request: web.Request) -> web.Response:
    actor = request.query.get("actor", "")
    person = person_of(actor) or next((one for one in PEOPLE if one.handle == actor.lower()), None)
    if person is None:
        deny("InvalidRequest", "Profile not found")
    about = {"followersCount": person.followers, "followsCount": 90, "postsCount": 3, "labels": []}
    return web.json_response({**_author(request, person), **about, "description": "Writes about vines."})


def picture_of(request: web.Request, person: Person) -> str:
    return f"{request.url.origin()}{prefix(request)}/pictures/{person.handle}.svg"


def _author(request: web.Request, person: Person) -> dict[str, Any]:
    known = {"did": person.did, "handle": person.handle, "displayName": person.name}
    return {**known, "avatar": picture_of(request, person), "createdAt": "2024-02-06T00:00:00.000Z"}


def _view(request: web.Request, post: Post) -> dict[str, Any]:
    return {
        "uri": post.uri,
        "cid": post.cid,
        "author": _author(request, post.author),
        "record": post.record,
        "bookmarkCount": 0,
        "replyCount": post.replies,
        "repostCount": post.reposts,
        "likeCount": post.likes,
        "quoteCount": post.quotes,
        "indexedAt": post.record["createdAt"],
        "labels": [],
    }


def _place(request: web.Request, body: dict[str, Any], author: Person, *actions: str) -> str:
    if body.get("repo") not in (author.did, author.handle):
        deny("AuthenticationRequired", "Invalid repo", 401)
    require_write(request, str(body.get("collection")), *actions)
    if body.get("collection") != POST:
        deny("InvalidRequest", "This stand-in keeps posts only")
    key = body.get("rkey")
    if not isinstance(key, str) or not _TID.fullmatch(key):
        deny("InvalidRequest", "Invalid record key: should be a TID")
    return key


def _tid(now: float) -> str:
    """The key that a server makes for a record without one: https://atproto.com/specs/tid."""
    number = int(now * 1_000_000) << 10 | secrets.randbelow(1024)
    return "".join("234567abcdefghijklmnopqrstuvwxyz"[number >> shift & 31] for shift in range(60, -1, -5))


def _written(request: web.Request, author: Person, key: str, record: dict[str, Any]) -> web.Response:
    url = f"{request.url.origin()}{prefix(request)}/profile/{author.did}/post/{key}"
    post = request.app[STATE].put(author, key, record, url)
    return web.json_response({"uri": post.uri, "cid": post.cid, "validationStatus": "valid"})


def _valid(request: web.Request, author: Person, record: Any) -> dict[str, Any]:
    """The record, once it is what app.bsky.feed.post says."""
    if not isinstance(record, dict) or record.get("$type") != POST:
        _invalid(f"Record/$type must be {POST}")
    text = record.get("text")
    if not isinstance(text, str):
        _invalid('Record must have the property "text"')
    if len(text.encode()) > 3000 or len(regex.findall(r"\X", text)) > 300:
        _invalid("Record/text must not be longer than 300 graphemes")
    created = record.get("createdAt")
    try:
        whole = datetime.fromisoformat(str(created)).tzinfo is not None
    except ValueError:
        whole = False
    if not whole:
        _invalid("Record/createdAt must be an valid atproto datetime (both RFC-3339 and ISO-8601)")
    for facet in record.get("facets", []):
        _facet(text.encode(), facet)
    if "embed" in record:
        _embed(request, author, record["embed"])
    return record


def _facet(text: bytes, facet: Any) -> None:
    start, end = facet["index"]["byteStart"], facet["index"]["byteEnd"]
    if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(text)):
        _invalid("Record/facets/0/index is outside of the text")
    try:
        text[:start].decode(), text[start:end].decode()
    except UnicodeDecodeError:
        _invalid("Record/facets/0/index is inside of a character")
    for feature in facet["features"]:
        kind = feature.get("$type")
        if kind == "app.bsky.richtext.facet#link":
            _address(feature.get("uri"))
        elif kind == "app.bsky.richtext.facet#tag":
            tag = feature.get("tag")
            if not isinstance(tag, str) or not 0 < len(tag) <= 64:
                _invalid("Record/facets/0/features/0/tag must not be longer than 64 graphemes")
        else:
            _invalid(f"Record/facets/0/features/0 is no feature that is known here: {kind}")


def _embed(request: web.Request, author: Person, embed: dict[str, Any]) -> None:
    if embed.get("$type") == "app.bsky.embed.external":
        card = embed.get("external", {})
        _address(card.get("uri"))
        for name in ("title", "description"):
            if not isinstance(card.get(name), str):
                _invalid(f'Record/embed/external must have the property "{name}"')
        if "thumb" in card:
            _picture(request, author, card["thumb"])
    elif embed.get("$type") == "app.bsky.embed.images":
        if not 1 <= len(embed.get("images", [])) <= 4:
            _invalid("Record/embed/images must not have more than 4 elements")
        for image in embed["images"]:
            if not isinstance(image.get("alt"), str):
                _invalid('Record/embed/images/0 must have the property "alt"')
            _picture(request, author, image.get("image", {}))
    else:
        _invalid(f"Record/embed is none that is known here: {embed.get('$type')}")


def _picture(request: web.Request, author: Person, blob: dict[str, Any]) -> None:
    kept = request.app[STATE].blobs.get(blob.get("ref", {}).get("$link", ""))
    if kept is None or kept.owner != author.did:
        deny("BlobNotFound", f"Could not find blob: {blob.get('ref')}")
    if len(kept.content) > _IMAGE or blob.get("size") != len(kept.content):
        deny("BlobTooLarge", "This file is too large. It should be less than 976.56KB")
    if not kept.kind.startswith("image/") or blob.get("mimeType") != kept.kind:
        deny("InvalidMimeType", f"Wrong mimetype: {kept.kind}")


def _address(uri: Any) -> None:
    if not isinstance(uri, str) or urlsplit(uri).scheme not in ("http", "https") or not urlsplit(uri).netloc:
        _invalid("Record/… must be a uri")


def _invalid(message: str) -> NoReturn:
    deny("InvalidRequest", f"Invalid {POST} record: {message}")
