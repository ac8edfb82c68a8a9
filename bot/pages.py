"""The few web pages of the bot: plain HTML without scripts, never cached or framed, telling nobody where one was."""

import re
from typing import Any

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from grapevine.written import is_loopback

#: an address as a sentence has it, without its scheme: a name with a dot, and a path
_PLACE = re.compile(r"\b(?:[a-z0-9-]+\.)+[a-z]{2,}/[\w/-]*\w")


class Pages:
    """Renders ``bot/templates``. *base_url* is the bot's public address; pictures come from the networks' servers."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._templates = Environment(
            loader=PackageLoader("bot"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["linked"] = linked
        pictures = "https: http://127.0.0.1:*" if is_loopback(base_url) else "https:"
        # No form-action: browsers apply it to what a form's answer redirects to, which is the network's prompt.
        policy = f"default-src 'none'; style-src 'self'; img-src {pictures}; frame-ancestors 'none'; base-uri 'none'"
        self._headers = {
            "Content-Security-Policy": policy,
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
            "X-Frame-Options": "DENY",
            "X-Content-Type-Options": "nosniff",
            "X-Robots-Tag": "noindex, nofollow",
        }

    def show(self, template: str, status: int = 200, **facts: Any) -> web.Response:
        page = self._templates.get_template(template).render(base_url=self._base_url, **facts)
        return web.Response(text=page, content_type="text/html", status=status, headers=self._headers)

    def say(self, title: str, *paragraphs: str, status: int = 200, picture: str = "") -> web.Response:
        """A page that only says something."""
        return self.show("said.html", title=title, paragraphs=paragraphs, status=status, picture=picture)

    async def style(self, request: web.Request) -> web.Response:  # noqa: ARG002 – aiohttp's handler
        css = self._templates.get_template("style.css").render()
        return web.Response(text=css, content_type="text/css", headers={"Cache-Control": "max-age=3600"})


def linked(text: str) -> Markup:
    """*text* with the addresses in it as links that open beside the page, on which somebody is still typing."""
    link = Markup('<a href="https://{0}" target="_blank" rel="noopener noreferrer">{0}</a>')
    said, end = Markup(), 0
    for place in _PLACE.finditer(text):
        said += text[end : place.start()] + link.format(place.group())
        end = place.end()
    return said + text[end:]


def bare() -> web.Response:
    """The answer to a HEAD: it shows nothing and uses nothing up."""
    return web.Response(headers={"Cache-Control": "no-store"}, content_type="text/html")
