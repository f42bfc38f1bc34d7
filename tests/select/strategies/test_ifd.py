"""The hardest rows below 1, whatever was measured and however it is spent."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thousand.select.budget import Budget, Quota
from thousand.select.strategies.ifd import ifd

VALUES = st.lists(st.sampled_from([0.2, 0.5, 0.9, 1.0, 1.4, np.nan]), max_size=20).map(np.array)


@settings(deadline=None, derandomize=True)
@given(VALUES, st.integers(0, 25), st.sampled_from([1.0, 1.2, None]))
def test_the_rows_are_those_that_a_plain_sort_gives(values, k, most):
    may = [row for row, value in enumerate(values.tolist()) if value == value and (most is None or value < most)]
    assert ifd(values, k, most=most).rows.tolist() == sorted(may, key=lambda row: (-values[row], row))[:k]


def test_rows_from_one_on_are_dropped_and_gains_are_ifd():
    picks = ifd(np.array([0.3, 1.0, 0.9, np.nan, 0.99]), 4)
    assert picks.rows.tolist() == [4, 2, 0]
    assert picks.gains.tolist() == [0.99, 0.9, 0.3]


def test_rows_that_must_be_chosen_come_first_even_where_they_would_be_dropped():
    assert ifd(np.array([0.3, 2.0, 0.9]), Budget(3, 2, first=[1])).rows.tolist() == [1, 2]


def test_quotas_hold():
    members = np.array([True, True, False, False])
    budget = Budget(4, 2, quotas=[Quota("quota.mine", members, 1, 1)])
    assert ifd(np.array([0.1, 0.2, 0.8, 0.9]), budget).rows.tolist() == [3, 1]


@pytest.mark.parametrize(("count", "k", "picked"), [(0, 2, 0), (1, 1, 1), (3, 0, 0), (3, 3, 3), (3, 9, 3)])
def test_never_more_than_there_are_and_rows_alike_in_their_order(count, k, picked):
    assert ifd(np.full(count, 0.5), k).rows.tolist() == list(range(picked))
