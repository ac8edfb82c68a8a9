"""Money: whole ten-thousandths of a US dollar, since the smallest prices are tenths of a cent. Months are UTC."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

_DOLLAR, _CENT = 10_000, 100
#: beyond every budget, and far below what Redis and JSON count exactly
_MOST = 1_000_000_000 * _DOLLAR


@dataclass(frozen=True, slots=True)
class Prices:
    """What a network charges the company: for a post, one with a link, reading a post, reading a profile."""

    post: int
    link_post: int
    read: int
    profile: int


def amount(text: str) -> int:
    """*text* in US dollars ("0.20", "25") as an amount; ``ValueError`` says what it should look like."""
    try:
        parts = Decimal(text.strip().removeprefix("$")) * _DOLLAR
    except InvalidOperation:
        parts = Decimal("NaN")
    if not (parts.is_finite() and 0 <= parts <= _MOST and parts == int(parts)):
        raise ValueError("should be an amount in US dollars such as 25 or 0.015")
    return int(parts)


def figures(amount: int) -> str:
    """As ``amount`` reads it, with as few decimals as say it all: ``25``, ``0.015``."""
    whole, parts = divmod(amount, _DOLLAR)
    return f"{whole}.{parts:04}".rstrip("0").rstrip(".")


def dollars(amount: int) -> str:
    """As people read a price, with two decimals at the least: ``$0.20``, ``$0.015``."""
    whole, parts = divmod(amount, _DOLLAR)
    cents = f"{parts:04}"
    return f"${whole:,}.{cents[:2]}{cents[2:].rstrip('0')}"


def about(amount: int) -> str:
    """As people read a sum: rounded up to cents."""
    return dollars(-(-amount // _CENT) * _CENT)


def month_of(now: float) -> str:
    """The UTC month of a moment in epoch seconds, written 202611 in keys."""
    return datetime.fromtimestamp(now, UTC).strftime("%Y%m")


def month_before(now: float) -> str:
    return (datetime.fromtimestamp(now, UTC).replace(day=1) - timedelta(days=1)).strftime("%Y%m")


def used_up(title: str, now: float) -> str:
    """What a member reads who wants to share to the network *title* in a month whose budget is used up."""
    advice = "Ask an admin, or share elsewhere."
    return f"Your workspace's {title} budget for {_month(now)} is used up; it begins anew on {_anew(now)}. {advice}"


def unread(title: str, now: float) -> str:
    """Why the numbers of a post are not read in such a month."""
    return f"this month's {title} budget is used up; it begins anew on {_anew(now)}."


def _month(now: float) -> str:
    return f"{datetime.fromtimestamp(now, UTC):%B}"


def _anew(now: float) -> str:
    following = datetime.fromtimestamp(now, UTC).replace(day=1) + timedelta(days=32)
    return f"1 {following:%B}"
