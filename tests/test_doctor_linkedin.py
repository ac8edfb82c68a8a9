"""What the doctor says of LinkedIn: the kind of app, what members can do with it, and what those who connected can."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession
from cryptography.fernet import Fernet

from grapevine import doctor_networks
from grapevine.domain.accounts import Account, AccountState
from grapevine.networks.linkedin_checkup import able
from grapevine.settings import BotSettings, load
from grapevine.store import Store
from tests.people import ADA, BEA

COMMUNITY = "r_basicprofile w_member_social r_member_postAnalytics r_member_profileAnalytics r_1st_connections_size"


@pytest.mark.parametrize(
    ("scopes", "works", "said", "todo"),
    [
        ("", True, "members can post; not see reactions, see their reach", "Community Management API"),
        ("openid profile", True, "members can do nothing; not post", "Add w_member_social"),
        (COMMUNITY, True, "members can post, see reactions, see their reach, as far as", ""),
        ("r_basicprofile,w_member_social", True, "members can post; not see", "add to LINKEDIN_SCOPES: r_member_post"),
        (f"openid {COMMUNITY}", False, "LinkedIn", "mixes two kinds of app"),
        ("w_member_social", False, "LinkedIn", "does not say who connects"),
    ],
)
def test_the_scopes_tell_the_kind_of_app_and_what_to_do_for_more(
    scopes: str, works: bool, said: str, todo: str
) -> None:
    ok, what, mend = able(scopes)
    assert ok is works
    assert said in what
    assert todo in mend
    assert bool(todo) == bool(mend)


async def lines(settings: BotSettings) -> AsyncIterator[str]:
    async with ClientSession() as session:
        async for finding in doctor_networks.examine(settings, session):
            yield str(finding)


async def test_the_doctor_counts_what_those_who_connected_can_do(redis_url: str, tmp_path: Path) -> None:
    environ = {
        "GRAPEVINE_DATA": str(tmp_path),
        "REDIS_URL": redis_url,
        "BLUESKY": "off",
        "SLACK_BOT_TOKEN": "xoxb-ada",
        "SLACK_APP_TOKEN": "xapp-ada",
        "MASTODON": "off",
        "LINKEDIN_CLIENT_ID": "id",
        "LINKEDIN_CLIENT_SECRET": "secret",
        "LINKEDIN_AUTH_URL": "http://127.0.0.1:9",
        "LINKEDIN_API_URL": "http://127.0.0.1:9",
    }
    settings = load(BotSettings, environ)
    assert not [line async for line in lines(settings) if "connected;" in line]
    store = Store.open(redis_url, encryption_keys=[Fernet.generate_key().decode()])
    try:
        for person, can in ((ADA, True), (BEA, False)):
            member = await person.joins(store, time.time())
            reason = "" if can else "Ask somebody."
            account = Account(
                "linkedin", person.user, "A", AccountState.CONNECTED, time.time(), can_count=can, count_reason=reason
            )
            await store.accounts.connect(member, account, "token")
    finally:
        await store.close()
    (line,) = [line async for line in lines(settings) if "connected;" in line]
    assert "2 connected; 2 can post, 1 can count reactions, 2 can tell their reach" in line
    assert "Ask somebody." in line
