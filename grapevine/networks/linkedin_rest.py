"""LinkedIn's REST API as one member speaks it: headers, monthly versions, and what its refusals mean.

https://learn.microsoft.com/en-us/linkedin/marketing/versioning
"""

import re
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any

import requests
from requests_oauthlib import OAuth2Session
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from grapevine.domain.budgets import DAY, span
from grapevine.domain.errors import GrapevineError, Reconnect, Refused, Throttled, TryLater
from grapevine.networks.http import (
    claim_https,
    complain,
    guarded,
    json_object,
    retry_after,
    speak_plainly,
)
from grapevine.networks.linkedin_token import Token
from grapevine.networks.linkedin_versions import Versions
from grapevine.written import is_loopback

#: seconds before the next call after a 429 that does not say when; whoever gets more of them waits longer
_PAUSE = 900.0
_OF_A_DAY = re.compile(r"throttle (?:APPLICATION|(?P<member>(?:APPLICATION_AND_)?MEMBER)) DAY limit")


#: seconds for which LinkedIn may call a token revoked that it has just given out, and those before the next attempt
#: https://github.com/decioferreira/omniauth-linkedin-oauth2/issues/81
SETTLES, _SOON = 120.0, 15.0


class UnsettledError(TryLater):
    """LinkedIn does not honour the token yet that it gave out a moment ago; nothing was done."""


class Conversation:
    """Calls with one member's token, which *settles* for so many seconds; a context manager.

    *site* is where people look at posts.
    """

    def __init__(self, token: Token, api_url: str, site: str, versions: Versions, settles: float = SETTLES) -> None:
        self.token = token
        self._settles = settles
        self.site = site.rstrip("/")
        self._api_url = api_url.rstrip("/")
        self._versions = versions
        self._session = guarded(OAuth2Session(token={"access_token": token.access, "token_type": "Bearer"}), "LinkedIn")
        speak_plainly(self._session, "LinkedIn", self._api_url)

    def __enter__(self) -> "Conversation":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.close()

    def rest(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> requests.Response:
        """A versioned call below ``/rest``. *path* is sent as it is: Rest.li wants raw ``List(`` and ``(share:…)``.

        Ends in an answer below 300, or one of 400, 403, 404, 409 and 422 for the caller to judge.
        """
        for version in self._versions.to_try(time.time()):
            headers = {"Linkedin-Version": version, "X-Restli-Protocol-Version": "2.0.0"}
            answer = self._session.request(
                method, claim_https(f"{self._api_url}/rest/{path}"), json=body, headers=headers
            )
            if answer.status_code != 426 and said(answer).get("code") != "NONEXISTENT_VERSION":
                self._versions.use(version)
                return self._judged(answer)
        raise Refused(
            "LinkedIn serves none of the versions that this Grapevine knows. The person who runs it should update "
            "Grapevine or set LINKEDIN_VERSION."
        )

    def v2(self, path: str) -> requests.Response:
        """A GET below ``/v2``, which has no versions; ends like *rest*."""
        return self._judged(self._session.get(claim_https(f"{self._api_url}/v2/{path}")))

    def upload(self, url: str, content: bytes, content_type: str) -> requests.Response:
        """PUT to the address that LinkedIn named; the token goes to LinkedIn's own hosts only."""
        if not _own(url) and not (is_loopback(self._api_url) and is_loopback(url)):
            raise TryLater("LinkedIn named an unknown place for the picture.")
        speak_plainly(self._session, "LinkedIn", url)
        return self._judged(self._session.put(claim_https(url), data=content, headers={"Content-Type": content_type}))

    def _judged(self, answer: requests.Response) -> requests.Response:
        return _judged(answer, settling=0.0 <= time.time() - self.token.made < self._settles)


def _own(url: str) -> bool:
    """Read as what connects reads it: urllib.parse sees another host in ``https://a\\@b/``."""
    try:
        place = parse_url(url)
    except LocationParseError:
        return False
    return place.scheme == "https" and f".{place.host}".endswith(".linkedin.com")


def said(answer: requests.Response) -> dict[str, Any]:
    """The JSON object of a refusal, empty when there is none."""
    if answer.status_code < 400:
        return {}
    try:
        return json_object(answer, "LinkedIn")
    except TryLater:
        return {}


def _judged(answer: requests.Response, *, settling: bool = False) -> requests.Response:
    """*settling*: the token is so new that LinkedIn may not know it yet."""
    if answer.status_code == 401:
        raise _unwelcome(said(answer), settling=settling)
    if answer.status_code == 429:
        raise _throttled(answer, time.time())
    if answer.status_code not in (400, 403, 404, 409, 422):
        complain(answer, "LinkedIn")
    return answer


def _unwelcome(refused: Mapping[str, Any], *, settling: bool) -> GrapevineError:
    """What a 401 means."""
    if not refused.keys() & {"code", "serviceErrorCode"}:  # of a proxy in between: nobody's connection has ended
        return TryLater("LinkedIn lets nobody in at the moment.")
    # 65601 is the real service's number for it; others have been seen for the rest, so only this one is told apart.
    revoked = refused.get("code") == "REVOKED_ACCESS_TOKEN" or refused.get("serviceErrorCode") == 65601
    if revoked and settling:
        return UnsettledError("LinkedIn does not honour its new permission yet.", after=_SOON)
    why = "you or LinkedIn took the permission back" if revoked else "the permission has run out"
    return Reconnect(f"LinkedIn says that {why}. Please connect LinkedIn again if you want to go on.", revoked=revoked)


def _throttled(answer: requests.Response, now: float) -> Throttled:
    """Each of LinkedIn's resources has limits of its own, so one for posting says nothing of reading.

    Their messages may name the limit of a day: "Resource level throttle APPLICATION_AND_MEMBER DAY limit for calls to
    this resource is reached." Else it is anybody's guess whose it was and when it ends: a burst, or such a limit.
    """
    sentence = "LinkedIn asks Grapevine to wait before it calls again."
    after = retry_after(answer.headers, now)
    named = _OF_A_DAY.search(str(said(answer).get("message", "")))
    if named is None:
        return Throttled(sentence, _PAUSE if after is None else after, whole_app=None)
    return Throttled(sentence, span(now, DAY).ends - now if after is None else after, whole_app=not named["member"])
