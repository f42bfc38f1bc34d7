"""Survivors where thousands are alike: nobody is compared with what has been dropped, so copies of one template cost one look each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from thousand.curate.duplicates.greedy import twins
from thousand.curate.duplicates.groups import Rows
from thousand.curate.duplicates.jaccard import ROUNDING, Sets, Similarities
from thousand.curate.duplicates.meetings import batches, spans

_FEW = 64
_HITS_AT_ONCE = 1 << 21
_CELLS_AT_ONCE = 1 << 17
_DENSE = 0.05


class Crowd:
    """Sets many of which are similar, and who of them survives.

    The sets that may be similar are found by the prefix filter (Chaudhuri et al. 2006; Xiao et al., PPJoin, 2008), which misses
    none: if the elements stand in the order of their frequency, rarest first, two similar sets have an element in common among
    the first few of each. What is common to thousands stands last, so that sets which share only that do not meet.

    Args:
        sets: their elements numbered by `jaccard.by_frequency`.
        rank: (n,) priorities, all different.
    """

    def __init__(self, sets: Sets, threshold: float, rank: Rows) -> None:
        self._sets, self._threshold, self._order = sets, threshold, np.argsort(rank)
        self.twin = np.full(len(rank), -1, dtype=np.int64)
        self.similarity = np.full(len(rank), np.nan)
        # sets of sizes s <= l are similar only if they share t * l and, put otherwise, 2t / (1 + t) * s elements
        self._prefix = {
            "longer": sets.sizes - _ceiling(threshold * sets.sizes) + 1,
            "shorter": sets.sizes - _ceiling(2 * threshold / (1 + threshold) * sets.sizes) + 1,
        }

    def thin(self) -> None:
        """Set ``twin`` of all that are dropped to the first survivor by priority that they are similar to, and ``similarity``."""
        self._thin(self._order)

    def _thin(self, items: Rows) -> Rows:
        """Of items in order of priority the survivors.

        Those that come first are thinned out, the rest is compared with what survived, and what is left of the rest is thinned
        out in the same way.
        """
        if len(items) <= _FEW:
            a, b, similarity = self._sets.similar_of_all(items, items, self._threshold)
            above = a < b
            twin, likeness = twins(a[above], b[above], similarity[above], np.arange(len(items)))
            self.twin[items], self.similarity[items] = np.where(twin < 0, -1, items[twin]), likeness
            return items[twin < 0]
        survivors = self._thin(items[: len(items) // 2])
        rest = self._compare(survivors, items[len(items) // 2 :])
        return np.concatenate([survivors, self._thin(rest)])

    def _compare(self, survivors: Rows, items: Rows) -> Rows:
        """Drop what is similar to a survivor, and return the others."""
        meeting = [self._meeting(survivors, items, shorter) for shorter in (True, False)]
        if sum(int(counts.sum()) for _, _, counts, _ in meeting) > _DENSE * len(survivors) * len(items):
            return self._compare_all(survivors, items)
        found = [self._similar(survivors, items, each) for each in meeting]
        self._drop(survivors, items, *(np.concatenate(each) for each in zip(*found, strict=True)))
        return items[self.twin[items] < 0]

    def _compare_all(self, survivors: Rows, items: Rows) -> Rows:
        start, several = 0, 16
        while start < len(survivors) and len(items):
            some = survivors[start : start + several]
            step = max(1, _CELLS_AT_ONCE // len(some))
            for first in range(0, len(items), step):
                here = items[first : first + step]
                self._drop(some, here, *self._sets.similar_of_all(some, here, self._threshold))
            items = items[self.twin[items] < 0]
            start, several = start + several, min(2 * several, 1024)  # few at first: most are similar to one of those
        return items

    def _drop(self, survivors: Rows, items: Rows, a: Rows, b: Rows, similarity: Similarities) -> None:
        """Take note of pairs, positions in the survivors by priority and in the items."""
        order = np.lexsort((a, b))
        dropped, first = np.unique(b[order], return_index=True)
        self.twin[items[dropped]] = survivors[a[order[first]]]
        self.similarity[items[dropped]] = similarity[order[first]]

    def _meeting(self, survivors: Rows, items: Rows, shorter: bool) -> tuple[Rows, Rows, Rows, Rows]:
        """Where items have an element of their prefix in common with survivors' prefixes.

        Args:
            shorter: whether the item is taken to be the smaller set of the two, or equal, or the larger one.

        Returns:
            For each such element: the item (position), the start and the number of survivors' elements equal to it; and, for
            those, the survivors (positions).
        """
        keys, owners = self._first(survivors, "longer" if shorter else "shorter")
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        asked, askers = self._first(items, "shorter" if shorter else "longer")
        start, end = np.searchsorted(keys, asked, "left"), np.searchsorted(keys, asked, "right")
        hit = np.flatnonzero(end > start)
        return askers[hit], start[hit], (end - start)[hit], owners[order]

    def _similar(self, survivors: Rows, items: Rows, meeting: tuple[Rows, Rows, Rows, Rows]) -> tuple[Rows, Rows, Similarities]:
        askers, start, counts, owners = meeting
        found: list[tuple[Rows, Rows, Similarities]] = [(askers[:0], askers[:0], np.empty(0))]
        for some in batches(counts, askers, _HITS_AT_ONCE):
            codes = np.unique(np.repeat(askers[some], counts[some]) * len(survivors) + owners[spans(start[some], counts[some])])
            a, b = codes % len(survivors), codes // len(survivors)
            which, similarity = self._sets.similar(survivors[a], items[b], self._threshold)
            found.append((a[which], b[which], similarity))
        a, b, similarity = (np.concatenate(each) for each in zip(*found, strict=True))
        return a, b, similarity

    def _first(self, some: Rows, prefix: str) -> tuple[NDArray[np.int64], Rows]:
        """The first elements of some sets, and for each the position in ``some`` of the set that it is of."""
        lengths = self._prefix[prefix][some]
        return self._sets.elements[spans(self._sets.starts[some], lengths)], np.repeat(np.arange(len(some)), lengths)


def _ceiling(numbers: Similarities) -> Rows:
    return np.maximum(np.ceil(numbers - ROUNDING), 1).astype(np.int64)
