"""Facility location with quality: rows that between them stand near every row, and are good (QDIT, Bukharin & Zhao 2023).

The objective of a set A over n rows is ``(1 - weight) * sum_v max_{a in A} cos(a, v) / n + weight * sum_{a in A} q_a / budget``.
It is submodular, so that greedy choice is within 1 - 1/e of the best, and lazy greedy (Minoux 1978) makes the same choice
with few evaluations: gains only shrink, so a row whose old gain is below another's fresh one need not be looked at.

Cost: the first gains take n m d multiplications, in blocks; each pick some dozen rows against m witnesses, m d each. Memory:
the vectors and one block. Up to 8,192 rows every row is a witness and nothing is approximated; above, coverage is measured on an
even sample of so many rows, whose mean is that of all within about one per cent.
"""

import numpy as np
from numpy.typing import NDArray

from thousand.select.budget import Budget
from thousand.select.picks import Picks

_BLOCK = 512
_FRESH = 32  # stale gains recomputed at once: one matrix product costs little more than one row


def facility_location(
    vectors: NDArray[np.float32], quality: NDArray[np.float64], budget: int | Budget, *, weight: float = 0.3, witnesses: int = 8192
) -> Picks:
    """Choose rows greedily.

    Args:
        vectors: (n, d), rows of unit length. Negative likeness counts as none.
        quality: (n,), 0 to 1.
        budget: rows to choose, or what may be taken; rows that are taken already count as chosen.
        weight: 0 chooses for coverage alone, 1 for quality alone.
        witnesses: rows on which coverage is measured, at most. They are spread evenly over the rows, which come ordered by a
            hash of their content: a random sample that is the same everywhere.
    """
    count = len(vectors)
    budget = Budget.of(budget, count)
    near = vectors if count <= witnesses else vectors[np.linspace(0, count - 1, witnesses).astype(np.int64)]
    covered = np.zeros(len(near), dtype=np.float32)
    for row in budget.taken:
        np.maximum(covered, near @ vectors[row], out=covered)
    bonus = weight * quality / max(budget.left, 1)
    scale = (1 - weight) / max(len(near), 1)
    gains = np.concatenate(
        [_gains(vectors, near, covered, np.arange(i, min(i + _BLOCK, count))) for i in range(0, count, _BLOCK)] or [np.zeros(0)]
    )
    gains = scale * gains + bonus
    worth = [np.nan] * len(budget.taken)
    fresh = np.full(count, len(worth), dtype=np.int64)  # number of picks when a gain was last computed
    while not budget.full:
        best = int(np.argmax(np.where(budget.open, gains, -np.inf)))
        while fresh[best] != len(worth):
            stale = np.flatnonzero(budget.open & (fresh != len(worth)))
            most = min(_FRESH, len(stale))
            rows = stale[np.argpartition(-gains[stale], most - 1)[:most]]
            gains[rows] = scale * _gains(vectors, near, covered, rows) + bonus[rows]
            fresh[rows] = len(worth)
            best = int(np.argmax(np.where(budget.open, gains, -np.inf)))
        if budget.take(best):
            worth.append(float(gains[best]))
            np.maximum(covered, near @ vectors[best], out=covered)
    return Picks(np.array(budget.taken, dtype=np.int64), np.array(worth))


def _gains(
    vectors: NDArray[np.float32], near: NDArray[np.float32], covered: NDArray[np.float32], rows: NDArray[np.int64]
) -> NDArray[np.float64]:
    """How much nearer the rows would bring the witnesses, (len(rows),)."""
    nearer = vectors[rows] @ near.T
    nearer -= covered
    np.maximum(nearer, 0, out=nearer)
    total: NDArray[np.float64] = nearer.sum(axis=1, dtype=np.float64)
    return total
