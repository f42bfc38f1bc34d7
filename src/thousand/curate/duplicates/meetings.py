"""Which items meet: those that have a key in common."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thousand.curate.duplicates.groups import Rows

_PAIRS_AT_ONCE = 1 << 21


@dataclass(frozen=True)
class Buckets:
    """Items under the keys that two or more of them have.

    Attributes:
        items: in ascending order within a bucket. starts: (buckets + 1,) where each bucket's begin.
    """

    items: Rows
    starts: Rows

    @property
    def sizes(self) -> Rows:
        """(buckets,)"""
        return np.diff(self.starts)


def buckets(keys: NDArray[np.uint64]) -> Buckets:
    """The buckets of one band.

    Args:
        keys: (n,) each item's.
    """
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    edges = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1], [True]])) if len(keys) else np.zeros(1, dtype=np.int64)
    sizes = np.diff(edges)
    shared = sizes > 1
    return Buckets(order[np.repeat(shared, sizes)], np.concatenate([[0], np.cumsum(sizes[shared])]))


def crowded(found: Buckets, most: int) -> Rows:
    """The items in buckets of more than ``most``."""
    return np.unique(found.items[np.repeat(found.sizes > most, found.sizes)])


def pairs(found: list[Buckets], most: int, apart: NDArray[np.bool_]) -> Iterator[tuple[Rows, Rows]]:
    """The pairs of items in buckets of at most ``most``, each pair once, ``first < second``, some millions at a time.

    Args:
        apart: (n,) items of which two need not be paired.
    """
    small = [(each, each.sizes <= most) for each in found]
    items = np.concatenate([each.items[np.repeat(keep, each.sizes)] for each, keep in small] or [np.empty(0, dtype=np.int64)])
    ahead = np.concatenate([_ahead(each.sizes[keep]) for each, keep in small] or [np.empty(0, dtype=np.int64)])
    place = np.arange(len(items))[ahead > 0]
    place = place[np.argsort(items[place], kind="stable")]  # so that all pairs of one first item are found together
    for some in batches(ahead[place], items[place], _PAIRS_AT_ONCE):
        here = place[some]
        first = np.repeat(items[here], ahead[here])
        second = items[spans(here + 1, ahead[here])]
        wanted = ~(apart[first] & apart[second])
        codes = np.unique(first[wanted] * len(apart) + second[wanted])
        yield codes // len(apart), codes % len(apart)


def batches(sizes: Rows, owners: Rows, most: int) -> Iterator[slice]:
    """Cut a sequence where its owner changes, into pieces whose sizes add up to about ``most``, never less than one owner's."""
    if not len(sizes):
        return
    total = np.cumsum(sizes)
    changes = np.concatenate([np.flatnonzero(owners[1:] != owners[:-1]) + 1, [len(owners)]])
    start = 0
    while start < len(sizes):
        before = total[start - 1] if start else 0
        wanted = np.searchsorted(total, before + most, "right")
        at = np.searchsorted(changes, wanted, "right") - 1
        end = int(changes[at]) if at >= 0 and changes[at] > start else int(changes[np.searchsorted(changes, start, "right")])
        yield slice(start, end)
        start = end


def spans(starts: Rows, lengths: Rows) -> Rows:
    """``starts[0], starts[0] + 1, ...``: the indices of stretches, one after the other."""
    total = np.cumsum(lengths)
    indices: Rows = np.repeat(starts - (total - lengths), lengths) + np.arange(total[-1] if len(total) else 0)
    return indices


def _ahead(sizes: Rows) -> Rows:
    """For each item of each bucket how many follow it there."""
    ends = np.cumsum(sizes)
    ahead: Rows = np.repeat(ends, sizes) - np.arange(ends[-1] if len(ends) else 0) - 1
    return ahead
