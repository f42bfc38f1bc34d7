"""Who is near whom among the picks and the rows that were not picked, by inner products of unit vectors, block by block."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_BLOCK = 4096
_NAMED = 3
"""Displaced rows that are named for each pick."""


@dataclass(frozen=True)
class Displaced:
    """The rows that were not picked, each with the pick nearest to it.

    Attributes:
        counts: (k,) how many rows each pick stands for.
        nearest: (k,) the rows nearest to each pick of those it stands for, at most three, the nearest first.
    """

    counts: NDArray[np.int64]
    nearest: list[list[int]]


def earlier(vectors: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """For each of (k, d) picks the nearest one before it and the cosine; -1 and NaN for the first."""
    count = len(vectors)
    at, likeness = np.full(count, -1, dtype=np.int64), np.full(count, np.nan, dtype=np.float32)
    for start in range(0, count, _BLOCK):
        stop = min(start + _BLOCK, count)
        near = vectors[start:stop] @ vectors[:stop].T
        near[np.arange(stop)[None] >= np.arange(start, stop)[:, None]] = -np.inf
        at[start:stop] = near.argmax(axis=1)
        likeness[start:stop] = near[np.arange(stop - start), at[start:stop]]
    at[:1], likeness[:1] = -1, np.nan
    return at, likeness


def displaced(vectors: NDArray[np.float32], picks: NDArray[np.int64]) -> Displaced:
    """Which rows the picks were taken instead of.

    Args:
        vectors: (n, d) of unit length.
        picks: (k,) positions.

    Cost: n k d multiplications; memory: one block of 4,096 x k.
    """
    if not len(picks):
        return Displaced(np.zeros(0, dtype=np.int64), [])
    chosen = np.ascontiguousarray(vectors[picks].T)
    owner = np.empty(len(vectors), dtype=np.int64)
    likeness = np.empty(len(vectors), dtype=np.float32)
    for start in range(0, len(vectors), _BLOCK):
        near = vectors[start : start + _BLOCK] @ chosen
        owner[start : start + _BLOCK] = near.argmax(axis=1)
        likeness[start : start + _BLOCK] = near.max(axis=1)
    others = np.delete(np.arange(len(vectors)), picks)
    order = others[np.lexsort((others, -likeness[others], owner[others]))]
    counts = np.bincount(owner[others], minlength=len(picks))
    ends = np.cumsum(counts)
    return Displaced(counts, [order[end - size : end][:_NAMED].tolist() for end, size in zip(ends, counts, strict=True)])
