"""A figure, how sure it is and from how much, or why there is none: the one form in which these statistics answer."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypedDict, Unpack

import numpy as np
from numpy.typing import NDArray

from thousand.statistics.bootstrap import DRAWS, percentiles, resampled_totals
from thousand.statistics.interval import Interval

Floats = NDArray[np.float64]

NOTHING = "there is no verdict"
ONE_PROMPT = "one prompt says nothing about others"
OFTEN_UNDEFINED = "it is undefined in too many of the resampled sets of prompts for an interval"


class How(TypedDict, total=False):
    """What every function with an interval may be told: its level (0.95), the number of draws (4000) and their seed (0)."""

    level: float
    draws: int
    seed: int


@dataclass(frozen=True)
class Estimate:
    """A figure with its interval, or the reason that there is none.

    Attributes:
        value: the figure; None where it is undefined.
        n: what it rests on: prompts, unless the function that gave it says otherwise.
        interval: over other prompts (and seeds, where it says so); None where it is undefined.
        reason: why there is no value, or no interval; empty when both are there.

    Raises:
        ValueError: something is missing without a reason, or the value is not finite.
    """

    value: float | None
    n: int
    interval: Interval | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        if (self.value is None or self.interval is None) and not self.reason:
            raise ValueError("an estimate without value or interval needs a reason")
        if self.value is not None and not math.isfinite(self.value):
            raise ValueError(f"an estimate of {self.value}; what is undefined is None, with a reason")

    def mapped(self, increasing: Callable[[float], float]) -> Estimate:
        """The same in another unit, by a function that never falls."""
        if self.value is None:
            return self
        ends = self.interval and replace(
            self.interval, low=float(increasing(self.interval.low)), high=float(increasing(self.interval.high))
        )
        return replace(self, value=float(increasing(self.value)), interval=ends)


def unknown(n: int, reason: str) -> Estimate:
    """No value, and why."""
    return Estimate(None, n, None, reason)


def with_interval(value: float, n: int, interval: Interval | None, reason: str = ONE_PROMPT) -> Estimate:
    """A value that has an interval, or else a reason for having none."""
    return Estimate(value, n, interval, "" if interval is not None else reason)


def of_totals(parts: Floats, statistic: Callable[[Floats], Floats], n: int, *, undefined: str, **how: Unpack[How]) -> Estimate:
    """A statistic of totals over prompts, with the interval of a cluster bootstrap.

    Args:
        parts: (prompts, k), what each prompt adds to the totals: everything known about it, so that it moves as one.
        statistic: from totals (..., k) to values (...); NaN where undefined.
        n: as `Estimate.n`.
        undefined: the reason to give where the statistic of all prompts is NaN.
    """
    if len(parts) == 0:
        return unknown(n, NOTHING)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = float(statistic(parts.sum(axis=0)))
        if math.isnan(value):
            return unknown(n, undefined)
        if len(parts) == 1:
            return Estimate(value, n, None, ONE_PROMPT)
        sample = statistic(resampled_totals(parts, how.get("draws", DRAWS), how.get("seed", 0)))
    return with_interval(value, n, percentiles(sample, how.get("level", 0.95)), OFTEN_UNDEFINED)
