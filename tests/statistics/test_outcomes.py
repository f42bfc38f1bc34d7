import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.statistics.judging import shares
from thousand.statistics import outcomes

scores = arrays(
    np.float64, st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 8)), elements=st.sampled_from([-1.0, 0.0, 1.0, np.nan])
)


def test_every_prompt_weighs_the_same_however_often_it_was_judged():
    score = np.array([[1.0, -1.0], [1.0, np.nan], [0.0, np.nan], [0.0, np.nan]])
    found = shares(score)
    assert (found.win, found.tie, found.lose, found.n) == (0.25, 0.25, 0.5, 2)
    assert found.net == -0.25


def test_a_prompt_without_a_verdict_is_not_counted_as_a_tie():
    assert shares(np.array([1.0, np.nan, -1.0, 1.0])).n == 3


def test_nothing_judged_has_no_outcome():
    assert shares(np.full((2, 3), np.nan)) is None


def test_a_prompt_won_and_lost_by_different_samples_is_no_tie():
    found = outcomes(np.array([0.5]), np.array([0.5]))
    assert (found.win, found.tie, found.lose, found.net) == (0.5, 0.0, 0.5, 0.0)


@given(scores)
def test_shares_add_up_and_mirror(score):
    found = shares(score)
    if found is None:
        assert np.isnan(score).all()
        return
    assert found.win + found.tie + found.lose == pytest.approx(1)
    assert min(found.win, found.tie, found.lose) >= 0
    other = shares(-score)
    assert (other.win, other.lose, other.n) == pytest.approx((found.lose, found.win, found.n))
    assert other.net == pytest.approx(-found.net)
