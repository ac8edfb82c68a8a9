"""Files that people pick in forms, at the stand-in Slack."""

from dataclasses import replace

import pytest
from aiohttp import ClientSession

from grapevine.playground.app import Playground
from grapevine.playground.config import JSON, PlaygroundConfig
from tests.people import BEA
from tests.playground.bolt import EVERYTHING

PNG = b"\x89PNG\r\n\x1a\n" + bytes(16)


async def picked(session: ClientSession, pg: Playground) -> JSON:
    address = f"{pg.url}/ui/file"
    async with session.post(address, params={"user": BEA.user, "name": "room.png"}, data=PNG) as answer:
        file: JSON = (await answer.json())["file"]
        return file


@pytest.mark.parametrize("scopes", [("files:read",), ("files:write",)])
async def test_a_persons_file_is_told_to_an_app_that_may_read_files_only(scopes: tuple[str, ...]) -> None:
    config = PlaygroundConfig(manifest=replace(EVERYTHING, scopes=scopes))
    async with Playground(config) as pg, ClientSession() as session:
        file = await picked(session, pg)
        assert (file["name"], file["mimetype"], file["user"]) == ("room.png", "image/png", BEA.user)
        head = {"Authorization": f"Bearer {pg.bot_token}"}
        async with session.get(f"{pg.slack_api_url}files.info", params={"file": file["id"]}, headers=head) as answer:
            said = await answer.json()
        async with session.get(file["url_private_download"], headers=head) as answer:
            content = await answer.read()
        if scopes == ("files:read",):
            assert said["file"] == file
            assert content == PNG
        else:
            assert said["error"] == "missing_scope"
            assert b"Sign in" in content


async def test_nobody_else_reads_it_and_what_is_not_there_is_not_found() -> None:
    config = PlaygroundConfig(manifest=replace(EVERYTHING, scopes=("files:read",)))
    async with Playground(config) as pg, ClientSession() as session:
        file = await picked(session, pg)
        async with session.get(file["url_private"]) as answer:
            assert b"Sign in" in await answer.read()
        head = {"Authorization": f"Bearer {pg.bot_token}"}
        async with session.get(f"{pg.slack_api_url}files.info", params={"file": "F0NOTHING1"}, headers=head) as answer:
            assert (await answer.json())["error"] == "file_not_found"
