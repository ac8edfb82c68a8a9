"""UTM tags, added when a share is made (rule 27)."""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit


def with_utm(url: str, *, source: str, campaign: str = "", content: str = "") -> str:
    """The URL with source, medium, campaign and content; tags that are in the URL already win."""
    parts = urlsplit(url)
    present = {name.lower() for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    wanted = {
        "utm_source": source,
        "utm_medium": "advocacy",
        "utm_campaign": campaign,
        "utm_content": content,
    }
    added = urlencode({name: value for name, value in wanted.items() if value and name not in present})
    if not added:
        return url
    # The query is appended to, never rewritten: sites sign theirs.
    query = f"{parts.query}&{added}" if parts.query else added
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, parts.fragment))
