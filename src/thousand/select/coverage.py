"""How near the rows that are chosen stand to all rows, and greedy choice by what each row adds to that."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from thousand.select.blocks import Vectors, slices
from thousand.select.distinct import Distinct

_FEW, _MANY = 16, 256
"""Gains made fresh at once: few at first, twice as many each time that is not enough."""


class Coverage:
    """The mean likeness of a row to the nearest row chosen, as some rows bear witness.

    Args:
        vectors: (n, d).
        witnesses: how many; they are spread evenly over the rows, which come ordered by a hash of their content: a random sample
            that is the same everywhere.
    """

    def __init__(self, vectors: Vectors, witnesses: int) -> None:
        self._vectors = vectors
        count = len(vectors)
        self._near = vectors if count <= witnesses else vectors[np.linspace(0, count - 1, witnesses).astype(np.int64)]
        self._covered = np.zeros(len(self._near), dtype=np.float32)
        self._products = np.empty(len(self._near) * _MANY, dtype=np.float32)

    def add(self, row: int) -> None:
        """Count a row as chosen."""
        np.maximum(self._covered, self._near @ self._vectors[row], out=self._covered)

    def gains(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """(len(rows),) what each row would add. Cost: m d for each, with m witnesses."""
        found = np.empty(len(rows))
        before = self._covered.sum(dtype=np.float64)
        for part in slices(len(rows), _MANY):
            products = self._products[: len(self._near) * (part.stop - part.start)].reshape(len(self._near), -1)
            np.matmul(self._near, self._vectors[rows[part]].T, out=products)
            np.maximum(products, self._covered[:, None], out=products)
            found[part] = products.sum(axis=0, dtype=np.float64) - before
        return found / max(len(self._near), 1)


def lazy_greedy(
    coverage: Coverage, weight: float, bonus: NDArray[np.float64], candidates: NDArray[np.int64], rows: Distinct
) -> list[float]:
    """Take candidates while any may be taken, each time the one that adds most; of equal ones the first.

    Args:
        weight: of the coverage.
        bonus: (n,) what each row adds besides.
        candidates: (c,) rows, ascending.
        rows: to take from.

    Returns:
        What each row taken added.
    """
    gains = weight * coverage.gains(candidates) + bonus[candidates]
    fresh = np.zeros(len(candidates), dtype=np.int64)  # number of picks when a gain was last computed
    added: list[float] = []
    while (allowed := rows.open[candidates]).any():
        value = np.where(allowed, gains, -np.inf)
        best, size = int(np.argmax(value)), _FEW
        while fresh[best] != len(added):
            stale = np.where(fresh == len(added), -np.inf, value)
            at = np.argpartition(-stale, size)[:size] if size < len(stale) else np.arange(len(stale))
            at = at[stale[at] > -np.inf]
            gains[at] = weight * coverage.gains(candidates[at]) + bonus[candidates[at]]
            value[at], fresh[at] = gains[at], len(added)
            best, size = int(np.argmax(value)), min(2 * size, _MANY)
        if rows.take(int(candidates[best])):
            added.append(float(gains[best]))
            coverage.add(int(candidates[best]))
    return added
