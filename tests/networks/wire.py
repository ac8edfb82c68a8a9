"""What may become of answers on their way from a network to its client: each of them can be spoiled."""

import asyncio
import json
from base64 import urlsafe_b64decode
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

#: bytes; more than any client takes
_HUGE = 2_000_000
Place = Sequence[str | int | None]
_NOTHING: tuple[Any, ...] = (None, True, -1, 1.5, "7", "", [], {}, [7], {"a": 7})


@dataclass(frozen=True)
class Fault:
    """*answer* makes another one of an answer. Where not *asked*, the network does not even hear of the call."""

    answer: Callable[[web.Request, web.Response], Awaitable[web.StreamResponse]]
    asked: bool = True


@dataclass
class Wire:
    """Between a client and its stand-in. *calls* are those since the last change, the handshakes of DPoP left out."""

    calls: list[str] = field(default_factory=list)
    answers: list[Any] = field(default_factory=list)
    _fault: Fault | None = None
    _at: int | None = None

    def under(self, app: web.Application) -> web.Application:
        """The *app*, with this wire before it."""
        app.middlewares.insert(0, self._middleware)
        return app

    def spoil(self, fault: Fault, at: int | None = None) -> None:
        """From now on the answer to each call, or to the one with that number only."""
        self.mend()
        self._fault, self._at = fault, at

    def mend(self) -> None:
        self.calls, self.answers, self._fault, self._at = [], [], None, None

    @web.middleware
    async def _middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        fault = self._fault if self._at in (None, len(self.calls)) else None
        if fault is not None and not fault.asked and not await self._greets(request):
            self.calls.append(f"{request.method} {request.path}")
            return await fault.answer(request, web.json_response({}))
        answer = await _answered(request, handler)
        if not isinstance(answer, web.Response) or "use_dpop_nonce" in _body(answer) + answer.headers.get(
            "WWW-Authenticate", ""
        ):
            return answer
        self.calls.append(f"{request.method} {request.path}")
        self.answers.append(_json(_body(answer)))
        return answer if fault is None else await fault.answer(request, answer)

    async def _greets(self, request: web.Request) -> bool:
        """Whether its client has no number of the server's yet, without which it is not heard."""
        proof = request.headers.get("DPoP", "").split(".")
        if len(proof) != 3:
            return False
        return "nonce" not in json.loads(_unpadded(proof[1]))


def _unpadded(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


async def _answered(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException as raised:
        headers = {name: value for name, value in raised.headers.items() if not name.startswith("Content-")}
        return web.Response(
            status=raised.status, text=raised.text, content_type=raised.content_type or "text/plain", headers=headers
        )


def _body(answer: web.Response) -> str:
    return answer.body.decode(errors="replace") if isinstance(answer.body, bytes) else ""


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def status(code: int, body: str = "<!doctype html><h1>Just a moment</h1>", *, asked: bool = False) -> Fault:
    """A proxy, or the network itself, says no."""

    async def answer(*_: object) -> web.StreamResponse:
        return web.Response(status=code, text=body, content_type="application/json" if body[:1] == "{" else "text/html")

    return Fault(answer, asked)


async def _huge(_: web.Request, answer: web.Response) -> web.StreamResponse:
    return _with(answer, _body(answer).encode() + b" " * _HUGE)


async def _drop(request: web.Request, answer: web.Response) -> web.StreamResponse:
    """A byte now and then, for ten seconds if somebody listens for so long."""
    slow = web.StreamResponse(status=answer.status, headers={"Content-Type": "application/json"})
    await slow.prepare(request)
    for _ in range(200):
        if request.transport is None or request.transport.is_closing():
            break
        await slow.write(b" ")
        await asyncio.sleep(0.05)
    return slow


HUGE, DRIPPING = Fault(_huge), Fault(_drop)


def _with(answer: web.Response, body: bytes) -> web.Response:
    headers = {name: value for name, value in answer.headers.items() if not name.startswith("Content-")}
    return web.Response(status=answer.status, body=body, headers=headers, content_type="application/json")


def spoilt(said: Any) -> Iterator[Fault]:
    """The network does what it was asked; something of its answer, which is like *said*, is of another type, or empty.

    One fault for each place of the JSON, and of JSON that stands in a text there, and for each thing that it may be.
    """
    return (_saying(place, other) for place in _places(said) for other in _others(_at(said, place)))


def stuffed(stuffing: Mapping[str, Any]) -> Fault:
    """The network does what it was asked, and says all of this too in every object of its answer."""

    async def answer(_: web.Request, own: web.Response) -> web.StreamResponse:
        said = _json(_body(own))
        return own if said is None else _with(own, json.dumps(_stuffed(said, stuffing)).encode())

    return Fault(answer)


def both(one: Fault, other: Fault) -> Fault:
    """The second of what the first makes of it."""

    async def answer(request: web.Request, own: web.Response) -> web.StreamResponse:
        between = await one.answer(request, own)
        return await other.answer(request, between) if isinstance(between, web.Response) else between

    return Fault(answer, one.asked and other.asked)


def _saying(place: Place, other: Any) -> Fault:
    async def answer(_: web.Request, own: web.Response) -> web.StreamResponse:
        return _with(own, json.dumps(_put(_json(_body(own)), place, other)).encode())

    return Fault(answer)


def _places(said: Any) -> Iterator[Place]:
    yield ()
    inner = _inside(said)
    if inner is not None:
        yield from ((None, *place) for place in _places(inner))
    parts = said.items() if isinstance(said, dict) else enumerate(said) if isinstance(said, list) else ()
    for name, part in parts:
        yield from ((name, *place) for place in _places(part))


def _others(said: Any) -> Iterator[Any]:
    return (other for other in _NOTHING if type(other) is not type(said) or other in (-1, "", {}))


def _at(said: Any, place: Place) -> Any:
    for name in place:
        said = _inside(said) if name is None else said[name]
    return said


def _put(said: Any, place: Place, other: Any) -> Any:
    """The same, with something else at that place, if there is such a place."""
    if not place:
        return other
    name, *rest = place
    if name is None:
        return json.dumps(_put(_inside(said), rest, other))
    if isinstance(said, dict) and name in said:
        return {**said, name: _put(said[name], rest, other)}
    if isinstance(said, list) and isinstance(name, int) and name < len(said):
        return [*said[:name], _put(said[name], rest, other), *said[name + 1 :]]
    return said


def _stuffed(said: Any, stuffing: Mapping[str, Any]) -> Any:
    if isinstance(said, dict):
        return {**stuffing, **{name: _stuffed(part, stuffing) for name, part in said.items()}}
    if isinstance(said, list):
        return [_stuffed(part, stuffing) for part in said]
    inner = _inside(said)
    return said if inner is None else json.dumps(_stuffed(inner, stuffing))


def _inside(said: Any) -> Any:
    """The JSON in a text, as answers to batches have it."""
    return _json(said) if isinstance(said, str) and said[:1] in ("{", "[") else None
