"""Every row: no selection."""

import numpy as np

from thousand.select.picks import Picks


def all(count: int) -> Picks:
    """All ``count`` rows."""
    return Picks(np.arange(count), np.full(count, np.nan))
