"""Rules: what a candidate's signals must be. All that it breaks are its reasons, not the first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from thousand.recipe import Band

BEST_ANSWER = "best_answer"


def broken(columns: Mapping[str, pa.ChunkedArray], bands: Mapping[str, Band], sources: Sequence[str]) -> list[list[str]]:
    """For every candidate the names of the rules it breaks.

    Args:
        columns: the signals by name. What could not be measured breaks no rule.
        sources: of the candidates, for the rules that are for some of them only.
    """
    reasons: list[list[str]] = [[] for _ in sources]
    for name, band in bands.items():
        values = columns[name].to_numpy(zero_copy_only=False).astype(np.float64)
        for row in np.flatnonzero(_outside(values, band) & _concerned(sources, band)):
            reasons[row].append(name)
    return reasons


def second_best(candidates: pa.Table, reasons: Sequence[Sequence[str]]) -> list[int]:
    """The candidates that answer a question another candidate answers better.

    Better breaks fewer rules; then is the one the asker accepted; then has the higher score; then comes first by content, so
    that the order of the rows says nothing.

    Args:
        candidates: a table with ``group``, ``tags``, ``score``, ``content`` and ``id``.
    """
    best: dict[str, tuple[tuple[object, ...], int]] = {}
    behind: list[int] = []
    columns = (candidates[name].to_pylist() for name in ("group", "tags", "score", "content", "id"))
    for row, (group, tags, score, content, identity) in enumerate(zip(*columns, strict=True)):
        if group is None:
            continue
        rank = (len(reasons[row]), "accepted" not in (tags or ()), -(score if score is not None else -np.inf), content, identity)
        held = best.get(group)
        if held is None or rank < held[0]:
            behind += [] if held is None else [held[1]]
            best[group] = (rank, row)
        else:
            behind.append(row)
    return behind


def matches(source: str, wanted: str) -> bool:
    """Whether a source is the one wanted: "chat:pool.jsonl" by itself, by its form "chat" or by its file "pool.jsonl"."""
    return wanted in (source, *source.split(":", 1))


def _outside(values: NDArray[np.float64], band: Band) -> NDArray[np.bool_]:
    below = values < band.least if band.least is not None else np.zeros(len(values), bool)
    above = values > band.most if band.most is not None else np.zeros(len(values), bool)
    outside: NDArray[np.bool_] = below | above
    return outside


def _concerned(sources: Sequence[str], band: Band) -> NDArray[np.bool_]:
    if not band.only:
        return np.ones(len(sources), bool)
    named = {source: any(matches(source, wanted) for wanted in band.only) for source in set(sources)}
    return np.array([named[source] for source in sources], dtype=bool)
