"""``grapevine doctor``: looks at the settings and where they lead, and says what to mend. It prints no secret."""

import os
import shutil
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import aiohttp
from cryptography.fernet import Fernet

from grapevine import doctor_networks, house, manifest
from grapevine.console import say
from grapevine.domain.errors import GrapevineError
from grapevine.finding import Finding
from grapevine.settings import BotSettings, SettingsError, ShortenerSettings, StoreSettings, load
from grapevine.store.checkup import checkup
from grapevine.store.embedded import EmbeddedServer, server_binary

_TIMEOUT = aiohttp.ClientTimeout(total=10)
_ROOM = 200 * 1024**2


async def run(environ: Mapping[str, Any] | None = None) -> int:
    """Print each finding as it is made; 1 if something is broken. *environ* stands for the settings in tests."""
    broken = 0
    async for finding in examine(environ):
        say(str(finding))
        broken += finding.ok is False
    say()
    say("All is well." if not broken else f"{broken} to mend.")
    return 1 if broken else 0


async def examine(environ: Mapping[str, Any] | None = None) -> AsyncIterator[Finding]:
    """Everything that can be looked at, one finding after the other."""
    problems: dict[str, None] = {}
    for kind in house.PROGRAMS.values():
        try:
            load(kind, environ)
        except SettingsError as error:
            problems |= dict.fromkeys(str(error).splitlines())
    for problem in problems:
        yield Finding(False, "Settings", problem)
    if problems:
        if environ is None and house.lacks_env():
            yield Finding(None, house.NO_ENV)
        return
    yield Finding(True, "Settings")
    bot, shortener = load(BotSettings, environ), load(ShortenerSettings, environ)
    yield _data(bot.grapevine_data)
    async for finding in _redis(bot):
        yield finding
    for finding in _secrets(bot, shortener):
        yield finding
    # trust_env: HTTPS_PROXY and NO_PROXY, as the programs themselves do
    async with aiohttp.ClientSession(timeout=_TIMEOUT, trust_env=True) as session:
        async for finding in _slack(bot, session):
            yield finding
        async for finding in doctor_networks.examine(bot, session):
            yield finding
        yield await _leads_back("BASE_URL", bot.base_url, house.local(bot.bot_host, bot.bot_port), session)
        short = house.local(shortener.shortener_host, shortener.shortener_port)
        yield await _leads_back("SHORT_URL", bot.short_url, short, session)


def _data(data: Path) -> Finding:
    folder = data.absolute()
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        return Finding(
            False, f"Data folder {folder}", f"{there} cannot be written: give it to this user, or set GRAPEVINE_DATA."
        )
    free = shutil.disk_usage(there).free
    if free < _ROOM:
        return Finding(
            False, f"Data folder {folder}", f"Only {free // 1024**2} MB are free: make room, or set GRAPEVINE_DATA."
        )
    return Finding(True, f"Data folder {folder}")


async def _redis(settings: StoreSettings) -> AsyncIterator[Finding]:
    if settings.redis_url is None:
        url = EmbeddedServer.join(settings.grapevine_data)
        if url is None:
            try:
                yield Finding(True, f"Redis: `grapevine up` will start {server_binary(settings.grapevine_data)}")
            except GrapevineError as error:
                yield Finding(False, "Redis", str(error))
            return
        yield await _answering("Redis (embedded)", url)
        return
    yield await _answering("Redis (REDIS_URL)", settings.redis_url)
    if settings.queue_url is not None:
        yield await _answering("Redis (QUEUE_URL)", settings.queue_url)


async def _answering(what: str, url: str) -> Finding:
    server, problems = await checkup(url)
    return Finding(not problems, f"{what} {server}".strip(), " ".join(problems))


def _secrets(bot: BotSettings, shortener: ShortenerSettings) -> list[Finding]:
    if bot.redis_url is None:
        made = "from the environment, or made once in the data folder: keep that in the backup"
        yours = [bad for bad in (_keys(bot), _visitor(shortener)) if bad.ok is False and bad.what.endswith("wrong")]
        return yours or [Finding(True, f"Secrets ({made})")]
    return [_keys(bot), _visitor(shortener)]


def _keys(settings: BotSettings) -> Finding:
    how = "Make one: grapevine key"
    if not settings.encryption_keys:
        return Finding(False, "ENCRYPTION_KEYS is missing", how)
    try:
        for key in settings.encryption_keys:
            Fernet(key.get_secret_value())
    except ValueError:
        return Finding(False, "ENCRYPTION_KEYS is wrong", f"Each should be a Fernet key. {how}")
    return Finding(True, "ENCRYPTION_KEYS")


def _visitor(settings: ShortenerSettings) -> Finding:
    how = "Make one: python -c 'import secrets; print(secrets.token_urlsafe(32))'"
    if settings.visitor_secret is None:
        return Finding(False, "VISITOR_SECRET is missing", how)
    if len(settings.visitor_secret.get_secret_value()) < 16:
        return Finding(False, "VISITOR_SECRET is wrong", f"It is too short to keep visitors from being guessed. {how}")
    return Finding(True, "VISITOR_SECRET")


async def _slack(settings: BotSettings, session: aiohttp.ClientSession) -> AsyncIterator[Finding]:
    if settings.slack_bot_token is not None:
        token = settings.slack_bot_token.get_secret_value()
        answer, scopes = await _call(session, settings.slack_api_url + "auth.test", token)
        if not answer.get("ok"):
            mend = f"Slack says {answer.get('error')}: SLACK_BOT_TOKEN should be the xoxb-… of your installed app."
            yield Finding(False, "Slack: bot token", mend)
        else:
            yield Finding(True, f"Slack: bot token, workspace {answer.get('team')}")
            missing = manifest.scopes() - scopes
            mend = f"Missing: {', '.join(sorted(missing))}. Paste `grapevine manifest` into your app and reinstall it."
            yield Finding(not missing, "Slack: scopes", mend if missing else "")
    else:
        yield Finding(None, f"Slack: many workspaces, each installs at {settings.base_url}/slack/install")
    if settings.slack_app_token is not None:
        token = settings.slack_app_token.get_secret_value()
        answer, _ = await _call(session, settings.slack_api_url + "apps.connections.open", token)
        mend = (
            f"Slack says {answer.get('error')}: SLACK_APP_TOKEN should be an app-level token (xapp-…) with "
            "connections:write, and Socket Mode should be on."
        )
        yield Finding(bool(answer.get("ok")), "Slack: Socket Mode", "" if answer.get("ok") else mend)


async def _call(session: aiohttp.ClientSession, url: str, token: str) -> tuple[dict[str, Any], frozenset[str]]:
    """Slack's answer and the token's scopes; an answer of our own kind when Slack cannot be reached."""
    try:
        async with session.post(url, headers={"Authorization": f"Bearer {token}"}) as response:
            scopes = frozenset(
                scope.strip() for scope in response.headers.get("X-OAuth-Scopes", "").split(",") if scope.strip()
            )
            answer = await response.json(content_type=None)
            return (answer if isinstance(answer, dict) else {"error": "something else than JSON"}), scopes
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        return {"error": f"nothing ({type(error).__name__}; is there a way out, HTTPS_PROXY perhaps?)"}, frozenset()


async def _leads_back(name: str, public: str, local: str, session: aiohttp.ClientSession) -> Finding:
    """Whether the public address reaches the program that answers at *local*."""
    here = await _health(session, local)
    if here is None:
        return Finding(None, f"{name} {public}: not checked, since nothing answers at {local} (is `grapevine up` on?)")
    there = await _health(session, public)
    if there is None:
        mend = f"{public}/healthz does not answer: point its name and your proxy at {local}."
        return Finding(False, f"{name} {public}", mend)
    ours = here.get("instance")
    if ours and there.get("instance") == ours and there.get("program") != here.get("program"):
        who = f"This Grapevine's {there.get('program')} answers there, not its {here.get('program')}"
        return Finding(False, f"{name} {public}", f"{who}: point it at {local}.")
    another = any(there.get(name) != here.get(name) for name in ("instance", "program"))
    if another or (there.keys() ^ here.keys()) - {"reason"}:
        mend = f"Another Grapevine or another program answers there: point it at {local}."
        return Finding(False, f"{name} {public}", mend)
    if not ours:
        return Finding(True, f"{name} {public} answers as this machine's does (it gives no instance to be sure by)")
    return Finding(True, f"{name} {public} leads back here")


async def _health(session: aiohttp.ClientSession, address: str) -> dict[str, Any] | None:
    try:
        async with session.get(f"{address}/healthz", allow_redirects=False) as response:
            if response.status not in (200, 503):
                return None
            answer = await response.json(content_type=None)
            return answer if isinstance(answer, dict) else {}
    except (aiohttp.ClientError, TimeoutError, OSError):
        return None
    except ValueError:
        return {}
