"""What an admin should know of LinkedIn: which kind of app the settings describe, and what members may do with it."""

from grapevine.networks.linkedin import SHARE_SCOPES
from grapevine.networks.linkedin_counts import SCOPE
from grapevine.networks.linkedin_profile import CONNECTIONS, FOLLOWERS

_COMMUNITY = ("r_basicprofile", "w_member_social", SCOPE, FOLLOWERS, CONNECTIONS)
_MORE = (
    "For reactions and reach apply at LinkedIn for an app of its own with the Community Management API, then set "
    f'LINKEDIN_SCOPES="{" ".join(_COMMUNITY)}".'
)
_BOTH = (
    "LINKEDIN_SCOPES mixes two kinds of app, and LinkedIn has none with both: it would refuse every connection. Leave "
    f'it empty for "Share on LinkedIn", or set it to "{" ".join(_COMMUNITY)}".'
)
_NOBODY = (
    "Without openid and profile, or r_basicprofile, in LINKEDIN_SCOPES LinkedIn does not say who connects: add them."
)


def able(scopes: str) -> tuple[bool, str, str]:
    """Whether LINKEDIN_SCOPES can work, what members can do with such an app, and what to do for more."""
    asked = {*(scopes or SHARE_SCOPES).replace(",", " ").split()}
    openid = bool(asked & {"openid", "profile"})
    told = {SCOPE, FOLLOWERS, CONNECTIONS, "r_basicprofile"} & asked
    if openid and told:
        return False, "LinkedIn", _BOTH
    if not openid and "r_basicprofile" not in asked:
        return False, "LinkedIn", _NOBODY
    can = {
        "post": "w_member_social" in asked,
        "see reactions": SCOPE in asked,
        "see their reach": bool(asked & {FOLLOWERS, CONNECTIONS}),
    }
    kind = "“Share on LinkedIn”" if openid else "Community Management API"
    may, cannot = (", ".join(name for name, yes in can.items() if yes is wanted) for wanted in (True, False))
    what = f"LinkedIn: an app of the kind {kind} (LINKEDIN_SCOPES): members can {may or 'do nothing'}"
    what += f"; not {cannot}" if cannot else ", as far as LinkedIn answers: that is found out with each connection"
    missing = [scope for scope in _COMMUNITY if scope not in asked]
    if openid:
        return True, what, _MORE if can["post"] else "Add w_member_social to LINKEDIN_SCOPES, so that members can post."
    return True, what, f"For more, add to LINKEDIN_SCOPES: {', '.join(missing)}." if missing else ""
