"""What a user agent tells: whether a browser is behind it, a previewer, and which family of browsers it is."""

import re

#: no more of a user agent is looked at, so that none, however long, takes long
MOST = 512

#: who fetches a page to draw a card of it where the link was posted; they announce themselves on their own pages
_PREVIEWERS = (
    "linkedinbot twitterbot facebookexternalhit facebot facebookcatalog slackbot slack-imgproxy telegrambot"
    " discordbot skypeuripreview microsoftpreview bingpreview iframely embedly redditbot pinterestbot cardyb"
    " vkshare viberbot kakaotalk-scrap line-poker mastodon/ pleroma akkoma misskey friendica lemmy/ hatena"
    " synapse/ mattermost-bot rocket.chat xing-contenttabreceiver outbrain flipboardproxy tumblr/ quora"
    " notionbot nuzzel bitlybot"
).split()
_PREVIEWER = re.compile(
    "|".join(re.escape(name) for name in _PREVIEWERS)
    # WhatsApp (and Signal, which says the same) begins with its name; its own browser has it further behind
    + r"|^whatsapp/|^snapchat/|(?:link|url|uri)[ -]?preview|unfurl|open ?graph",
    re.IGNORECASE,
)

_OPENING = re.compile(r"(?:mozilla/5\.0|opera/9\.\d{1,3}) \(", re.IGNORECASE)
_ENGINE = re.compile(r"applewebkit/|gecko/|trident/|presto/|goanna/", re.IGNORECASE)

#: numbers that change when the browser or the system is updated; names and device models stay
_VERSIONS = re.compile(
    r"(?<=Build/)[^\s;)]++"
    r"|(?<=/)v?\d[\w.+-]*+"
    r"|(?<=Android )\d[\d.]*+|(?<=OS )\d[\d._]*+|(?<=OS X )\d[\d._]*+|(?<=NT )\d[\d.]*+|(?<=rv:)\d[\d.]*+"
    r"|\d{5,}+"
    r"|\d++(?:[._]\d++)+"
)


def is_previewer(user_agent: str) -> bool:
    return _PREVIEWER.search(user_agent[:MOST]) is not None


def is_browser_shaped(user_agent: str) -> bool:
    """Whether it opens and goes on as every browser's does; an empty one, a library's or a tool's does not."""
    said = user_agent[:MOST]
    return _OPENING.match(said) is not None and _ENGINE.search(said) is not None


def family(user_agent: str) -> str:
    """The user agent without its version numbers: an update does not make a new person."""
    return _VERSIONS.sub("", user_agent[:MOST])
