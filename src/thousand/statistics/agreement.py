"""How far two annotators agree, giving half for a tie against a choice (LIMA, section 4.2)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thousand.statistics.bootstrap import mean_interval
from thousand.statistics.interval import Interval

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Agreement:
    """Tie-discounted agreement of two annotators.

    Attributes:
        share: mean score, 0 to 1.
        chance: the share expected of two annotators with the same habits who do not look: LIMA's 82% means little without it.
        n: items both judged.
        interval: over items; None with fewer than two.
    """

    share: float
    chance: float
    n: int
    interval: Interval | None

    @property
    def above_chance(self) -> float | None:
        """The agreement beyond chance as a share of what was left to agree on, as Cohen's kappa has it; None when nothing was."""
        return None if self.chance >= 1 else (self.share - self.chance) / (1 - self.chance)


def tie_discounted(first: Floats, second: Floats) -> Agreement | None:
    """Agreement over the items that both judged; None when there are none.

    An item counts 1 when both say the same (two ties included), 0.5 when exactly one says tie, 0 when they prefer opposite sides.

    Args:
        first, second: (items,) with +1 for a, 0 for a tie, -1 for b, NaN for no verdict.
    """
    both = ~(np.isnan(first) | np.isnan(second))
    x, y = first[both], second[both]
    if x.size == 0:
        return None
    scores = 1.0 - np.abs(x - y) / 2.0
    choices = np.array([-1.0, 0.0, 1.0])
    habits_x = np.array([(x == choice).mean() for choice in choices])
    habits_y = np.array([(y == choice).mean() for choice in choices])
    credit = 1.0 - np.abs(choices[:, None] - choices[None, :]) / 2.0
    chance = float(habits_x @ credit @ habits_y)
    return Agreement(float(scores.mean()), chance, int(x.size), mean_interval(scores[None, :]))
