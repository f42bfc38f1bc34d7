"""Win, tie and lose over prompts."""

from __future__ import annotations

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

    @property
    def swapped(self) -> Outcomes:
        """The same in b's view."""
        return Outcomes(self.lose, self.tie, self.win, self.n)


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


def from_scores(score: Floats) -> Outcomes | None:
    """The same from plain verdicts: +1 where a won, 0 for a tie, -1 where b won, NaN where there is none; (..., prompts)."""
    missing = np.isnan(score)
    won = np.where(missing, np.nan, score > 0)
    lost = np.where(missing, np.nan, score < 0)
    return outcomes(won, lost)


def per_prompt(values: Floats, keep: int = 0) -> Floats:
    """The mean of each prompt over leading axes, NaN where a prompt has no value. (..., prompts) -> (prompts,)

    Args:
        keep: how many of the first axes (seeds) stay. (kept..., ..., prompts) -> (kept..., prompts)
    """
    flat = values.reshape(*values.shape[:keep], -1, values.shape[-1])
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
    """
    own = a.reshape(a.shape[0], 1, -1, 1, a.shape[-1])
    other = b.reshape(1, b.shape[0], 1, -1, b.shape[-1])
    score: Floats = np.sign(own - other).reshape(len(a), len(b), -1, a.shape[-1])
    return score


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
