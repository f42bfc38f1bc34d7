"""The row farthest from all that are chosen, again and again (Gonzalez 1985; as a core-set, Sener & Savarese 2018).

No row ends up farther from a chosen one than twice what the best choice of k achieves. Outliers are chosen first: it says nothing of
quality, so choose from what curation kept.
"""

import numpy as np
from numpy.typing import NDArray

from thousand.select.blocks import Vectors, slices, squares
from thousand.select.budget import Budget
from thousand.select.distinct import Distinct, SameVector
from thousand.select.farthest import farthest
from thousand.select.picks import Picks


def k_center(vectors: Vectors, budget: int | Budget) -> Picks:
    """Choose the row nearest to the mean, and then each time the farthest; of equal ones the first.

    The choice is that of the plain loop. Cost: n k d multiplications at most; memory: some 40 bytes a row; see
    `thousand.select.farthest`. The gains are the distances to the nearest row chosen before, NaN for the first.

    Args:
        vectors: (n, d), by Euclidean distance.
        budget: rows to choose, or what may be taken; rows that are taken already count as chosen, and then the mean does not matter.
    """
    budget = Budget.of(budget, len(vectors))
    rows = Distinct(budget, SameVector(vectors))
    half: Vectors = squares(vectors) / np.float32(2)
    if not budget.taken:
        middle = _middle(vectors, half)
        while rows.open.any() and not budget.taken:
            rows.take(int(np.argmax(np.where(rows.open, middle, -np.inf))))
    gains = [np.nan] * len(budget.taken)
    halves = farthest(vectors, half.astype(np.float64), 1.0, half, -3 * float(half.max(initial=0)), rows)  # no likeness is lower
    gains += [float(np.sqrt(max(2 * each, 0.0))) for each in halves]
    gains += [0.0] * len(rows.rest(np.zeros(len(vectors))))
    return Picks(np.array(budget.taken, dtype=np.int64), np.array(gains))


def _middle(vectors: Vectors, half: Vectors) -> NDArray[np.float64]:
    """(n,) how near each row is to the mean."""
    total, near = np.zeros(vectors.shape[1]), np.empty(len(vectors))
    for part in slices(len(vectors)):
        total += vectors[part].sum(axis=0, dtype=np.float64)
    for part in slices(len(vectors)):
        near[part] = vectors[part].astype(np.float64) @ total  # as exact as the sum: a mean would be rounded
    return near / max(len(vectors), 1) - half
