"""A saturating curve through the means of several budgets, and its band.

limit - drop * (k / smallest) ** -rate: the power law with which learning curves are commonly described (Hestness et al. 2017, arXiv
1712.00409; Viering and Loog 2022, IEEE TPAMI 45(6), where its three-parameter form is among the best of sixteen). In log k it is an
exponential approach to its limit. Given the rate it is a straight line in k ** -rate, so that the best fit is found by trying rates, with
no start to choose and no way to get stuck (variable projection: Golub and Pereyra 1973).

It only ever rises. A curve that falls, because more examples came with steps that did harm, is described badly, and `off` says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thousand.statistics.bootstrap import percentiles
from thousand.statistics.interval import Interval

Floats = NDArray[np.float64]

FEWEST = 4
"""Three parameters pass through any three rising points: with fewer budgets nothing could speak against the curve."""
_RATES = np.geomspace(0.05, 8.0, 90)
_DRAWN = 41


@dataclass(frozen=True)
class Saturation:
    """limit - drop * (k / smallest) ** -rate.

    Attributes:
        at: budgets at which it is drawn, evenly in log k from the smallest to the largest and never beyond.
        values, band: the fit there, and its interval over the same resampled prompts and seeds.
        off: the largest distance of a mean from the fit.
    """

    limit: float
    drop: float
    rate: float
    at: tuple[float, ...]
    values: tuple[float, ...]
    band: tuple[Interval, ...]
    off: float


def saturation(budgets: Sequence[int], means: Floats, resampled: Floats, level: float = 0.95) -> Saturation | None:
    """Least squares through the means, every budget weighing the same.

    Args:
        budgets: ascending. (budgets,)
        means: of each. (budgets,)
        resampled: the same in each draw, without NaN. (draws, budgets)

    Returns:
        None with fewer than `FEWEST` budgets, or where the best such curve does not rise.
    """
    if len(budgets) < FEWEST or len(resampled) == 0:
        return None
    scale = np.asarray(budgets, dtype=np.float64) / budgets[0]
    limit, drop, rate = (float(each[0]) for each in _fit(scale, means[None]))
    if drop <= 0:
        return None
    at = np.geomspace(scale[0], scale[-1], _DRAWN)
    values = limit - drop * at**-rate
    limits, drops, rates = _fit(scale, resampled)
    drawn = limits[:, None] - drops[:, None] * at[None] ** -rates[:, None]
    band = [percentiles(column, level) for column in drawn.T]
    off = float(np.abs(limit - drop * scale**-rate - means).max())
    return Saturation(
        limit, drop, rate, tuple((at * budgets[0]).tolist()), tuple(values.tolist()), tuple(each for each in band if each), off
    )


def _fit(scale: Floats, curves: Floats) -> tuple[Floats, Floats, Floats]:
    """Limit, drop and rate of each curve, (curves, budgets) -> (curves,) each; the drop is 0 where no rising curve fits better."""
    x = scale[None] ** -_RATES[:, None]
    centred = x - x.mean(axis=1, keepdims=True)
    level = curves.mean(axis=1)
    above = curves - level[:, None]
    drops = np.maximum(0.0, -(above @ centred.T) / (centred**2).sum(axis=1))
    left = (above**2).sum(axis=1)[:, None] + 2 * drops * (above @ centred.T) + drops**2 * (centred**2).sum(axis=1)
    best = left.argmin(axis=1)
    drop = drops[np.arange(len(curves)), best]
    return level + drop * x.mean(axis=1)[best], drop, _RATES[best]
