"""The dance between a member, Slack and a network, seen from the web: pages, callback, and what each outcome says.

A state is single-use and bound to the browser by a cookie. When the callback comes in another browser (phones hand the
prompt to the network's app) what the network answered is held, encrypted, until the person has confirmed both sides.
"""

import asyncio
import hashlib
import hmac
import json
import logging
import secrets
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aiohttp import web

from bot import accounts
from bot.announcing import Announcer
from bot.connected import account_of, packed, unpacked
from bot.pages import Pages, bare
from grapevine.domain.errors import GrapevineError, Refused, TryLater
from grapevine.domain.members import Member
from grapevine.networks.base import NO_ANSWERS, Connected, Network
from grapevine.settings import BotSettings
from grapevine.store import Store

log = logging.getLogger("bot.connecting")

_STATE, _HELD, _FORM = "state", "held", "form"
_LIVES = accounts.LINK_LIVES
#: characters of an answer to a network's question
_ANSWER = 300
#: seconds that a network gets for the dance, several requests in all
_WITHIN = 60.0
AGAIN = "In Slack, type /grapevine connect for a new link."
STALE_LINK = "This link was used already, or it is older than 15 minutes."
STALE_STATE = "This connection was finished already, or it was begun more than 15 minutes ago. Nothing was changed."


class Connecting:
    """The connect pages. Routes: ``/connect/{link}``, ``/oauth/{network}/callback``, ``/oauth/{network}/finish``."""

    def __init__(
        self, settings: BotSettings, store: Store, networks: Mapping[str, Network], announcer: Announcer, pages: Pages
    ) -> None:
        self._settings = settings
        self._store = store
        self._networks = networks
        self._announcer = announcer
        self._pages = pages
        self._secure = settings.base_url.startswith("https://")
        # The prefix makes browsers refuse the cookie from a neighbouring host or over plain http.
        self._cookie = "__Host-grapevine" if self._secure else "grapevine"

    def routes(self) -> list[web.RouteDef]:
        shown = {"/connect/{link}": self.ask, "/oauth/{network}/callback": self.callback}
        return [
            *(web.get(path, handler, allow_head=False) for path, handler in shown.items()),
            *(web.head(path, self.head) for path in shown),
            web.post("/connect/{link}", self.begin),
            web.post("/oauth/{network}/finish", self.finish),
        ]

    async def head(self, request: web.Request) -> web.Response:  # noqa: ARG002 – aiohttp's handler
        return bare()

    async def ask(self, request: web.Request) -> web.Response:
        """Rule 19: who, what, why, and what never."""
        link = request.match_info["link"]
        found = await self._linked(await self._store.passes.look(accounts.LINK, link))
        if found is None:
            return self._stale(STALE_LINK)
        return await self._ask(*found, link)

    async def _ask(
        self,
        member: Member,
        network: Network,
        link: str,
        *,
        trouble: str = "",
        given: Mapping[str, str] = NO_ANSWERS,
        status: int = 200,
    ) -> web.Response:
        """The page; *trouble* is what was wrong with the answers *given* before, of which no secret is shown again."""
        form = await self._store.passes.issue(_FORM, {"for": link}, _LIVES)
        questions = [
            question if question.secret else replace(question, value=given.get(question.name, question.value))
            for question in network.questions
        ]
        return self._pages.show(
            "connect.html",
            status=status,
            title=f"Connect {network.title}",
            network=network.title,
            asks=network.asks,
            questions=questions,
            # Where a secret is asked for here, nothing is asked there.
            no_prompt=any(question.secret for question in questions),
            trouble=trouble,
            action=f"{self._settings.base_url}/connect/{link}",
            token=form,
            who=await self._announcer.who(member),
        )

    async def begin(self, request: web.Request) -> web.Response:
        """The button was pressed: to the network's prompt, with a state that this browser alone can bring back."""
        link = request.match_info["link"]
        found = await self._linked(await self._store.passes.look(accounts.LINK, link))
        form = await self._store.passes.use(_FORM, await _field(request, "token"))
        if found is None or form is None or form["for"] != link:
            return self._stale(STALE_LINK)
        member, network = found
        browser = request.cookies.get(self._cookie) or secrets.token_urlsafe(24)
        # The state's name is needed to ask for the secret that it holds: it is made first, and filled at once.
        state = secrets.token_urlsafe(24)
        answers = {one.name: (await _field(request, f"answer.{one.name}"))[:_ANSWER] for one in network.questions}
        try:
            prompt = await _within(network.authorize, self._callback(network), state, answers)
        except GrapevineError as error:
            if not network.questions:
                return await self._failed(network, error, link)
            log.info("%s was not connected: %s", network.title, type(error).__name__)
            status = 422 if isinstance(error, Refused) else 503
            return await self._ask(member, network, link, trouble=str(error), given=answers, status=status)
        held = {
            "member": member.id,
            "network": network.name,
            "link": link,
            "browser": _digest(browser),
            "secret": self._store.tokens.encrypt(prompt.secret),
        }
        await self._store.passes.keep(_STATE, state, held, _LIVES)
        answer = web.Response(status=303, headers={"Location": prompt.url, "Cache-Control": "no-store"})
        answer.set_cookie(
            self._cookie, browser, max_age=_LIVES, httponly=True, samesite="Lax", secure=self._secure, path="/"
        )
        return answer

    async def callback(self, request: web.Request) -> web.Response:
        """The network sent somebody back: the browser that began it finishes, any other is asked once more."""
        state = request.query.get("state", "")
        held = await self._store.passes.look(_STATE, state)
        known = await self._linked(held)
        if held is None or known is None or held["network"] != request.match_info["network"]:
            return self._stale(STALE_STATE)
        browser = request.cookies.get(self._cookie, "")
        if not hmac.compare_digest(_digest(browser), held["browser"]):
            return await self._ask_once_more(request, state, held, *known)
        if await self._store.passes.use(_STATE, state) is None:
            return self._stale(STALE_STATE)
        member, network = known
        try:
            connected = await self._connect(network, request, held)
        except GrapevineError as error:
            return await self._failed(network, error, held["link"])
        return await self._keep(member, network, connected, held["link"])

    async def _ask_once_more(
        self, request: web.Request, state: str, held: Mapping[str, Any], member: Member, network: Network
    ) -> web.Response:
        # Whoever comes again with the very same answer of the network sees the same page, so that a scanner that is
        # quicker than the person takes nothing away; without that answer nobody sees it.
        answer = _digest(json.dumps(sorted(request.query.items())))
        outcome = await self._store.passes.look(_HELD, f"{state}.{answer}")
        if outcome is None:
            try:
                connected = await self._connect(network, request, held)
            except GrapevineError as error:
                if isinstance(error, Refused):
                    await self._store.passes.use(_STATE, state)
                return await self._failed(network, error, held["link"])
            outcome = {"state": state, "connected": self._store.tokens.encrypt(packed(connected))}
            await self._store.passes.keep(_HELD, f"{state}.{answer}", outcome, _LIVES)
        else:
            connected = unpacked(self._store.tokens.decrypt(outcome["connected"]) or "")
        form = await self._store.passes.issue(_FORM, {"for": f"{state}.{answer}"}, _LIVES)
        return self._pages.show(
            "confirm.html",
            title=f"Connect this {network.title} account?",
            network=network.title,
            account=connected.profile.name,
            picture=connected.profile.picture or "",
            action=f"{self._settings.base_url}/oauth/{network.name}/finish",
            token=form,
            who=await self._announcer.who(member),
        )

    async def finish(self, request: web.Request) -> web.Response:
        """The person in the other browser decided."""
        form = await self._store.passes.use(_FORM, await _field(request, "token"))
        outcome = await self._store.passes.use(_HELD, form["for"]) if form else None
        held = await self._store.passes.use(_STATE, outcome["state"]) if outcome else None
        known = await self._linked(held)
        if outcome is None or held is None or known is None or held["network"] != request.match_info["network"]:
            return self._stale(STALE_STATE)
        member, network = known
        connected = unpacked(self._store.tokens.decrypt(outcome["connected"]) or "")
        if await _field(request, "answer") != "yes":
            # Some networks give an account one token, however often it is asked for: a connection that stands is left
            # as it is.
            if not await self._store.accounts.owner(member, f"{network.name}:{connected.profile.uid}"):
                await accounts.revoked(network, connected.token)
            return self._pages.say(
                "Nothing was connected",
                f"Grapevine has forgotten what {network.title} allowed. You can close this page.",
            )
        return await self._keep(member, network, connected, held["link"])

    async def _keep(self, member: Member, network: Network, connected: Connected, link: str) -> web.Response:
        account = account_of(network, connected, time.time())
        try:
            await self._store.accounts.connect(member, account, connected.token)
        except Refused as error:
            return await self._failed(network, error, link)
        # Only now, so that a refused account leaves the one before it as it was.
        ended = await accounts.disconnect(self._store, self._networks, member, network.name, but=account.id)
        await self._store.passes.use(accounts.LINK, link)
        await self._announcer.connected(member, network, account, ended, account.connected_at)
        return self._pages.say(
            "Connected",
            f"{network.title} is connected as {account.name}.",
            "You can close this page and go back to Slack.",
            picture=account.picture or "",
        )

    async def _connect(self, network: Network, request: web.Request, held: Mapping[str, Any]) -> Connected:
        secret = self._store.tokens.decrypt(held["secret"]) or ""
        connected: Connected = await _within(network.connect, self._callback(network), dict(request.query), secret)
        return connected

    async def _linked(self, held: Mapping[str, Any] | None) -> tuple[Member, Network] | None:
        """Whom a pass is for; None when it, the member, or the network is no more."""
        network = self._networks.get(held["network"]) if held else None
        member = await self._store.members.get(held["member"]) if held else None
        if network is None or member is None or member.left is not None:
            return None
        return member, network

    def _callback(self, network: Network) -> str:
        return f"{self._settings.base_url}/oauth/{network.name}/callback"

    def _stale(self, reason: str) -> web.Response:
        return self._pages.say("This link has run out", reason, AGAIN, status=410)

    async def _failed(self, network: Network, error: GrapevineError, link: str) -> web.Response:
        log.info("%s was not connected: %s", network.title, type(error).__name__)
        # The link serves until something is connected, so whoever said no, or met an outage, may try again.
        good = await self._store.passes.look(accounts.LINK, link) is not None
        reason = str(error)
        if isinstance(error, TryLater):  # nobody but the person tries again here, whatever the sentence promises
            reason = reason.removesuffix(" Grapevine tries again later.") + " Please try again in a few minutes."
        return self._pages.show(
            "failed.html",
            status=409 if isinstance(error, Refused) else 503,
            title=f"{network.title} was not connected",
            reason=reason,
            again=AGAIN,
            retry=f"{self._settings.base_url}/connect/{link}" if good else "",
        )


async def _within(call: Any, *given: Any) -> Any:
    """A blocking call of a network's, in a thread; ``TryLater`` when it takes too long."""
    try:
        return await asyncio.wait_for(asyncio.to_thread(call, *given), _WITHIN)
    except TimeoutError:
        raise TryLater("The network took too long to answer. Nothing was connected.") from None


async def _field(request: web.Request, name: str) -> str:
    value = (await request.post()).get(name, "")
    return value if isinstance(value, str) else ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
