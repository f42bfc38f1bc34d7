"""Strengths of many arms from comparisons of two at a time (Bradley and Terry 1952).

P(i beats j) = 1 / (1 + exp(strength j - strength i)), a tie counting as half a win of each. The strengths of greatest likelihood
are finite and unique only if every arm can be reached from every other by a chain of wins or ties (Ford 1957); where that does
not hold no number is given. The interval resamples prompts whole and fits every draw anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Unpack

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from thousand.statistics.bootstrap import DRAWS, percentiles, resampled_totals
from thousand.statistics.estimate import NOTHING, ONE_PROMPT, Estimate, How, unknown, with_interval
from thousand.statistics.outcomes import per_prompt

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_STEPS = 200
_CLOSE = 1e-9


@dataclass(frozen=True)
class Strengths:
    """How strong each arm is, in log odds; the strengths add up to zero.

    Attributes:
        names: the arms, as given.
        estimates: one for each; ``n`` counts prompts with a verdict.
    """

    names: tuple[str, ...]
    estimates: tuple[Estimate, ...]

    def of(self, name: str) -> Estimate:
        """The strength of one arm."""
        return self.estimates[self.names.index(name)]

    def beats(self, one: str, other: str) -> float | None:
        """The probability that one beats the other, ties as half; None where there are no strengths."""
        ours, theirs = self.of(one).value, self.of(other).value
        return None if ours is None or theirs is None else float(expit(ours - theirs))


def bradley_terry(names: Sequence[str], score: Floats, **how: Unpack[How]) -> Strengths:
    """Fits the strengths; each pair of arms weighs the same on each prompt on which it was compared.

    Args:
        names: of the arms, two or more.
        score: (arms, arms, ..., prompts): +1 where the arm of the first axis beats that of the second, 0 for a tie, -1 where it loses,
            NaN where they were not compared. Each verdict stands once, in either place. Axes before the prompts are averaged.

    Raises:
        ValueError: the first two axes do not fit the names.
    """
    count = len(names)
    if count < 2 or score.shape[:2] != (count, count):
        raise ValueError(f"{count} arms need a score of ({count}, {count}, ..., prompts), found {score.shape}")
    mean = per_prompt(score, keep=2)
    mean[np.arange(count), np.arange(count)] = np.nan
    compared = ~np.isnan(mean)
    won, lost = (np.where(compared, (1 + sign * mean) / 2, 0.0) for sign in (1, -1))
    parts = np.moveaxis(won + lost.transpose(1, 0, 2), -1, 0)[compared.any(axis=(0, 1))]
    n = len(parts)
    reason = NOTHING if n == 0 else _why_none(names, parts.sum(axis=0) > 0)
    if reason:
        return Strengths(tuple(names), (unknown(n, reason),) * count)
    strengths = _fit(parts.sum(axis=0)[None])[0]
    if n == 1:
        return Strengths(tuple(names), tuple(Estimate(float(each), n, None, ONE_PROMPT) for each in strengths))
    wins = resampled_totals(parts.reshape(n, -1), how.get("draws", DRAWS), how.get("seed", 0)).reshape(-1, count, count)
    finite = _reached(wins > 0).all(axis=(1, 2))
    drawn = np.full((len(wins), count), np.nan)
    drawn[finite] = _fit(wins[finite])
    intervals = (percentiles(column, how.get("level", 0.95)) for column in drawn.T)
    often = "in too many of the resampled sets of prompts some arms won everything: the interval has no finite end"
    return Strengths(
        tuple(names),
        tuple(with_interval(float(each), n, interval, often) for each, interval in zip(strengths, intervals, strict=True)),
    )


def _fit(wins: Floats) -> Floats:
    """Newton's method with steps of at most one, for many tables at once. (tables, arms, arms) -> (tables, arms), each adding up to 0"""
    count = wins.shape[-1]
    games = wins + wins.transpose(0, 2, 1)
    strengths = np.zeros(wins.shape[:2])
    for _ in range(_STEPS):
        chance = expit(strengths[:, :, None] - strengths[:, None, :])
        pull = (wins - games * chance).sum(axis=-1)
        bend = games * chance * (1 - chance)
        curvature = np.eye(count) * bend.sum(axis=-1)[:, None, :] - bend + 1.0 / count  # the last keeps the sum where it is
        step = np.linalg.solve(curvature, pull[..., None])[..., 0]
        step -= step.mean(axis=-1, keepdims=True)
        largest = np.abs(step).max(axis=-1, keepdims=True, initial=0.0)
        strengths += step / np.maximum(largest, 1.0)
        if not (largest > _CLOSE).any():
            break
    return strengths


def _reached(wins: Bools) -> Bools:
    """Which arms are reached from which by chains of wins. (..., arms, arms) -> the same shape"""
    count = wins.shape[-1]
    reached = wins | np.eye(count, dtype=bool)
    for _ in range(max(1, (count - 1).bit_length())):
        reached = reached @ reached
    return reached


def _why_none(names: Sequence[str], wins: Bools) -> str:
    """Why the strengths are not finite; empty where they are."""
    joined = _reached(wins | wins.T)[0]
    if not joined.all():
        return f"no chain of comparisons joins {names[0]} and {names[int(np.argmin(joined))]}"
    reached = _reached(wins)
    if reached.all():
        return ""
    below = int(np.argwhere(~reached)[0][0])
    stronger = [name for name, back in zip(names, reached[below], strict=True) if not back]
    return f"{', '.join(stronger)} never lost to or tied with the other arms: the strengths have no finite value"
