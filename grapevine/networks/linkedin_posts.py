"""Publishing on LinkedIn: what a post is made of, and what the answer to it means.

https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/posts-api
"""

import json
import time
from typing import Any
from urllib.parse import unquote

from grapevine.domain.errors import Otherwise, Refused, TryLater
from grapevine.networks.base import Draft, Published
from grapevine.networks.http import json_object, without_effect
from grapevine.networks.linkedin_answers import URN, DuplicateError, MediaRefused, MediaUnfinished, complain
from grapevine.networks.linkedin_media import content_of, urns_in
from grapevine.networks.linkedin_rest import Conversation
from grapevine.networks.linkedin_text import little

#: LinkedIn's clock and ours may differ; nobody writes the same post twice within it.
_DRIFT = 600.0
#: LinkedIn forgets duplicates after a day or two; until then a second create is refused by name.
_REMEMBERED = 12 * 3600.0


def prepare(line: Conversation, draft: Draft, grace: float) -> str:
    """The post's content as JSON, its pictures uploaded.

    *grace* seconds pass after that, since an image is not at once one that a post may show, and an app that may only
    write is not told when it is (403).
    """
    with without_effect():  # a picture that no post shows is seen by nobody
        content = content_of(line, draft)
    if urns_in(content):
        time.sleep(grace)
    return _packed(content)


def publish(line: Conversation, draft: Draft) -> Published:
    """Post once; a duplicate of an earlier post is ``Refused`` with that post's address.

    ``Otherwise`` when LinkedIn refuses the picture of a card. Posting without it is for another call, made when that is
    written down: LinkedIn takes a card with and one without a picture for two posts, and a lost answer is settled by
    saying the same again.
    """
    content = _prepared(line, draft)
    try:
        return _create(line, draft, content)
    except DuplicateError as error:
        raise _repeats(line, str(error)) from None
    except (MediaRefused, MediaUnfinished) as error:
        if "article" not in content:
            raise
        article = {name: said for name, said in content["article"].items() if name != "thumbnail"}
        raise Otherwise(str(error), _packed({"article": article})) from None


def settle(line: Conversation, draft: Draft, since: float) -> Published | None:
    """Post again after a lost answer: LinkedIn refuses a duplicate and names the post that went out.

    None for a picture, whose new upload makes another post of it, when LinkedIn may have forgotten the first one, and
    when it refuses what the card shows before it says whether the post is out.
    """
    if draft.media is not None or time.time() - since > _REMEMBERED:
        return None
    try:
        return _create(line, draft, _prepared(line, draft))
    except DuplicateError as error:
        urn = str(error)
    except Refused:  # of another post now, which says nothing of the first
        return None
    if not since - _DRIFT <= written_at(urn) <= time.time() + _DRIFT:
        raise _repeats(line, urn)
    return _published(line, urn)


def written_at(urn: str) -> float:
    """Epoch seconds at which a post was made: the upper bits of its number are milliseconds."""
    number = URN.fullmatch(urn)
    return (int(number[1]) >> 22) / 1000 if number else 0.0


def _packed(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False)


def _prepared(line: Conversation, draft: Draft) -> dict[str, Any]:
    return dict(json.loads(draft.prepared or prepare(line, draft, 0.0)))


def _create(line: Conversation, draft: Draft, content: dict[str, Any]) -> Published:
    answer = line.rest(
        "POST",
        "posts",
        {
            "author": line.token.author,
            "commentary": little(draft.caption),
            "visibility": "PUBLIC",
            "distribution": {
                "feedDistribution": "MAIN_FEED",
                "targetEntities": [],
                "thirdPartyDistributionChannels": [],
            },
            "content": content,
            "lifecycleState": "PUBLISHED",
            "isReshareDisabledByAuthor": False,
        },
    )
    if answer.status_code == 422:
        # It may be the refusal of a duplicate: then the post is out, and an unreadable one must not pass for a "no".
        json_object(answer, "LinkedIn", effect=True)
    complain(answer, urns_in(content))
    urn = unquote(answer.headers.get("x-restli-id", ""))
    if not URN.fullmatch(urn):
        raise TryLater("LinkedIn took the post but did not say where it is.", uncertain=True)
    return _published(line, urn)


def _published(line: Conversation, urn: str) -> Published:
    return Published(urn, f"{line.site}/feed/update/{urn}")


def _repeats(line: Conversation, urn: str) -> Refused:
    return Refused(
        f"LinkedIn says that this repeats a post of yours, {_published(line, urn).url}. Change the text to post again."
    )
