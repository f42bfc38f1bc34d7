"""Verdicts that somebody else has given, people or models: a file of JSON Lines, CSV or Parquet, as `thousand.judge.ledger` reads it.

Each row must be of an arm, a seed, a prompt and a sample that are there.
"""

from __future__ import annotations

from pathlib import Path

from thousand.errors import DataError
from thousand.judge.kinds import Imported


def verdicts(*, path: str, name: str = "people") -> Imported:
    """Args:
    name: of the judge, in rows that name none.
    """
    if not Path(path).is_file():
        raise DataError(f"There is no file of verdicts at {path}.", "Check the path of the judge `verdicts` in the recipe.")
    return Imported(name, Path(path))
