"""What a member is asked before they connect a Bluesky account, and what they are told that it allows (rule 19)."""

from collections.abc import Sequence
from dataclasses import replace

from grapevine.networks.base import Ask, Question

HANDLE, PASSWORD = "handle", "password"
#: advice for whoever cannot be asked
INSTEAD = "You can use an app password instead."
BY_PROMPT = (
    Ask("Create posts", "to publish what you choose to share, when you choose to; not to change or delete any"),
    Ask("Upload pictures", "for the posts that have some"),
)
BY_PASSWORD = (
    Ask("Publish posts and pictures", "to publish what you choose to share, when you choose to"),
    Ask(
        "All else that apps may do for you on Bluesky",
        "comes along with every app password, since Bluesky has none that allows less. Grapevine uses none of it; "
        "please leave “Allow access to your direct messages” unticked",
    ),
)
AT_PASSWORDS = "Bluesky → Settings → Privacy and security → App passwords"
AT_SERVER = f"bsky.social/account, or /account at the server of your account (an app password at {AT_PASSWORDS})"
_WHO = Question(HANDLE, "Your Bluesky handle", "As it stands on your profile.", "bea.bsky.social")
_SECRET = Question(
    PASSWORD,
    "An app password for Grapevine",
    "Not your own password: make one at bsky.app/settings/app-passwords and call it Grapevine. It is used "
    "once, to open a connection, and not kept.",
    "abcd-efgh-ijkl-mnop",
    secret=True,
)
_MORE = "It allows more than a server's own page would, which Grapevine does not use."
_ASIDE = "My server has no page for this: use an app password"


def asked(*, prompt: bool) -> Sequence[Question]:
    """The handle, and an app password: of everybody, or with a *prompt* of those whose server has none."""
    return (_WHO, replace(_SECRET, aside=_ASIDE, hint=f"{_SECRET.hint} {_MORE}")) if prompt else (_WHO, _SECRET)
