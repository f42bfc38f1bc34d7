"""How many prompts a comparison needs, from how much its prompts differ.

A two-sided test at ``level`` of the mean of n paired differences finds a true mean of d with probability ``power`` when
n = (z_level + z_power)^2 * variance / d^2 (normal approximation: Cohen 1988; for evaluations Miller 2024, arXiv 2411.00640).
What varies between seeds does not shrink with more prompts: it is taken off first, and may leave nothing.
"""

from __future__ import annotations

from typing import Unpack

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from thousand.statistics.estimate import Estimate, How, of_totals, unknown
from thousand.statistics.outcomes import per_prompt

Floats = NDArray[np.float64]

_ALIKE = "no prompt differs from another: there is no variance to plan with"


def prompts_needed(values: Floats, difference: float, *, power: float = 0.8, seed_variance: float = 0.0, **how: Unpack[How]) -> Estimate:
    """The number of prompts that resolves a difference; ``level`` is that of the test and of the interval.

    Args:
        values: (..., prompts), the paired differences of a comparison at hand: a less b, or +1, 0, -1. Leading axes are averaged,
            so the plan is for as many samples and seeds as there are here. NaN where there is none.
        difference: the true mean to be found, above 0, in the unit of the values: 0.05 for five points of net wins.
        power: how often it should be found.
        seed_variance: of the mean, due to seeds: for each arm `Components.seed` over the number of seeds, added up. 0 plans
            for the very models at hand.

    Returns:
        With ``n`` the prompts at hand, which the variance is taken from.

    Raises:
        ValueError: a difference that is not above 0, or a power or level not between 0 and 1.
    """
    if difference <= 0:
        raise ValueError(f"a difference of {difference}: give one above 0")
    reach = _reach(power, how.get("level", 0.95))
    room = (difference / reach) ** 2 - seed_variance
    of_prompts = _of_prompts(values)
    if room <= 0:
        return unknown(len(of_prompts), "no number of prompts is enough: the seeds alone differ too much, and only more of them help")
    return of_totals(of_prompts, lambda totals: np.ceil(_variance(totals) / room), len(of_prompts), undefined=_ALIKE, **how)


def smallest_difference(values: Floats, prompts: int, *, power: float = 0.8, seed_variance: float = 0.0, **how: Unpack[How]) -> Estimate:
    """The smallest true difference that this many prompts resolve, in the unit of the values: the same sum the other way round.

    Args:
        prompts: how many there will be.

    Raises:
        ValueError: no prompts, or a power or level not between 0 and 1.
    """
    if prompts < 1:
        raise ValueError(f"{prompts} prompts resolve nothing")
    reach = _reach(power, how.get("level", 0.95))
    of_prompts = _of_prompts(values)

    def smallest(totals: Floats) -> Floats:
        found: Floats = reach * np.sqrt(_variance(totals) / prompts + seed_variance)
        return found

    return of_totals(of_prompts, smallest, len(of_prompts), undefined=_ALIKE, **how)


def _reach(power: float, level: float) -> float:
    """How many standard errors the true difference must be from zero."""
    if not (0 < power < 1 and 0 < level < 1):
        raise ValueError(f"power {power} and level {level} must lie between 0 and 1")
    return float(stats.norm.ppf((1 + level) / 2) + stats.norm.ppf(power))


def _of_prompts(values: Floats) -> Floats:
    """Number, distance from the mean and its square, of each prompt. (prompts, 3)"""
    means = per_prompt(values)
    means = means[~np.isnan(means)]
    centred = means - means.mean() if means.size else means
    return np.stack([np.ones_like(centred), centred, centred**2], axis=1)


def _variance(totals: Floats) -> Floats:
    """Between prompts, with n - 1 degrees of freedom; NaN where it is zero or unknown."""
    n, total, squares = np.moveaxis(totals, -1, 0)
    variance: Floats = (squares - total**2 / n) / (n - 1)
    return np.where((n > 1) & (variance > 1e-12), variance, np.nan)
