"""One row after another, each time the one of highest worth, where a row's worth falls with its likeness to what is chosen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from thousand.select.blocks import Vectors, highest, slices
from thousand.select.distinct import Distinct

_ACTIVE, _SHARE = 1 << 14, 32
"""Rows that are kept up to date: at least so many, and one in so many. Fewer, and the top is looked for too often; more, and each pick
has too many to look at."""
_TOGETHER = 4096


def farthest(vectors: Vectors, base: NDArray[np.float64], scale: float, offset: Vectors, floor: float, rows: Distinct) -> list[float]:
    """Take rows while there are any, greedily by ``base_v - scale * max(floor, max_p (v . p - offset_p))`` over the rows p taken so far.

    The picks are those of the plain loop, which compares every row with every pick. But worths only fall, so an old worth is a bound.
    The rows of highest bound are kept up to date, pick by pick, in a block of memory of their own; the others lag behind
    until the best of the block is below their bounds, and then those of highest bound catch up with all the picks they missed, by
    one matrix product. So most rows are compared in bulk, and rows that never come near the top not at all.

    Cost: some n k d multiplications at most, of which the memory sees a small part. Memory: some 30 bytes a row and the block.

    Args:
        vectors: (n, d).
        base: (n,) what a row is worth by itself.
        scale: 0 or more.
        offset: (n,) taken off the likeness to a pick, by pick.
        floor: the likeness of a row that is like no pick, and of all while there is none.
        rows: what may be taken; rows that are taken already count as picks.

    Returns:
        The worth of each pick when it was taken.
    """
    near = np.full(len(vectors), floor, dtype=np.float32)
    seen = np.zeros(len(vectors), dtype=np.int32)
    picked = list(rows.budget.taken)
    worths: list[float] = []
    while (allowed := rows.open).any():
        active, bound, next_row = _top(np.where(allowed, base - scale * near, -np.inf), max(_ACTIVE, len(vectors) // _SHARE))
        _catch_up(vectors, offset, picked, active, near, seen)
        block, nearest, own = vectors[active], near[active], base[active]
        while True:
            worth = np.where(rows.open[active], own - scale * nearest, -np.inf)
            at = int(np.argmax(worth))
            row, best = int(active[at]), float(worth[at])
            if best == -np.inf or best < bound or (best == bound and row > next_row):
                break  # a row that lags behind may be better
            if rows.take(row):
                worths.append(best)
                picked.append(row)
                np.maximum(nearest, block @ vectors[row] - offset[row], out=nearest)
        near[active], seen[active] = nearest, len(picked)
    return worths


def _catch_up(
    vectors: Vectors,
    offset: Vectors,
    picked: list[int],
    active: NDArray[np.int64],
    near: Vectors,
    seen: NDArray[np.int32],
) -> None:
    """Bring rows up to date with the picks they have not been compared with."""
    latest_last = active[np.argsort(seen[active], kind="stable")]  # so that those together missed the same picks
    for part in slices(len(active), _TOGETHER):
        block = latest_last[part]
        missed = picked[int(seen[block].min()) :]
        near[block] = np.maximum(near[block], highest(vectors[block], vectors[missed], offset[missed]))


def _top(worth: NDArray[np.float64], most: int) -> tuple[NDArray[np.int64], float, int]:
    """The rows of highest worth, of equal ones the first; and what the best of the others could be: its worth and its row.

    Rows worth minus infinity are not there.
    """
    count = int((worth > -np.inf).sum())
    if count <= most:
        return np.flatnonzero(worth > -np.inf), -np.inf, len(worth)
    bound = float(np.partition(worth, len(worth) - most)[len(worth) - most])
    above, ties = np.flatnonzero(worth > bound), np.flatnonzero(worth == bound)
    room = most - len(above)
    return np.sort(np.concatenate([above, ties[:room]])), bound, int(ties[room]) if len(ties) > room else len(worth)
