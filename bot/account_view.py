"""A connected account on Home: what it may do, why not more, and what to do about that (rule 11)."""

from bot.blocks import Block, actions, button, cannot_post, escaped, plain, section
from grapevine.domain.accounts import Account, AccountState


def account_blocks(account: Account, title: str, *, offered: bool, seldom: str) -> list[Block]:
    """*title* is the network's, *offered* whether it can be connected here, *seldom* how often posts are checked."""
    line = section(f"*{title}* · {escaped(account.name)}\n{_said(account, title, seldom)}")
    if account.picture:
        line["accessory"] = {
            "type": "image",
            "image_url": account.picture,
            "alt_text": f"Profile picture on {title}",
        }
    buttons = []
    if account.state is AccountState.EXPIRED and offered:
        buttons.append(button(f"Reconnect {title}", f"home:connect:{account.network}", style="primary"))
    leave = disconnect_button(account.network, title, f"Disconnect {title}")
    return [line, actions(f"home:account:{account.network}", *buttons, leave)]


def disconnect_button(network: str, title: str, label: str = "Disconnect") -> Block:
    """A button that asks once more before it disconnects."""
    confirm = {
        "title": plain(f"Disconnect {title}?"),
        "text": plain(
            "Clicks and reactions of what you shared there are no longer gathered until you connect the same account "
            "again. Your numbers stay, and your links go on working."
        ),
        "confirm": plain("Disconnect"),
        "deny": plain("Keep it"),
        "style": "danger",
    }
    return {**button(label, f"disconnect:{network}", network), "confirm": confirm}


def _said(account: Account, title: str, seldom: str) -> str:
    if account.state is AccountState.EXPIRED:
        said = ":warning: The connection has run out. Reconnect to post and to see reactions; clicks go on counting."
    elif account.reach is not None:
        said = f":white_check_mark: Connected · reach {account.reach:,}"
    elif account.can_reach and not account.reach_reason:
        said = ":white_check_mark: Connected · reach not known yet"
    else:
        said = f":white_check_mark: Connected · reach not available{_because(account.reach_reason)}"
    if account.state is not AccountState.CONNECTED:
        return said
    if not account.can_post:
        said += f"\n:warning: {cannot_post(title, account.network)}"
    if not account.can_count:
        return f"{said}\nReactions: not available{_because(account.count_reason)}"
    if seldom:
        said += f"\nReactions: {seldom}, as far as {title} lets Grapevine look"
    return f"{said}\nReactions: {escaped(account.count_reason)}" if account.count_reason else said


def _because(reason: str) -> str:
    return f": {escaped(reason)}" if reason else ""
