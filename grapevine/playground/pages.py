"""What the pages of all stand-in networks have: a frame, forms with one button, faces, and the faults to try."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape

from aiohttp import web

from grapevine.playground.faults import Faulty

_STYLE = """
*{box-sizing:border-box} body{font:16px/1.45 system-ui,sans-serif;margin:0;background:var(--ground);color:#14181c}
main{max-width:36rem;margin:0 auto;padding:1.25rem} nav{background:var(--own);padding:.6rem 1.25rem;display:flex;
gap:.3rem 1.25rem;align-items:baseline;flex-wrap:wrap} nav a:hover{text-decoration:underline}
nav a,nav strong{color:#fff;text-decoration:none;white-space:nowrap} small,time{color:#4a5058}
article,section{background:#fff;border:1px solid var(--line);border-radius:8px;padding:1rem 1.25rem;margin:0 0 1rem}
h1{font-size:1.35rem} p{white-space:pre-wrap;overflow-wrap:anywhere} form.one{display:inline}
header{display:flex;gap:.7rem;align-items:center} header img{border-radius:50%}
footer{display:flex;gap:.5rem;flex-wrap:wrap;align-items:center} ul.plain{list-style:none;padding:0}
ul.plain li{margin:.5rem 0} img.media{max-width:100%;border-radius:8px} button{font:inherit;background:#fff;
color:var(--own);border:1px solid var(--own);border-radius:var(--round);padding:.4rem .9rem;min-height:44px;
cursor:pointer} button.main{background:var(--own);color:#fff} a.card{display:block;border:1px solid var(--line);
border-radius:8px;padding:.7rem 1rem;margin:.5rem 0;color:inherit;text-decoration:none;overflow-wrap:anywhere}
a.card strong{display:block}
"""


@dataclass(frozen=True, slots=True)
class Site:
    """*name* is in the bar (empty: the host), *after* at the end of a title; *links*: words by the names of routes.

    Colours: its *own*, the *ground*'s, and the *line*s' around boxes. *round*: its buttons' corners; *style*: more CSS.
    """

    name: str
    after: str
    links: Mapping[str, str]
    own: str
    ground: str
    line: str
    round: str = "8px"
    style: str = ""

    def page(self, request: web.Request, title: str, body: str, status: int = 200) -> web.Response:
        """*body* is markup, *title* is not."""
        links = " ".join(f'<a href="{path(request, route)}">{word}</a>' for route, word in self.links.items())
        look = f"--own:{self.own};--ground:{self.ground};--line:{self.line};--round:{self.round}"
        text = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}{self.after}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<style>:root{{{look}}}{_STYLE}{self.style}</style></head><body><nav aria-label="Main">
<strong>{escape(self.name or request.host)}</strong> {links}</nav><main>{body}</main></body></html>"""
        return web.Response(text=text, status=status, content_type="text/html")


def path(request: web.Request, route: str, /, **parts: str) -> str:
    """Where the route of that name is, wherever the stand-in is mounted."""
    return str(request.app.router[route].url_for(**parts))


def form(action: str, button: str, css: str = "", **fields: str) -> str:
    """A button that sends *fields*."""
    hidden = "".join(f'<input type="hidden" name="{n}" value="{escape(v)}">' for n, v in fields.items())
    pressed = f'<button class="{css}">{escape(button)}</button>'
    return f'<form class="one" method="post" action="{escape(action)}">{hidden}{pressed}</form>'


def image(request: web.Request, name: str, alt: str) -> str:
    """A picture of those at the route "picture"."""
    return f'<img class="media" src="{path(request, "picture", name=name)}" alt="{escape(alt)}">'


def face(name: str, colour: str) -> web.Response:
    """The picture of somebody who has none: the first letter."""
    svg = f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 80 80" width="80" height="80">
<rect width="80" height="80" fill="{colour}"/><text x="40" y="53" font-family="sans-serif"
font-size="36" fill="#fff" text-anchor="middle">{escape(name[0])}</text></svg>"""
    return web.Response(text=svg, content_type="image/svg+xml")


def faults_page(
    site: Site, state: Faulty, modes: Mapping[str, str], more: Callable[[web.Request], str] = lambda _: ""
) -> web.RouteDef:
    """``/faults``: what can go wrong, a button for each, and *more* markup; the buttons lead to the route "control"."""

    async def shown(request: web.Request) -> web.Response:
        here, fault = path(request, "control"), state.fault
        rows = "".join(
            f"<li>{form(here, f'Fault: {mode}', fault=mode)} <small>{escape(said)}</small></li>"
            for mode, said in modes.items()
        )
        now = f"Now: {fault.mode}, {modes[fault.mode]}." if fault else "Now: no fault."
        body = f"""<section><h1>Faults</h1><p role="status">{now}</p>{form(here, "No fault", "main", fault="")}
<ul class="plain">{rows}</ul></section>{more(request)}"""
        return site.page(request, "Faults", body)

    return web.get("/faults", shown, name="faults")
