"""Determinantal point process: good rows that between them span much (fast greedy MAP, Chen et al. 2018).

The objective of a set A is ``weight * sum_{a in A} q_a + (1 - weight) * log det K_A`` with K the Gaussian kernel
``exp(-|a - b|^2 / 2 width^2)``: with plain cosines no more than d rows could be chosen, since more than d vectors are never independent.
"""

import numpy as np
from numpy.typing import NDArray

from thousand.select.blocks import Vectors, squares
from thousand.select.budget import Budget
from thousand.select.clusters import k_means, nearest, ranked
from thousand.select.distinct import Distinct, SameVector, about, known
from thousand.select.picks import Picks

_EXACT = 16_384
_STAY, _FOR_EACH = 8192, 8
"""Candidates that stay of more rows: at least so many, and so many for each pick."""
_SPANNED = 1e-9
"""A row of which less than this is left beside those chosen is as good as one of them."""


def dpp(vectors: Vectors, quality: NDArray[np.float64], budget: int | Budget, *, weight: float = 0.5, width: float = 0.5) -> Picks:
    """Choose each time the row that adds most: ``weight * q`` and ``1 - weight`` times the log of what is left of it beside those chosen.

    Cost: c k^2 + c k d multiplications for c candidates; memory: 8 c k bytes. Up to 16,384 rows all are candidates and the choice is
    that of plain greedy; of more, those of highest quality in each of the clusters of k-means stay, 8,192 or 8 k in all.

    Args:
        vectors: (n, d), rows of unit length.
        quality: (n,), 0 to 1; NaN is the worst.
        budget: rows to choose, or what may be taken; rows that are taken already count as chosen.
        weight: 0 chooses for difference alone.
        width: of the kernel. Rows at a distance of twice that hardly know of each other: at 0.5, rows with a cosine of 0.5.
    """
    budget = Budget.of(budget, len(vectors))
    alike = SameVector(vectors)
    rows = Distinct(budget, alike)
    bonus = weight * known(quality)
    gains = [np.nan] * len(budget.taken)
    while (candidates := np.flatnonzero(rows.open)).size:
        if len(candidates) > _EXACT:
            candidates = _thinned(vectors, bonus, candidates, about(budget), alike)
        added = _greedy(vectors, bonus, 1 - weight, width, candidates, rows)
        gains += added
        if not added:
            break
    gains += [-np.inf if weight < 1 else float(bonus[row]) for row in rows.rest(bonus)]
    return Picks(np.array(budget.taken, dtype=np.int64), np.array(gains))


def _greedy(
    vectors: Vectors, bonus: NDArray[np.float64], weight: float, width: float, candidates: NDArray[np.int64], rows: Distinct
) -> list[float]:
    """Take candidates while any may be taken and is not spanned; what each added."""
    taken = rows.budget.taken
    everyone = np.union1d(candidates, np.array(taken, dtype=np.int64))
    some = vectors[everyone]
    half = squares(some) / 2
    left = np.ones(len(everyone))  # of each row's length, squared, beside those chosen
    cholesky = np.empty((min(len(taken) + rows.budget.left, len(everyone)), len(everyone)))  # what is not filled takes no memory
    added: list[float] = []

    def choose(at: int, order: int) -> None:
        near = np.exp((some @ some[at] - half - half[at]).astype(np.float64) / width**2)
        cholesky[order] = (near - cholesky[:order, at] @ cholesky[:order]) / np.sqrt(left[at])
        np.subtract(left, cholesky[order] ** 2, out=left)

    filled = 0
    for at in np.searchsorted(everyone, taken).tolist():
        if left[at] > _SPANNED:
            choose(at, filled)
            filled += 1
    while True:
        allowed = rows.open[everyone] & (left > _SPANNED)
        if not allowed.any():
            return added
        # rounded, since the last digits depend on the machine
        worth = np.round(bonus[everyone] + weight * np.log(np.maximum(left, _SPANNED)), 9)
        at = int(np.argmax(np.where(allowed, worth, -np.inf)))
        if rows.take(int(everyone[at])):
            added.append(float(worth[at]))
            choose(at, filled)
            filled += 1


def _thinned(vectors: Vectors, bonus: NDArray[np.float64], rows: NDArray[np.int64], wanted: int, alike: SameVector) -> NDArray[np.int64]:
    """The best in each cluster, ascending."""
    centres = k_means(vectors, round((len(vectors) / 2) ** 0.5), 0)
    order, number = ranked(nearest(vectors, centres), bonus, rows, alike.keys)
    return np.sort(order[number < max(_STAY, _FOR_EACH * wanted) / len(centres)])
