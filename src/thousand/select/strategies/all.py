"""Every row: no selection."""

import numpy as np

from thousand.select.picks import Picks


def all(count: int) -> Picks:
    return Picks(np.arange(count), np.full(count, np.nan))
