"""Exact copies: equal but for case, spacing and punctuation. A hash of each row's words, and a sort."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from thousand import engine, manifest
from thousand.curate.duplicates import groups
from thousand.curate.duplicates.groups import Rows
from thousand.curate.duplicates.sides import plain, side
from thousand.engine import Engine
from thousand.recipe import Duplicates


def prepare(candidates: Path, out: Path, settings: Duplicates, progress: Callable[[int], None], by: Engine) -> None:
    """Write the group of every row."""
    engine.map_parts(candidates, ["messages"], _Names(settings.over), out / "names", progress, by)
    groups.write(out / "groups.parquet", groups.grouped(out / "names")[0])
    manifest.remove(out / "names")


def survivors(prepared: Path, settings: Duplicates, priority: Rows) -> tuple[Rows, NDArray[np.float64]]:
    """Of every group its first row by priority."""
    group = groups.read(prepared / "groups.parquet")
    leader = groups.leaders(group, priority)
    return groups.by_row(group, leader, np.full(len(leader), -1), np.full(len(leader), np.nan))


@dataclass(frozen=True)
class _Names:
    over: str

    def __call__(self, part: pa.Table) -> pa.Table:
        words = plain(side(part["messages"], self.over))
        return groups.names(words, pc.not_equal(words, "").to_numpy(zero_copy_only=False))
