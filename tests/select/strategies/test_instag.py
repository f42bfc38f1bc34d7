"""The algorithm as the paper has it, pass by pass."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from thousand.select.budget import Budget, Quota
from thousand.select.strategies.instag import instag


def plain(tags, budget):
    order = sorted(range(len(tags)), key=lambda row: -len(set(tags[row])))
    chosen = []
    while len(chosen) < budget:
        covered, before = set(), len(chosen)
        for row in order:
            if row not in chosen and len(chosen) < budget and len(covered | set(tags[row])) > len(covered):
                covered |= set(tags[row])
                chosen.append(row)
        if len(chosen) == before:
            return [*chosen, *[row for row in order if row not in chosen]][:budget]
    return chosen


@settings(deadline=None, derandomize=True, max_examples=300)
@given(st.lists(st.lists(st.sampled_from("abcdefg"), max_size=4), max_size=25), st.integers(0, 30))
def test_it_is_the_algorithm(tags, budget):
    picks = instag(tags, budget)
    assert picks.rows.tolist() == plain(tags, min(budget, len(tags)))
    assert len(picks.gains) == len(picks.rows)


def test_by_hand():
    # Pass one: 3 with abc, then 1 for d; nothing else is new. Pass two: 0 with ab, then 4 for c. Then what has no tag.
    picks = instag([["a", "b"], ["c", "d"], [], ["a", "b", "c"], ["c"]], 5)
    assert picks.rows.tolist() == [3, 1, 0, 4, 2]
    assert picks.gains.tolist() == [3, 1, 2, 1, 0]


def test_rows_that_must_be_included_have_their_tags_covered():
    picks = instag([["a", "b"], ["a"], ["c"]], Budget(3, 3, first=[1]))
    assert picks.rows.tolist() == [1, 0, 2]
    assert picks.gains[1:].tolist() == [1, 1]


def test_a_row_that_a_quota_refuses_covers_nothing():
    quota = Quota("quota.mine", np.array([True, True, False]), 0, 1)
    assert instag([["a", "b", "c"], ["d", "e"], ["d"]], Budget(3, 2, quotas=[quota])).rows.tolist() == [0, 2]
