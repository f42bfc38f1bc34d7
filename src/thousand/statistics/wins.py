"""Wins, ties, losses and what follows from them, each with its interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Unpack

import numpy as np
from numpy.typing import NDArray

from thousand.statistics.bootstrap import net_interval
from thousand.statistics.estimate import NOTHING, Estimate, How, unknown, with_interval
from thousand.statistics.outcomes import finite, per_prompt

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Wins:
    """How a did against b. Every prompt weighs the same; n counts prompts with a verdict.

    Attributes:
        win, tie, lose: shares of the prompts, 0 to 1.
        net: wins less losses, -1 to 1.
        win_rate: wins and half of the ties, 0 to 1: AlpacaEval's measure.
    """

    win: Estimate
    tie: Estimate
    lose: Estimate
    net: Estimate
    win_rate: Estimate


def wins(score: Floats, **how: Unpack[How]) -> Wins:
    """The outcomes of a comparison with a cluster bootstrap over prompts, and over the seeds where there are several.

    Args:
        score: (prompts,) or (a's seeds, b's seeds, ..., prompts): +1 where a wins, 0 for a tie, -1 where b wins, NaN where there is
            no verdict. What lies between (a probability) counts as a win or a loss by its sign, and as it is in ``net``.

    Raises:
        ValueError: two axes, of which it cannot be told whose seeds they are, or a score is infinite.
    """
    finite(score, "score")
    score = score[None, None] if score.ndim == 1 else score
    missing = np.isnan(score)
    win, tie, lose = (_share(np.where(missing, np.nan, which), **how) for which in (score > 0, score == 0, score < 0))
    net = _share(score, **how)
    return Wins(win, tie, lose, net, net.mapped(lambda value: (1 + value) / 2))


def _share(values: Floats, **how: Unpack[How]) -> Estimate:
    interval = net_interval(values, **how)
    by_prompt = per_prompt(per_prompt(values, keep=2))  # samples within seeds, then seeds, as the interval takes them
    judged = by_prompt[~np.isnan(by_prompt)]
    return with_interval(float(judged.mean()), judged.size, interval) if judged.size else unknown(0, NOTHING)
