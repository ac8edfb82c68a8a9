"""Something to share: an admin offers a post, every member finds it on Home."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot import home_view
from bot.blocks import Block, context, escaped, option, plain, section, select, text_input
from bot.command import Command
from bot.guard import guarded
from bot.home import publish_home
from grapevine.domain.captions import remarks
from grapevine.domain.errors import Refused
from grapevine.domain.links import links_in
from grapevine.domain.members import Member
from grapevine.domain.posts import Post, PostKind
from grapevine.domain.targets import own_hosts, trouble_with
from grapevine.networks.base import Network
from grapevine.settings import BotSettings
from grapevine.store import Store

CALLBACK = "offer"
_KINDS = {PostKind.LINK: "Link", PostKind.ARTICLE: "Article", PostKind.IMAGE: "Image"}


def register(app: AsyncApp) -> None:
    app.view(CALLBACK)(on_submit)
    app.action("offer")(on_button)
    app.action("offer:withdraw")(on_withdraw)


async def on_offer(command: Command) -> None:
    """``/grapevine offer [URL]``, for admins."""
    _only_admins(is_admin=command.is_admin)
    places = links_in(command.text)
    url = command.text[slice(*places[0])] if places else command.text.strip()
    await command.client.views_open(trigger_id=command.body["trigger_id"], view=view(url))


@guarded
async def on_button(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, is_admin: bool) -> None:
    """[Offer a post] on an admin's Home."""
    await ack()
    _only_admins(is_admin=is_admin)
    await client.views_open(trigger_id=body["trigger_id"], view=view())


@guarded
async def on_withdraw(
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
    """[Withdraw] beside an offer on an admin's Home; what was shared of it stays."""
    await ack()
    _only_admins(is_admin=is_admin)
    await store.workspaces.withdraw(member.team, body["actions"][0]["value"])
    await publish_home(
        client, store, networks, settings, member, now, is_admin=True, glance=home_view.glance(body.get("view"))
    )


def view(url: str = "") -> Block:
    """The form in which an admin describes what is on offer."""
    kinds = [option(text, kind.value) for kind, text in _KINDS.items()]
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "title": plain("Offer a post"),
        "submit": plain("Offer it"),
        "close": plain("Cancel"),
        "private_metadata": json.dumps({}),
        "blocks": [
            section("Members find it on Home under *Something to share*. Each decides alone whether to share it."),
            text_input("url", "Address", url, longest=2048, placeholder="https://…"),
            {
                "type": "input",
                "block_id": "kind",
                "label": plain("Kind"),
                "element": select("value", kinds, PostKind.LINK.value),
            },
            text_input("title", "Title", longest=200),
            text_input("description", "Description", longest=300, optional=True),
            text_input(
                "captions",
                "Suggested captions",
                optional=True,
                multiline=True,
                hint="Separate several with an empty line. Members can change them, or write their own.",
            ),
            {
                "type": "input",
                "block_id": "expires",
                "optional": True,
                "label": plain("On offer until (the end of that day, UTC)"),
                "element": {"type": "datepicker", "action_id": "value"},
            },
            context("Links in captions become each member's own short links."),
        ],
    }


@guarded
async def on_submit(
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
    """Check the form and put the post on offer, once however often Slack delivers it."""
    _only_admins(is_admin=is_admin)
    answers = {
        block_id: next(iter(elements.values())) for block_id, elements in body["view"]["state"]["values"].items()
    }
    url = (answers["url"].get("value") or "").strip()
    errors: dict[str, str] = {}
    if trouble := trouble_with(
        url, own_hosts=own_hosts(settings.short_url), allow_private=settings.allow_private_addresses
    ):
        errors["url"] = trouble
    kind = PostKind(answers["kind"]["selected_option"]["value"])
    captions = tuple(
        text.strip()
        for text in (answers["captions"].get("value") or "").replace("\r", "").split("\n\n")
        if text.strip()
    )
    said = [one.text for text in captions for one in remarks(text, counts_clicks=True)]
    if said:
        errors["captions"] = said[0]
    expires = _end_of(answers["expires"].get("selected_date"))
    if expires is not None and expires <= now:
        errors["expires"] = "That day is over already. Please choose a later one, or none."
    if errors:
        await ack(response_action="errors", errors=errors)
        return
    await ack()
    if not await store.passes.first(f"offer:{body['view']['id']}"):
        return
    post = Post(
        kind,
        url,
        (answers["title"].get("value") or "").strip(),
        (answers["description"].get("value") or "").strip(),
    )
    await store.workspaces.offer(member.team, post, captions, member.user, now, expires)
    await client.chat_postMessage(
        channel=member.user,
        text=f"“{escaped(post.title)}” is on offer now: members find it on Grapevine's Home tab.",
        unfurl_links=False,
    )
    await publish_home(client, store, networks, settings, member, now, is_admin=True)


def _only_admins(*, is_admin: bool) -> None:
    if not is_admin:
        raise Refused(
            "Only workspace owners and admins can offer posts. You can share any post with `/grapevine share`."
        )


def _end_of(date: str | None) -> float | None:
    if not date:
        return None
    return (datetime.fromisoformat(date).replace(tzinfo=UTC) + timedelta(days=1)).timestamp()
