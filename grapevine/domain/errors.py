"""What can go wrong, named after what the caller may do about it."""

from collections.abc import Iterable

from grapevine.domain.budgets import DAY, Use


class GrapevineError(Exception):
    """An error whose text is a sentence that a person may read; it never carries a secret.

    *served* is True when the other side may have done what it was asked for all the same: then it may charge for it.
    """

    served = False


class TryLater(GrapevineError):
    """The same call may succeed later; *after* is in seconds, None when the other side did not say.

    Nobody is waited for longer than a day, whatever they say: a wrong clock would silence a network for years.
    *uncertain* is True when the call may have had its effect although no answer came (a lost answer to a create).
    """

    def __init__(
        self, reason: str, after: float | None = None, *, uncertain: bool = False, served: bool = False
    ) -> None:
        super().__init__(reason)
        self.after = None if after is None else min(after, DAY)
        self.uncertain = uncertain
        self.served = served or uncertain


class Throttled(TryLater):
    """Too many calls were made: nothing was done, and the next one may be answered after *after* seconds.

    *whole_app* is True when the limit is the whole app's, False when it is this account's, None when the network does
    not say. *uses*: the calls that it holds for; empty, those of the same use as the one that was made. *server*: where
    the limit is that of our address at one server, its name as accounts' ids have it.
    """

    def __init__(
        self,
        reason: str,
        after: float | None = None,
        *,
        whole_app: bool | None = False,
        uses: Iterable[Use] = (),
        server: str = "",
    ) -> None:
        super().__init__(reason, after)
        self.whole_app = whole_app
        self.uses = tuple(uses)
        self.server = server


class Unfit(TryLater):
    """The network does not take the company's app: nobody's connection has ended. *mend* is for who runs Grapevine."""

    def __init__(self, reason: str, mend: str) -> None:
        super().__init__(reason)
        self.mend = mend


class Stale(TryLater):
    """The network wants the token renewed first (``Network.refresh``); nothing was done, and then the call succeeds."""


class Otherwise(TryLater):
    """The network will not have what was *prepared* for a post; nothing was done. With this *prepared* it may."""

    def __init__(self, reason: str, prepared: str) -> None:
        super().__init__(reason)
        self.prepared = prepared


class Reconnect(GrapevineError):
    """The token is no longer good: only the member can help, by connecting again.

    *revoked* is True when the network says that the member or the network took the permission back, False when the
    token merely ran out (rule 5 treats the two differently).
    """

    def __init__(self, reason: str, *, revoked: bool = False) -> None:
        super().__init__(reason)
        self.revoked = revoked


class Refused(GrapevineError):
    """The other side said no and will say it again; the reason is for the member.

    *about* is the name of the question whose answer has to be another one, where the member was asked some.
    """

    def __init__(self, reason: str, about: str = "") -> None:
        super().__init__(reason)
        self.about = about


class Unavailable(GrapevineError):
    """The number cannot be had; the reason is shown in its place."""

    def __init__(self, reason: str, *, served: bool = False) -> None:
        super().__init__(reason)
        self.served = served


class NotFound(GrapevineError):
    """What was asked for does not exist (any more)."""
