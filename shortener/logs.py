"""Logs without addresses (rule 24): aiohttp puts the peer's into what it says about requests it cannot read."""

import logging

from aiohttp.http_exceptions import HttpProcessingError

#: the logger that the web server is given
http = logging.getLogger("shortener.http")


class _NoAddresses(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, HttpProcessingError):
            return False  # somebody speaks no HTTP; the text of the error quotes what they sent
        record.msg, record.args = "A request could not be handled.", ()
        return True


def set_up(level: str) -> None:
    logging.basicConfig(level=level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    http.addFilter(_NoAddresses())
