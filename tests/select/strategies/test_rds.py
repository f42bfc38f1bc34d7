"""Each example in turn takes the nearest row that is left."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thousand.embedding import exact, unit
from thousand.select.budget import Budget, Quota
from thousand.select.strategies.rds import rds


def naive(states, targets, k):
    left, order = set(range(len(states))), []
    for turn in range(min(k, len(states))):
        cosine = states @ targets[turn % len(targets)]
        order.append(min(left, key=lambda row: (-cosine[row], row)))
        left.remove(order[-1])
    return order


@settings(deadline=None, derandomize=True, max_examples=40)
@given(st.integers(0, 10**6), st.integers(1, 120), st.integers(1, 5), st.integers(0, 130), st.booleans())
def test_the_rows_are_those_of_a_plain_loop(seed, count, wanted, k, alike):
    rng = np.random.default_rng(seed)
    states = exact(unit(rng.normal(size=(count, 3))))
    if alike:
        states = states[rng.integers(0, max(1, count // 4), count)]
    targets = exact(unit(rng.normal(size=(wanted, 3))))
    picks = rds(states, targets, k)
    assert picks.rows.tolist() == naive(states, targets, k)
    turns = [f"example {turn % wanted + 1}" for turn in range(len(picks.rows))]
    assert picks.strata == turns
    assert picks.gains == pytest.approx([states[row] @ targets[turn % wanted] for turn, row in enumerate(picks.rows)])


def test_an_example_that_finds_a_row_taken_takes_its_next():
    states = np.eye(3, dtype=np.float32)
    same = np.array([[0.8, 0.6, 0.0]], dtype=np.float32).repeat(2, axis=0)
    assert rds(states, same, 3).rows.tolist() == [0, 1, 2]


def test_what_must_be_chosen_comes_first_and_is_no_example_s():
    states = np.eye(4, dtype=np.float32)
    budget = Budget(4, 3, quotas=[Quota("quota.none", np.array([True, False, False, False]), 0, 0)], first=[3])
    picks = rds(states, states[:1], budget)
    assert picks.rows.tolist() == [3, 1, 2]
    assert picks.strata == ["included", "example 1", "example 1"]
    assert np.isnan(picks.gains[0])


def test_a_budget_of_tokens_is_spent():
    states = exact(unit(np.random.default_rng(0).normal(size=(50, 4))))
    costs = np.arange(50) % 5 + 2
    rows = rds(states, states[:2], Budget(50, None, costs=costs, tokens=33)).rows
    assert 31 < costs[rows].sum() <= 33


@pytest.mark.parametrize(("count", "k", "picked"), [(0, 2, 0), (1, 1, 1), (3, 0, 0), (3, 3, 3), (3, 9, 3)])
def test_never_more_than_there_are_and_rows_alike_in_their_order(count, k, picked):
    assert rds(np.ones((count, 1), dtype=np.float32), np.ones((2, 1), dtype=np.float32), k).rows.tolist() == list(range(picked))
