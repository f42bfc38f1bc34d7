"""Rows at random: the baseline that many published strategies do not beat (Xia et al. 2024)."""

import numpy as np

from thousand.select.budget import Budget
from thousand.select.picks import Picks


def random(count: int, budget: int | Budget, seed: int) -> Picks:
    """Rows in the order of a seeded permutation. Cost: n."""
    budget = Budget.of(budget, count)
    budget.walk(np.random.default_rng(seed).permutation(count))
    return Picks.of(budget)
