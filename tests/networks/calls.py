"""Calls of the clients, which are synchronous, while the stand-ins live on this loop."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

import pytest

T = TypeVar("T")


async def call(function: Callable[..., T], *arguments: Any) -> T:
    return await asyncio.to_thread(function, *arguments)


async def failing(kind: type[Exception], function: Callable[..., Any], *arguments: Any) -> Any:
    """The error of that kind in which the call ends; it says something."""
    with pytest.raises(kind) as caught:
        await call(function, *arguments)
    assert str(caught.value)
    return caught.value
