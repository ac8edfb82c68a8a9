"""The secrets of an installation that was given none: made once, kept in the data folder (mode 600)."""

import json
import os
import secrets
import tempfile
from pathlib import Path

from cryptography.fernet import Fernet

_FILE = "secrets.json"


def data_secrets(data: Path) -> dict[str, str]:
    """``ENCRYPTION_KEYS`` and ``VISITOR_SECRET`` of *data*, made at the first call.

    Whoever loses them loses the members' tokens, and the visitors of open shares count anew: they belong in the backup.
    """
    path = data / _FILE
    if not path.exists():
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make(path)
    kept: dict[str, str] = json.loads(path.read_text())
    return kept


def has_secrets(data: Path) -> bool:
    """Whether they were made already."""
    return (data / _FILE).exists()


def _make(path: Path) -> None:
    fresh = {"ENCRYPTION_KEYS": Fernet.generate_key().decode(), "VISITOR_SECRET": secrets.token_urlsafe(32)}
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".secrets-")  # mode 600
    try:
        with os.fdopen(handle, "w") as file:
            json.dump(fresh, file)
            file.flush()
            os.fsync(file.fileno())
        # link, not rename: of two programs that start together the first wins, and both read what it wrote
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        Path(draft).unlink()
