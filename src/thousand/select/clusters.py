"""Clusters of unit vectors by inner product, the same on every machine: vectors at fixed point have exact products and sums."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from thousand.embedding import exact, unit
from thousand.select.blocks import Vectors, slices

_AT_ONCE = 1 << 22
_FOR_EACH = 128
"""Rows for each cluster that its centre is fitted to; more move it little (64 to 256 are usual, and what faiss takes)."""
_FOR_THE_FIRST = 16
_ROUNDS = 10


def nearest(vectors: Vectors, centres: Vectors) -> NDArray[np.int64]:
    """(n,) which of (c, d) centres has the highest inner product with each of (n, d) rows; of equal ones the first. Cost: n c d."""
    found = np.empty(len(vectors), dtype=np.int64)
    for part in slices(len(vectors), max(16, _AT_ONCE // max(len(centres), 1))):
        found[part] = (vectors[part] @ centres.T).argmax(axis=1)
    return found


def sums(vectors: Vectors, cluster: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    """(c, d) the sum of the rows of each of ``count`` clusters."""
    total = np.zeros((count, vectors.shape[1]))
    for part in slices(len(vectors)):
        of = cluster[part]
        members = csr_array((np.ones(len(of)), (of, np.arange(len(of)))), shape=(count, len(of)))
        total += members @ vectors[part].astype(np.float64)
    return total


def ranked(
    cluster: NDArray[np.int64], worth: NDArray[np.float64], rows: NDArray[np.int64], keys: NDArray[np.uint32]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows by cluster and in each by falling worth, and the number of each in its cluster from 0; of rows with one key the best alone.

    Args:
        cluster, worth, keys: (n,) of every row; see `thousand.select.distinct.SameVector` for keys.
        rows: those to rank, ascending.
    """
    order = rows[np.lexsort((-worth[rows], cluster[rows]))]
    _, first = np.unique(keys[order], return_index=True)
    order = order[np.sort(first)]
    _, sizes = np.unique(cluster[order], return_counts=True)
    return order, np.arange(len(order)) - np.repeat(np.cumsum(sizes) - sizes, sizes)


def k_means(vectors: Vectors, count: int, seed: int) -> Vectors:
    """(c, d) centres of unit length, by k-means with the cosine (Dhillon & Modha 2001), started by k-means++.

    Fitted to an even sample of 128 rows for each centre. ``count`` is the most: rows that differ too little have fewer.
    """
    count = max(count, 1)
    some = vectors[np.linspace(0, len(vectors) - 1, min(len(vectors), _FOR_EACH * count)).astype(np.int64)]
    centres = _first(some[:: max(1, len(some) // (_FOR_THE_FIRST * count))], count, seed)
    for _ in range(_ROUNDS):
        own = nearest(some, centres)
        moved = exact(unit(sums(some, own, len(centres))))
        if np.array_equal(moved, centres):
            break
        empty = np.bincount(own, minlength=len(centres)) == 0
        centres = np.where(empty[:, None], centres, moved)
    return centres


def _first(vectors: Vectors, count: int, seed: int) -> Vectors:
    """Rows drawn one by one, with probabilities in proportion to their distance from those drawn before, the best of a few each time.

    Greedy k-means++, as Arthur & Vassilvitskii (2007) advise: the best brings all rows nearest to one that is drawn.
    """
    rng = np.random.default_rng(seed)
    rows: list[int] = []
    likeness = np.full(len(vectors), -1, dtype=np.float32)
    while len(rows) < count:
        apart = np.cumsum(np.maximum(1 - likeness.astype(np.float64), 0))
        if not len(vectors) or apart[-1] <= 0:
            break
        drawn = np.searchsorted(apart, rng.random(2 + int(np.log(count))) * apart[-1], side="right")
        nearer = np.maximum(likeness[:, None], vectors @ vectors[drawn].T)
        best = int(np.argmax(nearer.sum(axis=0, dtype=np.float64)))
        rows.append(int(drawn[best]))
        likeness = nearer[:, best]
    return vectors[rows]
