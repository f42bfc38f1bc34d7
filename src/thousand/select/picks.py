"""What a strategy returns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thousand.select.budget import Budget


@dataclass(frozen=True)
class Picks:
    """Rows in the order they were chosen.

    Attributes:
        rows: (k,) positions, all different.
        gains: (k,) what each added to the strategy's objective when it was chosen; NaN where the strategy has none.
        strata: (k,) the stratum each was chosen for, where the strategy has strata.
    """

    rows: NDArray[np.int64]
    gains: NDArray[np.float64]
    strata: Sequence[object] | None = None

    @classmethod
    def of(cls, budget: Budget, worth: NDArray[np.float64] | None = None, strata: Sequence[object] | None = None) -> Picks:
        """What a budget was spent on.

        Args:
            worth: (n,) what each row is worth, for the gains.
            strata: (n,) the stratum of each row.
        """
        rows = np.array(budget.taken, dtype=np.int64)
        gains = np.full(len(rows), np.nan) if worth is None else worth[rows].astype(np.float64)
        return cls(rows, gains, None if strata is None else [strata[at] for at in rows])
