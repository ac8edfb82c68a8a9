"""The Home tab: gather what is known of a member and publish it; never empty, never broken."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot import home_view
from bot.guard import guarded
from bot.home_view import PAGE, Glance, Home
from bot.shares_view import ShareFacts
from grapevine.domain.accounts import Account, AccountState
from grapevine.domain.budgets import lasts
from grapevine.domain.days import day_of
from grapevine.domain.members import Member
from grapevine.domain.points import points, rate_on
from grapevine.domain.reactions import Reactions
from grapevine.domain.shares import Share
from grapevine.networks.abilities import connectable
from grapevine.networks.base import Network
from grapevine.settings import BotSettings
from grapevine.store import Store

log = logging.getLogger(__name__)

#: seconds of a pause that nobody needs to know of; seconds after it within which what it put off comes
_SOME_MINUTES, _SHORTLY = 300.0, 60.0


def register(app: AsyncApp) -> None:
    app.event("app_home_opened")(on_opened)
    app.action("home:period")(on_look)
    app.action("home:newer")(on_look)
    app.action("home:older")(on_look)


@guarded
async def on_opened(
    event: dict[str, Any],
    client: AsyncWebClient,
    store: Store,
    networks: Mapping[str, Network],
    settings: BotSettings,
    member: Member,
    now: float,
    is_admin: bool,
) -> None:
    """The member looks at Home: show it; what they see is not announced any more (design §5)."""
    if event.get("tab") != "home":
        return
    if not event.get("view"):
        await client.views_publish(user_id=member.user, view=home_view.skeleton())
    # Before the numbers are read: a click that comes in between is shown or announced, and mostly both.
    news = await store.digests.seen(member.id)
    try:
        await publish_home(client, store, networks, settings, member, now, is_admin=is_admin)
    except BaseException:
        await store.digests.unseen(member.id, news, now)
        raise


@guarded
async def on_look(
    ack: AsyncAck,
    body: dict[str, Any],
    client: AsyncWebClient,
    store: Store,
    networks: Mapping[str, Network],
    settings: BotSettings,
    member: Member,
    now: float,
    is_admin: bool,
) -> None:
    """Another period or another page."""
    await ack()
    glance = home_view.glance(body.get("view"))
    action = body["actions"][0]
    if action["action_id"] == "home:period":
        glance = replace(glance, period=int(action["selected_option"]["value"]))
    else:
        glance = replace(glance, page=int(action["value"]))
    await publish_home(client, store, networks, settings, member, now, is_admin=is_admin, glance=glance)


async def publish_home(
    client: AsyncWebClient,
    store: Store,
    networks: Mapping[str, Network],
    settings: BotSettings,
    member: Member,
    now: float,
    *,
    is_admin: bool = False,
    glance: Glance | None = None,
) -> None:
    """Publish Home as things stand; without the chart where Slack refuses it, and that is remembered."""
    workspace = await store.workspaces.settings(member.team)
    home = await gather(store, networks, settings, member, now, glance or Glance(), is_admin=is_admin)
    if workspace.charts:
        try:
            await client.views_publish(user_id=member.user, view=home_view.view(home, chart=True))
            return
        except SlackApiError as error:
            if error.response.get("error") not in ("invalid_blocks", "invalid_arguments", "invalid_blocks_format"):
                raise
            log.warning("Slack refused the Home view with its chart: publishing without.")
    await client.views_publish(user_id=member.user, view=home_view.view(home, chart=False))
    if workspace.charts and any(home.by_day.clicks):
        # Only now is it known that the chart was the trouble.
        await store.workspaces.put(member.team, charts=False)


async def gather(
    store: Store,
    networks: Mapping[str, Network],
    settings: BotSettings,
    member: Member,
    now: float,
    glance: Glance,
    *,
    is_admin: bool = False,
) -> Home:
    """What Home shows: as many reads for a member with 10,000 shares as for one with 10."""
    workspace = await store.workspaces.settings(member.team)
    by_day = await store.insights.by_day(member.id, now, glance.period)
    known = await store.accounts.all(member.id)
    titles = {name: network.title for name, network in networks.items()}
    page = await store.shares.newest(member.id, glance.page * PAGE, PAGE)
    earned = points(dict(zip(by_day.days, by_day.clicks, strict=True)), workspace.rates)
    return Home(
        now=now,
        tz=member.tz,
        glance=glance,
        by_day=by_day,
        shares_in_period=await store.shares.count(member.id, since=now - glance.period * 86400),
        shares_ever=await store.shares.count(member.id),
        points=earned if earned or rate_on(day_of(now), workspace.rates) else None,
        page=[await facts_of(store, settings, share, known, titles, member.tz, now) for share in page],
        offers=await store.workspaces.offers(member.team, now, most=5),
        shared_offers=await store.shares.of_offers(member.id),
        accounts=list(known.values()),
        networks=titles,
        connectable={name: connectable(network) for name, network in networks.items()},
        leaderboard=workspace.leaderboard,
        is_admin=is_admin,
        utm_content=workspace.utm_content,
        cadences={
            name: await store.cadences.of(name, member.id)
            for name, network in networks.items()
            if lasts(network.quota, store.reactions.interval)
        },
        unfit=[titles[name] for name in await store.troubles.known(networks)] if is_admin else [],
        interval=store.reactions.interval,
    )


async def facts_of(
    store: Store,
    settings: BotSettings,
    share: Share,
    known: Mapping[str, Account],
    titles: Mapping[str, str],
    tz: str,
    now: float,
) -> ShareFacts:
    reactions = await store.reactions.of_share(share.member, share.id)
    return ShareFacts(
        share=share,
        statuses=await store.shares.statuses(share.member, share.id),
        receipt=await store.shares.receipt(share.member, share.id),
        reactions=reactions,
        accounts=known,
        titles=titles,
        tz=tz,
        short_url=settings.short_url,
        now=now,
        waits=await _waits(store, share, known, reactions, now),
        window=store.reactions.window,
    )


async def _waits(
    store: Store, share: Share, known: Mapping[str, Account], reactions: Mapping[str, Reactions], now: float
) -> dict[str, float]:
    """Network → until when it wants no checks, where one would come before that, and in more than some minutes."""
    waits = {}
    for placement in share.placements:
        account, facts = known.get(placement.account), reactions.get(placement.network)
        if account is None or account.state is not AccountState.CONNECTED or facts is None or facts.closed is not None:
            continue
        left = await store.pauses.left(account.id)
        due = await store.reactions.due_at(share.member, share.id, placement.network) if left > _SOME_MINUTES else None
        if due is not None and due <= now + left + _SHORTLY:
            waits[placement.network] = now + left
    return waits
