import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.statistics.judging import shares
from thousand.statistics import (
    bradley_terry,
    components,
    mean_interval,
    net_interval,
    noise_bar,
    outcomes,
    paired,
    per_prompt,
    prompts_needed,
    smallest_difference,
    standard_error,
    versus,
    wins,
)

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


def test_no_prompts_at_all_have_no_figure_and_say_why():
    none = np.zeros((2, 2, 3, 0))
    assert per_prompt(none, keep=2).shape == (2, 2, 0)
    assert versus(np.zeros((2, 3, 0)), np.zeros((1, 2, 0))).shape == (2, 1, 6, 0)
    assert outcomes(none, none) is None
    assert net_interval(none) is mean_interval(none[0]) is standard_error(none) is None
    figures = [
        *(vars(wins(each))[name] for each in (none, np.zeros(0)) for name in ("win", "tie", "lose", "net", "win_rate")),
        paired(np.zeros(0), np.zeros(0)).difference,
        noise_bar(none),
        components(np.zeros((2, 3, 0))).prompt,
        prompts_needed(none, 0.05),
        smallest_difference(none, 100),
        *bradley_terry(["x", "y"], none).estimates,
    ]
    assert all((each.value, each.interval, each.n) == (None, None, 0) for each in figures)
    assert {each.reason for each in figures} == {"there is no verdict", "no prompt has a value of both arms"}


@pytest.mark.parametrize(
    ("measure", "name"),
    [
        (wins, "score"),
        (standard_error, "value"),
        (lambda values: paired(values, values), "value"),
        (lambda values: versus(values[None], values[None]), "rating"),
        (lambda values: components(values[None, None]), "rating"),
    ],
)
def test_an_infinity_is_refused_by_name_and_place(measure, name):
    with pytest.raises(ValueError, match=f"an infinite {name} at prompt 1: what is not known is NaN"):
        measure(np.array([1.0, np.inf, 0.0]))
