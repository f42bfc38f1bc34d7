"""Score first, then pass over what is too like what is already chosen (DEITA's Repr Filter, Liu et al. 2024, section 2.4)."""

import numpy as np
from numpy.typing import NDArray

from thousand.errors import DataError
from thousand.select.blocks import highest, slices
from thousand.select.budget import Budget
from thousand.select.distinct import Distinct, SameVector, best_first
from thousand.select.picks import Picks

_BLOCK = 1024


def deita(vectors: NDArray[np.float32], quality: NDArray[np.float64], budget: int | Budget, *, most: float = 0.9) -> Picks:
    """Rows by falling quality, each unless its cosine with a row *chosen before* is above ``most``.

    Rows that were passed over count for nothing. The authors' score is the product of complexity and quality. Cost: n k d
    multiplications at most, in blocks, and far fewer where few rows are passed over. Memory: one block.

    Args:
        vectors: (n, d), rows of unit length.
        quality: (n,); NaN is the worst.
        budget: rows to choose, or what may be taken; rows that are taken already count as chosen.

    Raises:
        DataError: a number of rows is asked for and fewer are so unlike each other; says how many.
    """
    budget = Budget.of(budget, len(vectors))
    rows = Distinct(budget, SameVector(vectors))
    order = best_first(quality)
    for part in slices(len(order), _BLOCK):
        if budget.full:
            break
        block = order[part][rows.open[order[part]]]
        block = block[~(highest(vectors[block], vectors[budget.taken]) > most)]
        too_like = (vectors[block] @ vectors[block].T) > most
        passed = np.zeros(len(block), dtype=np.bool_)
        for i, row in enumerate(block.tolist()):
            if not passed[i] and rows.take(row):
                passed |= too_like[i]
    if budget.rows is not None and budget.left:
        raise DataError(
            f"deita: {budget.rows:,} rows are asked for and {len(budget.taken):,} can be had, none of them above {most} like another.",
            "Lower the budget, raise `most`, or gather more.",
        )
    return Picks.of(budget, quality)
