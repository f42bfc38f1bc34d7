import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from thousand.statistics import net_interval, paired, sign_test, standard_error

FAST = {"draws": 200}
ratings = arrays(
    np.float64, st.tuples(st.integers(1, 3), st.integers(1, 2), st.just(6)), elements=st.sampled_from([1.0, 2.0, 4.0, 6.0, np.nan])
)


@given(ratings, ratings)
@settings(max_examples=40, deadline=None)
def test_exchanging_the_arms_mirrors_everything(a, b):
    one, other = paired(a, b, **FAST), paired(b, a, **FAST)
    assert (one.higher, one.equal, one.lower) == (other.lower, other.equal, other.higher)
    assert (one.p, one.error, one.unpaired_error) == pytest.approx((other.p, other.error, other.unpaired_error))
    assert one.difference.n == other.difference.n
    if one.difference.value is None:
        assert one.difference.reason == "no prompt has a value of both arms"
        return
    assert one.difference.value == pytest.approx(-other.difference.value, abs=1e-12)
    if one.difference.interval is not None:
        assert one.difference.interval.low == pytest.approx(-other.difference.interval.high, abs=1e-9)


@given(st.randoms(use_true_random=False))
@settings(max_examples=10, deadline=None)
def test_the_order_of_the_prompts_does_not_matter(random):
    a, b = np.random.default_rng(3).integers(1, 7, (2, 2, 3, 12)).astype(float)
    order = list(range(12))
    random.shuffle(order)
    one, other = paired(a, b, **FAST), paired(a[..., order], b[..., order], **FAST)
    assert one.difference.value == pytest.approx(other.difference.value)
    assert one.difference.interval.low == pytest.approx(other.difference.interval.low)
    assert one.error == pytest.approx(other.error)


def test_by_hand():
    found = paired(np.array([3.0, 5.0, 4.0, np.nan]), np.array([1.0, 5.0, 5.0, 2.0]))
    assert (found.difference.value, found.difference.n) == (pytest.approx(1 / 3), 3)
    assert (found.higher, found.equal, found.lower) == (1, 1, 1)
    assert found.error == pytest.approx(np.std([2, 0, -1], ddof=1) / np.sqrt(3))
    assert found.unpaired_error == pytest.approx(np.sqrt((np.var([3, 5, 4], ddof=1) + np.var([1, 5, 5], ddof=1)) / 3))
    assert found.p == pytest.approx(1.0)  # |2 - 1| is the smallest sum that 2 and 1 can have


def test_hard_prompts_cancel():
    generator = np.random.default_rng(0)
    prompt = generator.normal(0, 2, 200)
    a, b = prompt + 0.3 + generator.normal(0, 0.5, (2, 3, 200)), prompt + generator.normal(0, 0.5, (2, 3, 200))
    found = paired(a, b)
    assert found.error < found.unpaired_error / 4
    assert found.difference.interval.excludes_zero
    assert found.difference.interval.seeds_resampled


def test_samples_and_orders_average_within_their_seed():
    values = np.random.default_rng(0).normal(0, 1, (2, 3, 2, 30))
    baseline = np.zeros(30)
    assert paired(values, baseline).difference.interval == paired(values.mean(axis=(1, 2)), baseline).difference.interval


def test_right_and_wrong_give_the_sign_test():
    a, b = np.r_[np.ones(30), np.zeros(10)], np.r_[np.zeros(20), np.ones(15), np.zeros(5)]
    found = paired(a, b)
    assert found.p == pytest.approx(sign_test(found.higher, found.lower))


def test_undefined_cases_say_why():
    assert "one prompt" in paired(np.array([1.0]), np.array([0.0])).difference.reason
    assert paired(np.array([1.0]), np.array([0.0])).error is None
    assert paired(np.array([np.nan]), np.array([0.0])).difference.value is None
    assert paired(np.ones(5), np.ones(5)).p is None
    assert standard_error(np.array([np.nan, 2.0])) is None
    with pytest.raises(ValueError, match="pair them first"):
        paired(np.ones(3), np.ones(4))


def test_ten_thousand_prompts_and_three_seeds_take_about_a_second():
    score = np.random.default_rng(0).choice([-1.0, 0.0, 1.0], (3, 3, 10_000))
    started = time.perf_counter()
    net_interval(score)
    assert time.perf_counter() - started < 5  # a second where nothing else runs
