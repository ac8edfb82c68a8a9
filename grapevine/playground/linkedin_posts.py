"""Creating and deleting posts, and uploading their pictures."""

from typing import Any
from urllib.parse import unquote

from aiohttp import web

from grapevine.playground.linkedin_answers import TOKEN, denied, invalid, refusal, sent
from grapevine.playground.linkedin_little import visible
from grapevine.playground.linkedin_state import STATE, Image, LinkedInStandIn, Member, StoredPost

_NEEDED = ("author", "commentary", "visibility", "distribution", "lifecycleState")
_KNOWN = {*_NEEDED, "content", "isReshareDisabledByAuthor", "reshareContext", "contentLandingPage"}
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8")


async def create(request: web.Request) -> web.Response:
    state, token = request.app[STATE], request[TOKEN]
    if "w_member_social" not in token.scopes:
        return denied(f"partnerApiPostsExternal.CREATE.{request.headers['Linkedin-Version']}01")
    body = await sent(request)
    if body is None:
        return refusal(400, "ILLEGAL_ARGUMENT", "Request body should be a JSON object")
    if refused := _wrong(state, token.member, body):
        return refused
    content = body.get("content") or {}
    article, pictures = content.get("article"), _shown(content)
    text = visible(body["commentary"])
    for post in state.stored.values():
        # A deleted post is remembered too; a new picture makes another post of the same words.
        if (post.author, post.text, post.article, post.pictures) == (token.member, text, article, pictures):
            return _duplicate(post.urn)
    urn = state.new_urn("ugcPost" if pictures else "share")
    state.stored[urn] = StoredPost(urn, token.member, body["commentary"], text, state.clock(), article, pictures)
    return web.Response(status=201, headers={"x-restli-id": urn})


def _shown(content: dict[str, Any]) -> list[dict[str, str]]:
    return [content["media"]] if "media" in content else content.get("multiImage", {}).get("images", [])


def _wrong(state: LinkedInStandIn, member: Member, body: dict[str, Any]) -> web.Response | None:
    for name in _NEEDED:
        if name not in body:
            return invalid(f"/{name} :: field is required but not found and has no default value")
    if unknown := body.keys() - _KNOWN:
        return invalid(f"/{min(unknown)} :: unrecognized field found but not allowed")
    if body["author"] != member.urn:
        said = (
            "Field Value validation failed in REQUEST_BODY: Data Processing Exception while processing fields [/author]"
        )
        return refusal(403, "ACCESS_DENIED", said, 100)
    if not isinstance(body["commentary"], str):
        return invalid("/commentary :: cannot be coerced to String")
    if len(body["commentary"].encode("utf-16-le", "surrogatepass")) > 6000:
        return refusal(400, "FIELD_LENGTH_TOO_LONG", "Commentary exceeds the maximum length of 3000")
    if body["visibility"] not in ("PUBLIC", "CONNECTIONS", "LOGGED_IN"):
        return refusal(400, "INVALID_VALUE_FOR_FIELD", "/visibility is not one of the known values")
    if body["lifecycleState"] != "PUBLISHED" or "feedDistribution" not in body["distribution"]:
        return refusal(400, "INVALID_VALUE_FOR_FIELD", "/lifecycleState or /distribution is not valid")
    return _wrong_content(state, member, body.get("content"))


def _wrong_content(state: LinkedInStandIn, member: Member, content: Any) -> web.Response | None:
    if content is None:
        return None
    if not isinstance(content, dict) or len(content) != 1 or content.keys() - {"article", "media", "multiImage"}:
        return invalid("/content :: union should have exactly one known member")
    if "multiImage" in content and not 2 <= len(_shown(content)) <= 20:
        return refusal(400, "INVALID_VALUE_FOR_FIELD", "/content/multiImage/images should have 2 to 20 elements")
    for picture in _shown(content):
        if picture.keys() - {"id", "altText", "title"} or len(picture.get("altText", "")) > 4086:
            return invalid("/content/media :: unrecognized field found but not allowed")
        if refused := _wrong_image(state, member, "/content/media/id", picture.get("id")):
            return refused
    if "article" not in content:
        return None
    article = content["article"]
    for name in ("source", "title"):
        if not isinstance(article.get(name), str) or not article[name]:
            return invalid(f"/content/article/{name} :: field is required but not found and has no default value")
    if not article["source"].startswith(("http://", "https://")):
        return refusal(400, "INVALID_VALUE_FOR_FIELD", "/content/article/source is not a valid URL")
    if article.keys() - {"source", "title", "description", "thumbnail", "thumbnailAltText"}:
        return invalid("/content/article :: unrecognized field found but not allowed")
    if "thumbnail" in article and (
        refused := _wrong_image(state, member, "/content/article/thumbnail", article["thumbnail"])
    ):
        return refused
    if len(article["title"]) > 400 or len(article.get("description", "")) > 4086:
        return refusal(400, "FIELD_LENGTH_TOO_LONG", "/content/article has a text that is too long")
    return None


def _wrong_image(state: LinkedInStandIn, member: Member, field: str, urn: Any) -> web.Response | None:
    image = state.images.get(str(urn))
    if image is None or image.owner != member or not image.content:
        return refusal(400, "INVALID_CONTENT_OWNERSHIP", f"{field} is no image of the author's")
    if state.clock() < image.ready:
        return refusal(400, "MEDIA_ASSET_WAITING_UPLOAD", f"{field} is still being processed: {urn}")
    return None


def _duplicate(urn: str) -> web.Response:
    return web.json_response(
        {
            "errorDetailType": "com.linkedin.common.error.BadRequest",
            "message": f"Content is a duplicate of {urn}",
            "errorDetails": {
                "inputErrors": [{"description": "Duplicate post is detected", "input": {}, "code": "DUPLICATE_POST"}]
            },
            "status": 422,
        },
        status=422,
    )


async def look(request: web.Request) -> web.Response:
    """Reading posts needs a scope that is closed to everybody here."""
    return denied(f"partnerApiPostsExternal.GET.{request.headers['Linkedin-Version']}01")


async def delete(request: web.Request) -> web.Response:
    state, token = request.app[STATE], request[TOKEN]
    post = state.post(unquote(request.match_info["urn"]))
    if post is None or "%3A" not in request.raw_path:
        return refusal(404, "NOT_FOUND", "Not Found")
    if post.author != token.member or "w_member_social" not in token.scopes:
        return denied(f"partnerApiPostsExternal.DELETE.{request.headers['Linkedin-Version']}01")
    state.remove(post.urn)
    return web.Response(status=204)


async def images(request: web.Request) -> web.Response:
    state, token = request.app[STATE], request[TOKEN]
    if "w_member_social" not in token.scopes:
        return denied(f"partnerApiImages.ACTION-initializeUpload.{request.headers['Linkedin-Version']}01")
    if request.query_string != "action=initializeUpload":
        return refusal(400, "ILLEGAL_ARGUMENT", "The action is not known")
    asked = ((await sent(request)) or {}).get("initializeUploadRequest")
    if not isinstance(asked, dict) or asked.get("owner") != token.member.urn:
        return refusal(403, "ACCESS_DENIED", "The owner should be the member", 100)
    urn = state.new_urn("image").replace("urn:li:image:", "urn:li:image:C4D")
    state.images[urn] = Image(token.member)
    upload = request.url.join(request.app.router["upload"].url_for(urn=urn))
    expires = int((state.clock() + 3600) * 1000)
    return web.json_response({"value": {"uploadUrlExpiresAt": expires, "uploadUrl": str(upload), "image": urn}})


async def upload(request: web.Request) -> web.Response:
    state = request.app[STATE]
    image = state.images.get(request.match_info["urn"])
    content = await request.read()
    if image is None or image.owner != request[TOKEN].member:
        return refusal(404, "NOT_FOUND", "Not Found")
    if not content.startswith(_PICTURES):
        return refusal(400, "INVALID_VALUE_FOR_FIELD", "This is neither JPEG nor PNG nor GIF")
    image.content, image.ready = content, state.clock() + state.processing
    return web.Response(status=201)


ROUTES = (
    web.post("/rest/posts", create),
    web.get("/rest/posts", look),
    web.get("/rest/posts/{urn}", look),
    web.delete("/rest/posts/{urn}", delete),
    web.post("/rest/images", images),
    web.put("/dms-uploads/{urn}", upload, name="upload"),
)
