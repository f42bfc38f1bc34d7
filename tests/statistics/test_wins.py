import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.statistics.judging import shares
from thousand.statistics import by_prompt, versus, wins

FAST = {"draws": 200}
scores = arrays(
    np.float64,
    st.tuples(st.integers(1, 2), st.integers(1, 2), st.integers(1, 3), st.integers(1, 9)),
    elements=st.sampled_from([-1, 0, 1, np.nan]),
)


@given(scores)
@settings(max_examples=40, deadline=None)
def test_shares_add_up_lie_in_range_and_mirror(score):
    found, other = wins(score, **FAST), wins(-score.swapaxes(0, 1), **FAST)
    if found.win.value is None:
        assert np.isnan(score).all()
        assert found.net.reason == found.win_rate.reason == "there is no verdict"
        return
    assert found.win.value + found.tie.value + found.lose.value == pytest.approx(1)
    assert found.net.value == pytest.approx(found.win.value - found.lose.value)
    assert found.win_rate.value == pytest.approx(found.win.value + found.tie.value / 2)
    assert other.net.value == pytest.approx(-found.net.value, abs=1e-12)
    assert (other.win.value, other.lose.value) == pytest.approx((found.lose.value, found.win.value))
    if found.net.interval is None:
        assert "one prompt" in found.net.reason
        return
    assert 0 <= found.win_rate.interval.low <= found.win_rate.interval.high <= 1
    assert -1 <= found.net.interval.low <= found.net.interval.high <= 1
    assert other.net.interval.low == pytest.approx(-found.net.interval.high, abs=1e-12)


def test_one_axis_is_one_seed_of_each():
    score = np.array([1.0, 1.0, 0.0, -1.0, np.nan])
    found = wins(score, **FAST)
    assert found == wins(score[None, None], **FAST)
    plain = shares(score)
    assert (found.win.value, found.tie.value, found.lose.value, found.win.n) == (plain.win, plain.tie, plain.lose, plain.n)
    with pytest.raises(ValueError, match="axes"):
        wins(score[None])


def test_samples_of_a_prompt_are_no_further_prompts():
    once = np.random.default_rng(0).choice([-1.0, 0.0, 1.0], 60)
    thrice = np.broadcast_to(once, (1, 1, 3, 60))
    assert wins(thrice).net.interval == wins(once).net.interval


def test_all_ties_is_a_finding_not_a_gap():
    found = wins(np.zeros(20))
    assert (found.tie.value, found.net.value, found.win_rate.value) == (1.0, 0.0, 0.5)


def test_ratings_become_verdicts_for_every_pair_of_seeds_and_samples():
    a = np.array([[[3.0, 5.0], [4.0, np.nan]]])  # one seed, two samples, two prompts
    b = np.array([[[3.0, 5.0]], [[4.0, 1.0]]])  # two seeds, one sample
    score = versus(a, b)
    assert score.shape == (1, 2, 2, 2)
    assert score[0, 0, :, 0].tolist() == [0.0, 1.0]
    assert score[0, 1, :, 0].tolist() == [-1.0, 0.0]
    assert score[0, 1, 0, 1] == 1
    assert np.isnan(score[0, 0, 1, 1])


def test_rows_of_one_prompt_come_to_stand_below_each_other():
    first, second = by_prompt(["p", "q", "p"], np.array([1.0, 2.0, 3.0]), np.array([4.0, np.nan, 6.0]))
    assert np.array_equal(first, [[1.0, 2.0], [3.0, np.nan]], equal_nan=True)
    assert np.array_equal(second, [[4.0, np.nan], [6.0, np.nan]], equal_nan=True)
    assert by_prompt([], np.array([]))[0].shape == (0, 0)
