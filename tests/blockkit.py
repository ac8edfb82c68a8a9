"""Two opinions on every view: the strict stand-in's, and an independent one where it lies beside the project.

The independent check is made from Slack's own types (``../shared/blockkit``); it knows no chart block.
"""

import importlib.util
from functools import cache
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import Any

from grapevine.playground.checks import check_view
from grapevine.playground.config import PlaygroundConfig
from grapevine.playground.webapi import SlackError

_INDEPENDENT = Path(__file__).parents[2] / "shared" / "blockkit" / "validate.py"


@cache
def _independent() -> ModuleType | None:
    if not _INDEPENDENT.exists():
        return None
    spec = importlib.util.spec_from_file_location("blockkit_validate", _INDEPENDENT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # It leaves its schemas' files open, which is a warning, and a warning fails a test here.
    vars(module)["open"] = lambda path: StringIO(Path(path).read_text())
    spec.loader.exec_module(module)
    return module


def takes(view: dict[str, Any]) -> None:
    """Fail with Slack's own complaint unless Slack would take this modal or Home view."""
    try:
        check_view(view, view["type"], PlaygroundConfig())
    except SlackError as error:
        raise AssertionError(vars(error)) from error
    if (other := _independent()) is not None:
        assert other.check(view) == []
