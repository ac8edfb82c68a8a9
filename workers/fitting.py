"""Pictures made to fit what a network takes, each in a process of its own (``workers.darkroom``)."""

import asyncio
import json
import logging
import os
import subprocess
import sys
from dataclasses import asdict
from typing import NamedTuple

from grapevine.domain.errors import Refused, TryLater
from grapevine.domain.pictures import MOST_PIXELS, Takes

log = logging.getLogger(__name__)

#: seconds, on a machine that has much else to do
_PATIENCE = 60.0
_KEPT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
_MILLIONS = MOST_PIXELS // 1_000_000
_ANOTHER = "Please share another one."
_NAMES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/gif": "GIF", "image/webp": "WebP"}
_LOST = {
    "size": "A picture had to be made much smaller for {}.",
    "transparency": "A picture lies on white at {}: with its transparency it was too large.",
}


class Fitted(NamedTuple):
    """*note* is a sentence about what the picture had to lose, where its member would mind."""

    content: bytes
    kind: str
    note: str


async def fit(content: bytes, kind: str, takes: Takes, title: str, *, private: bool) -> Fitted:
    """The picture as the network *title* takes it: as it is where it can be.

    A *private* one, from somebody's device, goes without what tells where and when it was taken. ``Refused`` with a
    sentence, or ``TryLater``.
    """
    said, made = await asyncio.to_thread(_developed, content, takes, private=private)
    if "kind" in said:
        return Fitted(made, str(said["kind"]), _LOST.get(str(said["lost"]), "").format(title))
    if said.get("why") == "huge":
        raise Refused(f"The picture has more than {_MILLIONS} million pixels. Please share a smaller one.")
    if said.get("why") == "small":
        raise Refused(f"The picture cannot be made small enough for {title}. {_ANOTHER}")
    if said.get("why") == "moves":
        if kind not in takes.kinds:
            raise Refused(f"{title} takes no {_NAMES.get(kind, 'picture')} that moves. {_ANOTHER}")
        most = f"{takes.size // 1_000_000} MB"
        raise Refused(f"The moving picture is larger than the {most} that {title} takes. Please share a smaller one.")
    raise Refused(f"The picture cannot be read: it may be damaged. {_ANOTHER}")


def _developed(content: bytes, takes: Takes, *, private: bool) -> tuple[dict[str, object], bytes]:
    """What the darkroom says and the picture that it made; it knows none of our environment, where keys are."""
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    try:
        done = subprocess.run(  # noqa: S603 (our own program)
            [sys.executable, "-P", "-m", "workers.darkroom", json.dumps({**asdict(takes), "private": private})],
            input=content,
            capture_output=True,
            timeout=_PATIENCE,
            env=environment,
            check=False,
        )
    except (subprocess.TimeoutExpired, OSError):
        raise TryLater("Grapevine had no room to look at the picture.") from None
    said, _, made = done.stdout.partition(b"\n")
    if done.returncode or not said:  # it was stopped, or came upon what nobody had thought of
        what = done.stderr.decode(errors="replace").strip().rpartition("\n")[2].partition(":")[0]
        log.warning("The darkroom ended with %d (%s).", done.returncode, what[:80])
        return {}, b""
    return json.loads(said), made
