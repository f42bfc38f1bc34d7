import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from thousand.statistics import Estimate, Interval
from thousand.statistics.bootstrap import percentiles, resampled_totals
from thousand.statistics.estimate import of_totals, unknown


def mean(totals):
    return totals[..., 0] / totals[..., 1]


def test_what_is_missing_needs_a_reason():
    assert unknown(0, "nothing was judged").value is None
    for missing in ({"value": None, "interval": None}, {"value": 0.5, "interval": None}):
        with pytest.raises(ValueError, match="reason"):
            Estimate(n=3, **missing)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_undefined_is_no_number(value):
    with pytest.raises(ValueError, match="None"):
        Estimate(value, 3, Interval(0, 1))


def test_another_unit_moves_value_and_both_ends():
    assert Estimate(0.0, 9, Interval(-1.0, 1.0)).mapped(lambda value: (1 + value) / 2) == Estimate(0.5, 9, Interval(0.0, 1.0))
    assert unknown(0, "none").mapped(abs) == unknown(0, "none")


def test_nothing_one_prompt_and_an_undefined_figure_each_have_their_reason():
    assert of_totals(np.zeros((0, 2)), mean, 0, undefined="?").reason == "there is no verdict"
    assert of_totals(np.array([[1.0, 2.0]]), mean, 1, undefined="?") == Estimate(0.5, 1, None, "one prompt says nothing about others")
    assert of_totals(np.zeros((3, 2)), mean, 3, undefined="all empty").reason == "all empty"


def test_a_figure_that_most_draws_do_not_have_has_no_interval():
    parts = np.array([[1.0, 1.0], *[[0.0, 0.0]] * 9])
    found = of_totals(parts, mean, 10, undefined="?")
    assert (found.value, found.interval) == (1.0, None)
    assert "too many" in found.reason


@given(
    arrays(np.float64, st.tuples(st.integers(2, 40), st.just(2)), elements=st.integers(-2, 2).map(float)), st.randoms(use_true_random=False)
)
@settings(max_examples=30, deadline=None)
def test_the_order_of_the_prompts_changes_no_draw(parts, random):
    order = list(range(len(parts)))
    random.shuffle(order)
    assert np.array_equal(resampled_totals(parts, 40), resampled_totals(parts[order], 40))


@pytest.mark.parametrize("prompts", [12, 400])
def test_totals_of_many_alike_prompts_spread_as_those_of_different_ones(prompts):
    """Drawn by number, and drawn one by one: both as the textbook has the variance of a sum of n - 1."""
    alike = np.repeat([[0.0], [1.0]], prompts // 2, axis=0)
    apart = alike + np.arange(prompts)[:, None] * 1e-9
    for parts in (alike, apart):
        drawn = resampled_totals(parts, 8000)[:, 0]
        assert drawn.mean() == pytest.approx((prompts - 1) / 2, rel=0.02)
        assert drawn.std() == pytest.approx(np.sqrt(prompts - 1) / 2, rel=0.04)


def test_ends_are_taken_from_the_draws_that_are_defined():
    sample = np.r_[np.linspace(0, 1, 1001), [np.nan] * 5]
    assert percentiles(sample, 0.95).low == pytest.approx(0.025)
    assert percentiles(np.r_[sample, [np.nan] * 50], 0.95) is None
