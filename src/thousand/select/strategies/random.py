"""Rows at random: the baseline that many published strategies do not beat (Xia et al. 2024)."""

import numpy as np

from thousand.select.picks import Picks


def random(count: int, budget: int, seed: int) -> Picks:
    chosen = np.random.default_rng(seed).permutation(count)[:budget]
    return Picks(chosen, np.full(len(chosen), np.nan))
