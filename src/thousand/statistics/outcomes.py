"""Win, tie and lose over prompts."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Outcomes:
    """Shares of the prompts on which a won, tied and lost; they add up to 1. Ties are never folded into wins.

    Attributes:
        n: prompts with a verdict.
    """

    win: float
    tie: float
    lose: float
    n: int

    @property
    def net(self) -> float:
        """Wins less losses, from -1 to 1."""
        return self.win - self.lose


def outcomes(won: Floats, lost: Floats) -> Outcomes | None:
    """The outcomes of a comparison in which every prompt weighs the same.

    Args:
        won: (..., prompts) for each trial of each prompt, the share that a won, 0 to 1; NaN where there is no verdict.
            Leading axes (seeds, samples) are averaged within a prompt first.
        lost: the same shape; the share that b won.

    Returns:
        None when no prompt has a verdict.
    """
    wins, losses = per_prompt(won), per_prompt(lost)
    judged = ~np.isnan(wins)
    n = int(judged.sum())
    if n == 0:
        return None
    win, lose = float(wins[judged].mean()), float(losses[judged].mean())
    return Outcomes(win, max(0.0, 1.0 - win - lose), lose, n)


def per_prompt(values: Floats, keep: int = 0) -> Floats:
    """The mean of each prompt over leading axes, NaN where a prompt has no value. (..., prompts) -> (prompts,)

    Args:
        keep: how many of the first axes (seeds) stay. (kept..., ..., prompts) -> (kept..., prompts)

    Raises:
        ValueError: a value is infinite.
    """
    finite(values, "value")
    flat = values.reshape(*values.shape[:keep], math.prod(values.shape[keep:-1]), values.shape[-1])  # -1 would need a prompt to tell
    present = ~np.isnan(flat)
    count = present.sum(axis=-2)
    total = np.where(present, flat, 0.0).sum(axis=-2)
    mean: Floats = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return mean


def versus(a: Floats, b: Floats) -> Floats:
    """Ratings as verdicts: the higher rating wins, equal ones tie; every seed and sample of a meets every one of b.

    Args:
        a, b: (seeds, ..., prompts); the same prompts in the same order. NaN where there is no rating.

    Returns:
        (a's seeds, b's seeds, pairs of samples, prompts): +1, 0, -1, or NaN where a rating is missing.

    Raises:
        ValueError: a rating is infinite.
    """
    finite(a, "rating")
    finite(b, "rating")
    samples = math.prod(a.shape[1:-1]), math.prod(b.shape[1:-1])
    own = a.reshape(a.shape[0], 1, samples[0], 1, a.shape[-1])
    other = b.reshape(1, b.shape[0], 1, samples[1], b.shape[-1])
    score: Floats = np.sign(own - other).reshape(len(a), len(b), math.prod(samples), a.shape[-1])
    return score


def finite(values: Floats, name: str) -> None:
    """Refuses what no mean can take.

    Raises:
        ValueError: an infinity, with the place of its prompt.
    """
    if np.isinf(values).any():
        prompt = int(np.argwhere(np.isinf(values))[0][-1])
        raise ValueError(f"an infinite {name} at prompt {prompt}: what is not known is NaN")


def by_prompt(prompt: Sequence[Hashable], *columns: Floats) -> tuple[Floats, ...]:
    """Rows as arrays whose last axis is the prompt, so that the rows of a prompt move together.

    Args:
        prompt: of each row.
        columns: (rows,) each.

    Returns:
        For each column (most rows of one prompt, prompts): prompts in order of first appearance, NaN where a prompt has fewer rows.
    """
    places: dict[Hashable, int] = {}
    seen: list[int] = []
    at = np.empty((2, len(prompt)), dtype=np.int64)
    for row, name in enumerate(prompt):
        place = places.setdefault(name, len(places))
        if place == len(seen):
            seen.append(0)
        at[:, row] = seen[place], place
        seen[place] += 1
    dense = np.full((len(columns), max(seen, default=0), len(seen)), np.nan)
    for filled, column in zip(dense, columns, strict=True):
        filled[tuple(at)] = column
    return tuple(dense)
