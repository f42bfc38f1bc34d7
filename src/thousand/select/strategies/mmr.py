"""Maximal marginal relevance: good, and unlike what is already chosen (Carbonell & Goldstein 1998)."""

import numpy as np
from numpy.typing import NDArray

from thousand.select.budget import Budget
from thousand.select.distinct import Distinct, SameVector, known
from thousand.select.farthest import farthest
from thousand.select.picks import Picks


def mmr(vectors: NDArray[np.float32], quality: NDArray[np.float64], budget: int | Budget, *, weight: float = 0.5) -> Picks:
    """Choose each time the row of highest ``weight * quality - (1 - weight) * cosine to the nearest row chosen before``.

    The first is the best by quality; of equal ones the first. A cosine below 0 counts as 0. The choice is that of the plain loop, but of
    rows that are the same only one comes while others are left. Cost: n k d multiplications at most, far fewer where quality
    decides; memory: some 40 bytes a row; see `thousand.select.farthest`.

    Args:
        vectors: (n, d), rows of unit length.
        quality: (n,), 0 to 1; NaN is the worst.
        budget: rows to choose, or what may be taken; rows that are taken already count as chosen.
        weight: of quality: 0 chooses for difference alone, 1 for quality alone.
    """
    budget = Budget.of(budget, len(vectors))
    rows = Distinct(budget, SameVector(vectors))
    gains = [np.nan] * len(budget.taken)
    worth = weight * known(quality)
    gains += farthest(vectors, worth, 1 - weight, np.zeros(len(vectors), dtype=np.float32), 0.0, rows)
    copies = rows.rest(worth)
    gains += (worth[copies] - (1 - weight) * (vectors[copies] ** 2).sum(axis=1)).tolist()
    return Picks(np.array(budget.taken, dtype=np.int64), np.array(gains))
