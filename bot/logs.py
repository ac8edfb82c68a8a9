"""What the bot writes down: lines that hold no token, no query of an address, nobody's words."""

import logging
import re
import sys

_SECRETS = re.compile(r"\bx(?:ox[a-z]|app)-[\w-]+")
_QUERIES = re.compile(r"((?:https?|wss?)://[^\s?'\"]+)\?[^\s'\"]+")


class Scrubbed(logging.Formatter):
    """The usual line, Slack's tokens and the queries of addresses cut out; exception texts included."""

    def format(self, record: logging.LogRecord) -> str:
        return _QUERIES.sub(r"\1?…", _SECRETS.sub("[token]", super().format(record)))


def configure(level: str) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Scrubbed("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level.upper(), handlers=[handler])
    # They write whole payloads to their debug logs: captions, names, response addresses.
    for name in ("slack_sdk", "slack_bolt", "aiohttp", "asyncio"):
        logging.getLogger(name).setLevel(max(logging.INFO, logging.getLogger().level))
    # It names the caller's address; what goes wrong in a handler is logged by the handler's own guard.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
