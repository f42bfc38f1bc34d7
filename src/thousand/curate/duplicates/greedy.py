"""Who survives: items are taken by priority, and one is dropped only against a survivor it is itself similar to."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from thousand.curate.duplicates.groups import Rows


def settle(better: Rows, worse: Rows, rank: Rows) -> NDArray[np.bool_]:
    """Which items survive, from the pairs that are similar.

    Args:
        better, worse: the two items of each pair, ``rank[better] < rank[worse]``.
        rank: (n,) the items' priorities, all different.

    Returns:
        (n,) in the field's terms the lexicographically first maximal independent set.
    """
    alive = bytearray(b"\x01") * len(rank)
    order = np.argsort(rank[worse], kind="stable")  # when an item's pairs come up, all that stand before it are settled
    for first, second in zip(better[order].tolist(), worse[order].tolist(), strict=True):
        if alive[first]:
            alive[second] = 0
    return np.frombuffer(alive, dtype=np.bool_)


def twins(better: Rows, worse: Rows, similarity: NDArray[np.float64], rank: Rows) -> tuple[Rows, NDArray[np.float64]]:
    """For each item the first survivor by priority that it is similar to, -1 where there is none, and the similarity to it, or NaN."""
    alive = settle(better, worse, rank)
    deadly = np.flatnonzero(alive[better])
    order = deadly[np.lexsort((rank[better[deadly]], worse[deadly]))]
    dropped, first = np.unique(worse[order], return_index=True)
    twin, likeness = np.full(len(rank), -1, dtype=np.int64), np.full(len(rank), np.nan)
    twin[dropped], likeness[dropped] = better[order[first]], similarity[order[first]]
    return twin, likeness
