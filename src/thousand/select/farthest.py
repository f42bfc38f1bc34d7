"""One row after another, each time the one of highest worth, where a row's worth falls with its likeness to what is chosen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from thousand.select.blocks import highest, slices, squares
from thousand.select.distinct import Distinct

_ACTIVE = 1 << 14
_TOGETHER = 4096


def farthest(
    vectors: NDArray[np.float32], base: NDArray[np.float64], scale: float, offset: NDArray[np.float32], rows: Distinct
) -> list[float]:
    """Take rows while there are any, greedily by ``base_v - scale * max_p (v . p - offset_p)`` over the rows p taken so far.

    The picks are those of the plain loop, which compares every row with every pick. But worths only fall, so an old worth is a bound.
    The 16,384 rows of highest bound are kept up to date, pick by pick, in a block of memory of their own; the others lag behind
    until the best of the block is below their bounds, and then those of highest bound catch up with all the picks they missed, by
    one matrix product. So most rows are compared in bulk, and rows that never come near the top not at all.

    Cost: n k d multiplications at most, of which the memory sees a small part. Memory: 16 bytes a row and the block.

    Args:
        vectors: (n, d).
        base: (n,) what a row is worth by itself.
        scale: 0 or more.
        offset: (n,) taken off the likeness to a pick, by pick.
        rows: what may be taken; rows that are taken already count as picks, and there must be one if ``base`` alone says nothing.

    Returns:
        The worth of each pick when it was taken.
    """
    lowest = -squares(vectors).max(initial=0) - offset.max(initial=0)  # no product is lower
    near = np.full(len(vectors), lowest, dtype=np.float32)
    seen = np.zeros(len(vectors), dtype=np.int32)
    picked = list(rows.budget.taken)
    worths: list[float] = []
    while (allowed := rows.open).any():
        active, bound, next_row = _top(np.where(allowed, base - scale * near, -np.inf), _ACTIVE)
        _catch_up(vectors, offset, picked, active, near, seen)
        block, nearest, own = vectors[active], near[active], base[active]
        while True:
            worth = np.where(rows.open[active], own - scale * nearest, -np.inf)
            at = int(np.argmax(worth))
            row, best = int(active[at]), float(worth[at])
            if best == -np.inf or best < bound or (best == bound and row > next_row):
                break  # a row that lags behind may be better
            if rows.take(row):
                worths.append(best if picked else float(own[at]))
                picked.append(row)
                np.maximum(nearest, block @ vectors[row] - offset[row], out=nearest)
        near[active], seen[active] = nearest, len(picked)
    return worths


def _catch_up(
    vectors: NDArray[np.float32],
    offset: NDArray[np.float32],
    picked: list[int],
    active: NDArray[np.int64],
    near: NDArray[np.float32],
    seen: NDArray[np.int32],
) -> None:
    """Bring rows up to date with the picks they have not been compared with."""
    for part in slices(len(active), _TOGETHER):
        block = active[part]
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
