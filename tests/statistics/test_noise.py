import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thousand.statistics import noise_bar, versus


def ratings(seed, seeds=3, prompts=100, between=0.0):
    generator = np.random.default_rng(seed)
    return generator.normal(0, 1, prompts) + generator.normal(0, between, (seeds, 1, 1)) + generator.normal(0, 0.7, (seeds, 1, prompts))


def test_no_arm_beats_itself_and_the_bar_is_as_wide_above_as_below():
    bar = noise_bar(versus(*[ratings(0)] * 2))
    assert bar.value == pytest.approx(0, abs=1e-12)
    assert bar.interval.low == pytest.approx(-bar.interval.high)
    assert (bar.n, bar.interval.seeds_resampled) == (100, True)


def test_other_seeds_of_the_arm_fall_within_it():
    held = 0
    for seed in range(150):
        four = ratings(seed, seeds=5, between=0.1)
        bar = noise_bar(versus(four[:3], four[:3]), draws=300)
        held += versus(four[3:4], four[4:5]).mean() in bar.interval
    assert held >= 0.9 * 150


def test_seeds_that_differ_widen_it_and_prompts_narrow_it():
    def width(**how):
        return np.mean([noise_bar(versus(*[ratings(seed, **how)] * 2), draws=200).interval.width for seed in range(10)])

    assert width(between=1.0) > 2 * width()
    assert width(prompts=400) < 0.7 * width()


@given(st.integers(0, 100))
@settings(max_examples=15, deadline=None)
def test_neither_the_order_of_prompts_nor_that_of_seeds_matters(seed):
    generator, one = np.random.default_rng(seed), ratings(seed)
    shuffled, turned = one[..., generator.permutation(100)], one[generator.permutation(3)]
    bar, same, alike = (noise_bar(versus(each, each), draws=2000).interval.high for each in (one, shuffled, turned))
    assert same == bar
    assert alike == pytest.approx(bar, rel=0.15)  # other draws


def test_verdicts_may_stand_on_one_side_or_on_both():
    both = versus(*[ratings(0)] * 2)
    one_side = np.where(np.tri(3, dtype=bool)[:, :, None, None], np.nan, both)
    assert noise_bar(one_side).interval == noise_bar(both).interval
    assert noise_bar(one_side.swapaxes(0, 1) * -1).interval == noise_bar(both).interval


def test_a_seed_against_itself_does_not_count():
    score = np.full((2, 2, 30), 1.0)
    score[0, 1] = np.random.default_rng(0).choice([-1.0, 1.0], 30)
    score[1, 0] = -score[0, 1]
    plain = score.copy()
    plain[[0, 1], [0, 1]] = np.nan
    assert noise_bar(score) == noise_bar(plain)


def test_undefined_cases_say_why():
    assert noise_bar(np.zeros((1, 1, 9))).reason == "one seed has no other to be compared with"
    assert noise_bar(np.full((2, 2, 9), np.nan)).reason == "there is no verdict"
    assert "one prompt" in noise_bar(np.ones((2, 2, 1))).reason
    with pytest.raises(ValueError, match="itself"):
        noise_bar(np.zeros((2, 3, 9)))
