"""Every network that is offered, on its stand-in."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlsplit

from grapevine.domain.errors import GrapevineError
from grapevine.networks import offered
from grapevine.networks.bluesky import Bluesky
from grapevine.networks.bluesky_token import Token as BlueskyToken
from grapevine.networks.bluesky_token import unpack as unpack_bluesky
from grapevine.networks.bluesky_xrpc import Server
from grapevine.networks.mastodon import Mastodon
from grapevine.networks.mastodon_posts import Line
from grapevine.networks.mastodon_token import Token, unpack
from grapevine.playground import (
    bluesky,
    bluesky_state,
    facebook,
    facebook_state,
    faults,
    linkedin,
    mastodon,
    mastodon_state,
    x,
    x_state,
)
from grapevine.settings import NetworkSettings
from tests.networks.stage import CALLBACK, Stage, offering
from tests.networks.wire import Wire
from tests.serving import mounted, serving


@asynccontextmanager
async def on_x() -> AsyncIterator[Stage]:
    state = x.XStandIn(callbacks=[CALLBACK])
    keys = {"x_api_key": state.api_key, "x_api_secret": state.api_secret}
    bea = x_state.PEOPLE[1].id

    def forms(address: str, allow: bool) -> list[dict[str, str]]:
        token = dict(parse_qsl(urlsplit(address).query))["oauth_token"]
        decision = "authorize" if allow else "cancel"
        return [{"oauth_token": token, "person": bea, "decision": decision}]

    def break_(mode: str, only: str) -> None:
        state.fault = faults.Fault(mode, None, only)

    wire = Wire()
    async with serving(wire.under(mounted({"/x": x.create_app(state)}))) as url:
        yield Stage(
            offering("x", **keys, x_api_url=f"{url}/x"),
            offering("x", **keys, x_api_url="http://127.0.0.1:9"),
            state,
            (state.api_secret,),
            "POST /2/tweets",
            "GET /2/tweets",
            forms,
            break_,
            lambda: setattr(state, "fault", None),
            state.remove,
            wire=wire,
        )


@asynccontextmanager
async def on_linkedin() -> AsyncIterator[Stage]:
    state = linkedin.LinkedInStandIn(redirect_uris=[CALLBACK], settling=0.0)
    keys = {
        "linkedin_client_id": state.client_id,
        "linkedin_client_secret": state.client_secret,
        "linkedin_scopes": " ".join(state.scopes),
    }

    def forms(address: str, allow: bool) -> list[dict[str, str]]:
        return [{"member": "bea"}, {"answer": "allow" if allow else "cancel"}]

    def break_(mode: str, only: str) -> None:
        state.fault = faults.Fault(mode, None, only)
        if mode == "revoked":  # of a token that is no longer new: those may be called so for some seconds
            vars(there)["_settles"] = 0.0

    apps = {"/linkedin": linkedin.create_auth_app(state), "/linkedin-api": linkedin.create_api_app(state)}
    wire = Wire()
    async with serving(wire.under(mounted(apps))) as url:
        site = f"{url}/linkedin"
        away = "http://127.0.0.1:9"
        there = offering("linkedin", **keys, linkedin_auth_url=site, linkedin_api_url=f"{url}/linkedin-api")
        vars(there)["_settles"] = 0.0  # tokens are ended here as soon as they are given out
        yield Stage(
            there,
            offering("linkedin", **keys, linkedin_auth_url=away, linkedin_api_url=away),
            state,
            (state.client_secret,),
            "POST /rest/posts",
            "GET /rest/",
            forms,
            break_,
            lambda: setattr(state, "fault", None),
            state.remove,
            wire=wire,
        )


class _Away(Mastodon):
    """A client whose every server has gone away."""

    def _line(self, token: Token) -> Line:
        return super()._line(_moved(token))

    def revoke(self, token: str) -> bool:
        return super().revoke(_moved(unpack(token)).pack())


def _moved(token: Token) -> Token:
    return replace(token, server="http://127.0.0.1:9")


@asynccontextmanager
async def on_mastodon() -> AsyncIterator[Stage]:
    state = mastodon.MastodonStandIn()

    def forms(address: str, allow: bool) -> list[dict[str, str]]:
        return [{"person": mastodon_state.PEOPLE[1].id, "decision": "authorize" if allow else "deny"}]

    def break_(mode: str, only: str) -> None:
        state.fault = faults.Fault(mode, None, only)

    wire = Wire()
    async with serving(wire.under(mastodon.create_app(state))) as url:
        yield Stage(
            offering("mastodon", allow_private_addresses="true"),
            _Away(allow_private=True),
            state,
            (),
            "POST /api/v1/statuses",
            "GET /api/v1/statuses",
            forms,
            break_,
            lambda: setattr(state, "fault", None),
            state.remove,
            {"server": url},
            wire=wire,
        )


class _BlueskyAway(Bluesky):
    """A client whose members' servers, and what anybody may see, have gone away."""

    def _public(self) -> Server:
        return Server("http://127.0.0.1:9", self.title)

    def _own(self, known: BlueskyToken, caller: BlueskyToken | None = None) -> Server:
        return super()._own(replace(known, pds="http://127.0.0.1:9"), caller)

    def revoke(self, token: str) -> bool:
        try:
            known, away = unpack_bluesky(token), "http://127.0.0.1:9"
            grant = replace(known.grant, renewing=away, ending=away) if known.grant else None
            return super().revoke(replace(known, pds=away, grant=grant).pack())
        except GrapevineError:
            return False


class _AtOurPage(Stage):
    """No prompt follows: what the member decides, she decides on Grapevine's own page."""

    async def decide(self, address: str, *, allow: bool = True) -> dict[str, str]:
        assert address.startswith(CALLBACK)
        query = dict(parse_qsl(urlsplit(address).query))
        return query if allow else {"state": query["state"], "error": "access_denied"}


@dataclass
class _AtHerServer(Stage):
    """The prompt of the member's own server, to which everything was handed over before."""

    async def decide(self, address: str, *, allow: bool = True) -> dict[str, str]:
        assert isinstance(self.state, bluesky.BlueskyStandIn)
        request = dict(parse_qsl(urlsplit(address).query))["request_uri"]
        bea = bluesky_state.PEOPLE[1].did
        back = self.state.authorize(request, bea) if allow else self.state.deny(request)
        return dict(parse_qsl(urlsplit(back).query))


@asynccontextmanager
async def _on_bluesky(kind: type[Stage], base_url: str, **typed: str) -> AsyncIterator[Stage]:
    state = bluesky.BlueskyStandIn()
    bea = bluesky_state.PEOPLE[1]
    made = state.make_app_password(bea, "Grapevine")
    answers = {"handle": bea.handle, "password": made.password, **typed}

    def break_(mode: str, only: str) -> None:
        state.fault = faults.Fault(mode, None, only)

    wire = Wire()
    async with serving(wire.under(mounted({"/bluesky": bluesky.create_app(state)}))) as url:
        site = f"{url}/bluesky"
        addresses = {"bluesky_url": site, "bluesky_appview_url": site, "bluesky_plc_url": f"{site}/plc"}
        settings = NetworkSettings.model_validate({"allow_private_addresses": "true", **addresses})
        yield kind(
            offered(settings, base_url)["bluesky"],
            _BlueskyAway(site, site, f"{site}/plc", allow_private=True),
            state,
            (made.password, state.key),
            "POST /xrpc/com.atproto.repo.createRecord",
            "GET /xrpc/app.bsky.feed.getPosts",
            lambda address, allow: [],
            break_,
            lambda: setattr(state, "fault", None),
            state.remove,
            answers,
            wire=wire,
        )


def on_bluesky() -> AbstractAsyncContextManager[Stage]:
    return _on_bluesky(_AtOurPage, "")


def on_bluesky_by_oauth() -> AbstractAsyncContextManager[Stage]:
    return _on_bluesky(_AtHerServer, "http://127.0.0.1:3000", password="")


@asynccontextmanager
async def on_facebook() -> AsyncIterator[Stage]:
    state = facebook.FacebookStandIn(redirect_uris=[CALLBACK])
    keys = {"facebook_app_id": state.app_id, "facebook_app_secret": state.app_secret}
    bea, page = facebook_state.BEA, facebook_state.PAGES[0]

    def forms(address: str, allow: bool) -> list[dict[str, str]]:
        given = {"person": bea.id, "page": page.id, "decision": "continue" if allow else "cancel"}
        return [{"person": bea.id}, {**given, "scope": ",".join(facebook_state.SCOPES)}]

    def break_(mode: str, only: str) -> None:
        state.fault = faults.Fault(mode, None, only)

    wire = Wire()
    async with serving(wire.under(mounted({"/facebook": facebook.create_app(state)}))) as url:
        site, away = f"{url}/facebook", "http://127.0.0.1:9"
        yield Stage(
            offering("facebook", **keys, facebook_auth_url=site, facebook_graph_url=f"{site}/graph"),
            offering("facebook", **keys, facebook_auth_url=away, facebook_graph_url=away),
            state,
            (state.app_secret, f"{state.app_id}|{state.app_secret}"),
            f"POST /graph/v25.0/{page.id}/feed",
            "POST /graph/v25.0/",
            forms,
            break_,
            lambda: setattr(state, "fault", None),
            state.remove,
            called=page.name,
            wire=wire,
        )


#: a network that is offered and not on stage here fails the contract; its name comes first
STAGES: dict[str, Callable[[], AbstractAsyncContextManager[Stage]]] = {
    "bluesky": on_bluesky,
    "bluesky by OAuth": on_bluesky_by_oauth,
    "facebook": on_facebook,
    "linkedin": on_linkedin,
    "mastodon": on_mastodon,
    "x": on_x,
}
