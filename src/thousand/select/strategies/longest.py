"""The longest responses: the plain baseline that is hard to beat (Zhao et al. 2024, "Long Is More for Alignment")."""

import numpy as np
from numpy.typing import NDArray

from thousand.select.budget import Budget
from thousand.select.picks import Picks


def longest(lengths: NDArray[np.float64], budget: int | Budget) -> Picks:
    """Rows by falling length. Cost: a sort of n numbers."""
    budget = Budget.of(budget, len(lengths))
    budget.walk(np.argsort(-lengths, kind="stable"))
    return Picks.of(budget, lengths)
