"""The composer's listeners: open it, follow what is typed, and share (rules 2, 3, 8, 20, 27)."""

import re
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot import composer_view, spending
from bot.blocks import Block, escaped, listed, shortened
from bot.form import Check, Form, read, remarked, with_captions, with_words
from bot.guard import guarded
from bot.home import publish_home
from bot.sharing import Sharing
from bot.slack_text import typed, without_gaps
from grapevine.domain.captions import bare_links, with_schemes
from grapevine.domain.errors import NotFound
from grapevine.domain.links import links_in
from grapevine.domain.members import Member
from grapevine.domain.shares import MY_LINK, Share
from grapevine.networks.base import Network
from grapevine.networks.opengraph import card_of
from grapevine.settings import BotSettings
from grapevine.store import Store
from grapevine.store.queue import Jobs
from grapevine.store.workspaces import WorkspaceSettings

if TYPE_CHECKING:
    from bot.command import Command

_LOOK = "Please look whether it is right, and press Share once more."
#: seconds for which somebody who looks at their post waits for what the page says of itself
_LOOK_FOR = 4.0
_FIX = re.compile("^compose:fix:")


def register(app: AsyncApp) -> None:
    app.shortcut("share")(on_shortcut)
    app.shortcut("share_message")(on_message_shortcut)
    app.action("share")(on_button)
    for action in ("compose:networks", "compose:kind", "compose:suggestion", "compose:check", "compose:fill"):
        app.action(action)(on_change)
    app.action(_FIX)(on_change)
    app.view(composer_view.CALLBACK)(on_submit)


async def on_share(command: "Command") -> None:
    """``/grapevine share [URL]``."""
    await open_composer(
        command.client,
        command.body["trigger_id"],
        command.store,
        command.networks,
        command.settings,
        command.member,
        text=command.text,
    )


@guarded
async def on_shortcut(
    ack: AsyncAck,
    body: dict[str, Any],
    client: AsyncWebClient,
    store: Store,
    networks: Mapping[str, Network],
    settings: BotSettings,
    member: Member,
) -> None:
    await ack()
    await open_composer(client, body["trigger_id"], store, networks, settings, member)


@guarded
async def on_message_shortcut(
    ack: AsyncAck,
    body: dict[str, Any],
    client: AsyncWebClient,
    store: Store,
    networks: Mapping[str, Network],
    settings: BotSettings,
    member: Member,
) -> None:
    """Share with my network, from a message: its first link is the post, its text a first caption."""
    await ack()
    text = typed(body.get("message", {}))
    await open_composer(client, body["trigger_id"], store, networks, settings, member, text=text)


@guarded
async def on_button(
    ack: AsyncAck,
    body: dict[str, Any],
    client: AsyncWebClient,
    store: Store,
    networks: Mapping[str, Network],
    settings: BotSettings,
    member: Member,
    now: float,
) -> None:
    """[Share] on Home: an empty composer, or one that is filled with an offer."""
    await ack()
    offer = body["actions"][0].get("value") or ""
    if offer:
        found = await store.workspaces.get_offer(member.team, offer)
        if found is None or not found.open(now):
            raise NotFound("This post is not on offer any more. Open Home anew to see what is.")
    await open_composer(client, body["trigger_id"], store, networks, settings, member, offer=offer)


async def open_composer(
    client: AsyncWebClient,
    trigger_id: str,
    store: Store,
    networks: Mapping[str, Network],
    settings: BotSettings,
    member: Member,
    *,
    text: str = "",
    offer: str = "",
) -> None:
    """Open the modal, filled with the first link of *text* and the rest as caption, or with an offer."""
    sharing, workspace = await _sharing(store, networks, settings, member)
    # An address that lacks its https:// is taken for what is shared too: the composer says so and offers the right one.
    places = links_in(text) or bare_links(text)
    if places:
        start, end = places[0]
        url, caption = text[start:end], without_gaps(text[:start] + text[end:])
    else:  # a single word is meant as an address, whatever it looks like
        url, caption = (text.strip(), "") if len(text.split()) == 1 else ("", text.strip())
    form = Form(url=url, utm_offered=workspace.utm, utm=workspace.utm)
    suggestions: tuple[str, ...] = ()
    offered = await store.workspaces.get_offer(member.team, offer) if offer else None
    if offered is not None:
        post = offered.post
        suggestions = offered.captions
        caption = suggestions[0] if suggestions else ""
        form = replace(
            form,
            kind=post.kind,
            url=post.url,
            title=post.alt_text or post.title,
            description=post.description,
            more="\n".join(f"{image.url} {image.alt_text}".strip() for image in post.more),
            offer=offered.id,
        )
    choices = sharing.choices()
    everywhere = tuple(choice.network for choice in choices if choice.network != MY_LINK) or (MY_LINK,)
    form = replace(form, networks=everywhere, captions=dict.fromkeys(everywhere, caption))
    await client.views_open(trigger_id=trigger_id, view=composer_view.view(form, choices, suggestions))


@guarded
async def on_change(
    ack: AsyncAck,
    body: dict[str, Any],
    client: AsyncWebClient,
    store: Store,
    networks: Mapping[str, Network],
    settings: BotSettings,
    member: Member,
) -> None:
    """Something in the open composer was changed or asked for: show the modal as it follows from that."""
    await ack()
    sharing, _ = await _sharing(store, networks, settings, member)
    form = read(body["view"])
    offered = await store.workspaces.get_offer(member.team, form.offer) if form.offer else None
    suggestions = offered.captions if offered else ()
    action = body["actions"][0]
    checks = []
    if action["action_id"] == "compose:suggestion":
        if not suggestions:
            raise NotFound("This post is not on offer any more, and its captions went with it. What you wrote stays.")
        chosen = suggestions[int(action["selected_option"]["value"])]
        form = with_captions(form, dict.fromkeys(form.networks, chosen))
    elif action["action_id"].startswith("compose:fix:"):
        network = action["action_id"].rsplit(":", 1)[1]
        form = with_captions(form, {network: with_schemes(form.captions.get(network, ""))})
    if action["action_id"] == "compose:check" or action["action_id"].startswith("compose:fix:"):
        checks = sharing.checks(form)
    # A network that was chosen just now begins with what was typed for another.
    begun = next((text for text in form.captions.values() if text), "")
    if action["action_id"] == "compose:fill":
        form = with_captions(form, {name: text or begun for name, text in form.captions.items()})
    form = replace(form, seen="", captions={**dict.fromkeys(form.networks, begun), **form.captions})
    view = composer_view.view(form, sharing.choices(), suggestions, checks)
    shown = await client.views_update(view_id=body["view"]["id"], hash=body["view"]["hash"], view=view)
    if action["action_id"] == "compose:check" and sharing.wants_words(form):
        card = await card_of(form.url, allow_private=settings.allow_private_addresses, seconds=_LOOK_FOR)
        if card.title:
            form = with_words(form, card.title, card.description)
            view = composer_view.view(form, sharing.choices(), suggestions, checks)
            with suppress(SlackApiError):  # closed or changed meanwhile: the words are looked up again at posting
                await client.views_update(view_id=body["view"]["id"], hash=shown["view"]["hash"], view=view)


@guarded
async def on_submit(
    ack: AsyncAck,
    body: dict[str, Any],
    client: AsyncWebClient,
    store: Store,
    jobs: Jobs,
    networks: Mapping[str, Network],
    settings: BotSettings,
    member: Member,
    now: float,
    is_admin: bool,
) -> None:
    """Mend, remark once, or share. A view is shared once, however often Slack delivers its submission."""
    sharing, _ = await _sharing(store, networks, settings, member)
    form = read(body["view"])
    if (whole := sharing.corrected(form.url)) is not None:
        form = replace(form, url=whole, revision=form.revision + 1, seen="")
        view = await _view(form, sharing, store, member, note=f"Grapevine put https:// before the address. {_LOOK}")
        await ack(response_action="update", view=view)
        return
    if errors := sharing.errors(form):
        await ack(response_action="errors", errors=errors)
        return
    checks = sharing.checks(form)
    if (said := remarked(checks)) != form.seen and said:
        note = "Please look at what is remarked below. Nothing was shared yet."
        view = await _view(replace(form, seen=said), sharing, store, member, checks, note)
        await ack(response_action="update", view=view)
        return
    event = f"share:{body['view']['id']}"
    if not await store.passes.first(event):
        await ack()
        return
    try:
        share = await sharing.share(form, store, jobs, now)
    except BaseException:
        await store.passes.forget(event)
        raise
    link = my_link(share, settings.short_url)
    titles = [networks[one.network].title for one in share.placements if one.network != MY_LINK]
    told = [f"On its way to {listed(titles)}. You get a message when it is out."] if titles else []
    await ack(response_action="update", view=composer_view.done(told, link))
    if link:
        await client.chat_postMessage(
            channel=member.user,
            text=f"Your link to {escaped(shortened(form.title or form.url, 150))}, to paste anywhere:\n```{link}```",
            unfurl_links=False,
            unfurl_media=False,
        )
    await publish_home(client, store, networks, settings, member, now, is_admin=is_admin)


def my_link(share: Share, short_url: str) -> str:
    """The address of "my link", empty when the share has none."""
    return next((f"{short_url}/{one.card}" for one in share.placements if one.network == MY_LINK), "")


async def _view(
    form: Form, sharing: Sharing, store: Store, member: Member, checks: Sequence[Check] = (), note: str = ""
) -> Block:
    offered = await store.workspaces.get_offer(member.team, form.offer) if form.offer else None
    return composer_view.view(form, sharing.choices(), offered.captions if offered else (), checks, note)


async def _sharing(
    store: Store, networks: Mapping[str, Network], settings: BotSettings, member: Member
) -> tuple[Sharing, WorkspaceSettings]:
    workspace = await store.workspaces.settings(member.team)
    accounts = await store.accounts.all(member.id)
    closed = await spending.closed(store, networks, member.team, workspace, time.time())
    allow_private = settings.allow_private_addresses
    made = Sharing(
        member, accounts, networks, workspace, settings.short_url, allow_private=allow_private, closed=closed
    )
    return made, workspace
