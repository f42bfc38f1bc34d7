"""Which checkpoint becomes the model. LIMA's perplexity rose while its answers became better (its appendix B), so its own was
picked by hand, for what it answered; here by whoever rates the answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from thousand.errors import DataError
from thousand.statistics import Interval, mean_interval

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Choice:
    """The checkpoint chosen, and what spoke for it.

    Attributes:
        epoch: of the checkpoint.
        rating: (epochs,) mean over the prompts rated in every epoch; None where nothing was rated. ``intervals`` are over prompts.
        prompts: how many those are.
        gain: mean rating over that of the last epoch, paired by prompt; ``gain_interval`` tells whether it could be chance.
        correlation: Spearman's, of ratings and perplexities over the epochs: -1 where perplexity falls as ratings rise. None with
            fewer than three epochs or where one of the two does not move.
    """

    epoch: int
    rating: Floats | None
    intervals: Sequence[Interval | None]
    prompts: int
    gain: float | None
    gain_interval: Interval | None
    correlation: float | None


def choose(epochs: Sequence[int], ratings: Floats | None, perplexity: Floats | None, by: Literal["judged", "perplexity", "last"]) -> Choice:
    """Choose the best rated checkpoint, or that of the lowest perplexity, or the last; of equals the earliest.

    Args:
        epochs: (n,), the earliest first.
        ratings: (n, prompts), higher is better; NaN where a prompt has none. Only prompts rated in every epoch are compared.
        perplexity: (n,).

    Raises:
        DataError: there is nothing to go by.
    """
    common = np.empty((len(epochs), 0)) if ratings is None else ratings[:, ~np.isnan(ratings).any(axis=0)]
    mean = common.mean(axis=1) if common.size else None
    measured = {"judged": mean, "perplexity": None if perplexity is None else -perplexity, "last": np.array(epochs, dtype=np.float64)}[by]
    if len(epochs) == 1:
        measured = np.zeros(1)  # there is nothing to choose between
    if measured is None or np.isnan(measured).any():
        what = "no dev prompt was rated in every epoch" if by == "judged" else "the perplexity of an epoch is not known"
        raise DataError(f"No checkpoint can be chosen: {what}.", "Look at the verdicts on the dev prompts, or set align.choose: last.")
    at = int(np.argmax(np.round(measured, 9)))  # the first of equals, whatever the order of a sum did to the last digit
    gain = common[at] - common[-1]
    return Choice(
        epoch=epochs[at],
        rating=mean,
        intervals=[mean_interval(each[None]) for each in common] if common.size else [None] * len(epochs),
        prompts=common.shape[1],
        gain=float(gain.mean()) if common.size else None,
        gain_interval=mean_interval(gain[None]) if common.size else None,
        correlation=_correlation(mean, perplexity),
    )


def _correlation(rating: Floats | None, perplexity: Floats | None) -> float | None:
    if rating is None or perplexity is None or len(rating) < 3 or np.ptp(rating) == 0 or np.ptp(perplexity) == 0:
        return None
    return float(stats.spearmanr(rating, perplexity).statistic)
