"""Of rows that are the same only one is chosen, until nothing else is left: what the diverse strategies have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from thousand.select.blocks import Vectors, slices
from thousand.select.budget import Budget

Rows = NDArray[np.int64]
Alike = Callable[[int], Rows]
"""From a row to all rows that are the same, itself among them."""


class Distinct:
    """What may be taken of a budget while rows that are the same as one taken stand aside.

    Args:
        budget: to take from; what is taken already counts.
        alike: which rows are the same; see `SameVector` and `same_text`.
    """

    def __init__(self, budget: Budget, alike: Alike) -> None:
        self.budget = budget
        self._alike = alike
        self._aside = np.zeros(budget.count, dtype=np.bool_)
        for row in budget.taken:
            self._aside[alike(row)] = True

    @property
    def open(self) -> NDArray[np.bool_]:
        """(n,) rows that may be taken next. None when the budget is spent, or when only copies are left: then see `rest`."""
        return self.budget.open & ~self._aside if self.budget.left else np.zeros(self.budget.count, dtype=np.bool_)

    def take(self, row: int) -> bool:
        """Take a row, if the budget allows it, and set the others like it aside."""
        if self._aside[row] or not self.budget.take(row):
            return False
        self._aside[self._alike(row)] = True
        return True

    def rest(self, worth: NDArray[np.float64]) -> Rows:
        """Fill the budget by falling worth, with copies last. Returns the rows taken."""
        had, order = len(self.budget.taken), best_first(worth)
        for row in order[self.open[order]].tolist():
            self.take(row)
        self.budget.walk(order)
        return np.array(self.budget.taken[had:], dtype=np.int64)


class SameVector:
    """Rows with the same vector, (n, d). Cost: n d once, and n for each row that is asked for.

    Attributes:
        keys: (n,) rows that are the same have the same key; of others hardly any.
    """

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors
        odd = np.random.default_rng(0).integers(0, 1 << 62, vectors.shape[1], dtype=np.uint64) * np.uint64(2) + np.uint64(1)
        self.keys = np.empty(len(vectors), dtype=np.uint32)
        for part in slices(len(vectors)):
            block = vectors[part].astype(np.float32) + np.float32(0)  # -0 becomes 0
            self.keys[part] = (block.view(np.uint32).astype(np.uint64) @ odd) >> np.uint64(32)

    def __call__(self, row: int) -> Rows:
        """The rows that are the same as this one."""
        found = np.flatnonzero(self.keys == self.keys[row])
        return found[(self._vectors[found] == self._vectors[row]).all(axis=1)] if len(found) > 1 else found


def same_text(texts: Sequence[str]) -> Alike:
    """Rows with the same text."""
    numbers: dict[str, int] = {}
    keys = np.array([numbers.setdefault(text, len(numbers)) for text in texts], dtype=np.int64)
    return lambda row: np.flatnonzero(keys == keys[row])


def best_first(quality: NDArray[np.float64]) -> Rows:
    """Rows by falling quality, equals in their order, those without one last."""
    return np.argsort(-quality, kind="stable")


def known(quality: NDArray[np.float64]) -> NDArray[np.float64]:
    """The quality, the worst there is where it is not known."""
    missing = np.isnan(quality)
    return np.where(missing, quality[~missing].min() if not missing.all() else 0.0, quality) if missing.any() else quality


def about(budget: Budget) -> int:
    """About how many rows may still be taken, at least one; of a budget of tokens as many as it buys at their mean cost."""
    number = budget.left
    if budget.costs is not None and budget.tokens_left is not None and budget.open.any():
        number = min(number, round(budget.tokens_left / max(float(budget.costs[budget.open].mean()), 1.0)))
    return max(number, 1)
