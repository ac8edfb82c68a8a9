"""Facebook Pages; the Graph API is at https://developers.facebook.com/docs/graph-api (facts as of November 2026).

Personal profiles cannot be posted to: Facebook took that permission (publish_actions) from every app in August 2018.
A person logs in, allows some of their Pages, and chooses one; its token does not run out, so there is no refresh.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from grapevine.domain.accounts import Profile
from grapevine.domain.budgets import Quota
from grapevine.domain.errors import GrapevineError, NotFound, Reconnect, Refused, Unavailable, Unfit
from grapevine.domain.reactions import Counts
from grapevine.networks import facebook_login
from grapevine.networks.base import NO_ANSWERS, Ask, Authorization, Choice, Connected, Draft, Published, Question
from grapevine.networks.facebook_answers import APP, Duplicate, complain, profile_in
from grapevine.networks.facebook_graph import TITLE, App, Graph
from grapevine.networks.facebook_posts import PICTURES, Posts
from grapevine.networks.facebook_token import unpack
from grapevine.networks.http import json_object
from grapevine.settings import NetworkSettings


class Facebook:
    """The ``Network`` protocol for Facebook Pages: an account is a Page.

    *site* serves the prompt and what people see, *url* the Graph API; *version* is that of both (``v25.0``).
    """

    name = "facebook"
    title = TITLE
    note = (
        "Facebook lets apps post on Pages only. It took posting on personal profiles away from every app in August "
        "2018, so Grapevine cannot share to your own profile. You log in as yourself and choose a Page that you look "
        "after; the Page is what Grapevine connects."
    )
    caption_limit = 63206
    #: https://developers.facebook.com/docs/graph-api/batch-requests#limitations
    batch_size = 50
    #: its limits grow with the people who use the Page and the app, so that nobody knows them beforehand
    quota: Quota | None = None
    card_from_link = True
    most_pictures = 10
    pictures = PICTURES
    asks: Sequence[Ask] = (
        Ask(
            "Show a list of the Pages you manage",
            "to let you choose the Page. Grapevine keeps the one that you choose and forgets the others at once",
        ),
        Ask(
            "Create and manage content on your Page",
            "to publish what you choose to share, when you choose to. There is no smaller permission: this one also "
            "covers changing and deleting posts, which Grapevine does not do",
        ),
        Ask(
            "Read content posted on the Page",
            "to count reactions, comments and shares of what you shared, and the Page's followers: sums only, Facebook "
            "is asked to leave out people and texts. And to look among the Page's own posts when Facebook did not say "
            "whether one is out",
        ),
    )
    questions: Sequence[Question] = ()
    revoke_hint = "Facebook → Settings → Business integrations"

    def __init__(self, app_id: str, app_secret: str, version: str, site: str, url: str) -> None:
        self._app = App(app_id, app_secret, version, site.rstrip("/"), url.rstrip("/"))

    def __repr__(self) -> str:
        return f"Facebook({self._app.url!r})"

    def caption_length(self, text: str) -> int:
        return len(text)

    def authorize(
        self,
        redirect_uri: str,
        state: str,
        answers: Mapping[str, str] = NO_ANSWERS,  # noqa: ARG002 – nothing was asked
    ) -> Authorization:
        return Authorization(facebook_login.prompt(self._app, redirect_uri, state))

    def connect(
        self,
        redirect_uri: str,
        query: Mapping[str, str],
        secret: str,  # noqa: ARG002 – the app's own secret is enough
    ) -> Connected | Choice:
        found = facebook_login.pages(self._app, redirect_uri, query)
        return found[0] if len(found) == 1 else Choice(tuple(found))

    def profile(self, token: str) -> Profile:
        known = unpack(token)
        with Graph(self._app, known.access) as graph:
            answer = graph.get(known.page, fields=facebook_login.PAGE_FIELDS)
            complain(answer)
            return profile_in(json_object(answer, TITLE))

    def prepare(self, token: str, draft: Draft) -> str:
        self._check(draft)
        with self._posts(token) as posts:
            return posts.upload(draft)

    def publish(self, token: str, draft: Draft) -> Published:
        self._check(draft)
        with self._posts(token) as posts:
            try:
                return posts.create(draft)
            except Duplicate:
                pass
            # Our short link and our pictures are in no other post: found there, an earlier attempt of ours got through.
            if draft.link is not None or draft.prepared:
                with suppress(Refused, NotFound):
                    found, _ = posts.find(draft, draft.at, out=True)
                    if found is not None:
                        return found
        raise Refused("Facebook says that the Page has posted this already. Please change the caption and share again.")

    def settle(self, token: str, draft: Draft, since: float) -> Published | None:
        """Looks for the post among the Page's own. Not there, it is posted, since Facebook refuses a repetition: the
        same text and link (506), and a picture that stands in a post. One uploaded anew it would take again.
        """
        with self._posts(token) as posts:
            try:
                found, all_seen = posts.find(draft, since)
            except (Refused, NotFound):
                return None  # without looking, posting again would rest on Facebook's refusal alone
            if found is not None or not all_seen or (draft.pictures and not draft.prepared):
                return found
            try:
                return posts.create(draft)
            except Duplicate:
                pass
            try:  # it is there, and the first look came too early
                return posts.find(draft, since, out=True)[0]
            except GrapevineError:
                return None

    def counts(self, token: str, ids: Sequence[str]) -> dict[str, Counts | Unavailable | NotFound]:
        if len(ids) > self.batch_size:
            raise ValueError(f"at most {self.batch_size} ids")
        if not ids:
            return {}
        with self._posts(token) as posts:
            return posts.counts(ids)

    def stale(self, token: str, now: float) -> bool:  # noqa: ARG002 – Pages' tokens do not run out
        return False

    def refresh(self, token: str) -> tuple[str, float | None] | None:  # noqa: ARG002 – Pages' tokens do not run out
        return None

    def revoke(self, token: str) -> bool:
        try:
            return facebook_login.end(self._app, unpack(token).person)
        except Reconnect:
            return False

    def share_permission(self, token: str, other: str) -> bool:
        """A person allows all of their Pages at once, and takes that back at once."""
        try:
            return unpack(token).person == unpack(other).person
        except Reconnect:
            return False

    def trouble(self) -> str:
        """What an admin has to mend before Facebook takes the company's app, empty when it does."""
        with Graph(self._app, self._app.token) as graph:
            try:
                complain(graph.get(self._app.id, fields="id"))
            except (Unfit, Reconnect, Refused):
                return APP
        return ""

    @contextmanager
    def _posts(self, token: str) -> Iterator[Posts]:
        known = unpack(token)
        with Graph(self._app, known.access) as graph:
            yield Posts(graph, known.page)

    def _check(self, draft: Draft) -> None:
        if (size := self.caption_length(draft.caption)) > self.caption_limit:
            most = self.caption_limit
            raise Refused(f"The caption is too long for Facebook: {size} of {most}. Please shorten it.")
        if len(draft.pictures) > self.most_pictures:
            raise Refused(f"Facebook takes {self.most_pictures} pictures in one post. Please share fewer.")


def offer(settings: NetworkSettings, *_: object) -> Facebook | None:
    """Facebook Pages, where the company's app has credentials."""
    if not (settings.facebook_app_id and settings.facebook_app_secret):
        return None
    return Facebook(
        settings.facebook_app_id,
        settings.facebook_app_secret.get_secret_value(),
        settings.facebook_version,
        settings.facebook_auth_url,
        settings.facebook_graph_url,
    )
