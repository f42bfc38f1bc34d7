"""Rows that the base represents as it represents the examples shown: each example in turn takes its nearest (RDS+, Ivison et al. 2025).

A conversation is represented by the mean of the base's last hidden states over all its tokens, the i-th weighing i; padding has no weight.
In the authors' study, with pools of millions, this did better than the methods made for the purpose, gradients included. Where an
example's nearest row is taken it takes its next at once; in their code it waits for its next turn.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from thousand.select.budget import Budget
from thousand.select.picks import Picks


def rds(states: NDArray[np.float32], target_states: NDArray[np.float32], budget: int | Budget) -> Picks:
    """Round-robin over the examples. Gains are cosines, strata the examples: "example 1" and so on.

    Cost: n t d multiplications, for each example again whenever it has used up twice its share of the budget. Memory: n
    numbers. To make the states costs a forward pass over all tokens.

    Args:
        states: (n, d) of unit length.
        target_states: (t, d) those of the examples shown.
    """
    budget = Budget.of(budget, len(states))
    share = 2 * -(-budget.left // max(len(target_states), 1))
    worth, strata = [np.nan] * len(budget.taken), ["included"] * len(budget.taken)
    queues = [(f"example {at}", target, _nearest(states, target, max(share, 16))) for at, target in enumerate(target_states, 1)]
    while queues and not budget.full:
        for name, target, queue in queues.copy():
            row = None if budget.full else next(filter(budget.take, queue), None)
            if row is None:
                queues = [each for each in queues if each[2] is not queue]
            else:
                worth.append(float(states[row] @ target))
                strata.append(name)
    return Picks(np.array(budget.taken, dtype=np.int64), np.array(worth), strata)


def _nearest(states: NDArray[np.float32], target: NDArray[np.float32], size: int) -> Iterator[int]:
    """Rows by falling cosine to a target, sorted only as far as is asked for."""
    below = np.float32(np.inf)
    while True:
        cosine = states @ target
        rows = np.flatnonzero(cosine < below)
        if not len(rows):
            return
        if len(rows) > size:  # rows that are as near as the last come with it
            rows = rows[cosine[rows] >= np.partition(cosine[rows], -size)[-size]]
        rows = rows[np.argsort(-cosine[rows], kind="stable")]
        below, size = cosine[rows[-1]], 4 * size
        del cosine
        yield from rows.tolist()
