"""How far two annotators agree, each measure beside the level that chance alone would reach.

All four are functions of one table: how often the first said this and the second that. Intervals resample prompts whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Unpack

import numpy as np
from numpy.typing import NDArray

from thousand.statistics.estimate import Estimate, How, of_totals

Floats = NDArray[np.float64]
Tables = NDArray[np.float64]  # (..., categories, categories): the first's choice by the second's

VERDICTS = np.array([-1.0, 0.0, 1.0])
ALL_ALIKE = "every value is the same: nothing could differ"
_MOST_CATEGORIES = 64
_CREDIT = 1.0 - np.abs(VERDICTS[:, None] - VERDICTS[None, :]) / 2.0


@dataclass(frozen=True)
class Agreement(Estimate):
    """Agreement of annotators; ``n`` counts the items that were compared.

    Attributes:
        chance: what annotators with the same habits who do not look would reach: LIMA's 82% means little without it.
            None where there is no value; 0 by definition for kappa and alpha.
    """

    chance: float | None = None

    @property
    def above_chance(self) -> float | None:
        """The agreement beyond chance as a share of what was left to agree on, as Cohen's kappa has it; None when nothing was."""
        if self.value is None or self.chance is None or self.chance >= 1:
            return None
        return (self.value - self.chance) / (1 - self.chance)


def tie_discounted(first: Floats, second: Floats, **how: Unpack[How]) -> Agreement:
    """LIMA's measure (section 4.2): an item counts 1 when both say the same (two ties included), 0.5 when exactly one says tie, else 0.

    Args:
        first, second: (..., prompts) with +1 for a, 0 for a tie, -1 for b, NaN for no verdict. Items only one judged are left out.
        how: as `How`.

    Raises:
        ValueError: the shapes differ, or a value is no verdict.
    """
    categories(first, second, among=VERDICTS)
    return _of_table(first, second, VERDICTS, lambda tables: _observed_and_chance(tables, _CREDIT), **how)


def strict(first: Floats, second: Floats, **how: Unpack[How]) -> Agreement:
    """The share of items on which both say the same.

    Args:
        first, second: (..., prompts), any codes for at most 64 categories; NaN for no verdict. Items only one judged are left out.

    Raises:
        ValueError: the shapes differ, or there are more categories.
    """
    codes = categories(first, second)
    return _of_table(first, second, codes, lambda tables: _observed_and_chance(tables, np.eye(codes.size)), **how)


def without_ties(first: Floats, second: Floats, **how: Unpack[How]) -> Agreement:
    """The share of equal verdicts among the ``n`` items on which neither said tie (MT-bench's second setup: Zheng et al. 2023).

    Args and errors as `tie_discounted`.
    """
    categories(first, second, among=VERDICTS)
    decided = first * second != 0
    found = strict(np.where(decided, first, np.nan), np.where(decided, second, np.nan), **how)
    return replace(found, reason="there is no item on which neither said tie") if found.n == 0 else found


def kappa(first: Floats, second: Floats, **how: Unpack[How]) -> Agreement:
    """Cohen's kappa (1960): strict agreement beyond chance as a share of what was left; 0 at chance, 1 for full agreement.

    Args and errors as `strict`. Undefined when both gave every item one and the same category.
    """
    codes = categories(first, second)

    def beyond_chance(tables: Tables) -> tuple[Floats, Floats]:
        observed, chance = _observed_and_chance(tables, np.eye(codes.size))
        left = np.where(chance < 1 - 1e-12, 1 - chance, np.nan)
        return (observed - chance) / left, np.zeros_like(chance)

    return _of_table(first, second, codes, beyond_chance, **how)


def categories(*annotators: Floats, among: Floats | None = None) -> Floats:
    """The values that occur, sorted, without NaN.

    Raises:
        ValueError: more than 64 of them, or one that is not ``among`` those allowed.
    """
    found: Floats = np.unique(np.concatenate([values.ravel() for values in annotators]))
    found = found[~np.isnan(found)]
    if among is not None and not np.isin(found, among).all():
        raise ValueError(f"a verdict is +1, 0 or -1, found {found[~np.isin(found, among)][0]:g}")
    if found.size > _MOST_CATEGORIES:
        raise ValueError(f"{found.size} different values are no categories: round them, or take alpha on the interval scale")
    return found


def _of_table(
    first: Floats, second: Floats, codes: Floats, measure: Callable[[Tables], tuple[Floats, Floats]], **how: Unpack[How]
) -> Agreement:
    """A measure of the table of what the two said, and its chance level. ``measure``: tables to both, NaN where undefined."""
    if first.shape != second.shape:
        raise ValueError(f"annotators with arrays of the shapes {first.shape} and {second.shape}")
    both = ~(np.isnan(first) | np.isnan(second))
    count = codes.size
    tables = np.zeros((first.shape[-1], count, count))
    np.add.at(tables, (np.nonzero(both)[-1], *(np.searchsorted(codes, each[both]) for each in (first, second))), 1.0)
    parts = tables.reshape(len(tables), count * count)[tables.any(axis=(1, 2))]

    def of(totals: Floats) -> tuple[Floats, Floats]:
        return measure(totals.reshape(*totals.shape[:-1], count, count))

    found = of_totals(parts, lambda totals: of(totals)[0], int(both.sum()), undefined=ALL_ALIKE, **how)
    chance = None if found.value is None else float(of(parts.sum(axis=0))[1])
    return Agreement(found.value, found.n, found.interval, found.reason, chance)


def _observed_and_chance(tables: Tables, credit: Floats) -> tuple[Floats, Floats]:
    """Mean credit, and that of two who keep their habits and do not look; NaN where the table is empty."""
    n = tables.sum(axis=(-2, -1))
    rows, columns = tables.sum(axis=-1), tables.sum(axis=-2)
    observed: Floats = (tables * credit).sum(axis=(-2, -1)) / n
    chance: Floats = np.einsum("...i,ij,...j->...", rows, credit, columns) / n**2
    return observed, chance
