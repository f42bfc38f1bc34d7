"""The best of each cluster, and then the best of all (CaR, Ge et al. 2024); or the rows nearest to the centres of clusters."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from thousand.select.blocks import Vectors, slices
from thousand.select.budget import Budget
from thousand.select.clusters import k_means, nearest, ranked
from thousand.select.distinct import Distinct, SameVector, known
from thousand.select.picks import Picks


def cluster(
    vectors: Vectors,
    quality: NDArray[np.float64],
    budget: int | Budget,
    seed: int,
    *,
    clusters: int | None = None,
    each: int | None = 1,
    by: Literal["quality", "centre"] = "quality",
) -> Picks:
    """Choose some rows of each cluster, those of highest worth first, and fill the budget by worth alone.

    The clusters are those of k-means with the cosine. CaR takes one row of each, and first reduces the vectors to the principal
    components that hold 95% of their variance, which is left out. Cost: n c d multiplications for c clusters, and some ten times
    128 c^2 d to find them. The cluster is the stratum of a pick.

    Args:
        vectors: (n, d), rows of unit length.
        quality: (n,); NaN is the worst.
        budget: rows to choose, or what may be taken.
        clusters: c; by default the square root of n / 2.
        each: rows of each cluster that come before any other; None goes round the clusters until the budget is spent.
        by: what a row is worth: its quality, or its cosine with the centre of its cluster.
    """
    budget = Budget.of(budget, len(vectors))
    alike = SameVector(vectors)
    rows = Distinct(budget, alike)
    centres = k_means(vectors, max(1, round((len(vectors) / 2) ** 0.5)) if clusters is None else clusters, seed)
    own = nearest(vectors, centres)
    worth = known(quality)
    if by == "centre":
        worth = np.empty(len(vectors))
        for part in slices(len(vectors)):
            worth[part] = np.einsum("ij,ij->i", vectors[part], centres[own[part]])
    order, number = ranked(own, worth, np.flatnonzero(rows.open), alike.keys)
    turn = number if each is None else np.minimum(number, each)
    for row in order[np.lexsort((order, -worth[order], turn))].tolist():
        if budget.full:
            break
        rows.take(row)
    rows.rest(worth)
    return Picks.of(budget, worth, strata=own.tolist())
