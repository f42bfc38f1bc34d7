"""The longest responses: the plain baseline that is hard to beat (Zhao et al. 2024, "Long Is More for Alignment")."""

import numpy as np
from numpy.typing import NDArray

from thousand.select.picks import Picks


def longest(lengths: NDArray[np.float64], budget: int) -> Picks:
    chosen = np.argsort(-lengths, kind="stable")[:budget]
    return Picks(chosen, lengths[chosen])
