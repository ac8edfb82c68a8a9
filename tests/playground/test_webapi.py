"""The stand-in's Web API with the real client: tokens, scopes, arguments, errors, files."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from grapevine.playground.app import Playground
from grapevine.playground.config import Manifest
from tests.people import ADA, BEA, CY
from tests.playground.bolt import QUICK


@pytest.fixture
async def pg() -> AsyncIterator[Playground]:
    async with Playground(QUICK) as pg:
        yield pg


@pytest.fixture
def client(pg: Playground) -> AsyncWebClient:
    return AsyncWebClient(token=pg.bot_token, base_url=pg.slack_api_url)


async def refused(call: Any) -> dict[str, Any]:
    with pytest.raises(SlackApiError) as caught:
        await call
    data: dict[str, Any] = caught.value.response.data
    return data


async def with_scopes(*scopes: str) -> Playground:
    return Playground(replace(QUICK, manifest=replace(QUICK.manifest, scopes=scopes)))


@pytest.mark.parametrize(
    ("token", "method", "error"),
    [
        ("", "auth.test", "not_authed"),
        ("xoxb-somebody-else", "auth.test", "invalid_auth"),
        ("xapp-playground-app", "auth.test", "not_allowed_token_type"),
        ("xoxb-playground-bot", "apps.connections.open", "not_allowed_token_type"),
        ("xoxb-playground-bot", "chat.shout", "unknown_method"),
    ],
)
async def test_a_wrong_token_or_method_is_refused(pg: Playground, token: str, method: str, error: str) -> None:
    client = AsyncWebClient(token=token, base_url=pg.slack_api_url)

    assert (await refused(client.api_call(method)))["error"] == error


async def test_a_token_inside_json_does_not_count(pg: Playground) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{pg.slack_api_url}auth.test", json={"token": pg.bot_token}) as response,
    ):
        assert (await response.json())["error"] == "not_authed"


async def test_auth_test_says_who_the_app_is(client: AsyncWebClient) -> None:
    answer = await client.auth_test()

    assert (answer["team_id"], answer["user_id"], answer["bot_id"]) == ("T0GRAPE001", "U0GRAPEBOT", "B0GRAPE001")
    assert "chat:write" in answer.headers["X-OAuth-Scopes"]


async def test_a_missing_scope_is_named() -> None:
    async with await with_scopes("commands") as pg:
        client = AsyncWebClient(token=pg.bot_token, base_url=pg.slack_api_url)
        error = await refused(client.chat_postMessage(channel=BEA.user, text="hi"))

        assert error == {"ok": False, "error": "missing_scope", "needed": "chat:write", "provided": "commands"}
        assert (await refused(client.users_info(user=BEA.user)))["needed"] == "users:read"


async def test_email_needs_its_own_scope(client: AsyncWebClient) -> None:
    assert (await client.users_info(user=BEA.user))["user"]["profile"]["email"] == "bea@vine.example"
    async with await with_scopes("users:read") as pg:
        poorer = AsyncWebClient(token=pg.bot_token, base_url=pg.slack_api_url)
        assert "email" not in (await poorer.users_info(user=BEA.user))["user"]["profile"]


async def test_people_have_time_zones_roles_and_pictures(client: AsyncWebClient) -> None:
    ada = (await client.users_info(user=ADA.user, include_locale=True))["user"]
    cy = (await client.users_info(user=CY.user))["user"]

    assert (ada["tz"], ada["is_admin"], ada["is_owner"], ada["locale"]) == ("Europe/London", True, True, "en-GB")
    assert (cy["tz"], cy["tz_offset"], cy["is_admin"]) == ("America/New_York", -18000, False)
    async with aiohttp.ClientSession() as session, session.get(ada["profile"]["image_512"]) as picture:
        assert picture.content_type == "image/svg+xml"
        assert ">AO<" in await picture.text()


async def test_the_list_of_people_comes_in_pages(client: AsyncWebClient) -> None:
    first = await client.users_list(limit=2)
    second = await client.users_list(limit=2, cursor=first["response_metadata"]["next_cursor"])

    names = [each["name"] for each in [*first["members"], *second["members"]]]
    assert names == ["ada", "bea", "cy", "grapevine"]
    assert second["response_metadata"]["next_cursor"] == ""


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"channel": "C0NOWHERE1", "text": "hi"}, "channel_not_found"),
        ({"channel": "U0NOBODY01", "text": "hi"}, "channel_not_found"),
        ({"channel": "C0GENERAL1"}, "no_text"),
        ({"channel": "C0GENERAL1", "text": "x" * 4001}, "msg_too_long"),
        ({"channel": "C0GENERAL1", "blocks": "not json"}, "invalid_blocks_format"),
        ({"text": "hi"}, "invalid_arguments"),
    ],
)
async def test_a_message_that_slack_would_refuse_is_refused(
    client: AsyncWebClient, arguments: dict[str, Any], error: str
) -> None:
    assert (await refused(client.api_call("chat.postMessage", json=arguments)))["error"] == error


async def test_a_message_is_posted_changed_linked_and_deleted(pg: Playground, client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(
        channel=BEA.user, text="one", metadata={"event_type": "e", "event_payload": {}}
    )
    where = {"channel": posted["channel"], "ts": posted["ts"]}
    assert where["channel"] == "D0BEA00001"

    await client.chat_update(**where, text="two")
    assert [each["text"] for each in pg.dms(BEA.user)] == ["two"]
    link = await client.chat_getPermalink(channel=where["channel"], message_ts=where["ts"])
    assert link["permalink"].endswith(where["ts"].replace(".", ""))

    await client.chat_delete(**where)
    assert pg.dms(BEA.user) == []
    assert (await refused(client.chat_update(**where, text="three")))["error"] == "message_not_found"


async def test_only_the_apps_own_messages_can_be_changed(pg: Playground, client: AsyncWebClient) -> None:
    pg.say(BEA.user, "mine", "C0GENERAL1")
    ts = next(iter(pg.workspace.channels["C0GENERAL1"].messages))

    assert (await refused(client.chat_update(channel="C0GENERAL1", ts=ts, text="no")))["error"] == "cant_update_message"
    assert (await refused(client.chat_delete(channel="C0GENERAL1", ts=ts)))["error"] == "cant_delete_message"
    assert (await refused(client.chat_update(channel=BEA.user, ts=ts, text="no")))["error"] == "channel_not_found"


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({}, "no_text"),
        ({"text": "x" * 4001}, "msg_too_long"),
        ({"blocks": [{"type": "divider"}] * 51}, "invalid_blocks"),
        ({"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}]}, "invalid_blocks"),
        ({"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2999}}] * 5}, "msg_blocks_too_long"),
        ({"ts": "1.1", "text": "two"}, "message_not_found"),
        ({"channel": "D0NOWHERE1", "text": "two"}, "channel_not_found"),
    ],
)
async def test_a_change_that_slack_would_refuse_is_refused(
    pg: Playground, client: AsyncWebClient, said: dict[str, Any], error: str
) -> None:
    posted = await client.chat_postMessage(channel=BEA.user, text="one")
    asked = {"channel": posted["channel"], "ts": posted["ts"], **said}
    assert (await refused(client.api_call("chat.update", json=asked)))["error"] == error
    assert [each["text"] for each in pg.dms(BEA.user)] == ["one"]


async def test_conversations_open_and_info(client: AsyncWebClient) -> None:
    assert (await client.conversations_open(users=BEA.user))["channel"]["id"] == "D0BEA00001"
    assert (await client.conversations_info(channel="D0BEA00001"))["channel"]["user"] == BEA.user
    assert (await client.conversations_info(channel="C0GENERAL1"))["channel"]["name"] == "general"
    assert (await refused(client.conversations_open(users="U0NOBODY01")))["error"] == "user_not_found"


async def test_a_trigger_expires() -> None:
    async with Playground(replace(QUICK, trigger_lifetime=0.0)) as pg:
        client = AsyncWebClient(token=pg.bot_token, base_url=pg.slack_api_url)
        view = {"type": "modal", "title": {"type": "plain_text", "text": "t"}, "blocks": []}
        trigger = pg.workspace.triggers.issue(BEA.user)

        assert (await refused(client.views_open(trigger_id=trigger, view=view)))["error"] == "expired_trigger_id"
        assert (await refused(client.views_open(trigger_id="1.2.a", view=view)))["error"] == "invalid_trigger_id"


async def test_home_is_only_for_people_and_apps_with_a_home_tab(client: AsyncWebClient) -> None:
    home = {"type": "home", "blocks": []}
    assert (await refused(client.views_publish(user_id="U0NOBODY01", view=home)))["error"] == "user_not_found"
    async with Playground(replace(QUICK, manifest=replace(QUICK.manifest, home_tab=False))) as pg:
        other = AsyncWebClient(token=pg.bot_token, base_url=pg.slack_api_url)
        assert (await refused(other.views_publish(user_id=BEA.user, view=home)))["error"] == "not_enabled"


async def test_views_update_finds_a_modal_by_its_external_id(pg: Playground, client: AsyncWebClient) -> None:
    view = {"type": "modal", "title": {"type": "plain_text", "text": "t"}, "blocks": [], "external_id": "mine"}
    await client.views_open(trigger_id=pg.workspace.triggers.issue(BEA.user), view=view)
    again = client.views_open(trigger_id=pg.workspace.triggers.issue(ADA.user), view=view)
    assert (await refused(again))["error"] == "duplicate_external_id"

    await client.views_update(external_id="mine", view=view | {"private_metadata": "new"})

    assert (pg.modal(BEA.user) or {})["private_metadata"] == "new"
    assert (await refused(client.views_update(view_id="V0NOTHERE1", view=view)))["error"] == "not_found"


async def test_an_export_is_sent_as_a_file_and_downloaded(pg: Playground, client: AsyncWebClient) -> None:
    channel = (await client.conversations_open(users=BEA.user))["channel"]["id"]
    content = '{"shares": [1, 2]}'

    await client.files_upload_v2(
        channel=channel, content=content, filename="grapevine.json", initial_comment="All of it"
    )

    message = pg.dms(BEA.user)[0]
    assert message["text"] == "All of it"
    assert message["files"][0]["size"] == len(content)
    async with aiohttp.ClientSession() as session, session.get(message["files"][0]["url_private_download"]) as file:
        assert await file.text() == content
        assert "attachment" in file.headers["Content-Disposition"]


async def test_a_file_cannot_be_sent_to_a_user_id(client: AsyncWebClient) -> None:
    error = await refused(client.files_upload_v2(channel=BEA.user, content="x", filename="x.json"))

    assert error["error"] == "invalid_arguments"
    assert "json-pointer:/channel_id" in error["response_metadata"]["messages"][0]


async def test_a_rate_limited_call_is_repeated_by_the_client(pg: Playground, client: AsyncWebClient) -> None:
    client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=1))
    pg.fail("chat.postMessage", 0, "internal_error")

    error = await refused(client.chat_postMessage(channel=BEA.user, text="hi"))

    assert error["error"] == "internal_error"
    assert [name for name, _ in pg.workspace.calls] == ["chat.postMessage", "chat.postMessage"]
    assert (await client.chat_postMessage(channel=BEA.user, text="hi"))["ok"]


def test_the_manifest_says_what_is_declared() -> None:
    manifest = Manifest.parse(
        {
            "display_information": {"name": "Vine"},
            "features": {
                "app_home": {"home_tab_enabled": True},
                "slash_commands": [{"command": "/vine", "description": "d"}],
                "shortcuts": [{"name": "Go", "type": "global", "callback_id": "go", "description": "d"}],
            },
            "oauth_config": {"scopes": {"bot": ["commands"], "bot_optional": ["files:write"]}},
            "settings": {"event_subscriptions": {"bot_events": ["app_home_opened"]}},
        }
    )

    assert (manifest.name, manifest.bot_name, manifest.scopes) == ("Vine", "Vine", ("commands", "files:write"))
    assert [each.command for each in manifest.commands] == ["/vine"]
    assert [each.callback_id for each in manifest.shortcuts] == ["go"]
    assert manifest.events == {"app_home_opened"}
    assert (manifest.home_tab, manifest.messages_tab, manifest.interactivity) == (True, False, False)
