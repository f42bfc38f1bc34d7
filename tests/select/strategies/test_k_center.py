"""The farthest row each time, as the plain loop has it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.select.strategies.vectors import fixed, problems
from thousand.select.strategies.k_center import k_center


def plain(vectors, budget):
    """The definition: the row nearest to the mean, then each time the farthest."""
    exact = vectors.astype(np.float64)
    apart = ((exact[:, None] - exact[None]) ** 2).sum(axis=2)
    first = ((exact - exact.mean(axis=0)) ** 2).sum(axis=1)
    rows = [int(np.argmin(np.round(first, 12)))]
    while len(rows) < budget:
        nearest = apart[rows].min(axis=0)
        nearest[rows] = -1
        rows.append(int(np.argmax(nearest)))
    return rows


@settings(deadline=None, derandomize=True, max_examples=80)
@given(problems(distinct=True), st.integers(1, 30))
def test_the_choice_is_that_of_the_plain_loop(problem, budget):
    vectors, _ = problem
    picks = k_center(vectors, budget)
    assert picks.rows.tolist() == plain(vectors, min(budget, len(vectors)))
    assert np.isnan(picks.gains[0])
    assert (np.diff(picks.gains[1:]) <= 0).all()


def test_by_hand():
    # On a line 0, 1, 2, 3, 10 the mean is 3.2; from 3 the farthest is 10, then 0; then 1, 2 away by one: the first.
    picks = k_center(np.array([[0], [1], [2], [3], [10]], dtype=np.float32), 5)
    assert picks.rows.tolist() == [3, 4, 0, 1, 2]
    assert picks.gains[1:].tolist() == [7, 3, 1, 1]


def test_the_farthest_row_left_is_within_twice_the_best_there_is():
    rng = np.random.default_rng(1)
    centres = fixed(rng.normal(size=(12, 16)))
    vectors = fixed(centres[np.arange(600) % 12] + 0.05 * rng.normal(size=(600, 16)))
    picks = k_center(vectors, 12)
    assert {row % 12 for row in picks.rows.tolist()} == set(range(12))
    apart = np.linalg.norm(vectors[:, None] - vectors[picks.rows][None], axis=2).min(axis=1).max()
    assert apart <= 2 * np.linalg.norm(vectors - centres[np.arange(600) % 12], axis=1).max()


def test_texts_without_a_word_are_the_same_text():
    vectors = np.zeros((4, 3), dtype=np.float32)
    vectors[1] = [1, 0, 0]
    assert set(k_center(vectors, 2).rows.tolist()) == {0, 1}


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_rows(count):
    assert k_center(np.eye(count, 3, dtype=np.float32), 5).rows.tolist() == list(range(count))
