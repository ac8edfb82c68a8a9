"""The answer to "is this post out?", which only its member can give when the network cannot."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bot.guard import guarded
from grapevine.domain.errors import Refused
from grapevine.domain.members import Member
from grapevine.domain.outcomes import WHOLE
from grapevine.store import Store
from grapevine.store.publishing import SAYING
from grapevine.store.queue import Jobs, publication


@guarded
async def settled(
    ack: AsyncAck,
    action: dict[str, Any],
    body: dict[str, Any],
    respond: AsyncRespond,
    store: Store,
    jobs: Jobs,
    member: Member,
    now: float,
) -> None:
    """``settled:yes`` and ``settled:no``; the value is member, share and network, joined by colons.

    The message about a whole share is the workers' to change, who alone write it; any other is replaced here.
    """
    await ack()
    mid, sid, network = action["value"].split(":", 2)
    if mid != member.id:
        raise Refused("Only the person who shared this can say whether it is out.")
    out = action["action_id"] == "settled:yes"
    whole = (await store.messages.about(mid, sid)).get(WHOLE)
    if whole is not None:
        await store.publishing.hint(mid, sid, network, now + SAYING)
    settled_now = await store.publishing.settle(mid, sid, network, out=out, now=now)
    if not settled_now:
        text = "This was answered already, so nothing was changed."
    elif out:
        text = "Thank you: noted as published. Its clicks are counted; its reactions cannot be read."
    else:
        text = "Thank you: it is being published now."
    in_whole = whole is not None and whole.ts == body["container"]["message_ts"]
    await respond(text=text, replace_original=not in_whole)
    # Only now: what the job writes into the message would be lost under these words.
    if settled_now and (whole is not None or not out):
        await jobs.hurry(publication(mid, sid, network))


def register(app: AsyncApp) -> None:
    app.action("settled:yes")(settled)
    app.action("settled:no")(settled)
