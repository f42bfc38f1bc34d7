"""The variance of a mean over prompts and seeds, from how much prompts and seeds at hand differ.

For ratings or verdicts of seeds s on prompts p the mean varies because other prompts would have been drawn, which the prompts' own means
show (what a seed adds to a prompt and the drawing of answers included), and because other models would have been trained. The latter is
what the seeds' means differ by, less what they would differ by if seeds were alike: the analysis of variance of a two-way table
(Searle, Casella and McCulloch 1992, "Variance Components", chapter 4).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thousand.statistics.outcomes import per_prompt

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Error:
    """The variance of a mean, and the degrees of freedom it is known with (Satterthwaite 1946)."""

    variance: float
    freedom: float


def matched(values: Floats) -> Floats:
    """Pairs of seeds that meet in no other pair, as a judge of pairs sees them, are one thing that varies and not two.

    (first seeds, second seeds, prompts) -> (pairs, 1, prompts); values in which some seed meets two of the other arm stay as they are.
    """
    met = ~np.isnan(values).all(axis=2)
    if min(met.shape) < 2 or (met.sum(axis=0) > 1).any() or (met.sum(axis=1) > 1).any():
        return values
    pairs: Floats = values[met][:, None, :]
    return pairs


def error(values: Floats) -> Error | None:
    """Of the mean over prompts of each prompt's mean over pairs of seeds.

    Args:
        values: (first arm's seeds, second arm's seeds, prompts); one seed where an arm has none to speak of. NaN where there is no value.

    Returns:
        None with fewer than two prompts, or where hardly a prompt has every seed.
    """
    mean = per_prompt(values)
    n = int((~np.isnan(mean)).sum())
    prompts = of_prompts(mean)
    parts = []
    for arm in (per_prompt(values, keep=1), per_prompt(np.moveaxis(values, 1, 0), keep=1)):
        if len(arm) > 1 and 2 * _complete(arm).shape[1] < max(4, n):
            return None
        parts.append((max(0.0, of_seeds(arm)), len(arm) - 1))
    if n < 2:
        return None
    variance = prompts + sum(part for part, _ in parts)
    shares = prompts**2 / (n - 1) + sum(part**2 / freedom for part, freedom in parts if freedom)
    return Error(variance, variance**2 / shares if shares > 0 else np.inf)


def of_prompts(values: Floats) -> float:
    """The variance of a mean over prompts, (prompts,); 0 with fewer than two."""
    present = values[~np.isnan(values)]
    return float(present.var(ddof=1) / present.size) if present.size > 1 else 0.0


def of_seeds(values: Floats) -> float:
    """What other seeds add to the variance of an arm's mean; without bias, so that it may be negative. (seeds, prompts)

    From the prompts that every seed has; 0 with one seed or one such prompt.
    """
    values = _complete(values)
    seeds, prompts = values.shape
    if seeds < 2 or prompts < 2:
        return 0.0
    left = values - values.mean(axis=0) - values.mean(axis=1, keepdims=True) + values.mean()
    alike = float((left**2).sum() / ((seeds - 1) * (prompts - 1)) / prompts)
    return float((values.mean(axis=1).var(ddof=1) - alike) / seeds)


def _complete(values: Floats) -> Floats:
    return values[:, ~np.isnan(values).any(axis=0)]
