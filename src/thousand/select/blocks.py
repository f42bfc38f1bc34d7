"""Products of many vectors with many, some rows at a time, so that no more than a few megabytes are in hand."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

_ROWS, _OTHERS = 4096, 1024


def slices(count: int, rows: int = _ROWS) -> Iterator[slice]:
    """Consecutive parts of ``count`` rows."""
    return (slice(start, min(start + rows, count)) for start in range(0, count, rows))


def squares(vectors: Vectors) -> Vectors:
    """(n,) the squared length of each row of (n, d)."""
    found = np.empty(len(vectors), dtype=np.float32)
    for part in slices(len(vectors)):
        found[part] = np.einsum("ij,ij->i", vectors[part], vectors[part])
    return found


def highest(vectors: Vectors, others: Vectors, less: Vectors | None = None) -> Vectors:
    """(n,) the highest inner product of each of (n, d) rows with one of (m, d) others, less a number for each of them.

    Minus infinity where there are no others. Cost: n m d; memory: one block of 4,096 x 1,024.
    """
    found = np.full(len(vectors), -np.inf, dtype=np.float32)
    for part in slices(len(vectors)):
        for some in slices(len(others), _OTHERS):
            products = vectors[part] @ others[some].T
            if less is not None:
                products -= less[some]
            np.maximum(found[part], products.max(axis=1), out=found[part])
    return found
