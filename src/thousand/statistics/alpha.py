"""Krippendorff's alpha: agreement of any number of annotators, each of whom may have skipped items.

After Krippendorff, "Computing Krippendorff's alpha-reliability" (2011), whose worked examples are the tests. The interval resamples
prompts whole, not single pairs of values as Krippendorff's own bootstrap does: the values of an item are not independent.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Unpack

import numpy as np
from numpy.typing import NDArray

from thousand.statistics.agreement import ALL_ALIKE, Agreement, categories
from thousand.statistics.estimate import Estimate, How, of_totals, unknown

Floats = NDArray[np.float64]
Scale = Literal["nominal", "ordinal", "interval"]


def alpha(ratings: Floats, scale: Scale = "nominal", **how: Unpack[How]) -> Agreement:
    """1 for full agreement, 0 at chance, below 0 for systematic disagreement; 1 less observed over expected disagreement.

    Args:
        ratings: (annotators, ..., prompts); NaN where an annotator gave none.
        scale: what a difference weighs: ``nominal`` all alike, ``ordinal`` by the ranks between, ``interval`` squared.

    Returns:
        With ``n`` the items of two or more ratings: others have nothing to compare. Undefined when every rating is the same.

    Raises:
        ValueError: more than 64 different values on a scale that is not interval.
    """
    items = ratings.reshape(len(ratings), -1)
    prompt = np.tile(np.arange(ratings.shape[-1]), items.shape[1] // max(1, ratings.shape[-1]))
    rated = (~np.isnan(items)).sum(axis=0) > 1
    items, prompt = items[:, rated], prompt[rated]
    if prompt.size == 0:
        return _agreement(unknown(0, "no item has two ratings"))
    parts, statistic = _by_moments(items) if scale == "interval" else _by_coincidences(items, scale)
    of_prompts = np.zeros((ratings.shape[-1], parts.shape[1]))
    np.add.at(of_prompts, prompt, parts)
    of_prompts = of_prompts[np.unique(prompt)]
    return _agreement(of_totals(of_prompts, statistic, prompt.size, undefined=ALL_ALIKE, **how))


def _by_coincidences(items: Floats, scale: Scale) -> tuple[Floats, Callable[[Floats], Floats]]:
    """Each item's coincidences, (items, values * values), and alpha of their sum (Krippendorff 2011, section C)."""
    values = categories(items)
    count = values.size
    times = (items[:, :, None] == values).sum(axis=0).astype(np.float64)
    pairs = times[:, :, None] * times[:, None, :] - times[:, :, None] * np.eye(count)
    pairs /= times.sum(axis=1)[:, None, None] - 1

    def statistic(totals: Floats) -> Floats:
        coincidences = totals.reshape(*totals.shape[:-1], count, count)
        margins = coincidences.sum(axis=-1)
        if scale == "nominal":
            distance = np.broadcast_to(1 - np.eye(count), coincidences.shape)
        else:
            rank = margins.cumsum(axis=-1) - margins / 2
            distance = (rank[..., :, None] - rank[..., None, :]) ** 2
        observed = (coincidences * distance).sum(axis=(-2, -1))
        expected = np.einsum("...i,...ij,...j->...", margins, distance, margins)
        return _alpha(observed, expected, margins.sum(axis=-1))

    return pairs.reshape(len(pairs), -1), statistic


def _by_moments(items: Floats) -> tuple[Floats, Callable[[Floats], Floats]]:
    """The same for squared differences, whose sums need no table of values: any number of them will do."""
    present = ~np.isnan(items)
    centred = np.where(present, items - items[present][0], 0.0)
    times, total, squares = present.sum(axis=0), centred.sum(axis=0), (centred**2).sum(axis=0)
    parts = np.stack([2 * (times * squares - total**2) / (times - 1), times, total, squares], axis=1)

    def statistic(totals: Floats) -> Floats:
        observed, n, total, squares = np.moveaxis(totals, -1, 0)
        expected = 2 * (n * squares - total**2)
        return _alpha(observed, np.where(expected > 1e-12 * n * squares, expected, 0.0), n)

    return parts, statistic


def _alpha(observed: Floats, expected: Floats, n: Floats) -> Floats:
    """NaN where no disagreement is expected."""
    value: Floats = 1 - (n - 1) * observed / np.where(expected > 0, expected, np.nan)
    return value


def _agreement(found: Estimate) -> Agreement:
    return Agreement(found.value, found.n, found.interval, found.reason, None if found.value is None else 0.0)
