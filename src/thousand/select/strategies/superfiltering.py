"""The hardest fifth by IFD, and of these the ones that stand for the others (Superfiltering.D, Li et al. 2024).

Hard rows alone are often alike. So a share of the pool, the highest by IFD, makes a shortlist, and facility location chooses from it.
The authors measure IFD by a small model and as a ratio of perplexities, not of losses; the signal ``ifd`` takes the losses, and
may be asked of any base. They keep a fifth and choose a tenth of that.
"""

import numpy as np
from numpy.typing import NDArray

from thousand.select.budget import Budget
from thousand.select.part import Part
from thousand.select.picks import Picks
from thousand.select.strategies.facility_location import facility_location
from thousand.select.strategies.ifd import by_difficulty


def superfiltering(
    vectors: NDArray[np.float32], ifd: NDArray[np.float64], budget: int | Budget, *, share: float = 0.2, most: float | None = 1.0
) -> Picks:
    """Choose from a shortlist by facility location.

    Cost: a sort of n numbers, and that of `facility_location` over ``share * n`` rows.

    Args:
        vectors: (n, d), rows of unit length.
        ifd: (n,), NaN where it could not be measured: such rows are dropped.
        budget: rows to choose, or what may be taken. Where the shortlist has too few rows that a quota asks for, the next by IFD
            make it up; fewer are chosen where fewer are left.
        share: of the n rows on the shortlist; it is never shorter than the budget.
        most: rows of this IFD or above are dropped; None drops none.
    """
    budget = Budget.of(budget, len(ifd))
    order = by_difficulty(ifd, most)
    least = budget.left if budget.rows is not None else 0
    shortlist = np.union1d(order[: max(least, round(share * len(ifd)))], np.array(budget.taken, dtype=np.int64))
    picks = facility_location(vectors[shortlist], np.zeros(len(shortlist)), Part(budget, shortlist), weight=0.0)
    budget.walk(order)
    gains = np.full(len(budget.taken), np.nan)
    gains[: len(picks.gains)] = picks.gains
    return Picks(np.array(budget.taken, dtype=np.int64), gains)
