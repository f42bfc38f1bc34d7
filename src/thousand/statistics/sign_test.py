"""Paired tests over prompts, and their correction when there are several.

Both tests ask the same of every prompt: would its outcome be as likely with the arms exchanged? They treat the seeds at hand
as given; `thousand.statistics.bootstrap` is what speaks of other seeds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from thousand.statistics.outcomes import finite

Floats = NDArray[np.float64]

_LARGEST_DENOMINATOR = 1000
_SIGNS = 4_000_000  # of one block of draws: 32 MB
_LARGEST_WORK = 50_000_000  # additions of an exact distribution: about a tenth of a second


def sign_test(wins: int, losses: int) -> float | None:
    """Exact two-sided sign test; ties are left out. None when there are only ties.

    The probability of a split at least as uneven, were each side equally likely to win (binomial, one half).
    """
    n = wins + losses
    if n == 0:
        return None
    return min(1.0, 2.0 * float(stats.binom.cdf(min(wins, losses), n, 0.5)))


def sign_flip_test(values: Floats, *, draws: int = 20_000, seed: int = 0) -> float | None:
    """Two-sided paired permutation test on per-prompt net scores, which may be fractions (several seeds or samples).

    Under the hypothesis of no difference each prompt's score is as likely with the other sign. With scores of +1, 0 and -1
    this is the sign test. The p-value is exact as long as the scores are fractions with a small common denominator, as
    means over seeds are; otherwise it is estimated from ``draws`` random flips, counting the observed one (Phipson and Smyth 2010).

    Args:
        values: (prompts,) in [-1, 1]; NaN where there is no verdict.

    Returns:
        The probability of a mean at least as far from zero; None when every score is zero or missing.

    Raises:
        ValueError: a score is infinite.
    """
    finite(values, "score")
    scores = values[~np.isnan(values)]
    scores = np.sort(np.abs(scores[scores != 0])) * 1.0
    if scores.size == 0:
        return None
    observed = abs(float(np.sum(values[~np.isnan(values)])))
    steps = _on_a_lattice(scores)
    if steps is not None:
        lattice, denominator = steps
        return _exact(lattice, round(observed * denominator))
    flipped = np.abs(_flipped_sums(scores, draws, np.random.default_rng(seed)))
    return (1 + int((flipped >= observed - 1e-9).sum())) / (1 + draws)


def _flipped_sums(scores: Floats, draws: int, generator: np.random.Generator) -> Floats:
    """Sums of the scores with random signs, in blocks that fit into memory; equal scores share a binomial number of plus signs. (draws,)"""
    kinds, counts = np.unique(scores, return_counts=True)
    if 4 * kinds.size <= scores.size:
        return (2.0 * generator.binomial(counts, 0.5, size=(draws, kinds.size)) - counts) @ kinds
    block = max(1, _SIGNS // scores.size)
    sizes = [min(block, draws - start) for start in range(0, draws, block)]
    return np.concatenate([(2.0 * generator.integers(0, 2, (size, scores.size), dtype=np.int8) - 1) @ scores for size in sizes])


def _on_a_lattice(scores: Floats) -> tuple[NDArray[np.int64], int] | None:
    """The scores as whole multiples of one fraction, and its denominator; None when there is no small one."""
    denominator = 1
    for score in np.unique(scores):
        denominator = math.lcm(denominator, Fraction(float(score)).limit_denominator(_LARGEST_DENOMINATOR).denominator)
        if denominator > _LARGEST_DENOMINATOR:  # of hundreds of scores it would outgrow any number that an array holds
            return None
    multiples = np.rint(scores * denominator)
    if not np.allclose(multiples / denominator, scores, rtol=0, atol=1e-9):
        return None
    if scores.size * multiples.sum() * 2 > _LARGEST_WORK:
        return None
    return multiples.astype(np.int64), denominator


def _exact(steps: NDArray[np.int64], observed: int) -> float:
    """P(|sum of +-steps| >= observed), by adding one prompt at a time to the distribution of the sum."""
    reach = int(steps.sum())
    chance = np.ones(1)
    for step in steps:  # the smallest first, as they stand: the sums reach no further than they must
        wider = np.zeros(chance.size + 2 * step)
        wider[: chance.size] = chance
        wider[2 * step :] += chance
        chance = 0.5 * wider
    sums = np.abs(np.arange(-reach, reach + 1))
    return min(1.0, float(chance[sums >= observed].sum()))


def holm(p: Sequence[float | None]) -> list[float | None]:
    """Holm's step-down correction (Holm 1979): under it the chance of any false finding stays below the level.

    Args:
        p: one for each comparison; None where there was nothing to test, which counts for nothing.
    """
    tested = sorted((value, at) for at, value in enumerate(p) if value is not None)
    corrected: list[float | None] = [None] * len(p)
    highest = 0.0
    for done, (value, at) in enumerate(tested):
        highest = max(highest, min(1.0, value * (len(tested) - done)))
        corrected[at] = highest
    return corrected
