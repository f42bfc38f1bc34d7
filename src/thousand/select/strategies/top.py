"""The rows of highest quality, and nothing else."""

import numpy as np
from numpy.typing import NDArray

from thousand.select.budget import Budget
from thousand.select.picks import Picks


def top(quality: NDArray[np.float64], budget: int | Budget) -> Picks:
    """Rows by falling quality. Cost: a sort of n numbers."""
    budget = Budget.of(budget, len(quality))
    budget.walk(np.argsort(-quality, kind="stable"))
    return Picks.of(budget, quality)
