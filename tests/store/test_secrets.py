"""The generated secrets."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cryptography.fernet import Fernet

from grapevine.store.secrets import data_secrets
from tests.processes import python, said


def test_secrets_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    made = data_secrets(tmp_path / "data")
    assert data_secrets(tmp_path / "data") == made
    assert set(made) == {"ENCRYPTION_KEYS", "VISITOR_SECRET"}
    Fernet(made["ENCRYPTION_KEYS"])
    assert len(made["VISITOR_SECRET"]) >= 32
    files = list((tmp_path / "data").iterdir())
    assert [(file.name, stat.S_IMODE(file.stat().st_mode)) for file in files] == [("secrets.json", 0o600)]
    assert data_secrets(tmp_path / "other") != made


def test_programs_that_start_together_get_the_same_secrets(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as people:
        answers = list(people.map(lambda _: data_secrets(tmp_path)["VISITOR_SECRET"], range(32)))
    code = "import pathlib, sys; from grapevine.store.secrets import *; print(data_secrets(pathlib.Path(sys.argv[1])))"
    with python(code, tmp_path) as other:
        assert answers[0] in said(other)
    assert len(set(answers)) == 1
