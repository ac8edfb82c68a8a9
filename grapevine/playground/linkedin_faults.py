"""What LinkedIn's own answers look like when something is wrong; the rest of a fault is the same everywhere."""

from aiohttp import web

from grapevine.playground.faults import PAGE, USUAL, Fault

MODES = {
    **USUAL,
    "500": "an internal error, nothing is done",
    "401": "a proxy in front lets nobody in, nothing is done",
    "429": "the limit for today is reached",
    "revoked": "every token counts as revoked",
}
REVOKED = {
    "status": 401,
    "serviceErrorCode": 65601,
    "code": "REVOKED_ACCESS_TOKEN",
    "message": "The token used in the request has been revoked by the user",
}
THROTTLED = {
    "status": 429,
    "serviceErrorCode": 101,
    "message": "Resource level throttle limit for calls to this resource is reached.",
}


def broken(fault: Fault, _: web.Request) -> web.Response:
    if fault.mode == "401":
        return web.Response(status=401, text=PAGE, content_type="text/html")
    if fault.mode == "429":
        return web.json_response(THROTTLED, status=429)
    if fault.mode == "revoked":
        return web.json_response(REVOKED, status=401)
    return web.json_response({"message": "Internal Server Error", "status": 500}, status=500)
