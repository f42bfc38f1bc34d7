"""Many tags first, and every row with a new one (InsTag's complexity-first diverse sampling, Lu et al. 2023, algorithm 1)."""

import heapq
from collections.abc import Sequence

import numpy as np

from thousand.select.budget import Budget
from thousand.select.picks import Picks


def instag(tags: Sequence[Sequence[str]], budget: int | Budget) -> Picks:
    """Pass over the rows by falling number of tags, take each with a tag that none taken in this pass has, and begin again.

    The gain is the number of such tags. Rows without a tag come last. A pass need not look at every row: the next row to take is
    the first one left of any tag that is not covered. Cost: a sort of n, and the tags of the rows taken, times the log of the tags.

    Args:
        tags: (n,) the tags of each row.
        budget: rows to choose, or what may be taken; rows taken already count for the first pass.
    """
    budget = Budget.of(budget, len(tags))
    order = np.argsort([-len(set(each)) for each in tags], kind="stable").tolist()
    rows_of: dict[str, list[int]] = {}  # of each tag the rows that have it, the next last, by place in the order
    for place in range(len(order) - 1, -1, -1):
        for tag in set(tags[order[place]]):
            rows_of.setdefault(tag, []).append(place)
    gains = [float("nan")] * len(budget.taken)
    covered = {tag for row in budget.taken for tag in tags[row]}
    gone = set(budget.taken)
    while not budget.full and rows_of:
        heap = sorted((places[-1], tag) for tag, places in rows_of.items() if tag not in covered)
        while heap and not budget.full:
            place, tag = heapq.heappop(heap)
            row, places = order[place], rows_of[tag]
            if tag in covered:
                continue
            if row not in gone:
                new = len(set(tags[row]) - covered)
                gone.add(row)
                if budget.take(row):
                    gains.append(float(new))
                    covered.update(tags[row])
                    continue
            while places and order[places[-1]] in gone:
                places.pop()
            if places:
                heapq.heappush(heap, (places[-1], tag))
        covered = set()
        rows_of = {tag: left for tag, places in rows_of.items() if (left := _left(places, order, gone))}
    budget.walk(order)
    gains += [0.0] * (len(budget.taken) - len(gains))
    return Picks(np.array(budget.taken, dtype=np.int64), np.array(gains))


def _left(places: list[int], order: list[int], gone: set[int]) -> list[int]:
    """The places without those at the end whose rows are gone."""
    while places and order[places[-1]] in gone:
        places.pop()
    return places
