"""How many are enough? The smallest budget that is surely no more than a margin worse than the best.

Which budget is the best is not known: it is one of several that were tried, and the highest mean is high by luck too. Hsu's multiple
comparisons with the best (1981, Annals of Statistics 9(5); 1996, "Multiple Comparisons", chapter 4) bound every budget's loss against the
unknown best at once: for the true best b, Dunnett's one-sided bounds on b less i hold for all i together with the wanted probability; b
is among those that no other is surely above; so the largest of their bounds holds for i. Looking at many budgets costs no more than that.

The distribution of the largest of the standardised errors is that of the draws (Westfall and Young 1993), in which all budgets share
their prompts: what makes a prompt hard leaves the difference. A bound below the margin is a non-inferiority test passed.
With three seeds the bounds hold in 95 to 99 of 100 trials, whether seeds differ much or not at all (`tests/statistics`).

A curve need not rise: the means decide, not a fit through them. Nothing is said of budgets between or beyond those tried.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Unpack

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from thousand.statistics.bootstrap import DRAWS, as_wide_as, mean_interval, net_interval, resampled_together
from thousand.statistics.estimate import How
from thousand.statistics.interval import Interval
from thousand.statistics.outcomes import per_prompt
from thousand.statistics.saturation import Saturation, saturation
from thousand.statistics.seeds import matched, of_prompts, of_seeds

Floats = NDArray[np.float64]

POWER = 0.8
_EXACT = 1e-9
_FEWEST = 0.5
"""Of the draws; where more of them miss a budget altogether there are no bounds: what is left is no fair sample."""


@dataclass(frozen=True)
class Budget:
    """One budget.

    Attributes:
        k: examples.
        mean, interval: of what was measured; the interval is None where budgets have fewer than two prompts in common.
        loss: what the highest mean has more.
        at_most, at_least: bounds of the true loss, each for all budgets at once at the curve's level; None without intervals.
        seeds, n: seeds, and prompts with a value.
    """

    k: int
    mean: float
    interval: Interval | None
    loss: float
    at_most: float | None
    at_least: float | None
    seeds: int
    n: int


@dataclass(frozen=True)
class BudgetCurve:
    """Several budgets of one family.

    Attributes:
        budgets: ascending.
        best: the budget of the highest mean.
        smallest: the smallest budget whose loss is surely within the margin; None when the data cannot tell.
        target: the smallest budget below that whose loss looks as if it were within the margin and is not surely so; None when there
            is none.
        prompts_needed, seeds_needed: about how many prompts with these seeds, or how many seeds of each budget with these prompts, would
            show the target to be within it in four of five tries; None where no number would, or there is no target.
        fit: a saturating curve through the means.
    """

    budgets: tuple[Budget, ...]
    best: int
    smallest: int | None
    target: int | None
    prompts_needed: int | None
    seeds_needed: int | None
    fit: Saturation | None


def budget_curve(arms: Sequence[tuple[int, Floats]], margin: float, **how: Unpack[How]) -> BudgetCurve:
    """Compares all budgets on the prompts that every one of them has, since a budget without the hard ones would look better.

    Args:
        arms: budget and its measurements, (seeds, prompts) or (shared seeds, own seeds, prompts), the same prompts in the same order;
            NaN where there is no value. The shared seeds are those of an arm that every budget was compared with.
        margin: the loss not to mind, above 0, in the unit of the measurements.

    Raises:
        ValueError: no arm, a budget twice, a margin that is not above 0, or an arm without any value.
    """
    budgets = [k for k, _ in arms]
    if not arms or len(set(budgets)) < len(budgets) or margin <= 0:
        raise ValueError(f"budgets {budgets} and a margin of {margin}: each budget once, and a margin above 0")
    ordered = [values if values.ndim == 3 else values[None] for _, values in sorted(arms, key=lambda each: each[0])]
    own_seeds = [values.shape[1] for values in ordered]
    ordered = _met_alike(ordered)
    budgets.sort()
    by_prompt = [per_prompt(values) for values in ordered]
    if any(np.isnan(values).all() for values in by_prompt):
        raise ValueError("a budget without any value")
    common = ~np.isnan(by_prompt).any(axis=0)
    if common.sum() > 1:
        ordered, by_prompt = [values[..., common] for values in ordered], [values[common] for values in by_prompt]
    means = np.array([float(np.nanmean(values)) for values in by_prompt])
    n = [int((~np.isnan(values)).sum()) for values in by_prompt]
    found = [
        Budget(k, float(mean), None, float(means.max() - mean), None, None, seeds, count)
        for k, mean, seeds, count in zip(budgets, means, own_seeds, n, strict=True)
    ]
    best = budgets[int(means.argmax())]
    if common.sum() < 2:
        return BudgetCurve(tuple(found), best, None, None, None, None, None)
    level, draws, seed = how.get("level", 0.95), how.get("draws", DRAWS), how.get("seed", 0)
    drawn = resampled_together(ordered, draws, seed)
    whole = ~np.isnan(drawn).any(axis=1)
    if whole.mean() < _FEWEST:
        return BudgetCurve(tuple(found), best, None, None, None, None, None)
    drawn = drawn[whole]
    errors = _errors(means, ordered, drawn)
    at_most, at_least = _bounds(means, errors, level)
    found = [
        replace(each, interval=_interval(arm, level, draws, seed), at_most=float(most), at_least=float(least))
        for each, arm, most, least in zip(found, ordered, at_most, at_least, strict=True)
    ]
    smallest = next((each.k for each in found if each.at_most is not None and each.at_most <= margin + _EXACT), None)
    hopeful = (at for at, each in enumerate(found) if (smallest is None or each.k < smallest) and each.loss < margin - _EXACT)
    target = next(hopeful, None)
    prompts, seeds = (None, None) if target is None else _needed(target, means, ordered, own_seeds, errors, margin, level)
    wide = np.stack([as_wide_as(*each, level) for each in zip(drawn.T, ordered, strict=True)], axis=1)
    return BudgetCurve(
        tuple(found),
        best,
        smallest,
        None if target is None else budgets[target],
        prompts,
        seeds,
        saturation(budgets, means, wide, level),
    )


def _met_alike(arms: Sequence[Floats]) -> list[Floats]:
    """Where each seed of an arm met one shared seed and no other, the pairs are what varies, and all budgets share it."""
    found = [matched(arm) for arm in arms]
    return found if all(arm.shape[:2] == (len(found[0]), 1) for arm in found) else list(arms)


def _interval(arm: Floats, level: float, draws: int, seed: int) -> Interval | None:
    """As of the arm alone. (shared seeds, own seeds, prompts)"""
    if len(arm) == 1:
        return mean_interval(arm[0], level=level, draws=draws, seed=seed)
    return net_interval(arm, level=level, draws=draws, seed=seed)


@dataclass(frozen=True)
class _Errors:
    """How far the differences of two budgets stray.

    Attributes:
        scale: standard error of j less i. (i, j)
        of_prompts: its square, as far as other prompts account for it. (i, j)
        freedom: degrees of freedom of the scale. (i, j)
        strayed: of each draw, the drawn difference less the measured, in standard errors of the draws. (draws, i, j)
    """

    scale: Floats
    of_prompts: Floats
    freedom: Floats
    strayed: Floats

    def reach(self, largest: Floats, level: float) -> Floats:
        """How many standard errors hold the largest error of a draw with the level's probability. (draws,) -> (i, j)

        Three seeds are few to take a variance from: the quantile of the draws becomes that of Student's t.
        """
        sure = stats.norm.cdf(max(0.0, float(np.quantile(largest, level))))
        return np.asarray(stats.t.ppf(sure, self.freedom), dtype=np.float64)


def _errors(means: Floats, arms: Sequence[Floats], drawn: Floats) -> _Errors:
    """Prompts give the variance of a difference for the seeds at hand; what other seeds add is estimated apart and put on top.

    Two or three seeds of one budget say little about it, so no budget is taken to vary less with the seed than all of them on average.
    """
    deviations = drawn - means
    differences = deviations[:, None, :] - deviations[:, :, None]
    crossed = np.sqrt((differences**2).mean(axis=0))
    strayed = differences / np.where(crossed > _EXACT, crossed, np.inf)
    by_prompt = [per_prompt(arm) for arm in arms]
    by_prompts = np.array([[of_prompts(other - own) for other in by_prompt] for own in by_prompt])
    by_seeds, freedom = _by_seeds([per_prompt(np.moveaxis(arm, 1, 0), keep=1) for arm in arms])
    shared = [per_prompt(arm, keep=1) for arm in arms]
    of_shared = np.array([[max(0.0, of_seeds(other - own)) for other in shared] for own in shared])
    seeds = by_seeds[:, None] + by_seeds[None, :]
    np.fill_diagonal(seeds, 0.0)
    variance = by_prompts + seeds + of_shared
    shares = seeds**2 / max(1, freedom) + of_shared**2 / max(1, len(arms[0]) - 1) + by_prompts**2 / (arms[0].shape[-1] - 1)
    return _Errors(np.sqrt(variance), by_prompts, np.maximum(1.0, variance**2 / np.where(shares > 0, shares, np.inf)), strayed)


def _by_seeds(arms: Sequence[Floats]) -> tuple[Floats, int]:
    """What other seeds add to the variance of each arm's mean, and the degrees of freedom it is estimated with. (seeds, prompts) each"""
    found = [of_seeds(arm) for arm in arms]
    freedom = sum(len(arm) - 1 for arm in arms)
    average = sum(variance * len(arm) * (len(arm) - 1) for variance, arm in zip(found, arms, strict=True)) / max(1, freedom)
    return np.array([max(0.0, variance, average / len(arm)) for variance, arm in zip(found, arms, strict=True)]), freedom


def _bounds(means: Floats, errors: _Errors, level: float) -> tuple[Floats, Floats]:
    """Upper and lower bounds of every budget's loss against the best. (budgets,) each"""
    count = len(means)
    if count == 1:
        return np.zeros(1), np.zeros(1)
    apart = means[None, :] - means[:, None]  # j less i
    above = np.full((count, count), -np.inf)  # [i, b]: bound of b less i, were b the best
    for b in range(count):
        others = np.arange(count) != b
        reach = errors.reach((-errors.strayed[:, others, b]).max(axis=1), level)
        above[others, b] = (apart + reach * errors.scale)[others, b]
    may_be_best = np.array([bool((above[np.arange(count) != b, b] >= 0).all()) for b in range(count)])
    at_most = np.maximum(0.0, above[:, may_be_best].max(axis=1))
    reach = errors.reach(errors.strayed.max(axis=(1, 2)), level)
    at_least = np.maximum(0.0, (apart - reach * errors.scale).max(axis=1))
    return at_most, at_least


def _needed(
    target: int, means: Floats, arms: Sequence[Floats], own_seeds: Sequence[int], errors: _Errors, margin: float, level: float
) -> tuple[int | None, int | None]:
    """Prompts, or seeds, with which the target's loss against what looks best would be shown to be within the margin."""
    rival = next(int(at) for at in np.argsort(-means) if at != target)
    others = np.arange(len(means)) != rival
    reach = errors.reach((-errors.strayed[:, others, rival]).max(axis=1), level)[target, rival] + stats.norm.ppf(POWER)
    wanted = float((margin - max(0.0, means[rival] - means[target])) / reach) ** 2
    of_prompts = float(errors.of_prompts[target, rival])
    of_seeds = float(errors.scale[target, rival]) ** 2 - of_prompts
    prompts, seeds = arms[0].shape[-1], min(own_seeds[target], own_seeds[rival])
    return _scaled(prompts, of_prompts, wanted - of_seeds), _scaled(seeds, of_seeds, wanted - of_prompts) if seeds > 1 else None


def _scaled(number: int, variance: float, room: float) -> int | None:
    """How many bring their variance into the room that is left; None when there is none, or when more would not help."""
    if room <= 0 or variance <= 0:
        return None
    return max(number + 1, math.ceil(number * variance / room))
