"""Verdicts that somebody else has given, people or models, from a JSON Lines file.

Each row names the prompt (``prompt_id``), the arms and seeds (``a``, ``a_seed``, and for a pair ``b``, ``b_seed``, ``order``) and the
``verdict`` ("a", "b", "tie") or the ``rating``; further columns of `thousand.tables.VERDICTS` are kept.
"""

from __future__ import annotations

from pathlib import Path

from thousand.errors import DataError
from thousand.judge.kinds import Imported


def verdicts(*, path: str, name: str = "people") -> Imported:
    if not Path(path).is_file():
        raise DataError(f"There is no file of verdicts at {path}.", "Check the path of the judge `verdicts` in the recipe.")
    return Imported(name, Path(path))
