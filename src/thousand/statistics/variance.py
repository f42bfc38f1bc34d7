"""What makes measurements of one arm differ: the prompt, the seed, or the drawing of the answer.

A rating of prompt p by the model of seed s in sample k is taken as mean + P_p + S_s + I_ps + E_psk, each part drawn apart from the
others. Their variances follow from how much two ratings differ that share a prompt and a seed, a prompt, a seed, or nothing:
Koch's symmetric differences (Koch 1968, Technometrics 10(3)). With nothing missing these are the analysis-of-variance estimates
(Searle, Casella and McCulloch 1992, "Variance Components", chapter 4); with values missing they stay unbiased.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Unpack

import numpy as np
from numpy.typing import NDArray

from thousand.statistics.estimate import NOTHING, Estimate, How, of_totals, unknown
from thousand.statistics.outcomes import finite

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Components:
    """Variances, in the squared unit of the ratings; ``n`` counts prompts.

    An unbiased estimate of a small variance can fall below zero: read that as none.

    Attributes:
        prompt: between prompts.
        seed: between the models of different seeds, on every prompt alike. Its interval is None: other prompts say nothing about
            other seeds.
        interaction: that a seed is better on some prompts and worse on others.
        sampling: between answers of one model to one prompt.
        seeds, samples: how many of each there were, samples at most.
    """

    prompt: Estimate
    seed: Estimate
    interaction: Estimate
    sampling: Estimate
    seeds: int
    samples: int


def components(ratings: Floats, **how: Unpack[How]) -> Components:
    """Splits the variance of one arm's ratings, or of its scores against a fixed baseline.

    With one sample for each prompt and seed, interaction cannot be told from sampling, and is counted there; with one seed it cannot
    be told from the prompt, and with one seed and one sample nothing can be told from the prompt. What cannot be told is None.

    Args:
        ratings: (seeds, samples, prompts); NaN where there is none.

    Raises:
        ValueError: not three axes, or a rating is infinite.
    """
    if ratings.ndim != 3:
        raise ValueError(f"ratings need the axes (seeds, samples, prompts), found {ratings.ndim}")
    finite(ratings, "rating")
    present = ~np.isnan(ratings)
    ratings = ratings[present.any(axis=(1, 2))][:, :, present.any(axis=(0, 1))]
    present = ~np.isnan(ratings)
    seeds, samples, n = len(ratings), int(present.sum(axis=1).max(initial=0)), ratings.shape[-1]
    if n == 0:
        return Components(*(unknown(0, NOTHING),) * 4, seeds=0, samples=0)
    parts = _parts(ratings, present)
    repeated = samples > 1

    def estimate(of: Callable[[Floats, Floats, Floats, Floats], Floats]) -> Estimate:
        return of_totals(
            parts, lambda totals: of(*_differences(totals, seeds)), n, undefined="too few ratings share a prompt or a seed", **how
        )

    if seeds > 1:
        prompt = estimate(lambda cell, same_prompt, same_seed, neither: neither - same_prompt)
        seed = estimate(lambda cell, same_prompt, same_seed, neither: neither - same_seed)
        seed = seed if seed.value is None else replace(seed, interval=None, reason="other prompts say nothing about other seeds")
    else:
        prompt = estimate(lambda cell, same_prompt, same_seed, neither: same_seed - cell)
        seed = unknown(n, "one seed: nothing varies between seeds")
    if seeds > 1 and repeated:
        interaction = estimate(lambda cell, same_prompt, same_seed, neither: same_prompt + same_seed - neither - cell)
    else:
        interaction = unknown(
            n, "counted as sampling: no prompt has two samples of one seed" if seeds > 1 else "counted as prompt: one seed"
        )
    if repeated:
        sampling = estimate(lambda cell, same_prompt, same_seed, neither: cell)
    elif seeds > 1:
        sampling = estimate(lambda cell, same_prompt, same_seed, neither: same_prompt + same_seed - neither)
    else:
        sampling = unknown(n, "one seed and one sample: sampling cannot be told from the prompt")
    return Components(prompt, seed, interaction, sampling, seeds, samples)


def _parts(ratings: Floats, present: NDArray[np.bool_]) -> Floats:
    """What each prompt adds: sums over its pairs, and its numbers, sums and squares by seed. (prompts, 4 + 3 * seeds)"""
    centred = np.where(present, ratings - ratings[present].mean(), 0.0)
    by_seed = np.stack([present.sum(axis=1), centred.sum(axis=1), (centred**2).sum(axis=1)])
    cell, of_prompt = _pairs(by_seed), _pairs(by_seed.sum(axis=1))
    sums = [each.sum(axis=0) for each in cell]
    return np.concatenate([np.stack([*sums, *of_prompt], axis=1), by_seed.reshape(-1, ratings.shape[-1]).T], axis=1)


def _differences(totals: Floats, seeds: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Half the mean squared difference of two ratings that share prompt and seed, a prompt only, a seed only, neither."""
    in_cell, in_prompt = (totals[..., 0], totals[..., 1]), (totals[..., 2], totals[..., 3])
    by_seed = np.moveaxis(totals[..., 4:].reshape(*totals.shape[:-1], 3, seeds), -2, 0)
    in_seed = [each.sum(axis=-1) for each in _pairs(by_seed)]
    every = _pairs(by_seed.sum(axis=-1))
    cell, prompt, seed, all_of_them = (np.stack(each) for each in (in_cell, in_prompt, in_seed, every))
    squares, pairs = np.stack([cell, prompt - cell, seed - cell, all_of_them - prompt - seed + cell], axis=1)
    found = squares / np.where(pairs > 0, pairs, np.nan)
    return found[0], found[1], found[2], found[3]


def _pairs(moments: Floats) -> tuple[Floats, Floats]:
    """From number, sum and sum of squares of a group: half the squared differences over its ordered pairs, and the number of these."""
    number, total, squares = moments
    return number * squares - total**2, number * (number - 1)
