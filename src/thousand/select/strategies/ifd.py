"""Answers the base finds hard though the question helps: highest instruction-following difficulty (Cherry, Li et al. 2023).

IFD is the base's loss on the answer after its question over its loss on the answer alone; it is the signal ``ifd``. High means that
there is something to learn. From 1 on the question does not help at all, which the authors read as an answer to something else, so
such rows are dropped. Their first version measured with a base trained briefly on a thousand rows of a k-means sample; their second
drops that step, and so does this. Code has a low IFD by its nature and is chosen rarely.
"""

import numpy as np
from numpy.typing import NDArray

from thousand.select.budget import Budget
from thousand.select.picks import Picks


def ifd(ifd: NDArray[np.float64], budget: int | Budget, *, most: float | None = 1.0) -> Picks:
    """Rows by falling IFD. Cost: a sort of n numbers.

    Args:
        ifd: (n,), NaN where it could not be measured: such rows are dropped.
        budget: rows to choose, or what may be taken. Fewer are chosen where fewer are left.
        most: rows from here on are dropped; None drops none.
    """
    budget = Budget.of(budget, len(ifd))
    budget.walk(by_difficulty(ifd, most))
    return Picks.of(budget, ifd)


def by_difficulty(ifd: NDArray[np.float64], most: float | None) -> NDArray[np.int64]:
    """The rows that are not dropped, the hardest first."""
    rows = np.flatnonzero(~np.isnan(ifd) if most is None else ifd < most)
    return rows[np.argsort(-ifd[rows], kind="stable")]
