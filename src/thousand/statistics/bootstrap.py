"""Intervals that resample prompts and seeds, never rows.

The verdicts on one prompt share its difficulty, and the answers of one seed share its model, so a table of
3 x 3 seeds x 100 prompts holds far less than 900 independent rows. Resampling rows treats them as if they were and gives
intervals that are much too narrow. Here a draw takes whole prompts, the same ones for every seed and both arms, and whole
seeds of each arm (the crossed or "pigeonhole" bootstrap: Owen 2007, Annals of Applied Statistics 1(2)).

*From n units a draw takes n - 1* (Rao and Wu 1988, JASA 83). Plain resampling of n understates a variance by (n - 1) / n:
nothing for 100 prompts, a third for 3 seeds.

*Percentiles of the draws are the interval.* They stay within the range of what is measured, follow its skew, and mirror
exactly when the arms change places. BCa needs an acceleration, which a jackknife over two or three seeds cannot estimate, and
a studentised interval needs a standard error within every draw, which crossed clusters do not give.

*Over several seeds the draws give the shape and the analysis of variance the width.* Crossed draws count three times over what a
seed adds to a prompt (Owen shows it): with three seeds that are alike they would be half as wide again as they should be, and hide
differences that are there. And the few seeds from which a variance between seeds is taken are worth a quantile of Student's t
(`thousand.statistics.seeds`).

What no statistics can mend: two or three seeds say little about a variance between seeds. Only more seeds help.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from thousand.statistics.interval import Interval
from thousand.statistics.outcomes import per_prompt
from thousand.statistics.seeds import error, matched

Floats = NDArray[np.float64]

DRAWS = 4000
_CELLS = 4_000_000  # of one block of draws: 32 MB


def net_interval(score: Floats, *, level: float = 0.95, draws: int = DRAWS, seed: int = 0) -> Interval | None:
    """The interval of a net win rate: mean over prompts of each prompt's mean over seed pairs.

    Args:
        score: (a's seeds, b's seeds, ..., prompts): +1 where a wins, 0 for a tie, -1 where b wins, between them where several
            were averaged, NaN where there is no verdict. Axes between seeds and prompts (samples, orders, judges) are
            averaged: all of a prompt moves together. Any other paired difference of a and b will do, in any unit.
        draws: resamples; half of them are drawn with the arms exchanged, so that it cannot matter which is called a.

    Returns:
        None with fewer than two judged prompts: one prompt says nothing about others.
        ``seeds_resampled`` is True only when both arms have more than one seed.

    Raises:
        ValueError: fewer than three axes.
    """
    if score.ndim < 3:
        raise ValueError(f"score needs the axes (a's seeds, b's seeds, ..., prompts), found {score.ndim}")
    score = _judged(per_prompt(score, keep=2))
    if score.shape[2] < 2:
        return None
    several = min(score.shape[:2]) > 1
    pairs = matched(score)
    score = score if pairs is score else _either_way(pairs)
    mirrored = -score.transpose(1, 0, 2)
    half = max(1, draws // 2)
    sample = np.concatenate([_resampled_means(score, half, seed), -_resampled_means(mirrored, half, seed)])
    return percentiles(as_wide_as(sample, score, level), level, seeds_resampled=several)


def mean_interval(rating: Floats, *, level: float = 0.95, draws: int = DRAWS, seed: int = 0) -> Interval | None:
    """The interval of a mean rating: mean over prompts of each prompt's mean over seeds.

    Args:
        rating: (seeds, ..., prompts), any unit; NaN where there is no rating. Axes between them are averaged.

    Returns:
        None with fewer than two rated prompts. ``seeds_resampled`` is False with one seed.

    Raises:
        ValueError: fewer than two axes.
    """
    if rating.ndim < 2:
        raise ValueError(f"rating needs the axes (seeds, ..., prompts), found {rating.ndim}")
    values = _judged(per_prompt(rating, keep=1)[:, None, :])
    if values.shape[2] < 2:
        return None
    sample = as_wide_as(_resampled_means(values, draws, seed), values, level)
    return percentiles(sample, level, seeds_resampled=values.shape[0] > 1)


def resampled_together(arms: Sequence[Floats], draws: int = DRAWS, seed: int = 0) -> Floats:
    """The means of several arms under the same draws of prompts, each arm's own seeds drawn apart. -> (draws, arms)

    Args:
        arms: (shared seeds, own seeds, prompts) each, of one number of shared seeds (those of an arm that all are compared with; 1 for
            none) and of the same prompts. A draw in which an arm has no value is NaN there.
    """
    shared, _, prompts = arms[0].shape
    cells = [arm.reshape(-1, prompts) for arm in arms]
    order = np.lexsort(np.concatenate(cells))
    generator = np.random.default_rng(seed)
    block = max(1, _CELLS // prompts)
    found = []
    for start in range(0, draws, block):
        size = min(block, draws - start)
        of_prompts, of_shared = _weights(generator, size, prompts), _weights(generator, size, shared)
        of_seeds = [_pairs(of_shared, _weights(generator, size, arm.shape[1])) for arm in arms]
        found.append(np.stack([_means(each[:, order], of_prompts, own) for each, own in zip(cells, of_seeds, strict=True)], axis=1))
    return np.concatenate(found)


def resampled_totals(parts: Floats, draws: int = DRAWS, seed: int = 0) -> Floats:
    """The totals of prompts drawn whole, for statistics that are functions of totals. (prompts, k) -> (draws, k)

    The order of the prompts does not matter. Prompts that add the same are drawn by their number, which is the same draw.
    Half of the draws take the prompts, which are ordered by their columns, in reverse: where the first columns change sign with the
    arms, and tell prompts apart, a statistic mirrors exactly.

    Args:
        parts: what each prompt adds to each total; no NaN.
    """
    kinds, counts = np.unique(parts + 0.0, axis=0, return_counts=True)  # + 0.0: there is one zero, not two
    prompts, half = len(parts), max(1, draws // 2)
    if 4 * len(kinds) <= prompts:
        ways = ((counts, kinds), (counts[::-1], kinds[::-1]))
        numbers = [np.random.default_rng(seed).multinomial(prompts - 1, count / prompts, size=half) for count, _ in ways]
        return np.concatenate([number @ kind for number, (_, kind) in zip(numbers, ways, strict=True)])
    generator = np.random.default_rng(seed)
    ordered = np.repeat(kinds, counts, axis=0)
    both_ways = np.concatenate([ordered, ordered[::-1]], axis=1)
    block = max(1, _CELLS // prompts)
    drawn = [_weights(generator, min(block, half - start), prompts) @ both_ways for start in range(0, half, block)]
    return np.concatenate(np.split(np.concatenate(drawn), 2, axis=1))


def percentiles(sample: Floats, level: float, *, seeds_resampled: bool = False) -> Interval | None:
    """The middle of the draws; None when more of them are NaN (undefined) than may lie beyond one end."""
    defined = sample[~np.isnan(sample)]
    if defined.size < sample.size * (1 + level) / 2:
        return None
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low) + 0.0, float(high) + 0.0, level, seeds_resampled)  # never -0.0


def as_wide_as(sample: Floats, values: Floats, level: float) -> Floats:
    """The draws of a mean, as far from their middle as the variance of the mean has them. values (first seeds, second seeds, prompts)

    Crossed draws count three times over what a seed adds to a prompt, and what two or three seeds say of the variance between seeds is
    worth a quantile of Student's t. With one seed of each arm the draws stay as they are.
    """
    known = error(values) if max(values.shape[:2]) > 1 else None
    spread = float(sample.std())
    if known is None or spread <= 0:
        return sample
    end = (1 + level) / 2
    reach = float(stats.t.ppf(end, known.freedom) / stats.norm.ppf(end))
    middle = sample.mean()
    wide = middle + (sample - middle) * math.sqrt(known.variance) / spread * reach
    kept: Floats = np.clip(wide, np.nanmin(values), np.nanmax(values))
    return kept


def _either_way(pairs: Floats) -> Floats:
    """Pairs of seeds in an order that is the same whichever arm is called a. (pairs, 1, prompts)"""
    return pairs[np.lexsort(np.nan_to_num(np.abs(pairs[:, 0]), nan=-1.0).T[::-1])]


def _judged(values: Floats) -> Floats:
    """Without the seeds and prompts that have no value at all: they are no units to draw."""
    present = ~np.isnan(values)
    return values[present.any(axis=(1, 2))][:, present.any(axis=(0, 2))][:, :, present.any(axis=(0, 1))]


def _resampled_means(values: Floats, draws: int, seed: int) -> Floats:
    """The mean of each draw. values (first seeds, second seeds, prompts) -> (draws,)"""
    first, second, prompts = values.shape
    cells = values.reshape(first * second, prompts)
    cells = cells[:, np.lexsort(cells)]  # the order in which prompts stand in a file must not change the draws
    means = [_means(cells, *weights) for weights in _drawn(seed, draws, first, second, prompts)]
    drawn = np.concatenate(means)
    return drawn[~np.isnan(drawn)]


def _means(cells: Floats, of_prompts: Floats, of_seeds: Floats) -> Floats:
    """The mean of each draw, NaN where it has no value. cells (seeds, prompts) -> (draws,)"""
    present = ~np.isnan(cells)
    filled = np.where(present, cells, 0.0)
    if present.all():  # the same sums in an order that needs no table of draws by prompts
        total = of_seeds.sum(axis=1) * of_prompts.sum(axis=1)
        mean: Floats = (of_prompts @ filled.T * of_seeds).sum(axis=1) / total
        return mean
    weight = of_seeds @ present.astype(np.float64)
    answered = of_prompts * (weight > 0)  # a prompt that none of the drawn seeds answered is left out of the draw
    total = answered.sum(axis=1)
    summed = (answered * (of_seeds @ filled / np.maximum(weight, 1.0))).sum(axis=1)
    return np.where(total > 0, summed / np.maximum(total, 1.0), np.nan)


def _drawn(seed: int, draws: int, first: int, second: int, prompts: int) -> Iterator[tuple[Floats, Floats]]:
    """Weights of the prompts and of the pairs of seeds, block by block: (block, prompts) and (block, first * second)."""
    if draws * prompts <= _CELLS:  # a run compares the same prompts many times over, and the draws are the same
        yield _one_block(seed, draws, first, second, prompts)
        return
    generator = np.random.default_rng(seed)
    block = max(1, _CELLS // prompts)
    for start in range(0, draws, block):
        yield _block(generator, min(block, draws - start), first, second, prompts)


@lru_cache(maxsize=4)
def _one_block(seed: int, draws: int, first: int, second: int, prompts: int) -> tuple[Floats, Floats]:
    return _block(np.random.default_rng(seed), draws, first, second, prompts)


def _block(generator: np.random.Generator, draws: int, first: int, second: int, prompts: int) -> tuple[Floats, Floats]:
    of_prompts = _weights(generator, draws, prompts)
    return of_prompts, _pairs(_weights(generator, draws, first), _weights(generator, draws, second))


def _pairs(first: Floats, second: Floats) -> Floats:
    """Weights of the pairs of two arms' seeds. (draws, first), (draws, second) -> (draws, first * second)"""
    return (first[:, :, None] * second[:, None, :]).reshape(len(first), -1)


def _weights(generator: np.random.Generator, draws: int, units: int) -> Floats:
    """How often each unit is taken in each draw of ``units - 1`` with replacement; a lone unit is always taken. (draws, units)"""
    if units == 1:
        return np.ones((draws, 1))
    taken = generator.integers(0, units, size=(draws, units - 1))
    flat = (taken + units * np.arange(draws)[:, None]).ravel()
    return np.bincount(flat, minlength=draws * units).reshape(draws, units).astype(np.float64)
