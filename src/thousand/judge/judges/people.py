"""Whoever judged at the desk of the run: each person is a judge, `people:NAME`, and `people` is what most of them say.

`thousand desk RUN` is where they judge. Their verdicts are a table of the run; as long as there is none, nobody has judged.
"""

from __future__ import annotations

from pathlib import Path

from thousand import tables
from thousand.judge.kinds import Imported


def people(desk: Path | None) -> Imported:
    """Args:
    desk: the table of what was said there, schema `tables.VERDICTS`.
    """
    return Imported(tables.PEOPLE, desk, awaited=True)
