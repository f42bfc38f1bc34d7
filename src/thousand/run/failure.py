"""Why a unit has no model: kept beside it, so that the others go on and the report can say so."""

from __future__ import annotations

import traceback
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from json import JSONDecodeError, dumps, loads
from pathlib import Path

from thousand.errors import ThousandError
from thousand.manifest import write_text

FILE = "failed.json"


@dataclass(frozen=True)
class Failure:
    """A unit that could not be done.

    Attributes:
        kind: the type of the error.
        what, remedy: what was wrong, and what can be done about it.
        at: when, in UTC.
        trace: where, for an error that is a fault of ours or of a library; empty for one with a remedy.
    """

    arm: str
    seed: int
    kind: str
    what: str
    remedy: str
    at: str
    trace: str = ""

    @classmethod
    def of(cls, error: Exception, arm: str, seed: int) -> Failure:
        """What an error says."""
        at = datetime.now(UTC).isoformat(timespec="seconds")
        if isinstance(error, ThousandError):
            return cls(arm, seed, type(error).__name__, error.args[0], error.remedy, at)
        what = str(error).strip().splitlines()
        trace = "".join(traceback.format_exception(error))
        return cls(arm, seed, type(error).__name__, what[0] if what else type(error).__name__, "", at, trace)

    def __str__(self) -> str:
        return f"{self.arm}, seed {self.seed}: {self.what}"

    @property
    def told(self) -> str:
        """What was wrong and what can be done about it, for whoever sits at the terminal."""
        return f"{self.what}\n  {self.remedy}" if self.remedy else self.what

    def save(self, folder: Path) -> None:
        """Keep it in the unit's folder."""
        write_text(folder / FILE, dumps(asdict(self), indent=1) + "\n")

    @classmethod
    def load(cls, folder: Path) -> Failure | None:
        """What is kept in a unit's folder, if anything is."""
        try:
            return cls(**loads((folder / FILE).read_text(encoding="utf-8")))
        except (FileNotFoundError, JSONDecodeError, TypeError):
            return None


def forget(folder: Path) -> None:
    """The unit has been done after all."""
    (folder / FILE).unlink(missing_ok=True)
