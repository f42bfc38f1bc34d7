"""A budget as seen from some of the rows, for strategies that choose from a shortlist."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from thousand.select.budget import Budget


class Part(Budget):
    """Takes from the whole budget; rows are named by their position in the part.

    Args:
        whole: what is spent.
        rows: (m,) rows of the whole that make the part, all different. A row that is taken already must be among them.
    """

    def __init__(self, whole: Budget, rows: NDArray[np.int64]) -> None:
        self.whole, self.part = whole, rows
        self.count, self.rows = len(rows), whole.rows
        self.costs, self.tokens_left = (None if whole.costs is None else whole.costs[rows]), whole.tokens_left
        self.open = whole.open[rows]
        position = {row: i for i, row in enumerate(rows.tolist())}
        self.taken = [position[row] for row in whole.taken]

    @property
    def left(self) -> int:
        """The most rows that may still be taken."""
        return self.whole.left

    def take(self, row: int) -> bool:
        """Take a row of the part."""
        took = self.whole.take(int(self.part[row]))
        if took:
            self.taken.append(int(row))
        self.open[:] = self.whole.open[self.part]
        self.tokens_left = self.whole.tokens_left
        return took
