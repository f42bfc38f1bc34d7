"""Win, tie and lose over prompts."""

from __future__ import annotations

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


def per_prompt(values: Floats) -> Floats:
    """The mean of each prompt over all leading axes, NaN where a prompt has no value. (..., prompts) -> (prompts,)"""
    flat = values.reshape(-1, values.shape[-1])
    present = ~np.isnan(flat)
    count = present.sum(axis=0)
    total = np.where(present, flat, 0.0).sum(axis=0)
    mean: Floats = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return mean
