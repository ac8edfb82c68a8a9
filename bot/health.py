"""What machines ask the bot: is it alive, and which Grapevine is it."""

from aiohttp import web

from bot.line import Line
from grapevine.store import Store


class Health:
    """``GET /healthz``, in the shortener's shape. *line* is the socket to Slack, None where Slack comes over HTTP."""

    def __init__(self, store: Store, line: Line | None) -> None:
        self._store, self._line, self._instance = store, line, ""

    async def healthz(self, _: web.Request) -> web.Response:
        """200; 503 with the reason while Redis or Slack cannot be spoken to. *instance* is empty until it is known."""
        reasons: list[str] = []
        try:
            self._instance = await self._store.identity.id()
        except Exception:  # noqa: BLE001 – whatever it is, nothing can be stored
            reasons.append("Redis cannot be used.")
        if self._line is not None and not await self._line.is_up():
            reasons.append("The socket to Slack is closed.")
        answer = {"status": "degraded" if reasons else "ok", "instance": self._instance, "program": "bot"}
        if reasons:
            answer["reason"] = " ".join(reasons)
        return web.json_response(answer, status=503 if reasons else 200, headers={"Cache-Control": "no-store"})
