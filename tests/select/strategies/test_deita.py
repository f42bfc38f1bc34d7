"""Against what is selected, not against what was seen: the rule as the paper has it, and its fixture of planted twins."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.select.strategies.vectors import fixed, problems
from thousand.errors import DataError
from thousand.select.budget import Budget, Quota
from thousand.select.strategies import deita as module
from thousand.select.strategies.deita import deita


def plain(vectors, quality, most):
    chosen = []
    for row in np.argsort(-quality, kind="stable").tolist():
        if not any(vectors[row] @ vectors[each] > most or (vectors[row] == vectors[each]).all() for each in chosen):
            chosen.append(row)
    return chosen


def pairs():
    """2,000 rows with no cosine above 0.7 between two, 200 of them once more a little turned, in random order."""
    rng = np.random.default_rng(0)
    distinct = fixed(rng.normal(size=(2000, 96)))
    likeness = distinct @ distinct.T
    assert (likeness - np.diag(np.diag(likeness))).max() < 0.7
    twins = fixed(distinct[:200] + 0.02 * rng.normal(size=(200, 96)))
    order = rng.permutation(2200)
    return np.concatenate([distinct, twins])[order], rng.random(2200), np.concatenate([np.arange(2000), np.arange(200)])[order]


def test_of_two_thousand_rows_and_two_hundred_twins_two_thousand_survive():
    vectors, quality, of = pairs()
    picks = deita(vectors, quality, 2000)
    assert sorted(of[picks.rows].tolist()) == list(range(2000))
    for row in range(2200):  # of a pair the better one
        assert row in picks.rows or quality[row] < quality[picks.rows[of[picks.rows] == of[row]]][0]
    with pytest.raises(DataError, match=r"2,001 rows are asked for and 2,000 can be had, none of them above 0\.9 like another"):
        deita(vectors, quality, 2001)
    assert len(deita(vectors, quality, 2200, most=1.1).rows) == 2200


@settings(deadline=None, derandomize=True, max_examples=80)
@given(problems(), st.sampled_from([0.0, 0.5, 0.9, 1.0]), st.integers(0, 24))
def test_it_is_the_rule(problem, most, budget):
    vectors, quality = problem
    expected, wanted = plain(vectors, quality, most), min(budget, len(vectors))
    if wanted > len(expected):
        with pytest.raises(DataError, match=f"{len(expected)} can be had"):
            deita(vectors, quality, budget, most=most)
        return
    picks = deita(vectors, quality, budget, most=most)
    assert picks.rows.tolist() == expected[:wanted]
    assert picks.gains.tolist() == quality[picks.rows].tolist()


def test_blocks_change_nothing(monkeypatch):
    vectors, quality, _ = pairs()
    whole = deita(vectors, quality, 1500).rows.tolist()
    monkeypatch.setattr(module, "_BLOCK", 7)
    assert deita(vectors, quality, 1500).rows.tolist() == whole


def test_what_is_passed_over_stands_in_nobodys_way():
    # 0.8 between neighbours: the second is too like the first, the third is like the second alone and is chosen.
    vectors = np.array([[1, 0], [0.8, 0.6], [0.28, 0.96]], dtype=np.float32)
    assert deita(vectors, np.array([3.0, 2.0, 1.0]), 2, most=0.7).rows.tolist() == [0, 2]


def test_rows_that_must_be_included_are_selected_and_quotas_hold():
    vectors = np.eye(6, dtype=np.float32)[[0, 0, 1, 2, 3, 4]]
    quota = Quota("quota.mine", np.array([0, 0, 1, 1, 0, 0], dtype=bool), 0, 1)
    budget = Budget(6, 4, quotas=[quota], first=[1])
    assert deita(vectors, np.arange(6, 0, -1.0), budget).rows.tolist() == [1, 2, 4, 5]


def test_a_budget_of_tokens_promises_no_number():
    vectors = np.eye(2, dtype=np.float32)[[0, 0, 1]]
    assert deita(vectors, np.ones(3), Budget(3, None, costs=np.ones(3, dtype=int), tokens=9)).rows.tolist() == [0, 2]
