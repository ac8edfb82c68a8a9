"""Where a short link may lead: http and https only, no credentials, not to ourselves, not into private networks."""

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

#: characters; browsers and networks take no longer address reliably
LONGEST = 2048

#: other people's shorteners: their link in ours would hide where it leads and count twice (rule 8)
SHORTENERS = frozenset(
    "bit.ly bitly.com buff.ly cutt.ly dlvr.it dub.sh goo.gl hubs.ly is.gd j.mp lnkd.in okt.to ow.ly rb.gy rebrand.ly"
    " shorturl.at t.co t.ly tiny.cc tinyurl.com trib.al v.gd".split()
)


def trouble_with(
    url: str, *, own_hosts: frozenset[str] = frozenset(), allow_private: bool = False, longest: int = LONGEST
) -> str | None:
    """Why this address cannot be a target, as a sentence for the person who typed it; None when it can."""
    if len(url) > longest:
        return f"That address is longer than {longest} characters. Please use a shorter one."
    if any(character.isspace() or ord(character) < 32 for character in url):
        return "That address has a space or a line break in it. Please paste it again."
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "That does not look like a web address. It should look like https://example.com/page."
    if parts.scheme not in ("http", "https"):
        meant = with_scheme(url, own_hosts=own_hosts, allow_private=allow_private, longest=longest)
        asked = f" Did you mean {meant}?" if meant else ""
        return f"Only addresses that begin with https:// or http:// can be shared.{asked}"
    if not host or (("." not in host and ":" not in host) and host != "localhost"):
        return "That does not look like a web address. It should look like https://example.com/page."
    if parts.username is not None or parts.password is not None:
        return "That address has a user name or password in it. Please remove it: everybody could read it."
    if _authority(parts) in own_hosts:
        return "That is one of Grapevine's own short links. Please share the address that it leads to."
    if not allow_private and _private(host):
        return "That address is on a private network, which your readers cannot reach."
    return None


def with_scheme(
    url: str, *, own_hosts: frozenset[str] = frozenset(), allow_private: bool = False, longest: int = LONGEST
) -> str | None:
    """The address with the https:// that it lacks; None when that is not all that is wrong with it (rule 8)."""
    if ":" in url.split("/")[0]:
        return None
    whole = f"https://{url}"
    wrong = trouble_with(whole, own_hosts=own_hosts, allow_private=allow_private, longest=longest)
    return None if wrong else whole


def own_hosts(short_url: str) -> frozenset[str]:
    """Where Grapevine's own links live, for ``trouble_with``: another port of the same machine is somebody else's."""
    return frozenset({_authority(urlsplit(short_url))})


def _authority(parts: SplitResult) -> str:
    host = (parts.hostname or "").removesuffix(".")
    return host if parts.port in (None, 80, 443) else f"{host}:{parts.port}"


def _private(host: str) -> bool:
    """Literal addresses only: a name is resolved by the reader's browser, not by us."""
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        # browsers also take 127.1, 0x7f.1 and 2130706433 for addresses
        last = host.rstrip(".").rsplit(".", 1)[-1]
        return last.isdigit() or last.lower().startswith("0x")
    mapped = getattr(address, "ipv4_mapped", None)
    return not (mapped or address).is_global


def shortened_already(url: str) -> bool:
    """Whether the address is another shortener's (rule 8)."""
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    return host in SHORTENERS
