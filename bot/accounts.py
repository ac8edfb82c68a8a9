"""Connected accounts in Slack: the way to the connect page, and disconnecting."""

import asyncio
import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot import home
from bot.account_view import disconnect_button
from bot.blocks import Block, button, context, escaped, listed, section, shortened
from bot.command import Command
from bot.guard import guarded
from grapevine.domain.accounts import Account, AccountState
from grapevine.domain.members import Member
from grapevine.networks.abilities import OfPages, connectable
from grapevine.networks.base import Network
from grapevine.settings import BotSettings
from grapevine.store import Store

log = logging.getLogger("bot.accounts")

#: seconds that a connect link and the dance behind it may take
LINK_LIVES = 900
#: seconds that a network gets to confirm that a token is dead
_REVOKE_WITHIN = 25.0
LINK = "connect"
#: the value of a button beside which the other accounts are offered too
_ONE_OF_ALL = "one of all"


async def connect_link(
    store: Store,
    settings: BotSettings,
    member: Member,
    network: str,
    now: float,  # noqa: ARG001
    *,
    view: str = "",
) -> str:
    """The address of the page on which *member* connects an account of *network*; good for fifteen minutes.

    *view* is the external id of the modal that shows the link, which says then what came of it.
    """
    token = await store.passes.issue(LINK, {"member": member.id, "network": network, "view": view}, LINK_LIVES)
    return f"{settings.base_url}/connect/{token}"


def connect_button(network: Network, url: str, *, again: bool = False) -> Block:
    """A link button; Slack also sends a block_actions payload for it, which the app acknowledges."""
    return button(f"Connect {connectable(network)}{' again' if again else ''}", f"connect:{network.name}", url=url)


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of one disconnected account; *confirmed* by the network itself.

    *shared*: the permission is that of another account too, which is connected.
    """

    title: str
    name: str
    confirmed: bool
    hint: str
    shared: bool = False

    @property
    def sentence(self) -> str:
        """Rule 22: what happened, truthfully."""
        if self.confirmed:
            what = f"{self.title} confirmed that Grapevine's permission has ended, and Grapevine deleted its token."
        elif self.shared:
            what = (
                f"Grapevine deleted its token. {self.title} gives one permission for all of your Pages, and the Page "
                "that is connected now goes on using it."
            )
        else:
            what = f"Grapevine deleted its token. {self.title} did not confirm that the permission has ended"
            what += f": you can remove it yourself at {self.hint}." if self.hint else "."
        return f"*{self.title}* ({escaped(self.name)}) is disconnected. {what}"


RESUME = "Your links go on redirecting. Connect the same account again and Grapevine resumes gathering."


async def disconnect(
    store: Store, networks: Mapping[str, Network], member: Member, network: str = "", *, but: str = ""
) -> list[Ended]:
    """Disconnect the member's accounts of *network*, of all when none is named, except the account *but*.

    Every token is wiped before any network is spoken to; then all are revoked at the same time.
    """
    held: list[tuple[Account, str | None]] = []
    kept = await store.tokens.get(member.id, but) if but else None
    for account in (await store.accounts.all(member.id)).values():
        if network in ("", account.network) and account.id != but and _live(account):
            held.append((account, await store.tokens.get(member.id, account.id)))
            await store.accounts.disconnect(member, account.id)
    return list(await asyncio.gather(*(_end(networks.get(one.network), one, token, kept) for one, token in held)))


async def _end(network: Network | None, account: Account, token: str | None, kept: str | None) -> Ended:
    """Revokes *token*, unless that would end *kept* too."""
    if network is None:
        return Ended(account.network, account.name, confirmed=False, hint="")
    if isinstance(network, OfPages) and token and kept and network.share_permission(token, kept):
        return Ended(network.title, account.name, confirmed=False, hint="", shared=True)
    confirmed = token is not None and await revoked(network, token)
    return Ended(network.title, account.name, confirmed, network.revoke_hint)


def _live(account: Account) -> bool:
    return account.state is not AccountState.DISCONNECTED


async def revoked(network: Network, token: str) -> bool:
    """Whether the network confirmed, in time, that the token is dead."""
    try:
        return await asyncio.wait_for(asyncio.to_thread(network.revoke, token), _REVOKE_WITHIN)
    except Exception as error:  # noqa: BLE001 – the token is wiped; that the network cannot say is an answer too
        log.warning("%s did not say whether a token is dead: %s", network.title, type(error).__name__)
        return False


async def on_connect(command: Command) -> None:
    """``/grapevine connect [network]``: link buttons that only this person sees."""
    offered = list(command.networks.values())
    word = command.text.strip().lower()
    chosen = [network for network in offered if word in ("", network.name, network.title.lower())]
    if not offered:
        await command.respond(
            text="No network can be connected yet: the person who runs Grapevine has to give it a network's "
            "credentials first. You can share with your own link meanwhile: `/grapevine share https://…`"
        )
        return
    if not chosen:
        names = listed([network.title for network in offered])
        typed = escaped(shortened(command.text.strip(), 40))
        await command.respond(text=f"Grapevine cannot connect “{typed}” here. It can connect {names}.")
        return
    known = await by_network(command.store, command.member)
    blocks = []
    for network in chosen:
        url = await connect_link(command.store, command.settings, command.member, network.name, command.now)
        account = known.get(network.name)
        again = account is not None and _live(account)
        blocks.append(section(f"*{network.title}* · {_state(account)}", connect_button(network, url, again=again)))
        if isinstance(network, OfPages):  # below the button: beside it, on a phone, it would be a word wide
            blocks.append(context(network.note))
    blocks.append(context("The buttons work for 15 minutes and are for you only. You can disconnect at any time."))
    await command.respond(text="Connect an account", blocks=blocks)


async def on_disconnect(command: Command) -> None:
    """``/grapevine disconnect [network]``: a button that asks once more, or one for each account to choose from."""
    known = await by_network(command.store, command.member)
    live = {name: one for name, one in known.items() if _live(one)}
    titles = {name: command.networks[name].title if name in command.networks else name for name in live}
    word = command.text.strip()
    named = [name for name in live if word.lower() in (name, titles[name].lower())]
    if not live:
        await command.respond(text="You have no connected account, so there is nothing to disconnect.")
    elif word and not named:
        names = ", ".join(titles.values())
        await command.respond(text=f"You have no “{escaped(word)}” account connected. Connected: {names}.")
    else:
        chosen = [live[name] for name in named or live]
        rows = _rows(chosen, command.networks, whole=not named)
        await command.respond(text="Disconnect this account?" if named else "Which account?", blocks=rows)


def _rows(chosen: Iterable[Account], networks: Mapping[str, Network], *, whole: bool) -> list[Block]:
    """An account each, with a button that asks once more; *whole*: these are all that are connected."""
    rows = []
    for account in chosen:
        title = networks[account.network].title if account.network in networks else account.network
        ends = disconnect_button(account.network, title) | ({"value": _ONE_OF_ALL} if whole else {})
        rows.append(section(f"*{title}* · {escaped(account.name)}", ends))
    return rows


@guarded
async def disconnect_pressed(
    ack: AsyncAck,
    action: dict[str, Any],
    context: dict[str, Any],
    respond: AsyncRespond,
    client: AsyncWebClient,
    store: Store,
    networks: Mapping[str, Network],
    settings: BotSettings,
    member: Member,
    now: float,
    is_admin: bool,
) -> None:
    await ack()
    ended = await disconnect(store, networks, member, action["action_id"].split(":", 1)[1])
    said = _said(ended)
    if context.get("response_url"):  # in the place of the question, so that nobody answers it once more
        known = await by_network(store, member) if action.get("value") == _ONE_OF_ALL else {}
        others = _rows((one for one in known.values() if _live(one)), networks, whole=True)
        await respond(text=said, blocks=[section(said), *others], response_type="ephemeral", replace_original=True)
    else:  # pressed on Home, where there is no other place to answer
        await client.chat_postMessage(channel=member.user, text=said)
    await home.publish_home(client, store, networks, settings, member, now, is_admin=is_admin)


def _said(ended: list[Ended]) -> str:
    if not ended:
        return "This account was disconnected already."
    return "\n".join([*(one.sentence for one in ended), RESUME])


async def by_network(store: Store, member: Member) -> dict[str, Account]:
    """The member's account of each network: the connected one before any that was connected once."""
    chosen: dict[str, Account] = {}
    for account in (await store.accounts.all(member.id)).values():
        before = chosen.get(account.network)
        if before is None or not _live(before):
            chosen[account.network] = account
    return chosen


def _state(account: Account | None) -> str:
    if account is None:
        return "not connected"
    if account.state is AccountState.EXPIRED:
        return f"{escaped(account.name)}: the permission has run out, please connect again"
    if account.state is AccountState.DISCONNECTED:
        return f"{escaped(account.name)} is disconnected"
    return f"connected as {escaped(account.name)}"


def register(app: AsyncApp) -> None:
    app.action(re.compile(r"^disconnect:"))(disconnect_pressed)
