"""The few pages that people see: plain, small, readable by everyone, in their language; they load nothing."""

from base64 import b64encode
from hashlib import sha256
from html import escape
from urllib.parse import urlsplit

from aiohttp import web

from shortener.languages import chosen
from shortener.texts import TEXTS, Text

_STYLE = (
    ":root{color-scheme:light dark}"
    "body{margin:0;min-height:100vh;display:grid;place-items:center;background:#fff;color:#1d1c1d;"
    "font:1.125rem/1.5 system-ui,sans-serif}"
    "main{max-width:34rem;padding:2rem}h1{font-size:1.75rem;line-height:1.25;margin:0 0 1rem}"
    "code{display:block;padding:.75rem;border:1px solid #8a868c;border-radius:.5rem;overflow-wrap:anywhere}"
    "a{color:#0b5cad}a:focus-visible{outline:3px solid currentcolor;outline-offset:3px}"
    "@media(prefers-color-scheme:dark){body{background:#1a1d21;color:#f2f1f2}a{color:#8ac2ff}}"
)
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def missing(request: web.BaseRequest) -> web.Response:
    language = _language(request)
    return _page(404, language, TEXTS[language].missing)


def gone(request: web.BaseRequest) -> web.Response:
    language = _language(request)
    return _page(410, language, TEXTS[language].gone)


def unavailable(request: web.BaseRequest, after: int = 10) -> web.Response:
    """Redis does not say where the link leads; come again *after* seconds."""
    language = _language(request)
    response = _page(503, language, TEXTS[language].unavailable)
    response.headers["Retry-After"] = str(after)
    return response


def preview(request: web.BaseRequest, slug: str, target: str) -> web.Response:
    """Where a link leads; going on from here is a click like any other."""
    language = _language(request)
    texts = TEXTS[language]
    more = (
        f"<p><strong>{escape(urlsplit(target).hostname or '')}</strong></p><code>{escape(target)}</code>"
        f'<p><a href="/{escape(slug)}" rel="nofollow">{escape(texts.go_on)}</a></p>'
    )
    return _page(200, language, texts.preview, more)


def _language(request: web.BaseRequest) -> str:
    return chosen(request.headers.get("Accept-Language", ""))


def _page(status: int, language: str, text: Text, more: str = "") -> web.Response:
    page = (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">'
        f"<title>{escape(text.title)}</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{escape(text.title)}</h1><p>{escape(text.body)}</p>{more}</main></body></html>"
    )
    headers = {
        "Cache-Control": "private, no-store",
        "Content-Language": language,
        "Content-Security-Policy": _POLICY,
        "Referrer-Policy": "no-referrer",
        "Vary": "Accept-Language",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex, nofollow",
    }
    return web.Response(status=status, text=page, content_type="text/html", charset="utf-8", headers=headers)
