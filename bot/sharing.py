"""From a filled-in form to a share: what is wrong with it, what will be posted, and the posting itself."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from bot.blocks import cannot_post, listed
from bot.form import Check, Choice, Form, caption_block, known
from bot.pictures import shown_errors, shown_post
from bot.slack_text import own_emoji
from grapevine.domain.accounts import Account, AccountState
from grapevine.domain.captions import Remark, remarks
from grapevine.domain.links import SLUG_LENGTH, Link, links_in, replace_links
from grapevine.domain.members import Member
from grapevine.domain.posts import Post
from grapevine.domain.shares import MY_LINK, Placement, PlacementState, Share, ShortLink, Status
from grapevine.domain.targets import own_hosts, shortened_already, trouble_with, with_scheme
from grapevine.domain.utm import with_utm
from grapevine.networks.abilities import Filming
from grapevine.networks.base import Network
from grapevine.store import Store
from grapevine.store.queue import Jobs, publication
from grapevine.store.workspaces import WorkspaceSettings


class Sharing:
    """Sharing for one member. *short_url* is the short links' address, *allow_private* a setting.

    *closed*: the networks that cannot be shared to for now, each with the sentence that says why.
    """

    def __init__(
        self,
        member: Member,
        accounts: Mapping[str, Account],
        networks: Mapping[str, Network],
        workspace: WorkspaceSettings,
        short_url: str,
        *,
        allow_private: bool = False,
        closed: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._member = member
        self._accounts = {
            account.network: account
            for account in accounts.values()
            if account.state is AccountState.CONNECTED and account.can_post and account.network in networks
        }
        self._closed = {name: said for name, said in closed.items() if self._accounts.pop(name, None)}
        self._expired = sorted(
            account.network
            for account in accounts.values()
            if account.state is AccountState.EXPIRED and account.network in networks
        )
        self._mute = sorted(
            account.network
            for account in accounts.values()
            if account.state is AccountState.CONNECTED and not account.can_post and account.network in networks
        )
        self._networks = networks
        self._workspace = workspace
        self._short_url = short_url
        self._own_hosts = own_hosts(short_url)
        self._allow_private = allow_private

    def choices(self) -> list[Choice]:
        """Where this member can share to: their connected accounts, and "my link" at last."""
        found = []
        for name, network in self._networks.items():  # in the order in which Home offers them
            if (account := self._accounts.get(name)) is None:
                continue
            films = isinstance(network, Filming)
            found.append(Choice(name, network.title, account.name, self._limit(name), films=films))
        return [*found, Choice(MY_LINK, "My link", note=self._elsewhere())]

    def _elsewhere(self) -> str:
        """Where the member could share to as well, and how."""
        said = [f":warning: {sentence}" for sentence in self._closed.values()]
        if self._expired:
            titles = listed([self._networks[name].title for name in self._expired])
            said.append(f":warning: The connection to {titles} has run out. `/grapevine connect` brings it back.")
        said += [f":warning: {cannot_post(self._networks[name].title, name)}" for name in self._mute]
        if said:
            return "\n".join(said)
        if self._accounts or not self._networks:
            return ""
        return "To post on an account of your own from here, connect it first with `/grapevine connect`."

    def wants_words(self, form: Form) -> bool:
        """Whether the page may say how it is called: the member has not, and it may be looked at."""
        new = not form.title and form.looked != known(form.url)
        return new and form.kind.counts_clicks and self._trouble(form.url) is None

    def corrected(self, url: str) -> str | None:
        """The address with its https://, when that is all that it lacks."""
        if self._trouble(url) is None:
            return None
        return with_scheme(url, own_hosts=self._own_hosts, allow_private=self._allow_private)

    def errors(self, form: Form) -> dict[str, str]:
        """What must be mended before this form can be shared: block id → a sentence."""
        wrong: dict[str, str] = {}
        if not form.kind.counts_clicks:
            wrong |= shown_errors(form, self._networks, self._trouble)
        elif trouble := self._trouble(form.url):
            wrong[f"url:{form.revision}"] = trouble
        elif shortened_already(form.url):
            wrong[f"url:{form.revision}"] = "That is a short link already. Please share the address that it leads to."
        known = {choice.network for choice in self.choices()}
        if not form.networks or not set(form.networks) <= known:
            gone = [said for name, said in self._closed.items() if name in form.networks]
            wrong["networks"] = " ".join(gone) or "Please choose where to share it."
        if not form.kind.counts_clicks and MY_LINK in form.networks:
            wrong["networks"] = (
                "“My link” is for links and articles: a picture or video has no link to count. Please leave it out."
            )
        for name in form.networks:
            if name in self._accounts and (said := self._caption_error(form, name)):
                wrong[caption_block(name, form.revision)] = said
        return wrong

    def checks(self, form: Form) -> list[Check]:
        """How each caption will look and what there is to remark; the slug stands in for those still to be claimed."""
        found = []
        places = [name for name in form.networks if name in self._accounts]
        worded = [self._networks[name].title for name in places if form.captions.get(name)]
        for name in places:
            text = self._preview(form, name)
            typed = form.captions.get(name, "")
            said = remarks(typed, counts_clicks=form.kind.counts_clicks)
            if codes := own_emoji(typed):
                where = "in Slack only: elsewhere people read the letters"
                said.append(Remark(f"{' and '.join(codes)} can be seen as a picture {where}."))
            if worded and not typed:
                said.append(Remark(f"No caption here, though there is one on {listed(worded)}."))
            length = self._networks[name].caption_length(text)
            found.append(Check(name, text, length, tuple(one.text for one in said), any(one.corrected for one in said)))
        return found

    async def share(self, form: Form, store: Store, jobs: Jobs, now: float) -> Share:
        """Make the share and put its publications on the queue; "my link" is out at once."""
        sid = store.shares.new_id()
        link = form.kind.counts_clicks
        post = Post(form.kind, form.url, form.title, form.description) if link else shown_post(form)
        placements = [await self._placement(form, post, sid, name, store) for name in form.networks]
        reach = sum(one.reach for one in placements)
        share = Share(sid, self._member.id, post, now, tuple(placements), form.offer, reach)
        statuses = {
            one.network: Status(PlacementState.PUBLISHED if one.network == MY_LINK else PlacementState.PENDING, now)
            for one in placements
        }
        # The hint first: should this process die between the two, the planner finds what was not enqueued.
        await store.shares.hint_publication(self._member.id, sid, now)
        await store.shares.make(share, statuses, now)
        for one in placements:
            if one.network != MY_LINK:
                await jobs.hurry(publication(self._member.id, sid, one.network))
        return share

    async def _placement(self, form: Form, post: Post, sid: str, name: str, store: Store) -> Placement:
        known = self._accounts.get(name)
        account, reach = (known.id, known.reach or 0) if known else ("", 0)
        if not post.kind.counts_clicks:
            return Placement(name, account, form.captions.get(name, ""), reach=reach)
        caption = self._typed(form, name)
        slugs: dict[str, str] = {}
        for url in [post.url, *(caption[start:end] for start, end in links_in(caption))]:
            if url not in slugs:
                target = self._target(form, url, name, sid)
                slugs[url] = await store.links.claim(Link(target, self._member.id, sid, name, account))
        links = tuple(ShortLink(slug, self._target(form, url, name, sid)) for url, slug in slugs.items())
        text = replace_links(caption, lambda url: f"{self._short_url}/{slugs[url]}")
        return Placement(name, account, text, links, slugs[post.url], reach)

    def _typed(self, form: Form, name: str) -> str:
        """The caption as typed, with the post's own link where the network needs it in the text."""
        if name == MY_LINK:
            return ""
        typed = form.captions.get(name, "")
        if not form.kind.counts_clicks or self._networks[name].card_from_link:
            return typed
        if form.url in (typed[start:end] for start, end in links_in(typed)):
            return typed
        return f"{typed.rstrip()}\n{form.url}".lstrip()

    def _preview(self, form: Form, name: str) -> str:
        typed = self._typed(form, name)
        if not form.kind.counts_clicks:
            return typed
        return replace_links(typed, lambda _: f"{self._short_url}/{'x' * SLUG_LENGTH}")

    def _target(self, form: Form, url: str, name: str, sid: str) -> str:
        if not (form.utm and form.utm_offered):
            return url
        content = sid if self._workspace.utm_content else ""
        return with_utm(url, source=name, campaign=form.offer, content=content)

    def _trouble(self, url: str) -> str | None:
        return trouble_with(url, own_hosts=self._own_hosts, allow_private=self._allow_private)

    def _limit(self, name: str) -> int:
        """Of a caption: the account's own, where its server has one."""
        return self._accounts[name].caption_limit or self._networks[name].caption_limit

    def _caption_error(self, form: Form, name: str) -> str | None:
        network = self._networks[name]
        length = network.caption_length(self._preview(form, name))
        if length > (limit := self._limit(name)):
            most = f"{network.title} takes {limit:,} characters"
            return f"{most}; this would be {length:,}. Please shorten it."
        if not form.kind.counts_clicks:
            return None
        typed = form.captions.get(name, "")
        urls: Sequence[str] = [typed[start:end] for start, end in links_in(typed)]
        return next((f"{url}: {said}" for url in urls if (said := self._trouble(url))), None)
