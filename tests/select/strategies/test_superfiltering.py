"""Facility location over the hardest share, and nothing from outside it while it lasts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thousand.embedding import exact, unit
from thousand.select.budget import Budget, Quota
from thousand.select.strategies.facility_location import facility_location
from thousand.select.strategies.superfiltering import superfiltering


def problem(seed, count=60):
    rng = np.random.default_rng(seed)
    return exact(unit(rng.normal(size=(count, 4)))), rng.uniform(0, 1.2, count)


@settings(deadline=None, derandomize=True, max_examples=40)
@given(st.integers(0, 10**6), st.integers(1, 12), st.sampled_from([0.2, 0.5]))
def test_it_is_facility_location_over_the_shortlist(seed, k, share):
    vectors, ifd = problem(seed)
    hardest = [row for row in np.argsort(-ifd, kind="stable").tolist() if ifd[row] < 1][: round(share * 60)]
    shortlist = np.sort(hardest)
    expected = facility_location(vectors[shortlist], np.zeros(len(shortlist)), k, weight=0.0)
    picks = superfiltering(vectors, ifd, k, share=share)
    assert picks.rows.tolist() == shortlist[expected.rows].tolist()
    assert picks.gains == pytest.approx(expected.gains)


def test_the_shortlist_is_as_long_as_the_budget():
    vectors, ifd = problem(3)
    hardest = [row for row in np.argsort(-ifd, kind="stable").tolist() if ifd[row] < 1][:30]
    assert set(superfiltering(vectors, ifd, 30, share=0.1).rows.tolist()) == set(hardest)


def test_all_that_are_not_dropped_can_be_had():
    vectors, ifd = problem(4)
    ifd[:5] = np.nan
    assert set(superfiltering(vectors, ifd, 100).rows.tolist()) == set(np.flatnonzero(ifd < 1).tolist())
    assert set(superfiltering(vectors, ifd, 100, most=None).rows.tolist()) == set(range(5, 60))


def test_what_a_quota_asks_for_and_the_shortlist_lacks_is_the_next_by_ifd():
    vectors, ifd = problem(5)
    below = np.flatnonzero(ifd < 1)
    easiest = below[np.argsort(ifd[below])]
    members = np.zeros(60, dtype=bool)
    members[easiest[:4]] = True
    budget = Budget(60, 6, quotas=[Quota("quota.easy", members, 2, 3)], first=[int(easiest[10])])
    picks = superfiltering(vectors, ifd, budget)
    assert picks.rows[0] == easiest[10]
    assert picks.rows[-2:].tolist() == [easiest[3], easiest[2]]
    assert len(set(picks.rows.tolist())) == len(picks.gains) == 6


def test_a_budget_of_tokens_is_not_overspent():
    vectors, ifd = problem(6)
    costs = np.arange(60) % 7 + 1
    rows = superfiltering(vectors, ifd, Budget(60, None, costs=costs, tokens=40)).rows
    left = 40 - costs[rows].sum()
    others = np.setdiff1d(np.flatnonzero(ifd < 1), rows)
    assert 0 <= left < costs[others].min()


@pytest.mark.parametrize(("count", "k", "picked"), [(0, 2, 0), (1, 1, 1), (3, 0, 0), (3, 3, 3), (3, 9, 3)])
def test_never_more_than_there_are_and_rows_alike_in_their_order(count, k, picked):
    assert superfiltering(np.ones((count, 1), dtype=np.float32), np.full(count, 0.5), k).rows.tolist() == list(range(picked))
