"""Settings from environment variables or ``.env``: one class per program, no program holds another's secrets."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from grapevine.domain.money import Prices
from grapevine.written import (
    Amount,
    Bytes,
    Encrypted,
    Folder,
    Hours,
    Networks,
    Port,
    Seconds,
    Secret,
    Text,
    encrypted,
    has_host,
    words,
)


class SettingsError(Exception):
    """A sentence a setting a line: the variable's name and what it should look like."""


class StoreSettings(BaseSettings):
    """What every program needs: where the data is and what it is called from outside."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", hide_input_in_errors=True)

    grapevine_data: Path = Path("data")
    redis_url: Text = Field(None, repr=False)  # it may hold a password
    queue_url: Text = Field(None, repr=False)
    base_url: str = "http://127.0.0.1:3000"
    short_url: str = "http://127.0.0.1:8000"
    allow_private_addresses: bool = False
    log_level: str = "INFO"
    reaction_window: Seconds = 14 * 86400.0
    refresh_interval: Seconds = 86400.0
    digest_interval: Seconds = 900.0
    quiet_hours: Hours = (20, 8)  # of members who have not chosen their own

    @field_validator("base_url", "short_url")
    @classmethod
    def _address(cls, value: str) -> str:
        if not has_host(value, "http", "https") or "?" in value or "#" in value:
            raise ValueError("should be an address such as https://go.example.com")
        return value.rstrip("/")

    @field_validator("redis_url", "queue_url")
    @classmethod
    def _redis(cls, value: str | None) -> str | None:
        schemes = ("redis", "rediss", "unix", "redis+sentinel", "redis+cluster")
        if value is not None and value.split("://", 1)[0] not in schemes:
            raise ValueError("should be redis://host:6379/0, rediss://, unix://, redis+sentinel:// or redis+cluster://")
        return value

    @field_validator("queue_url")
    @classmethod
    def _no_cluster(cls, value: str | None) -> str | None:
        if (value or "").startswith("redis+cluster"):
            raise ValueError("should be no cluster, since RQ does not run on one: redis://host:6379/0")
        return value

    @field_validator("log_level", mode="before")
    @classmethod
    def _level(cls, value: object) -> object:
        level = str(value).strip().upper()
        if level not in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"):
            raise ValueError("should be DEBUG, INFO, WARNING, ERROR or CRITICAL")
        return level

    @model_validator(mode="after")
    def _queue_beside_a_cluster(self) -> "StoreSettings":
        if self.queue_url is None and (self.redis_url or "").startswith("redis+cluster"):
            raise ValueError(
                "QUEUE_URL: RQ does not run on a cluster: set it to a Redis of its own, redis://host:6379/0"
            )
        return self


class NetworkSettings(BaseSettings):
    """Credentials and addresses of the networks; one without credentials is not offered."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", hide_input_in_errors=True)

    linkedin_client_id: Text = None
    linkedin_client_secret: Secret = None
    linkedin_version: str = "202610"
    linkedin_scopes: str = ""  # empty: those of "Sign In with LinkedIn" and "Share on LinkedIn"
    linkedin_auth_url: Encrypted = "https://www.linkedin.com"
    linkedin_api_url: Encrypted = "https://api.linkedin.com"
    # a UTC day: those of its development tier; 0 is no bound, as on its standard tier
    linkedin_calls_per_member: int = Field(100, ge=0)
    linkedin_calls_per_app: int = Field(500, ge=0)
    x_api_key: Text = None
    x_api_secret: Secret = None
    x_api_url: Encrypted = "https://api.x.com"
    # looked up on 21 November 2026: https://docs.x.com/x-api/getting-started/pricing
    x_link_post_price: Amount = 2000
    x_post_price: Amount = 150
    x_read_price: Amount = 50
    x_profile_price: Amount = 100
    facebook_app_id: Text = None
    facebook_app_secret: Secret = None
    facebook_version: str = "v25.0"
    facebook_auth_url: Encrypted = "https://www.facebook.com"
    facebook_graph_url: Encrypted = "https://graph.facebook.com"
    mastodon: bool = True  # members name their own servers, so there are no credentials to show that it is wanted
    mastodon_server: str = ""  # the one that is suggested
    bluesky: bool = True  # members' own servers ask them, or they make app passwords
    bluesky_oauth: bool = True  # where those servers can reach BASE_URL
    bluesky_url: Encrypted = "https://bsky.social"  # finds handles, wherever their accounts are
    bluesky_appview_url: Encrypted = "https://public.api.bsky.app"
    bluesky_plc_url: Encrypted = "https://plc.directory"
    allow_private_addresses: bool = False

    @property
    def x_prices(self) -> Prices:
        return Prices(self.x_post_price, self.x_link_post_price, self.x_read_price, self.x_profile_price)

    @field_validator("linkedin_version")
    @classmethod
    def _month(cls, value: str) -> str:
        if not re.fullmatch(r"20\d\d(0[1-9]|1[0-2])", value):
            raise ValueError("should be a month such as 202610")
        return value

    @field_validator("facebook_version")
    @classmethod
    def _version(cls, value: str) -> str:
        if not re.fullmatch(r"v[1-9]\d?\.\d", value):
            raise ValueError("should be a version such as v25.0")
        return value


class TokenSettings(BaseSettings):
    """What encrypts the members' tokens at rest: Fernet keys, the first encrypts, all decrypt."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", hide_input_in_errors=True)

    encryption_keys: Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(words)] = ()


class SlackSettings(BaseSettings):
    model_config = SettingsConfigDict(env_file=".env", extra="ignore", hide_input_in_errors=True)

    slack_bot_token: Secret = None
    slack_client_id: Text = None
    slack_client_secret: Secret = None
    slack_api_url: str = "https://slack.com/api/"

    @field_validator("slack_api_url")
    @classmethod
    def _with_slash(cls, value: str) -> str:
        return encrypted(value) + "/"

    @property
    def many_workspaces(self) -> bool:
        """Whether workspaces install the app themselves; a bot token says which one workspace is served."""
        return self.slack_bot_token is None and bool(self.slack_client_id and self.slack_client_secret)


class BotSettings(StoreSettings, NetworkSettings, TokenSettings, SlackSettings):
    """The Slack app: Socket Mode with an app token, else signed HTTP with the signing secret."""

    slack_app_token: Secret = None
    slack_signing_secret: Secret = None
    bot_host: str = "127.0.0.1"
    bot_port: int = Field(3000, ge=0, le=65535)
    guests_take_part: bool = False

    @model_validator(mode="after")
    def _a_transport(self) -> "BotSettings":
        if self.slack_app_token is None and self.slack_signing_secret is None:
            raise ValueError(
                "SLACK_APP_TOKEN: set it (xapp-…, Socket Mode) or SLACK_SIGNING_SECRET (HTTP); "
                "both stand in your app's Basic Information"
            )
        if self.slack_bot_token is None and (self.slack_client_id is None or self.slack_client_secret is None):
            raise ValueError(
                "SLACK_BOT_TOKEN: set it (xoxb-…, one workspace) or SLACK_CLIENT_ID and SLACK_CLIENT_SECRET (many)"
            )
        return self

    @property
    def socket_mode(self) -> bool:
        return self.slack_app_token is not None


class ShortenerSettings(StoreSettings):
    """The web server that readers' clicks reach; it holds the visitor secret and no token."""

    visitor_secret: Secret = None
    shortener_host: str = "127.0.0.1"
    shortener_port: int = Field(8000, ge=0, le=65535)
    trusted_proxies: Networks = ()
    company_networks: Networks = ()
    visitor_cap: int = Field(100, ge=1)
    referrer_policy: str = "origin"
    #: the proxies' header that is believed; empty: X-Forwarded-For, else Forwarded
    forwarded_header: str = ""
    #: with several processes the first one's; the others take the ports after it
    shortener_metrics_port: Port = None
    shortener_processes: int = Field(1, ge=1, le=64)
    journal_folder: Folder = None
    #: of all journals in the folder together
    journal_limit: Bytes = 64 * 1024**2

    @property
    def journals(self) -> Path:
        """Where clicks are kept that Redis does not take; a disk of this machine."""
        return self.journal_folder or self.grapevine_data / "journal"


class WorkerSettings(StoreSettings, NetworkSettings, TokenSettings, SlackSettings):
    """The jobs and their schedule."""

    worker_processes: int = Field(1, ge=1, le=64)
    #: one for all processes: what it tells stands in Redis
    worker_metrics_host: str = "127.0.0.1"
    worker_metrics_port: Port = None
    clicks_window: Seconds = 180 * 86400.0  # after its last new visitor a share closes for clicks
    clicks_longest: Seconds = 396 * 86400.0  # at the latest so long after it was shared


S = TypeVar("S", bound=BaseSettings)


def load(kind: type[S], environ: Mapping[str, Any] | None = None) -> S:
    """The settings of one program; ``SettingsError`` names each wrong or missing variable and what it should look like.

    *environ* stands for the environment and ``.env`` in tests.
    """
    try:
        if environ is None:
            return kind()
        # BaseSettings' own way would look into the environment and .env for what *environ* does not say.
        given = kind.__new__(kind)
        BaseModel.__init__(given, **{name.lower(): value for name, value in environ.items()})
        return given
    except ValidationError as error:
        lines = []
        for problem in error.errors(include_input=False, include_url=False, include_context=False):
            said = problem["msg"].removeprefix("Value error, ")
            name = "_".join(str(part) for part in problem["loc"] if isinstance(part, str)).upper()
            lines.append(f"{name} {said}." if name else f"{said}.")
        raise SettingsError("\n".join(lines)) from None
