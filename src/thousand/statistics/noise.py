"""The noise bar: how far apart two seeds of one and the same arm come out.

Whatever another arm wins by inside it, the arm could have won against itself.
"""

from __future__ import annotations

from itertools import combinations
from typing import Unpack

import numpy as np
from numpy.typing import NDArray

from thousand.statistics.bootstrap import DRAWS, percentiles, resampled_totals
from thousand.statistics.estimate import NOTHING, OFTEN_UNDEFINED, ONE_PROMPT, Estimate, How, unknown, with_interval
from thousand.statistics.outcomes import per_prompt

Floats = NDArray[np.float64]


def noise_bar(score: Floats, **how: Unpack[How]) -> Estimate:
    """Net wins of one seed against another seed of the same arm, over all pairs of seeds, each in both orientations.

    The value is zero but for rounding: no arm beats itself. What matters is the interval, which is as wide above as below. It is
    over pairs of seeds and over prompts, and errs on the wide side, as all crossed resampling does.

    Args:
        score: (seeds, seeds, ..., prompts) of the arm against itself: +1 where the seed of the first axis wins, 0 for a tie, -1 where
            that of the second does, NaN where there is no verdict. `versus` makes it from ratings. A seed against itself is left
            out; verdicts on a pair may stand in either place or in both.

    Returns:
        With ``n`` the prompts that two seeds were compared on. Undefined with one seed.

    Raises:
        ValueError: the first two axes differ.
    """
    if score.ndim < 3 or score.shape[0] != score.shape[1]:
        raise ValueError(f"an arm against itself needs (seeds, seeds, ..., prompts), found {score.shape}")
    if len(score) < 2:
        return unknown(0, "one seed has no other to be compared with")
    mean = per_prompt(score, keep=2)
    net = np.stack([per_prompt(np.stack([mean[i, j], -mean[j, i]])) for i, j in combinations(range(len(score)), 2)], axis=1)
    net = net[:, ~np.isnan(net).all(axis=0)]
    net = net[~np.isnan(net).all(axis=1)]
    n, pairs = net.shape
    if n == 0:
        return unknown(0, NOTHING)
    parts = np.concatenate([np.nan_to_num(net), ~np.isnan(net)], axis=1)
    of_pairs = _means(parts.sum(axis=0), pairs)
    both = np.concatenate([of_pairs, -of_pairs])
    if n == 1:
        return Estimate(float(both.mean()), n, None, ONE_PROMPT)
    drawn = _means(resampled_totals(parts, how.get("draws", DRAWS), how.get("seed", 0)), pairs).ravel()
    interval = percentiles(np.concatenate([drawn, -drawn]), how.get("level", 0.95), seeds_resampled=pairs > 1)
    return with_interval(float(both.mean()), n, interval, OFTEN_UNDEFINED)


def _means(totals: Floats, pairs: int) -> Floats:
    """The net wins of each pair of seeds; NaN where no prompt drawn compares it."""
    number = totals[..., pairs:]
    mean: Floats = totals[..., :pairs] / np.where(number > 0, number, np.nan)
    return mean
