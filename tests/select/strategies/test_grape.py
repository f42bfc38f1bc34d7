"""The likeliest answer of each question before the second likeliest of any."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thousand.select.budget import Budget, Quota
from thousand.select.strategies.grape import grape

ROWS = st.lists(st.tuples(st.sampled_from([-3.0, -1.0, -0.5, np.nan]), st.integers(0, 4)), max_size=20)


def naive(rows):
    """Round after round the best that is left of each question, the best of a round first."""
    left, order = list(range(len(rows))), []
    worth = [(-np.inf if value != value else value) for value, _ in rows]
    while left:
        questions = {rows[row][1] for row in left}
        best = [max((row for row in left if rows[row][1] == each), key=lambda row: (worth[row], -row)) for each in questions]
        order += sorted(best, key=lambda row: (-worth[row], row))
        left = [row for row in left if row not in best]
    return order


@settings(deadline=None, derandomize=True)
@given(ROWS, st.integers(0, 25))
def test_the_rows_are_those_of_a_plain_loop(rows, k):
    likelihood, groups = np.array([each[0] for each in rows]), np.array([each[1] for each in rows], dtype=np.int64)
    assert grape(likelihood, groups, k).rows.tolist() == naive(rows)[:k]


def test_with_one_answer_to_each_question_it_is_the_order_by_likelihood():
    assert grape(np.array([-2.0, -1.0, np.nan, -3.0]), np.arange(4), 4).rows.tolist() == [1, 0, 3, 2]


def test_gains_are_likelihoods():
    picks = grape(np.array([-2.0, -1.0, -3.0]), np.array([5, 5, 2]), 2)
    assert picks.rows.tolist() == [1, 2]
    assert picks.gains.tolist() == [-1.0, -3.0]


def test_quotas_and_what_must_be_chosen_hold():
    members = np.array([True, True, False, False])
    budget = Budget(4, 3, quotas=[Quota("quota.mine", members, 0, 1)], first=[3])
    assert grape(np.array([-1.0, -2.0, -3.0, -4.0]), np.arange(4), budget).rows.tolist() == [3, 0, 2]


@pytest.mark.parametrize(("count", "k", "picked"), [(0, 2, 0), (1, 1, 1), (3, 0, 0), (3, 3, 3), (3, 9, 3)])
def test_never_more_than_there_are_and_rows_alike_in_their_order(count, k, picked):
    assert grape(np.full(count, -1.0), np.zeros(count, dtype=np.int64), k).rows.tolist() == list(range(picked))
