import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from thousand.statistics import first_wins, flip_rate, longer_wins, position_bias, tie_rate

A, T, B, X = 1.0, 0.0, -1.0, np.nan
FAST = {"draws": 200}
scores = arrays(np.float64, st.tuples(st.integers(1, 3), st.integers(1, 8)), elements=st.sampled_from([A, T, B, X]))


def ends(found):
    return found.interval.low, found.interval.high


def test_four_pairs_in_both_orders_by_hand():
    """In a's view: shown first, then second. A wins both; each first one wins; two ties; a tie and an unread one."""
    score = np.array([[A, A, T, T], [A, B, T, X]])
    a_first = np.array([[True] * 4, [False] * 4])
    assert (tie_rate(score).value, tie_rate(score).n) == (pytest.approx(3 / 7), 7)
    assert (flip_rate(*score).value, flip_rate(*score).n) == (pytest.approx(1 / 3), 3)
    assert (first_wins(score, a_first).value, first_wins(score, a_first).n) == (pytest.approx(3 / 4), 4)
    assert (position_bias(score, a_first).value, position_bias(score, a_first).n) == (pytest.approx(2 / 7), 7)


def test_a_tie_in_one_order_and_a_choice_in_the_other_is_a_flip():
    assert flip_rate(np.array([A, T]), np.array([T, T])).value == 0.5


def test_the_longer_answer_by_hand():
    """Longer and won, longer and lost, shorter and won, longer and a tie, equally long."""
    score, longer_by = np.array([A, B, A, T, A]), np.array([50, 20, -90, 40, 0])
    assert (longer_wins(score, longer_by).value, longer_wins(score, longer_by).n) == (pytest.approx(1 / 3), 3)
    assert (longer_wins(score, longer_by, 30).value, longer_wins(score, longer_by, 30).n) == (0.5, 2)


def test_an_unknown_length_is_left_out():
    assert longer_wins(np.array([A, A]), np.array([5, X])).n == 1


@given(scores, st.integers(0, 2**32))
@settings(max_examples=40, deadline=None)
def test_shares_lie_in_range_and_mirror_when_the_sides_change(score, seed):
    generator = np.random.default_rng(seed)
    a_first, longer_by = generator.random(score.shape) < 0.5, generator.integers(-9, 9, score.shape)
    for share, other in [
        (first_wins(score, a_first, **FAST), first_wins(score, ~a_first, **FAST)),
        (longer_wins(score, longer_by, **FAST), longer_wins(score, -longer_by, **FAST)),
    ]:
        assert share.n == other.n
        if share.value is None:
            assert share.reason
            continue
        assert share.value == pytest.approx(1 - other.value)
        assert share.interval is None or 0 <= share.interval.low <= share.interval.high <= 1
    bias, mirrored = position_bias(score, a_first, **FAST), position_bias(score, ~a_first, **FAST)
    assert bias.value is None or bias.value == pytest.approx(-mirrored.value)
    flips = flip_rate(score, np.roll(score, 1, axis=0), **FAST)
    assert flips.value is None or 0 <= flips.value <= 1


def test_with_one_verdict_for_each_prompt_the_interval_mirrors_exactly():
    generator = np.random.default_rng(0)
    score, a_first = generator.choice([A, T, B], 70), generator.random(70) < 0.5
    share, other = first_wins(score, a_first), first_wins(score, ~a_first)
    assert ends(share) == pytest.approx((1 - other.interval.high, 1 - other.interval.low))


def test_verdicts_on_one_prompt_are_no_independent_ones():
    once = np.random.default_rng(0).choice([A, T, B], 60)
    assert tie_rate(np.tile(once, (6, 1))).interval.width == pytest.approx(tie_rate(once).interval.width, rel=0.05)


def test_undefined_cases_say_why():
    nothing = np.full((2, 3), X)
    assert tie_rate(nothing).reason == "there is no verdict"
    assert flip_rate(*nothing).reason == "no pair was judged in both orders"
    assert first_wins(np.zeros(3), np.ones(3, dtype=bool)).reason == "there is no verdict without a tie"
    assert longer_wins(np.ones(3), np.zeros(3)).reason == "no verdict without a tie is on answers of different length"
    assert "one prompt" in tie_rate(np.array([[A], [T]])).reason
