from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from thousand.select.strategies.random import random


@settings(derandomize=True)
@given(st.integers(1, 300), st.integers(1, 300), st.integers(0, 99))
def test_as_many_as_asked_all_different_and_the_same_for_one_seed(count, budget, seed):
    picks = random(count, budget, seed)
    assert len(picks.rows) == len(set(picks.rows.tolist())) == min(count, budget)
    assert set(picks.rows.tolist()) <= set(range(count))
    assert np.array_equal(picks.rows, random(count, budget, seed).rows)
    assert np.isnan(picks.gains).all()


def test_seeds_draw_differently_and_every_row_alike():
    drawn = [tuple(random(10, 3, seed).rows.tolist()) for seed in range(2000)]
    assert len(set(drawn)) > 500
    times = Counter(row for rows in drawn for row in rows)
    assert all(abs(times[row] - 600) < 5 * np.sqrt(2000 * 0.3 * 0.7) for row in range(10))  # five standard deviations
