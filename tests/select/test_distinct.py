"""Rows that are the same: exactly those, and one at a time."""

import numpy as np
import pytest
from hypothesis import given, settings

from tests.select.strategies.vectors import problems
from thousand.select.budget import Budget
from thousand.select.distinct import Distinct, SameVector, about, best_first, known, same_text


@settings(deadline=None, derandomize=True, max_examples=60)
@given(problems())
def test_rows_with_the_same_vector_are_found(problem):
    vectors, _ = problem
    alike = SameVector(vectors)
    for row in range(len(vectors)):
        assert alike(row).tolist() == np.flatnonzero((vectors == vectors[row]).all(axis=1)).tolist()


def test_vectors_with_one_key_are_compared_and_two_zeros_are_one():
    vectors = np.array([[0.0, 1.0], [-0.0, 1.0], [0.5, 0.5], [0.5, 0.5]], dtype=np.float32)
    alike = SameVector(vectors)
    assert alike(0).tolist() == [0, 1]
    alike.keys[:] = 7
    assert [alike(row).tolist() for row in range(4)] == [[0, 1], [0, 1], [2, 3], [2, 3]]


def test_keys_of_many_rows_hardly_ever_agree():
    vectors = np.rint(np.random.default_rng(0).normal(size=(20_000, 8)) * 500).astype(np.float32) / 2048
    assert len(np.unique(SameVector(vectors).keys)) > 19_980


def test_copies_stand_aside_until_nothing_else_is_left():
    rows = Distinct(Budget(5, 4, first=[3]), same_text(["a", "b", "a", "b", "c"]))
    assert rows.open.tolist() == [True, False, True, False, True]
    assert rows.take(0)
    assert not rows.take(2)
    assert rows.open.tolist() == [False, False, False, False, True]
    assert rows.rest(np.array([0, 0.1, 0.9, 0, 0.0])).tolist() == [4, 2]
    assert not rows.open.any()


def test_what_is_not_known_is_the_worst():
    assert known(np.array([0.5, np.nan, 0.2])).tolist() == [0.5, 0.2, 0.2]
    assert known(np.array([np.nan, np.nan])).tolist() == [0, 0]
    assert best_first(np.array([0.5, np.nan, 0.7, 0.5])).tolist() == [2, 0, 3, 1]


@pytest.mark.parametrize(("budget", "number"), [(Budget(9, 4), 4), (Budget(9, 0), 1), (Budget(0, 0), 1)])
def test_about_so_many_may_be_taken(budget, number):
    assert about(budget) == number


def test_about_so_many_can_be_paid():
    assert about(Budget(4, None, costs=np.array([2, 4, 6, 8]), tokens=15)) == 3
    assert about(Budget(4, None, costs=np.array([1, 1, 1, 1]), tokens=15)) == 4
    assert about(Budget(2, None, costs=np.array([8, 30]), tokens=15)) == 2
    assert about(Budget(2, None, costs=np.array([15, 30]), tokens=15)) == 1
