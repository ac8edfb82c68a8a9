"""Pictures and videos that members uploaded to Slack to share: read with the app's token, from Slack and nowhere else.

https://docs.slack.dev/reference/methods/files.info
"""

from urllib.parse import urljoin, urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError

from grapevine.domain.errors import Refused, TryLater
from grapevine.networks.pictures import is_heic
from grapevine.written import is_loopback
from workers.media import HEIC, LARGEST, LARGEST_VIDEO, kind_in
from workers.slack import BUSY, SILENCE, Slack, said, status

_TIMEOUT = aiohttp.ClientTimeout(total=120, sock_connect=5)
_MOVED, _HOPS = (301, 302, 303, 307, 308), 3
_GONE = {"file_not_found", "file_deleted", "access_denied", "file_not_available"}


async def fetch(slack: Slack, team: str, file: str, *, video: bool = False) -> tuple[bytes, str]:
    """Bytes and content type of the file with that id; ``Refused`` with a sentence, or ``TryLater``."""
    what, most = ("video", LARGEST_VIDEO) if video else ("picture", LARGEST)
    client = await slack.client(team)
    try:
        about = (await client.files_info(file=file)).get("file") or {}
    except SlackApiError as error:
        if said(error) in _GONE:
            raise Refused(f"The {what} is no longer in Slack. Please share it once more.") from None
        if said(error) == "missing_scope":
            raise Refused(
                "This Grapevine may not read files in Slack. The person who runs it should install it anew with the "
                "permissions of its manifest (files:read)."
            ) from None
        if said(error) in BUSY or status(error) >= 500 or status(error) == 429:
            raise TryLater(f"Slack is busy ({said(error)}).") from None
        raise Refused(f"Slack does not give the {what} ({said(error)}).") from None
    except SILENCE:
        raise TryLater("Slack did not answer.") from None
    url = str(about.get("url_private_download") or about.get("url_private") or "")
    if not _of_slack(url, client.base_url):
        raise Refused(f"The {what} is not kept by Slack itself. Please upload it, or share its address.")
    content = await _read(url, client.base_url, client.token or "", what, most)
    kind = kind_in(content, video=video)
    if not kind and is_heic(content):
        raise Refused(HEIC)
    if not kind:
        none = "MP4" if video else "JPEG, PNG, GIF or WebP"
        raise Refused(f"The file is no {none}. Please share another one.")
    return content, kind


def _of_slack(url: str, api: str) -> bool:
    """Whether the token may be shown there: on the hosts of the Slack that is spoken to, encrypted."""
    try:
        home, there = urlsplit(api), urlsplit(url)
    except ValueError:  # no address at all
        return False
    if is_loopback(api):
        return (there.scheme, there.netloc) == (home.scheme, home.netloc)
    domain = (home.hostname or "").removeprefix("www.")
    return there.scheme == "https" and bool(domain) and f".{there.hostname}".endswith(f".{domain}")


async def _read(url: str, api: str, token: str, what: str, most: int) -> bytes:
    """What stands there, or where Slack sends us within its own hosts."""
    headers = {"Authorization": f"Bearer {token}"}
    content = bytearray()
    try:
        async with aiohttp.ClientSession(timeout=_TIMEOUT, trust_env=True) as session:
            for _ in range(_HOPS):
                async with session.get(url, headers=headers, allow_redirects=False) as answer:
                    if answer.status >= 500 or answer.status == 429:
                        raise TryLater(f"Slack is busy (status {answer.status}).")
                    try:
                        url = urljoin(url, answer.headers.get("Location", ""))
                    except ValueError:
                        raise TryLater(f"Slack sent Grapevine to an address for the {what} that is none.") from None
                    if answer.status in _MOVED and _of_slack(url, api):
                        continue
                    if answer.status != 200:
                        break
                    while len(content) <= most and (chunk := await answer.content.read(65536)):
                        content += chunk
                    break
    except SILENCE:
        raise TryLater("Slack did not answer.") from None
    if not content:
        raise Refused(f"The {what} is no longer in Slack. Please share it once more.")
    if len(content) > most:
        raise Refused(f"The {what} is larger than {most // 1_000_000} MB. Please share a smaller one.")
    return bytes(content)
