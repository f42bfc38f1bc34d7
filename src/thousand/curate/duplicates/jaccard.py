"""Sets, and which pairs of them are similar: the Jaccard similarity, measured where a bound does not rule it out."""

from __future__ import annotations

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from thousand.curate.duplicates.groups import Rows

Similarities = NDArray[np.float64]

ROUNDING = 1e-9
_PAIRS_AT_ONCE = 1 << 15
_WORDS = 8  # of 64 bits


class Sets:
    """n sets of whole numbers.

    Two sets of similarity t differ in at most (1 - t) / (1 + t) of their elements, counted together. In how many they differ at
    least is seen from a bitmap of each: which of 512 bits an odd number of elements falls on (Sandes et al., Bitmap Filter, 2020).

    Args:
        elements: of all sets, each set's in ascending order, none twice. May be mapped from a file.
        starts: (n + 1,) where each set's begin. No set is empty.
    """

    def __init__(self, elements: NDArray[np.int64], starts: Rows) -> None:
        self.elements, self.starts, self.sizes = elements, starts, np.diff(starts)
        shape = (len(self.sizes), np.iinfo(np.int64).max)
        self._matrix = scipy.sparse.csr_matrix((np.ones(len(elements), dtype=np.bool_), elements, starts), shape=shape, copy=False)
        self._matrix.has_canonical_format = True
        self._bits = _bitmaps(elements, starts)

    def similar(self, first: Rows, second: Rows, threshold: float) -> tuple[Rows, Similarities]:
        """Which of the pairs are at least as similar as the threshold, and how similar."""
        found: list[tuple[Rows, Similarities]] = [(first[:0], np.empty(0))]
        for start in range(0, len(first), _PAIRS_AT_ONCE):
            a, b = first[start : start + _PAIRS_AT_ONCE], second[start : start + _PAIRS_AT_ONCE]
            differ = np.bitwise_count(self._bits[:, a] ^ self._bits[:, b]).sum(axis=0, dtype=np.int64)
            possible = np.flatnonzero(differ <= _share(threshold) * (self.sizes[a] + self.sizes[b]) + ROUNDING)
            measured = self.jaccard(a[possible], b[possible])
            enough = measured >= threshold
            found.append((start + possible[enough], measured[enough]))
        which, similarity = zip(*found, strict=True)
        return np.concatenate(which), np.concatenate(similarity)

    def similar_of_all(self, first: Rows, second: Rows, threshold: float) -> tuple[Rows, Rows, Similarities]:
        """As `similar`, of all pairs of the one with the other: positions in both, and how similar."""
        differ = np.zeros((len(first), len(second)), dtype=np.uint16)
        for word in self._bits:
            differ += np.bitwise_count(word[first, None] ^ word[second])
        most = np.add.outer(_share(threshold) * self.sizes[first], _share(threshold) * self.sizes[second] + ROUNDING, dtype=np.float32)
        a, b = np.nonzero(differ <= most)
        which, similarity = self.similar(first[a], second[b], threshold)
        return a[which], b[which], similarity

    def jaccard(self, first: Rows, second: Rows) -> Similarities:
        """(pairs,) the similarity of each pair; memory grows with the pairs."""
        one, two = self._matrix[first], self._matrix[second]
        one.has_canonical_format = two.has_canonical_format = True
        shared = np.diff(one.multiply(two).indptr)
        similarity: Similarities = shared / (self.sizes[first] + self.sizes[second] - shared)
        return similarity


def _share(threshold: float) -> float:
    return (1 - threshold) / (1 + threshold)


def _bitmaps(elements: NDArray[np.int64], starts: Rows) -> NDArray[np.uint64]:
    """(words, n)"""
    bits = np.zeros((_WORDS, len(starts) - 1), dtype=np.uint64)
    step = 1 << 14
    for start in range(0, len(starts) - 1, step):
        some = starts[start : start + step + 1]
        places = (elements[some[0] : some[-1]].astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(64 - 9)
        flags = np.uint64(1) << (places & np.uint64(63))
        for word in range(_WORDS):
            own = np.where(places >> np.uint64(6) == word, flags, np.uint64(0))
            bits[word, start : start + step] = np.bitwise_xor.reduceat(own, some[:-1] - some[0])
    return bits


def by_frequency(elements: NDArray[np.int64], starts: Rows) -> NDArray[np.int64]:
    """The same sets with their elements renumbered so that rarer ones have smaller numbers; each set's in ascending order."""
    _, number, counts = np.unique(elements, return_inverse=True, return_counts=True)
    place = np.empty(len(counts), dtype=np.int64)
    place[np.argsort(counts, kind="stable")] = np.arange(len(counts))
    before = np.repeat(np.arange(len(starts) - 1) * len(counts), np.diff(starts))
    return np.sort(before + place[number]) - before
