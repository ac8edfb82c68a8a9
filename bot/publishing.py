"""The answer to "is this post out?", which only its member can give when the network cannot."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bot.guard import guarded
from grapevine.domain.errors import Refused
from grapevine.domain.members import Member
from grapevine.store import Store
from grapevine.store.queue import Jobs, publication


@guarded
async def settled(
    ack: AsyncAck, action: dict[str, Any], respond: AsyncRespond, store: Store, jobs: Jobs, member: Member, now: float
) -> None:
    """``settled:yes`` and ``settled:no``; the value is member, share and network, joined by colons."""
    await ack()
    mid, sid, network = action["value"].split(":", 2)
    if mid != member.id:
        raise Refused("Only the person who shared this can say whether it is out.")
    out = action["action_id"] == "settled:yes"
    if not await store.publishing.settle(mid, sid, network, out=out, now=now):
        text = "This was answered already, so nothing was changed."
    elif out:
        text = "Thank you: noted as published. Its clicks are counted; its reactions cannot be read."
    else:
        await jobs.hurry(publication(mid, sid, network))
        text = "Thank you: it is being published now."
    await respond(text=text, replace_original=True)


def register(app: AsyncApp) -> None:
    app.action("settled:yes")(settled)
    app.action("settled:no")(settled)
