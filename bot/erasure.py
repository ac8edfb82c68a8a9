"""A member's own data: all of it in one file, and all of it gone (rule 23)."""

import asyncio
import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import aiohttp
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot import accounts, home
from bot.blocks import Block, actions, button, plain, section, text_input
from bot.command import Command
from bot.guard import guarded, notice
from grapevine.domain.members import Member
from grapevine.networks.base import Network
from grapevine.settings import BotSettings
from grapevine.store import Store
from grapevine.store.queue import Jobs

log = logging.getLogger("bot.erasure")

ERASE, WORD = "erase", "erase"
EXPORT, EXPORT_LIVES = "export", 900
#: seconds; Slack waits three
_ANSWER_WITHIN = 1.5
FILE, TITLE = "grapevine-export.json", "Your data in Grapevine"


async def on_export(command: Command) -> None:
    """``/grapevine export``: a file in a direct message; where Slack takes no file, a private page to download it."""
    client, member = command.client, command.member
    text = "Everything that Grapevine holds about you, as one file:"
    said = await client.chat_postMessage(channel=member.user, text=text)
    content = json.dumps(await exported(command.store, member, command.now), indent=2, ensure_ascii=False)
    try:
        await client.files_upload_v2(channel=said["channel"], filename=FILE, title=TITLE, content=content)
    except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
        log.warning("Slack took no file, so a download page instead: %s", type(error).__name__)
        token = await command.store.passes.issue(EXPORT, {"member": member.id}, EXPORT_LIVES)
        text = "Everything that Grapevine holds about you, as one file. The link is for you only, for 15 minutes."
        link = button("Download", "export:download", url=f"{command.settings.base_url}/export/{token}")
        await client.chat_update(
            channel=said["channel"], ts=said["ts"], text=text, blocks=[section(text), actions("export", link)]
        )
    await command.respond(text="Your export is in your direct messages with Grapevine.")


async def exported(store: Store, member: Member, now: float) -> dict[str, Any]:
    """What a member is handed: all that the store holds about them, and when it was read."""
    return {"exported": datetime.fromtimestamp(now, UTC).isoformat(), **await store.erasure.export(member)}


async def on_erase(command: Command) -> None:
    """``/grapevine erase``: a modal that wants a word typed, since there is no way back."""
    await command.client.views_open(trigger_id=command.body["trigger_id"], view=erase_view())


def erase_view() -> Block:
    return {
        "type": "modal",
        "callback_id": ERASE,
        "title": plain("Erase my data"),
        "submit": plain("Erase everything"),
        "close": plain("Cancel"),
        "blocks": [
            section(
                "This removes everything that Grapevine holds about you: your connected accounts and their tokens, "
                "your shares, their numbers and your settings. *There is no way back.*\n"
                "Links that you shared go on leading where they lead. What you posted stays on the networks, and "
                "Slack keeps the messages that Grapevine sent you. `/grapevine export` hands you a copy first."
            ),
            text_input("word", f"Type {WORD} to confirm", longest=20),
        ],
    }


@guarded
async def erase_submitted(
    ack: AsyncAck,
    body: dict[str, Any],
    view: dict[str, Any],
    client: AsyncWebClient,
    store: Store,
    jobs: Jobs,
    networks: Mapping[str, Network],
    settings: BotSettings,
    member: Member,
    now: float,
    is_admin: bool,
) -> None:
    typed = view["state"]["values"]["word"]["value"]["value"] or ""
    if typed.strip().lower() != WORD:
        await ack(response_action="errors", errors={"word": f"Type the word {WORD} to confirm."})
        return
    erasing = asyncio.create_task(erase(store, jobs, networks, member))
    done, _ = await asyncio.wait([erasing], timeout=_ANSWER_WITHIN)
    if done:
        text = erasing.result()
        await ack(response_action="update", view=notice(text, "Erased"))
    else:  # the networks take longer to answer than Slack waits
        await ack(response_action="update", view=notice("Erasing…", "Erase my data"))
        text = await erasing
        try:
            await client.views_update(view_id=body["view"]["id"], view=notice(text, "Erased"))
        except SlackApiError:
            log.debug("The modal was closed meanwhile")
    await client.chat_postMessage(channel=member.user, text=text)
    await home.publish_home(client, store, networks, settings, member, now, is_admin=is_admin)


async def erase(store: Store, jobs: Jobs, networks: Mapping[str, Network], member: Member) -> str:
    """Remove all that is held about *member*; what was removed, and what remains, in sentences."""
    ended = await accounts.disconnect(store, networks, member)
    await store.erasure.erase(member)
    await jobs.forget(member.id)
    await store.erasure.rewrite()
    return "\n".join(
        [
            "Everything that Grapevine held about you is erased: accounts, tokens, shares, numbers, settings.",
            *(one.sentence for one in ended),
            "Links that you shared go on leading where they lead, but say nothing about you any more. What you posted "
            "stays on the networks until you delete it there, and Slack keeps the messages that Grapevine sent you. "
            "If you use Grapevine again, it begins anew.",
        ]
    )


def register(app: AsyncApp) -> None:
    app.view(ERASE)(erase_submitted)
