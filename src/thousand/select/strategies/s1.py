"""Quality, difficulty, diversity (s1, Muennighoff et al. 2025): no poor rows, no easy ones, and long answers from every stratum.

The authors call a question easy when one of two models answers it right. Here a signal says how hard a row is. Their code draws the
last three hundred rows from strata weighted by their benchmarks, which is left out: the paper draws strata evenly throughout.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from thousand.select.budget import Budget
from thousand.select.picks import Picks


def s1(
    quality: NDArray[np.float64],
    signals: Mapping[str, NDArray[np.float64]],
    lengths: NDArray[np.float64],
    strata: Sequence[object],
    budget: int | Budget,
    seed: int,
    *,
    poor: float = 0.1,
    difficulty: str = "ifd",
    easy: float = 0.5,
) -> Picks:
    """Leave out poor rows, then easy ones; of the rest draw a stratum evenly, and in it a row, the longer the likelier.

    Of the rows left in a stratum the one of rank r by falling length, from 0, is drawn with a probability of 2^-r in proportion, without
    replacement. Rows left out are drawn in the same manner once no other is left. Cost: sorts of n numbers.

    Args:
        quality: (n,); NaN is the worst.
        signals: by name, each (n,).
        lengths: (n,) of the answers.
        strata: (n,) the stratum of each row, such as its topic.
        poor: share of the rows, the lowest by quality, that are left out.
        difficulty: the signal that is high for hard rows, such as ``ifd`` or ``perplexity``; where it is NaN a row counts as easy.
        easy: share of the other rows, the lowest by difficulty, that are left out. The authors left out a half.
    """
    budget = Budget.of(budget, len(quality))
    rows = np.arange(len(quality))
    good = _above(rows, quality, poor)
    hard = _above(good, signals[difficulty], easy)
    rng = np.random.default_rng(seed)
    for tier in (hard, np.setdiff1d(rows, hard)):
        budget.walk(_drawn(tier, lengths, strata, rng))
    return Picks.of(budget, strata=strata)


def _above(rows: NDArray[np.int64], values: NDArray[np.float64], share: float) -> NDArray[np.int64]:
    """The rows without the lowest share of them; of equal values all stay or none."""
    if not len(rows):
        return rows
    ranked: NDArray[np.float64] = np.where(np.isnan(values[rows]), -np.inf, values[rows])
    threshold: float = np.sort(ranked)[min(int(share * len(rows)), len(rows) - 1)]
    return rows[np.flatnonzero(ranked >= threshold)]


def _drawn(rows: NDArray[np.int64], lengths: NDArray[np.float64], strata: Sequence[object], rng: np.random.Generator) -> Iterator[int]:
    """The rows in the order they are drawn."""
    waiting: dict[object, list[int]] = {}
    for row in rows[np.argsort(lengths[rows], kind="stable")].tolist():  # the longest last, where a list is quick to give
        waiting.setdefault(strata[row], []).append(row)
    full = [waiting[each] for each in sorted(waiting, key=str)]
    while full:
        at = int(rng.integers(len(full)))
        stratum = full[at]
        # the inverse of the distribution function: rank r where 1 - 2^-r <= u (1 - 2^-size) < 1 - 2^-(r+1)
        rank = int(-np.log2(1 - rng.random() * (1 - 0.5 ** len(stratum))))
        yield stratum.pop(-1 - min(rank, len(stratum) - 1))
        if not stratum:
            del full[at]
