"""Copies: which candidates say the same, and which of them survives. Each kind is one module."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from thousand import manifest, tables
from thousand.conversation import prompt_of, response_of
from thousand.curate.duplicates.near import Copies, find_copies
from thousand.curate.duplicates.near import survivors as near_survivors
from thousand.engine import Engine
from thousand.recipe import Duplicates

__all__ = ["prepare", "survivors"]


def prepare(
    candidates: Path, digest: str, out: Path, settings: Duplicates, progress: Callable[[int], None], by: Engine
) -> manifest.Manifest:
    """Find out who resembles whom, unless that is known: it does not depend on who shall survive.

    Args:
        candidates: the table, cleaned. digest: of it.
        out: a folder for what was found.
        progress: told the rows done.
    """

    def make(partial: Path) -> None:
        conversations = tables.read(candidates, ["messages"])["messages"].to_pylist()
        found = find_copies([f"{prompt_of(each)}\n{response_of(each)}" for each in conversations], settings.least)
        a, b, similarity = zip(*found.similar, strict=True) if found.similar else ((), (), ())
        similar = pa.table({"a": pa.array(a, pa.int64()), "b": pa.array(b, pa.int64()), "similarity": pa.array(similarity, pa.float64())})
        tables.write(partial / "groups.parquet", pa.table({"group": found.group}))
        tables.write(partial / "similar.parquet", similar)
        progress(len(conversations))

    return manifest.once(out, f"curate.{settings.reason}", {"candidates": digest}, settings.model_dump(), make)


def survivors(prepared: Path, settings: Duplicates, priority: Sequence[int]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Which candidates are copies, and of which surviving candidate.

    A row is dropped only against a surviving row it is itself similar to, never through a chain of others.

    Args:
        prepared: what `prepare` wrote.
        priority: (n,) all different; of two copies the row with the smaller number survives.

    Returns:
        Position of the surviving twin, -1 for a row that survives, and the similarity to it, NaN for a row that survives.
    """
    similar = tables.read(prepared / "similar.parquet")
    rows = zip(*(similar[name].to_pylist() for name in ("a", "b", "similarity")), strict=True)
    return near_survivors(Copies(tables.read(prepared / "groups.parquet")["group"].to_numpy(), list(rows)), priority)
