"""Quality less likeness, as the plain loop has it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.select.strategies.vectors import cloud, problems
from thousand.select.strategies.mmr import mmr


def plain(vectors, quality, budget, weight):
    likeness = vectors.astype(np.float64) @ vectors.T.astype(np.float64)
    rows, worths = [], []
    while len(rows) < budget:
        worth = weight * quality - (1 - weight) * likeness[rows].max(axis=0, initial=0)
        worth[rows] = -np.inf
        rows.append(int(np.argmax(worth)))
        worths.append(worth[rows[-1]])
    return rows, worths


@settings(deadline=None, derandomize=True, max_examples=80)
@given(problems(distinct=True), st.integers(1, 30), st.sampled_from([0.0, 0.25, 0.5, 1.0]))
def test_the_choice_is_that_of_the_plain_loop(problem, budget, weight):
    vectors, quality = problem
    rows, worths = plain(vectors, quality, min(budget, len(vectors)), weight)
    picks = mmr(vectors, quality, budget, weight=weight)
    assert picks.rows.tolist() == rows
    assert picks.gains.tolist() == pytest.approx(worths)


def test_by_hand():
    # The best first; beside it the second is the same but for 0.6 of likeness; the third is worse and unlike.
    vectors = np.array([[1, 0], [0.6, 0.8], [0, 1]], dtype=np.float32)
    picks = mmr(vectors, np.array([1.0, 0.9, 0.2]), 3)
    assert picks.rows.tolist() == [0, 1, 2]
    assert picks.gains.tolist() == pytest.approx([0.5, 0.45 - 0.3, 0.1 - 0.4])
    assert mmr(vectors, np.array([1.0, 0.7, 0.2]), 2).rows.tolist() == [0, 2]


def test_a_copy_waits_however_good_it_is():
    vectors = np.array([[1, 0], [1, 0], [0, 1]], dtype=np.float32)
    picks = mmr(vectors, np.array([1.0, 0.9, 0.0]), 3, weight=0.9)
    assert picks.rows.tolist() == [0, 2, 1]
    assert picks.gains.tolist() == pytest.approx([0.9, 0, 0.81 - 0.1])


def test_weight_decides_between_quality_and_difference():
    vectors, quality, _ = cloud(2000)
    by_weight = [mmr(vectors, quality, 50, weight=weight).rows for weight in (0.2, 0.5, 0.9)]
    means = [quality[rows].mean() for rows in by_weight]
    likeness = [np.sort(vectors[rows] @ vectors[rows].T, axis=1)[:, -2].mean() for rows in by_weight]
    assert means == sorted(means)
    assert likeness == sorted(likeness)
