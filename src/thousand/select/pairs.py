"""So many of a file's pairs of answers, at random."""

from __future__ import annotations

import hashlib

import pyarrow as pa

from thousand.errors import DataError


def draw_pairs(pairs: pa.Table, budget: int | None = None, draw: int = 0) -> pa.Table:
    """Exactly so many pairs: those whose names come first when hashed with the draw's number.

    Neither the order of the file nor a machine has a say in it, and a smaller budget of the same draw is a part of a larger one.

    Args:
        pairs: schema `tables.PAIRS`.
        budget: None takes every one.

    Raises:
        DataError: there are fewer.
    """
    if budget is not None and budget > pairs.num_rows:
        raise DataError(
            f"A budget of {budget:,} pairs was asked for, and there are {pairs.num_rows:,}.", "Lower the budget, or give more pairs."
        )
    names = pairs["pair_id"].to_pylist()
    order = sorted(range(len(names)), key=lambda i: hashlib.sha256(f"{draw} {names[i]}".encode()).digest())
    return pairs.take(order[:budget])
