"""The dance between a member, Slack and a network, seen from the web: pages, callback, and what each outcome says.

A state is single-use and bound to the browser by a cookie. When the callback comes in another browser (phones hand the
prompt to the network's app) what the network answered is held, encrypted, until the person has confirmed both sides;
and likewise when it opened several accounts (Pages), until one of them is chosen.
"""

import hmac
import json
import logging
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from aiohttp import web

from bot import accounts
from bot.announcing import Announcer
from bot.choosing import FORM, Choosing, digest
from bot.connected import account_of
from bot.exchange import Exchange, within
from bot.pages import Pages, bare
from grapevine.domain.errors import GrapevineError, Refused, TryLater
from grapevine.domain.members import Member
from grapevine.networks.abilities import Introduced, OfPages, connectable
from grapevine.networks.base import NO_ANSWERS, Connected, Network, Question
from grapevine.settings import BotSettings
from grapevine.store import Store

log = logging.getLogger("bot.connecting")

_STATE = "state"
_LIVES = accounts.LINK_LIVES
#: characters of an answer to a network's question
_ANSWER = 300
AGAIN = "In Slack, type /grapevine connect for a new link."
STALE_LINK = "This link was used already, or it is older than 15 minutes."
STALE_STATE = "This connection was finished already, or it was begun more than 15 minutes ago. Nothing was changed."


class Connecting:
    """The pages ``/connect/{link}``, ``/oauth/{network}/callback`` and ``…/finish``; for servers, who Grapevine is."""

    def __init__(
        self, settings: BotSettings, store: Store, networks: Mapping[str, Network], announcer: Announcer, pages: Pages
    ) -> None:
        self._settings = settings
        self._store = store
        self._networks = networks
        self._announcer = announcer
        self._pages = pages
        self._exchange = Exchange(store)
        self._choosing = Choosing(store, announcer, pages, settings.base_url, _LIVES)
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
            web.get("/oauth-client-metadata.json", self.client),
        ]

    async def head(self, request: web.Request) -> web.Response:  # noqa: ARG002 – aiohttp's handler
        return bare()

    async def client(self, request: web.Request) -> web.Response:  # noqa: ARG002 – aiohttp's handler
        """Who Grapevine is, for the servers at which its members are asked; nothing of it is secret."""
        told = (network.client_document for network in self._networks.values() if isinstance(network, Introduced))
        document = next(filter(None, told), None)
        if document is None:
            raise web.HTTPNotFound
        return web.json_response(document, headers={"Cache-Control": "max-age=60"})

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
        trouble: GrapevineError | None = None,
        given: Mapping[str, str] = NO_ANSWERS,
    ) -> web.Response:
        """The page; *trouble* is what was wrong with the answers *given* before, of which no secret is shown again."""
        form = await self._store.passes.issue(FORM, {"for": link}, _LIVES)
        questions = [
            question if question.secret else replace(question, value=given.get(question.name, question.value))
            for question in network.questions
        ]
        return self._pages.show(
            "connect.html",
            status=200 if trouble is None else 422 if isinstance(trouble, Refused) else 503,
            title=f"Connect {connectable(network)}",
            network=network.title,
            asks=network.asks,
            note=network.note if isinstance(network, OfPages) else "",
            questions=questions,
            # Where a secret is asked for here, nothing is asked there.
            no_prompt=any(question.secret and not question.aside for question in questions),
            trouble=str(trouble or ""),
            wrong=_wrong(trouble, questions),
            action=f"{self._settings.base_url}/connect/{link}",
            token=form,
            who=await self._announcer.who(member),
        )

    async def begin(self, request: web.Request) -> web.Response:
        """The button was pressed: to the network's prompt, with a state that this browser alone can bring back."""
        link = request.match_info["link"]
        found = await self._linked(await self._store.passes.look(accounts.LINK, link))
        form = await self._store.passes.use(FORM, await _field(request, "token"))
        if found is None or form is None or form["for"] != link:
            return self._stale(STALE_LINK)
        member, network = found
        browser = request.cookies.get(self._cookie) or secrets.token_urlsafe(24)
        # The state's name is needed to ask for the secret that it holds: it is made first, and filled at once.
        state = secrets.token_urlsafe(24)
        answers = {one.name: (await _field(request, f"answer.{one.name}"))[:_ANSWER] for one in network.questions}
        try:
            prompt = await within(network.authorize, self._callback(network), state, answers)
        except GrapevineError as error:
            if not network.questions:
                return await self._failed(network, error, link)
            log.info("%s was not connected: %s", network.title, type(error).__name__)
            return await self._ask(member, network, link, trouble=error, given=answers)
        held = {
            "member": member.id,
            "network": network.name,
            "link": link,
            "browser": digest(browser),
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
        here = hmac.compare_digest(digest(browser), held["browser"])
        # Whoever comes again with the very same answer of the network sees the same page, so that a scanner that is
        # quicker than the person takes nothing away; without that answer nobody sees it.
        name = f"{state}.{digest(json.dumps(sorted(request.query.items())))}"
        (member, network), passes = known, self._store.passes
        try:
            async with self._exchange.in_turn(name):
                gone = await (passes.use(_STATE, state) if here else passes.look(_STATE, state)) is None
                if gone:  # who was quicker has finished
                    return self._stale(STALE_STATE)
                before = await self._choosing.look(name)
                options = before[1] if before else await self._opened(network, request, held)
                if here and len(options) > 1:  # the state is good until the choice is made
                    await passes.keep(_STATE, state, held, _LIVES)
                if before is None and not (here and len(options) == 1):
                    await self._choosing.hold(name, state, options)
        except GrapevineError as error:
            if not here and isinstance(error, Refused):
                await passes.use(_STATE, state)
            return await self._failed(network, error, held["link"])
        if here and len(options) == 1:
            await self._choosing.take(name)
            return await self._keep(member, network, options[0], held["link"])
        return await self._choosing.show(member, network, options, name, browser if here else None)

    async def finish(self, request: web.Request) -> web.Response:
        """The person decided: in another browser, or which of several accounts it is."""
        passes = self._store.passes
        form = await passes.use(FORM, await _field(request, "token"))
        opened = await self._choosing.look(form["for"]) if form else None
        held = await passes.look(_STATE, opened[0]) if opened else None
        known = await self._linked(held)
        if form is None or opened is None or held is None or known is None:
            return self._stale(STALE_STATE)
        browser = request.cookies.get(self._cookie, "")
        meant = not form["browser"] or hmac.compare_digest(digest(browser), form["browser"])
        if not meant or held["network"] != request.match_info["network"]:
            return self._stale(STALE_STATE)
        (member, network), (state, options) = known, opened
        yes, uid = await _field(request, "answer") == "yes", await _field(request, "account")
        chosen = [option for option in options if len(options) == 1 or option.profile.uid == uid]
        if yes and not chosen:
            again, trouble = browser if form["browser"] else None, "Please choose one of these Pages."
            return await self._choosing.show(member, network, options, form["for"], again, trouble)
        if not await self._choosing.take(form["for"]) or await passes.use(_STATE, state) is None:
            return self._stale(STALE_STATE)
        if yes:
            return await self._keep(member, network, chosen[0], held["link"])
        # Some networks give an account one token, however often it is asked for, or a person one permission for all
        # of their accounts: a connection that stands is left as it is.
        names = [f"{network.name}:{option.profile.uid}" for option in options]
        if not any([await self._store.accounts.owner(member, account) for account in names]):
            await accounts.revoked(network, options[0].token)
        return self._pages.say(
            "Nothing was connected",
            f"Grapevine has forgotten what {network.title} allowed. You can close this page.",
        )

    async def _keep(self, member: Member, network: Network, connected: Connected, link: str) -> web.Response:
        account = account_of(network, connected, time.time())
        former = await self._store.tokens.get(member.id, account.id)
        try:
            await self._store.accounts.connect(member, account, connected.token)
        except Refused as error:
            await self._exchange.end(network, connected.token)
            return await self._failed(network, error, link)
        if former != connected.token:
            await self._exchange.end(network, former)
        # Only now, so that a refused account leaves the one before it as it was.
        ended = await accounts.disconnect(self._store, self._networks, member, network.name, but=account.id)
        used = await self._store.passes.use(accounts.LINK, link) or {}
        await self._announcer.connected(
            member, network, account, ended, account.connected_at, modal=used.get("view", "")
        )
        return self._pages.say(
            "Connected",
            f"{network.title} is connected as {account.name}.",
            "You can close this page and go back to Slack.",
            picture=account.picture or "",
        )

    async def _opened(self, network: Network, request: web.Request, held: Mapping[str, Any]) -> tuple[Connected, ...]:
        own = held["member"], held["secret"]
        return await self._exchange.opened(network, self._callback(network), request.query, *own)

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


def _wrong(trouble: GrapevineError | None, questions: Sequence[Question]) -> str:
    """The name of the question whose answer has to be another one; empty where none has."""
    if not isinstance(trouble, Refused):
        return ""
    names = [question.name for question in questions]
    return trouble.about if trouble.about in names else next(iter(names), "")


async def _field(request: web.Request, name: str) -> str:
    value = (await request.post()).get(name, "")
    return value if isinstance(value, str) else ""
