"""What a strategy returns."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Picks:
    """Rows in the order they were chosen.

    Attributes:
        rows: (k,) positions, all different.
        gains: (k,) what each added to the strategy's objective when it was chosen; NaN where the strategy has none.
    """

    rows: NDArray[np.int64]
    gains: NDArray[np.float64]
