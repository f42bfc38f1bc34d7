"""Many annotators at once: every pair of them by one measure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Protocol, Unpack

import numpy as np
from numpy.typing import NDArray

from thousand.statistics.agreement import Agreement, tie_discounted
from thousand.statistics.estimate import How

Floats = NDArray[np.float64]


class Measure(Protocol):
    """An agreement of two: `tie_discounted`, `strict`, `without_ties`, `kappa`."""

    def __call__(self, first: Floats, second: Floats, /, **how: Unpack[How]) -> Agreement:
        """Over the items that both judged."""


@dataclass(frozen=True)
class Pairwise:
    """The agreement of each pair of annotators; the measures do not mind who is first.

    Attributes:
        names: in the order given.
        cells: for each pair, the earlier name first.
    """

    names: tuple[str, ...]
    cells: Mapping[tuple[str, str], Agreement]

    def between(self, one: str, other: str) -> Agreement:
        """The agreement of two of them, named in either order.

        Raises:
            KeyError: no such pair.
        """
        return self.cells[one, other] if (one, other) in self.cells else self.cells[other, one]


def pairwise(annotators: Mapping[str, Floats], measure: Measure = tie_discounted, **how: Unpack[How]) -> Pairwise:
    """Every pair of annotators, over the items that both judged.

    Args:
        annotators: by name, each (..., prompts) of one shape; NaN where one gave no verdict.
    """
    pairs = combinations(annotators, 2)
    return Pairwise(tuple(annotators), {(a, b): measure(annotators[a], annotators[b], **how) for a, b in pairs})
