"""Every key's name. A member's keys carry the hash tag ``{id}``, so that one script settles what is theirs.

What crosses members (the member map, slugs, due lists, workspaces) has no tag and is touched one key at a time.
"""

from hashlib import blake2b

from grapevine.domain.budgets import Use


def member(mid: str) -> str:
    """Hash: the member record."""
    return f"{{{mid}}}"


def accounts(mid: str) -> str:
    """Hash: account id → its public facts as JSON."""
    return f"{{{mid}}}a"


def tokens(mid: str) -> str:
    """Hash: account id → the encrypted token."""
    return f"{{{mid}}}k"


def gathering(mid: str) -> str:
    """Hash: account id → "1" while clicks of its placements are gathered, "0" when not (rule 5)."""
    return f"{{{mid}}}g"


def shares(mid: str) -> str:
    """Sorted set: share ids by the time they were made."""
    return f"{{{mid}}}S"


def share(mid: str, sid: str) -> str:
    """String: the share as JSON, written once."""
    return f"{{{mid}}}s{sid}"


def statuses(mid: str, sid: str) -> str:
    """Hash: network → what became of the placement, as JSON."""
    return f"{{{mid}}}p{sid}"


def messages(mid: str, sid: str) -> str:
    """Hash with a TTL: "" (the whole share) or network → the direct message that tells of it, as JSON."""
    return f"{{{mid}}}M{sid}"


def receipt(mid: str, sid: str) -> str:
    """Hash: the share's click state (``open``, ``salt``, ``born``, ``last``) and its receipt.

    A field a row; unique clicks as ``u:<network>`` and ``d:<UTC day>``; as ``b:<writer>`` the latest batch of
    clicks that was applied (design §4).
    """
    return f"{{{mid}}}c{sid}"


def visitors(mid: str, sid: str) -> str:
    """Set of signed 64-bit visitor tags: the root of the cascade; its other keys append to this name."""
    return f"{{{mid}}}v{sid}"


def reactions(mid: str, sid: str) -> str:
    """Hash: network → its reactions as JSON."""
    return f"{{{mid}}}e{sid}"


def window(mid: str, sid: str, network: str) -> str:
    """String with a TTL: exists while the placement's reactions are gathered (rule 12)."""
    return f"{{{mid}}}w{sid}:{network}"


def click_days(mid: str) -> str:
    """Hash: UTC day → unique clicks of all the member's shares; points are computed from it (rule 16)."""
    return f"{{{mid}}}D"


def reaction_days(mid: str) -> str:
    """Hash: UTC day → change of the reactions of all the member's placements, as seen that day."""
    return f"{{{mid}}}E"


def reach_days(mid: str) -> str:
    """Hash: UTC day → potential reach of the shares made that day."""
    return f"{{{mid}}}R"


def shared_offers(mid: str) -> str:
    """Hash: offer id → the share that the member made of it."""
    return f"{{{mid}}}O"


def claimed(mid: str) -> str:
    """Set: slugs that were claimed for a share which is not made yet, or never was; so that erasing finds them."""
    return f"{{{mid}}}l"


def news(mid: str) -> str:
    """Hash: share id → unique clicks that the member has not been told of yet."""
    return f"{{{mid}}}N"


def told(mid: str) -> str:
    """Hash: the digest's own state: when the last one went out, what is being told right now."""
    return f"{{{mid}}}T"


def cap(mid: str, sid: str, source: int, hour: int) -> str:
    """String with a TTL of an hour: new visitors of one address on one share in one hour since 1970 (rule 6).

    *source* is a keyed tag.
    """
    return f"{caps(mid, sid)}{source}:{hour}"


def caps(mid: str, sid: str) -> str:
    """What the names of one share's ``cap`` keys begin with."""
    return f"{{{mid}}}x{sid}:"


def slug(name: str) -> str:
    """String: where a slug leads, as JSON."""
    return f"l:{name}"


def member_of(team: str, user: str) -> str:
    """String: the member id of a Slack user."""
    return f"u:{team}:{user}"


def owner_of(team: str, account: str) -> str:
    """String: the member who has connected a network account in this workspace (rule 5)."""
    return f"o:{team}:{account}"


def workspace(team: str) -> str:
    """Hash: the workspace's settings, as JSON values."""
    return f"w:{team}"


def members_of(team: str) -> str:
    """Set: the members of a workspace."""
    return f"w:{team}:m"


def offers(team: str) -> str:
    """Sorted set: the ids of what is on offer, by the time they were offered."""
    return f"w:{team}:o"


def offer(team: str, offer_id: str) -> str:
    """String: an offer as JSON."""
    return f"w:{team}:o:{offer_id}"


def board(team: str, period: str) -> str:
    """String: a leaderboard as JSON, rebuilt from the members' totals (design §4)."""
    return f"w:{team}:b:{period}"


def totals(team: str) -> str:
    """Hash: UTC month → its programme totals as JSON, written once; empty for a month before the first member."""
    return f"w:{team}:t"


def spending(team: str, network: str, month: str) -> str:
    """Hash with a TTL: what a workspace spent on a network in a UTC month, and what of it can still be given back."""
    return f"{{{team}}}m:{network}:{month}"


def read_on(team: str, network: str, day: str) -> str:
    """Set with a TTL: the posts whose reading was paid for on a UTC day, since a network charges that once."""
    return f"{{{team}}}d:{network}:{day}"


def app_id(team: str) -> str:
    """String with a TTL: Slack's id of the app, for links into it."""
    return f"w:{team}:a"


def installation(enterprise: str, team: str) -> str:
    """String: a Slack installation as JSON, encrypted as a whole; *team* is empty for an org-wide one."""
    return f"i:{enterprise}:{team}"


def installed_in(team: str) -> str:
    """String: the enterprise whose installation serves this team, empty for none; what knows a team only asks here."""
    return f"i:{team}"


def hashed(account: str) -> str:
    """What stands for a network's account where a day's limits are counted, which are those of the account itself.

    It is the same for members of several workspaces who have connected it, and names none of them.
    """
    return blake2b(account.encode(), digest_size=8).hexdigest()


def pause(use: Use, network: str, account: str = "") -> str:
    """String with a TTL: the network asked (429) to be left alone, for an account, at a server (@) or by all of us."""
    return f"h:{use}:{network}:{hashed(account)}" if account else f"h:{use}:{network}"


def strikes(use: Use, network: str, account: str = "") -> str:
    """String with a TTL: how often an account, or a whole network, did not say when to come back."""
    return f"j:{use}:{network}:{hashed(account)}" if account else f"j:{use}:{network}"


def struck(use: Use, network: str) -> str:
    """Set with a TTL: the accounts that were asked to wait of late, hashed."""
    return f"j:{use}:{network}:all"


def trouble(network: str) -> str:
    """String with a TTL: what is wrong with the company's app at this network."""
    return f"trouble:{network}"


def cadence(network: str) -> str:
    """Hash: how often posts are read within the quota; of all under an empty field, of single members by their id."""
    return f"cadence:{network}"


def reads_on(day: str) -> str:
    """Hash with a TTL: network → how many placements were read on a UTC day."""
    return f"n:{day}"


def planned_on(day: str) -> str:
    """Hash with a TTL: network → how many placements were given out to be read on a UTC day."""
    return f"n:{day}:p"


def resting_on(day: str) -> str:
    """Hash with a TTL: network → how many of those nobody could read, since their accounts were not connected."""
    return f"n:{day}:r"


def budget(what: str, label: str, account: str = "") -> str:
    """String with a TTL: how much of a budget is used up in the span of this label, by an account or by all of us."""
    return f"q:{what}:{label}:{hashed(account)}" if account else f"q:{what}:{label}"


def pass_(kind: str, token: str) -> str:
    """String with a TTL: a short-lived, single-use pass (a connect link, an OAuth state)."""
    return f"t:{kind}:{token}"


def lease(name: str) -> str:
    """String with a TTL: who alone may do something for now."""
    return f"y:{name}"


def seen(event: str) -> str:
    """String with a TTL: this has happened. Hashed: events name members, and outlive one who is erased."""
    return f"z:{blake2b(event.encode(), digest_size=16).hexdigest()}"


#: Set: slugs that an admin took down; every shortener reads it each second.
DOWN = "down"
#: Set: every workspace that has a member.
WORKSPACES = "w:all"
#: Sorted set: a duty of the schedule → the last of its slots that was taken.
TURNS = "turns"

#: String: when the schedule's keeper was last seen at work.
TICK = "tick"
#: Sorted set: accounts, and servers (@), that are left alone for now, hashed, each with its network → until when.
PAUSED = "paused"
#: Hash: network → how many placements were ever read.
READS = "n"

#: Sorted sets of hints, written before what they hint at: they may name too many and never too few (design §4).
DUE_DIGESTS = "due:digests"
DUE_REACTIONS = "due:reactions"
DUE_REACH = "due:reach"
DUE_EXPIRIES = "due:expiries"
DUE_PUBLICATIONS = "due:publications"
DUE_CLOSINGS = "due:closings"
DUE_ERASURES = "due:erasures"
DUE_LISTS = (
    DUE_DIGESTS,
    DUE_REACTIONS,
    DUE_REACH,
    DUE_EXPIRIES,
    DUE_PUBLICATIONS,
    DUE_CLOSINGS,
    DUE_ERASURES,
)

#: String: exists while the append-only file still holds what was destroyed.
REWRITE = "rewrite"
#: Hash: which Grapevine this is (``id``), and the fingerprint of its visitors' secret (``visitors``).
IDENTITY = "identity"
