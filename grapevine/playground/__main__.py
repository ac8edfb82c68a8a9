"""``python -m grapevine.playground``: the stand-in workspace and networks on this machine, for nobody else."""

import argparse
import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from aiohttp import web

from grapevine.domain.errors import GrapevineError
from grapevine.playground import bluesky, facebook, linkedin, mastodon, x
from grapevine.playground.app import WORKSPACE, create_app
from grapevine.playground.config import Manifest, PlaygroundConfig
from grapevine.playground.crowd import Network
from grapevine.playground.memory import Memory, Room

ROOT = Path(__file__).parent.parent.parent


def settings(arguments: list[str] | None = None) -> PlaygroundConfig:
    default = PlaygroundConfig()
    parser = argparse.ArgumentParser(prog="python -m grapevine.playground", description=__doc__)
    parser.add_argument("--port", type=int, default=default.port)
    parser.add_argument("--mastodon-port", type=int, help="where to play a Mastodon server, else there is none")
    parser.add_argument("--events-url", default=default.events_url, help="where the app takes Slack's requests")
    parser.add_argument("--short-url", default=default.short_url, help="what the app's short links begin with")
    parser.add_argument("--transport", choices=("socket", "http"), default=default.transport)
    parser.add_argument("--manifest", type=Path, default=ROOT / "manifest.yml", help="the app's manifest")
    parser.add_argument("--refuse-charts", action="store_true", help="be a workspace that charts have not reached")
    parser.add_argument("--data", type=Path, help="a folder in which Slack and the networks keep what they know")
    given = parser.parse_args(arguments)
    return PlaygroundConfig(
        port=given.port,
        mastodon_port=given.mastodon_port,
        events_url=given.events_url,
        short_url=given.short_url,
        transport=given.transport,
        manifest=Manifest.read(given.manifest),
        refuse_charts=given.refuse_charts,
        data=given.data,
    )


class _Played(Network, Room, Protocol):
    """A stand-in network: a crowd reacts there, and it outlasts a restart."""


def playground(config: PlaygroundConfig) -> web.Application:
    """The stand-in workspace together with the stand-in networks, each at the address the demo's settings name."""
    bot = urlsplit(config.events_url)
    callbacks = f"{bot.scheme}://{bot.netloc}/oauth"
    linkedin_state = linkedin.LinkedInStandIn(redirect_uris=[f"{callbacks}/linkedin/callback"])
    facebook_state = facebook.FacebookStandIn(redirect_uris=[f"{callbacks}/facebook/callback"])
    x_state, mastodon_state, bluesky_state = x.XStandIn(), mastodon.MastodonStandIn(), bluesky.BlueskyStandIn()
    networks: dict[str, _Played] = {
        "LinkedIn": linkedin_state,
        "X": x_state,
        "Bluesky": bluesky_state,
        "Facebook": facebook_state,
    }
    pages = {network.lower(): (network, f"/{network.lower()}/") for network in networks}
    addresses = [config.url, f"{bot.scheme}://{bot.netloc}", config.short_url]
    if config.mastodon_url is not None:
        networks["Mastodon"] = mastodon_state
        pages["mastodon"] = ("Mastodon", f"{config.mastodon_url}/")
        addresses.append(config.mastodon_url)
    app = create_app(
        config,
        networks=networks,
        subapps={
            "/linkedin-api": linkedin.create_api_app(linkedin_state),
            "/linkedin": linkedin.create_auth_app(linkedin_state),
            "/x": x.create_app(x_state),
            "/bluesky": bluesky.create_app(bluesky_state),
            "/facebook": facebook.create_app(facebook_state),
        },
        pages=pages,
    )
    beside = mastodon.create_app(mastodon_state)
    if config.data is not None:
        memory = Memory(config.data, {"Slack": app[WORKSPACE], **networks}, addresses)
        memory.open()
        memory.attach(app)
        memory.watch(beside)
    if config.mastodon_port is not None:
        app.cleanup_ctx.append(partial(_serving, beside, config.mastodon_port))
    return app


async def _serving(beside: web.Application, port: int, _: web.Application) -> AsyncIterator[None]:
    """Another application on a port of its own, as long as the playground runs."""
    runner = web.AppRunner(beside, access_log=None, shutdown_timeout=2.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield
    finally:
        await runner.cleanup()


async def run(config: PlaygroundConfig) -> None:
    """Serve until SIGTERM or Ctrl-C."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        app = playground(config)
    except GrapevineError as error:
        sys.exit(str(error))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", config.port).start()
        sys.stdout.write(f"The playground is at {config.url}\n")
        sys.stdout.flush()
        await stop.wait()
    finally:
        await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(run(settings()))
