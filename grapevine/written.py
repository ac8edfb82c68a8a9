"""How settings are written: lengths of time, sizes, hours, networks, addresses; each refuses with what it should be."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

from grapevine.domain.money import amount

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def _seconds(value: object) -> object:
    if isinstance(value, str):
        parts = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([smhdw]?)\s*", value)
        if parts is None:
            raise ValueError("should be a length of time such as 45s, 15m, 24h or 14d")
        return float(parts[1]) * _UNITS[parts[2] or "s"]
    return value


def words(value: object) -> object:
    if isinstance(value, str):
        return [word for word in re.split(r"[,\s]+", value) if word]
    return value


def _network(value: object) -> object:
    if isinstance(value, str):
        try:
            return ip_network(value, strict=False)
        except ValueError:
            raise ValueError("should be addresses or networks such as 10.0.0.0/8, 2001:db8::/32") from None
    return value


def _hours(value: object) -> object:
    if isinstance(value, str):
        if value.strip().lower() in ("", "none"):
            return (0, 0)
        parts = re.fullmatch(r"\s*(\d{1,2})\s*-\s*(\d{1,2})\s*", value)
        if parts is None or int(parts[1]) > 23 or int(parts[2]) > 23:
            raise ValueError("should be two hours of the day such as 20-8, or none")
        return (int(parts[1]), int(parts[2]))
    return value


def _bytes(value: object) -> object:
    if isinstance(value, str):
        parts = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmg]?)i?b?\s*", value.lower())
        if parts is None:
            raise ValueError("should be a size such as 64M, 1.5G or 500000")
        return int(float(parts[1]) * 1024 ** " kmg".index(parts[2] or " "))
    return value


def _amount(value: object) -> object:
    return amount(value) if isinstance(value, str) else value


def _empty_is_unset(value: object) -> object:
    return None if value == "" else value


LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def is_loopback(url: str) -> bool:
    return (urlsplit(url).hostname or "") in LOOPBACK


def has_host(url: str, *schemes: str) -> bool:
    """Whether it is an address of one of *schemes*, with a host, and a port only if that is a number."""
    try:
        parts = urlsplit(url)
        return parts.scheme in schemes and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


def encrypted(url: str) -> str:
    """An address that secrets are sent to, without the slash at its end."""
    if not has_host(url, "https", "http") or not (url.startswith("https:") or is_loopback(url)):
        raise ValueError("should be an https:// address (http:// is accepted for this machine only)")
    return url.rstrip("/")


#: a length of time in seconds, written 45s, 15m, 24h, 14d
Seconds = Annotated[float, BeforeValidator(_seconds), Field(gt=0)]
#: a size in bytes, written 500000, 64M, 1.5G
Bytes = Annotated[int, BeforeValidator(_bytes), Field(ge=0)]
#: US dollars, written 25, 0.20; in ten-thousandths
Amount = Annotated[int, BeforeValidator(_amount), Field(ge=0)]
#: from one hour of the day to another, written 20-8; equal means none
Hours = Annotated[tuple[int, int], NoDecode, BeforeValidator(_hours)]
IPNetwork = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]
Networks = Annotated[tuple[IPNetwork, ...], NoDecode, BeforeValidator(words)]
Encrypted = Annotated[str, BeforeValidator(encrypted)]
Secret = Annotated[SecretStr | None, BeforeValidator(_empty_is_unset)]
Folder = Annotated[Path | None, BeforeValidator(_empty_is_unset)]
Text = Annotated[str | None, BeforeValidator(_empty_is_unset)]
Port = Annotated[Annotated[int, Field(ge=0, le=65535)] | None, BeforeValidator(_empty_is_unset)]
