"""Copies: which candidates say the same, and which of them survives. Each kind is one module."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from thousand import manifest
from thousand.curate.duplicates import exact, near, semantic
from thousand.engine import HERE, Engine
from thousand.recipe import Duplicates

__all__ = ["prepare", "survivors"]

KINDS: Mapping[str, ModuleType] = {"exact": exact, "near": near, "semantic": semantic}


def prepare(
    candidates: Path, digest: str, out: Path, settings: Duplicates, progress: Callable[[int], None], by: Engine = HERE
) -> manifest.Manifest:
    """Find out what it takes to say who resembles whom, unless that is known: it does not depend on who shall survive.

    Args:
        candidates: the table, cleaned. digest: of it.
        out: a folder for what was found.
        progress: told the rows done.
        by: who does the work on parts of the table.

    Raises:
        RecipeError: the model for the vectors is not there or cannot be loaded.
    """

    def make(partial: Path) -> None:
        KINDS[settings.kind].prepare(candidates, partial, settings, progress, by)

    return manifest.once(out, f"curate.{settings.reason}", {"candidates": digest}, settings.model_dump(), make)


def survivors(prepared: Path, settings: Duplicates, priority: Sequence[int]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Which candidates are copies, and of which surviving candidate.

    Rows are taken by priority. A row is dropped only if it is itself similar to a row that survives, never through a chain of
    others; its twin is the most similar of the survivors of higher priority that it meets, of equally similar ones the first by
    priority. A row without a word on the chosen side is no copy. The order of the rows changes nothing.

    Args:
        prepared: what `prepare` wrote.
        priority: (n,) all different; of two copies the row with the smaller number survives.

    Returns:
        Position of the surviving twin, -1 for a row that survives, and the similarity to it, NaN for a row that survives.
    """
    found: tuple[NDArray[np.int64], NDArray[np.float64]]
    found = KINDS[settings.kind].survivors(prepared, settings, np.asarray(priority, dtype=np.int64))
    return found
