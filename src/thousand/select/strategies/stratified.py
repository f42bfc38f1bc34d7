"""Random within strata, so many of each: LIMA's mix of sources, and its sampling of exchanges with a temperature (Zhou et al. 2023).

LIMA's thousand are 200 of one kind, 200 of another, 150 of a third: a table of shares. Its exchanges of Stack Exchange differ in size
a thousandfold and are sampled with temperature 3, "to get a more uniform sample of the different domains": the share of a stratum of
n rows is in proportion to n^(1/3). A temperature of 1 keeps the proportions of the pool; a high one makes all strata equal.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from thousand.errors import DataError, RecipeError
from thousand.select.budget import Budget
from thousand.select.classes import matches
from thousand.select.picks import Picks


def stratified(
    strata: Sequence[str] | NDArray[np.str_],
    budget: int | Budget,
    seed: int,
    *,
    mix: dict[str, float] | None = None,
    temperature: float = 3.0,
) -> Picks:
    """Draw from each stratum its share, exact to the row by largest remainders. What a small stratum cannot give, the others do.

    The proportions hold from the first rank on, so that half the choice has them, too. Cost: sorts of n numbers.

    Args:
        strata: (n,) the stratum of each row.
        budget: rows to choose, or what may be taken. Rows taken already count for their strata.
        mix: the share of each stratum, of any sum; a source may be named by its form or its file alone. Other strata give nothing.
        temperature: without a mix, the share of a stratum of n rows is in proportion to n^(1 / temperature).

    Raises:
        RecipeError: the mix names no stratum or has a share below 0, or the temperature is not above 0.
        DataError: the strata of the mix have too few rows.
    """
    budget = Budget.of(budget, len(strata))
    names, of, shares = _shares(np.asarray(strata, dtype=np.str_), mix, temperature)
    taken = np.array(budget.taken, dtype=np.int64)
    inside = np.flatnonzero((of >= 0) & (shares[of] > 0))
    had = np.bincount(of[np.intersect1d(taken, inside)], minlength=len(names))
    has = np.bincount(of[inside], minlength=len(names))
    rows = np.random.default_rng(seed).permutation(np.setdiff1d(inside, taken))
    rows = rows[np.argsort(of[rows], kind="stable")]
    stratum, sizes = of[rows], has - had
    number = had[stratum] + np.arange(len(rows)) - np.repeat(np.cumsum(sizes) - sizes, sizes)  # of a row in its stratum
    turn = (number + 0.5) / shares[stratum]
    spare = np.zeros(len(rows), dtype=np.bool_)  # taken only where a quota refuses others
    if budget.rows is not None:
        spare = number >= _apportion(shares, budget.left + int(had.sum()), had, has)[stratum]
    budget.walk(rows[np.lexsort((turn, spare))].tolist())
    if budget.rows is not None and budget.left:
        raise DataError(
            f"stratified: the strata of the mix have {budget.left:,} rows fewer than are asked for.",
            "Lower the budget, or name more strata in the mix.",
        )
    return Picks.of(budget, strata=[names[each] if each >= 0 else "" for each in of.tolist()])


def _shares(
    strata: NDArray[np.str_], mix: dict[str, float] | None, temperature: float
) -> tuple[list[str], NDArray[np.int64], NDArray[np.float64]]:
    """The strata, the number of each row's, -1 for one that is not in the mix, and their shares."""
    found, inverse = np.unique(strata, return_inverse=True)
    of = inverse.astype(np.int64)
    if mix is None:
        if temperature <= 0:
            raise RecipeError(f"temperature: {temperature} is not above 0.", "1 keeps the proportions of the pool, 3 is LIMA's.")
        return found.tolist(), of, np.power(np.bincount(of, minlength=len(found)), 1 / temperature, dtype=np.float64)
    for name, share in mix.items():
        if share < 0:
            raise RecipeError(f"mix.{name}: {share} is below 0.")
        if not any(matches(each, name) for each in found.tolist()):
            raise RecipeError(f"mix: there is no stratum {name!r}.", f"There are: {', '.join(found.tolist())}.")
    names = list(mix)
    at = [next((i for i, name in enumerate(names) if matches(each, name)), -1) for each in found.tolist()]
    return names, np.array(at, dtype=np.int64)[of], np.array([*mix.values()], dtype=np.float64)


def _apportion(shares: NDArray[np.float64], total: int, least: NDArray[np.int64], most: NDArray[np.int64]) -> NDArray[np.int64]:
    """``total`` in proportion to the shares within the bounds, in whole numbers by largest remainders; of equal ones the first."""
    low, high = 0.0, float((most[shares > 0] / shares[shares > 0]).max(initial=0.0))
    for _ in range(100):  # until the two are neighbours among the numbers
        level = (low + high) / 2
        low, high = (level, high) if np.clip(level * shares, least, most).sum() < total else (low, level)
    ideal = np.clip(high * shares, least, most)
    counts: NDArray[np.int64] = np.floor(ideal + 1e-9).astype(np.int64)
    while (missing := min(total, int(most.sum())) - int(counts.sum())) > 0:
        remainder = np.where(counts < most, ideal - counts, -np.inf)
        counts[np.argsort(-remainder, kind="stable")[: min(missing, int((counts < most).sum()))]] += 1
    return counts
