"""What a judge leans on besides the answers: the place in which they stand and their length.

Every verdict weighs the same; intervals resample prompts whole. Arrays are (..., prompts) of one shape, any axes before the last:
a score is +1 where a wins, 0 for a tie, -1 where b wins, NaN where there is no verdict.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Unpack

import numpy as np
from numpy.typing import NDArray

from thousand.statistics.estimate import Estimate, How, of_totals, unknown

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def tie_rate(score: Floats, **how: Unpack[How]) -> Estimate:
    """The share of verdicts that are ties. ``n`` counts verdicts."""
    return _mean(np.where(np.isnan(score), np.nan, score == 0), "there is no verdict", **how)


def flip_rate(one_order: Floats, other_order: Floats, **how: Unpack[How]) -> Estimate:
    """The share of pairs whose outcome changes when the answers change places, a tie against a choice included.

    Args:
        one_order, other_order: scores in a's view, of the same pairs shown in either order.

    Returns:
        With ``n`` the pairs judged in both orders.
    """
    both = ~(np.isnan(one_order) | np.isnan(other_order))
    flipped = np.sign(one_order) != np.sign(other_order)
    return _mean(np.where(both, flipped, np.nan), "no pair was judged in both orders", **how)


def position_bias(score: Floats, a_first: Bools, **how: Unpack[How]) -> Estimate:
    """Wins of the answer shown first less those of the second, as a share of all ``n`` verdicts; 0 for a judge who does not mind.

    Only where both orders were asked, or the order was drawn by lot, does it tell bias from merit.

    Args:
        a_first: whether a was shown first.
    """
    return _mean(_turned(score, a_first), "there is no verdict", **how)


def first_wins(score: Floats, a_first: Bools, **how: Unpack[How]) -> Estimate:
    """P(first wins): the share of the ``n`` verdicts without a tie that go to the answer shown first; 0.5 for a judge who does not mind."""
    return _share_of_decided(_turned(score, a_first), "there is no verdict without a tie", **how)


def longer_wins(score: Floats, longer_by: Floats, margin: float = 0.0, **how: Unpack[How]) -> Estimate:
    """P(longer wins): the share of the ``n`` verdicts without a tie that go to the longer answer.

    A longer answer may also be better: this is a correlation. `length_controlled` takes length out.

    Args:
        longer_by: length of a less that of b, in any unit.
        margin: differences up to it count as equal, and are left out.
    """
    longer = np.where(np.abs(longer_by) > margin, np.sign(longer_by), 0.0)
    return _share_of_decided(score * longer, "no verdict without a tie is on answers of different length", **how)


def _turned(score: Floats, a_first: Bools) -> Floats:
    return np.where(a_first, score, -score)


def _mean(values: Floats, undefined: str, **how: Unpack[How]) -> Estimate:
    present = ~np.isnan(values)
    return _ratio(np.where(present, values, 0.0), present, undefined, lambda total, n: total / n, **how)


def _share_of_decided(favour: Floats, undefined: str, **how: Unpack[How]) -> Estimate:
    """How often ``favour`` is above zero where it is not zero."""
    sign = np.nan_to_num(np.sign(favour))
    return _ratio(sign, sign != 0, undefined, lambda total, n: (1 + total / n) / 2, **how)


def _ratio(values: Floats, counted: Bools, undefined: str, of: Callable[[Floats, Floats], Floats], **how: Unpack[How]) -> Estimate:
    """A figure of the sum of values and the number of those counted."""
    leading = tuple(range(values.ndim - 1))
    parts = np.stack([values.sum(axis=leading), counted.sum(axis=leading)], axis=1)
    parts = parts[parts[:, 1] > 0]
    if len(parts) == 0:
        return unknown(0, undefined)
    return of_totals(parts, lambda totals: of(totals[..., 0], totals[..., 1]), int(counted.sum()), undefined=undefined, **how)
