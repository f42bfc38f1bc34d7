"""Of many answers to one question the one the base would likeliest give (GRAPE, Zhang et al. 2025).

Data that is near to what the base says already moves it less and teaches it more. This is the opposite of ``ifd``, which looks for what
the base finds hard: compare the two. It needs sources with several answers to a question. Where each question has one, what is
left is the order by likelihood, and that is high for whatever manner pretraining had most of.
"""

import numpy as np
from numpy.typing import NDArray

from thousand.select.budget import Budget
from thousand.select.picks import Picks


def grape(likelihood: NDArray[np.float64], groups: NDArray[np.int64], budget: int | Budget) -> Picks:
    """The likeliest answer of each question, then the second likeliest of each, and so on. Cost: two sorts of n numbers.

    Args:
        likelihood: (n,) mean log-probability per token of the answer after its question; where it is NaN the row comes last.
        groups: (n,) the number of the question; answers to one question have one number.
    """
    count = len(likelihood)
    budget = Budget.of(budget, count)
    worst_last = np.where(np.isnan(likelihood), np.inf, -likelihood)
    together = np.lexsort((worst_last, groups))
    _, first, size = np.unique(groups[together], return_index=True, return_counts=True)
    place = np.empty(count, dtype=np.int64)  # of an answer among those to its question
    place[together] = np.arange(count) - np.repeat(first, size)
    budget.walk(np.lexsort((worst_last, place)))
    return Picks.of(budget, likelihood)
