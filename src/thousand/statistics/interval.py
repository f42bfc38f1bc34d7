"""An interval, and the one for a share of independent trials."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import stats


@dataclass(frozen=True)
class Interval:
    """Values that the data do not speak against.

    Attributes:
        low, high: both ends, in the unit of what was measured.
        level: nominal coverage, 0.95 for 95%.
        seeds_resampled: whether other seeds would fall into it too; False when there was one seed, or when seeds play no part.
    """

    low: float
    high: float
    level: float = 0.95
    seeds_resampled: bool = False

    @property
    def width(self) -> float:
        """From one end to the other."""
        return self.high - self.low

    @property
    def excludes_zero(self) -> bool:
        """Whether the sign is sure at this level."""
        return self.low > 0 or self.high < 0

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


def wilson(successes: int, n: int, level: float = 0.95) -> Interval | None:
    """Wilson's score interval for a share of ``n`` independent trials (Wilson 1927); None without trials.

    It keeps its coverage at small n and near 0 and 1, where the share plus or minus two standard errors leaves [0, 1].
    Trials that share a prompt or a seed are not independent: use `thousand.statistics.bootstrap` for them.

    Raises:
        ValueError: not 0 <= successes <= n.
    """
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} successes of {n} trials")
    if n == 0:
        return None
    z = float(stats.norm.ppf(0.5 + level / 2))
    share = successes / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return Interval(max(0.0, centre - half), min(1.0, centre + half), level)
