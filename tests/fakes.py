"""A small network, written by hand: prompts over HTTP are the stand-ins' work, this one only keeps the contract."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from grapevine.domain.accounts import Capabilities, Profile
from grapevine.domain.budgets import Quota
from grapevine.domain.errors import NotFound, Refused, TryLater, Unavailable
from grapevine.domain.pictures import Takes
from grapevine.domain.reactions import Counts
from grapevine.networks.base import NO_ANSWERS, Ask, Authorization, Connected, Draft, Published, Question

TAKES = Takes(("image/png",), 1_000_000)


@dataclass
class Birdsong:
    """A network named Birdsong. Its prompt is an address without a server: a test reads it and calls back itself.

    The callback's ``code`` is the account's id at Birdsong; ``mishap`` is raised by the next call of the dance.
    """

    name: str = "birdsong"
    title: str = "Birdsong"
    caption_limit: int = 300
    batch_size: int = 10
    quota: Quota | None = None
    card_from_link: bool = False
    pictures: Takes = TAKES
    asks: Sequence[Ask] = (Ask("Sing", "to publish the songs that you choose to share", "w_sing"),)
    questions: Sequence[Question] = ()
    revoke_hint: str = "birdsong.example/permissions"
    mishap: Exception | None = None
    confirms: bool = True
    breaks: bool = False
    holds: threading.Event | None = None
    reach: int | None = 1204
    picture: str | None = None
    answered: list[Mapping[str, str]] = field(default_factory=list)
    connected: list[str] = field(default_factory=list)
    revoked: list[str] = field(default_factory=list)

    def caption_length(self, text: str) -> int:
        return len(text)

    def authorize(self, redirect_uri: str, state: str, answers: Mapping[str, str] = NO_ANSWERS) -> Authorization:
        self._fail()
        self.answered.append(answers)
        return Authorization(
            f"https://birdsong.example/prompt?{urlencode({'back': redirect_uri, 'state': state})}", f"secret of {state}"
        )

    def connect(self, redirect_uri: str, query: Mapping[str, str], secret: str) -> Connected:
        self._fail()
        if "error" in query:
            raise Refused("You said no at Birdsong, so nothing was connected.")
        if secret != f"secret of {query['state']}":
            raise Refused("Birdsong did not recognise this connection.")
        code = query["code"]
        if code in self.connected:
            raise Refused("Birdsong's one-time code was used up. Please connect Birdsong once more.")
        self.connected.append(code)
        uid = code.split("-")[0]
        return Connected(
            f"token-{code}", Profile(uid, f"{uid.title()} at Birdsong", self.picture, self.reach), Capabilities()
        )

    def profile(self, token: str) -> Profile:
        raise NotImplementedError

    def publish(self, token: str, draft: Draft) -> Published:
        raise NotImplementedError

    def settle(self, token: str, draft: Draft, since: float) -> Published | None:
        raise NotImplementedError

    def counts(self, token: str, ids: Sequence[str]) -> dict[str, Counts | Unavailable | NotFound]:
        raise NotImplementedError

    def stale(self, token: str, now: float) -> bool:
        return False

    def refresh(self, token: str) -> tuple[str, float | None] | None:
        return None

    def revoke(self, token: str) -> bool:
        if self.holds:
            self.holds.wait(10)
        if self.breaks:
            raise RuntimeError("Birdsong's client broke although it never should")
        self.revoked.append(token)
        return self.confirms

    def _fail(self) -> None:
        mishap, self.mishap = self.mishap, None
        if mishap:
            raise mishap


BUSY = TryLater("Birdsong has trouble of its own at the moment.")
