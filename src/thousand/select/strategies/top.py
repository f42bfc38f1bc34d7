"""The rows of highest quality, and nothing else."""

import numpy as np
from numpy.typing import NDArray

from thousand.select.picks import Picks


def top(quality: NDArray[np.float64], budget: int) -> Picks:
    chosen = np.argsort(-quality, kind="stable")[:budget]
    return Picks(chosen, quality[chosen])
