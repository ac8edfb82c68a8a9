"""What `grapevine doctor` found at one place."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One line: *ok* is None where there is nothing to judge; *mend* says what to do."""

    ok: bool | None
    what: str
    mend: str = ""

    def __str__(self) -> str:
        mark = {True: "✓", False: "✗", None: "–"}[self.ok]
        return f"{mark} {self.what}" + (f"\n    {self.mend}" if self.mend else "")
