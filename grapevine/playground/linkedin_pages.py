"""The stand-in's pages: plain HTML with its style inside, readable on a phone."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from html import escape
from urllib.parse import urlsplit

from grapevine.playground.faults import Fault
from grapevine.playground.linkedin_faults import MODES
from grapevine.playground.linkedin_state import MEMBERS, Member, StoredPost

_STYLE = """
*{box-sizing:border-box} body{margin:0;background:#f4f2ee;color:#1d1d1d;font:16px/1.45 system-ui,sans-serif}
header{background:#fff;border-bottom:1px solid #ddd;padding:.6rem 1rem;display:flex;gap:1rem;align-items:baseline}
header b{color:#0a66c2} header a{color:#555} main{max-width:34rem;margin:1rem auto;padding:0 .75rem}
article,.card{background:#fff;border:1px solid #ddd;border-radius:.6rem;padding:1rem;margin:0 0 1rem}
h1{font-size:1.3rem;margin:.2rem 0 .8rem} h2{font-size:1rem;margin:0} .quiet{color:#666;font-size:.85rem}
.by{display:flex;gap:.6rem;align-items:center} .by img{width:44px;height:44px;border-radius:50%}
.text{white-space:pre-wrap;overflow-wrap:anywhere} .text a{color:#0a66c2} .tag{color:#0a66c2;font-weight:600}
.link{display:block;border:1px solid #ddd;border-radius:.4rem;padding:.7rem;color:inherit;text-decoration:none;
background:#f8fafd;overflow-wrap:anywhere} .link b{display:block} .shown{max-width:100%;border-radius:.4rem}
button{font:inherit;padding:.5rem .9rem;border:1px solid #0a66c2;border-radius:1.2rem;background:#fff;color:#0a66c2;
cursor:pointer;min-height:44px} button.main{background:#0a66c2;color:#fff} form{margin:.5rem 0}
.row{display:flex;gap:.5rem;flex-wrap:wrap} .wide button{width:100%;text-align:left} li{margin:.3rem 0}
"""
_ADDRESS = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]']")
_TAG = re.compile(r"(?<![\w&/#;])#(\w*[^\W\d_]\w*)")
_SCOPES = {
    "openid": "Use your name and photo",
    "profile": "Use your name and photo",
    "email": "Use the primary email address associated with your LinkedIn account",
    "r_basicprofile": "Use your basic profile including your name, photo, headline, and public profile URL",
    "w_member_social": "Create, modify, and delete posts, comments, and reactions on your behalf",
    "r_member_postAnalytics": "Retrieve your posts and their reporting data",
    "r_member_profileAnalytics": "Use your profile analytics data, such as the number of your followers",
    "r_1st_connections_size": "Use the number of 1st-degree connections within your network",
}


def _page(home: str, title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{_STYLE}</style>'
        f'<header><b>LinkedIn</b> <span class="quiet">stand-in</span> <a href="{escape(home)}/">Feed</a> '
        f'<a href="{escape(home)}/faults">Faults</a></header><main>{body}</main></html>'
    )


def _button(label: str, name: str, value: str, *, main: bool = False) -> str:
    look = ' class="main"' if main else ""
    return f'<button name="{escape(name)}" value="{escape(value)}"{look}>{escape(label)}</button>'


def login(home: str, here: str) -> str:
    people = "".join(f"<p>{_button(f'Sign in as {member.name}', 'member', key)}</p>" for key, member in MEMBERS.items())
    return _page(
        home,
        "Sign in",
        f'<div class="card"><h1>Sign in</h1><p class="quiet">This stand-in asks for no password. Who are you?</p>'
        f'<form method="post" action="{escape(here)}" class="wide">{people}</form>'
        f'<form method="post" action="{escape(here)}">{_button("Cancel", "answer", "cancel")}</form></div>',
    )


def consent(home: str, here: str, member: Member, scopes: Iterable[str]) -> str:
    wants = "".join(f"<li>{escape(said)}</li>" for said in dict.fromkeys(_SCOPES[scope] for scope in scopes))
    return _page(
        home,
        "Authorize",
        f'<div class="card">{_by(home, member, "signed in")}<h1>Grapevine would like to:</h1><ul>{wants}</ul>'
        f'<form method="post" action="{escape(here)}" class="row">'
        f"{_button('Allow', 'answer', 'allow', main=True)}{_button('Cancel', 'answer', 'cancel')}"
        f"{_button('Use another account', 'another', '1')}</form></div>",
    )


def bummer(home: str, why: str) -> str:
    return _page(
        home, "LinkedIn", f'<div class="card"><h1>Bummer, something went wrong.</h1><p>{escape(why)}</p></div>'
    )


def feed(home: str, posts: Sequence[StoredPost]) -> str:
    shown = "".join(_post(home, post) for post in posts)
    return _page(home, "Feed", f"<h1>Feed</h1>{shown or '<p>Nobody has posted anything yet.</p>'}")


def _by(home: str, member: Member, beside: str) -> str:
    key = next(key for key, one in MEMBERS.items() if one == member)
    return (
        f'<div class="by"><img src="{escape(home)}/pictures/{key}.svg" alt=""><div><h2>{escape(member.name)}</h2>'
        f'<span class="quiet">{escape(beside)}</span></div></div>'
    )


def _post(home: str, post: StoredPost) -> str:
    when = datetime.fromtimestamp(post.created, UTC).strftime("%d %b %Y, %H:%M UTC")
    at = f"{escape(home)}/feed/update/{escape(post.urn)}"
    buttons = "".join(
        _button(label, "reaction", kind)
        for label, kind in (("Like", "likes"), ("Comment", "comments"), ("Repost", "reshares"))
    )
    return (
        f'<article id="{escape(post.urn)}">{_by(home, post.author, when)}<p class="text">{_linked(post.text)}</p>'
        f'{_card(home, post)}<p class="quiet">{_counted(post)}'
        f'</p><form method="post" action="{at}" class="row">{buttons}</form></article>'
    )


def _counted(post: StoredPost) -> str:
    numbers = ((post.likes, "like"), (post.comments, "comment"), (post.reshares, "repost"))
    return " · ".join(f"{number} {noun}{'' if number == 1 else 's'}" for number, noun in numbers)


def _card(home: str, post: StoredPost) -> str:
    if post.pictures:
        return "".join(_picture(home, one["id"], one.get("altText", "")) for one in post.pictures)
    if post.article is None:
        return ""
    source, about = post.article["source"], escape(post.article.get("description", ""))
    drawn = _picture(home, post.article["thumbnail"], "") if "thumbnail" in post.article else ""
    return (
        f'<a class="link" href="{escape(source)}" target="_blank" rel="noopener">{drawn}'
        f"<b>{escape(post.article['title'])}</b>{about} "
        f'<span class="quiet">{escape(urlsplit(source).netloc)}</span></a>'
    )


def _picture(home: str, urn: str, alt: str) -> str:
    if ":video:" in urn:
        return f'<video class="shown" src="{escape(home)}/images/{escape(urn)}" controls></video>'
    return f'<img class="shown" src="{escape(home)}/images/{escape(urn)}" alt="{escape(alt)}">'


def _linked(text: str) -> str:
    shown, end = [], 0
    for address in _ADDRESS.finditer(text):
        shown.append(_tagged(text[end : address.start()]))
        shown.append(f'<a href="{escape(address[0])}" target="_blank" rel="noopener">{escape(address[0])}</a>')
        end = address.end()
    return "".join([*shown, _tagged(text[end:])])


def _tagged(text: str) -> str:
    return _TAG.sub(r'<span class="tag">#\1</span>', escape(text, quote=False))


def faults(home: str, fault: Fault | None) -> str:
    on = fault.mode if fault else ""
    modes = "".join(
        f"<li><b>{escape(mode)}</b>: {escape(said)} {_button(f'Switch on {mode}', 'fault', mode, main=mode == on)}</li>"
        for mode, said in MODES.items()
    )
    people = "".join(
        f"<p>{_button(f'Remove Grapevine as {member.name}', 'revoke', key)}</p>" for key, member in MEMBERS.items()
    )
    return _page(
        home,
        "Faults",
        f'<div class="card"><h1>Faults</h1><p>Now: <b>{escape(on) or "all is well"}</b></p><form method="post">'
        f"{_button('All is well', 'fault', '')}<ul>{modes}</ul></form></div>"
        f'<div class="card"><h1>Permitted services</h1><form method="post" class="wide">{people}</form></div>',
    )


def portrait(member: Member) -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100" viewBox="0 0 100 100">'
        f'<rect width="100" height="100" fill="{member.colour}"/><text x="50" y="64" font-size="40" fill="#fff" '
        f'font-family="sans-serif" text-anchor="middle">{member.given[0]}{member.family[0]}</text></svg>'
    )
