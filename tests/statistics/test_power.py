import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thousand.statistics import prompts_needed, smallest_difference


def test_the_textbook_by_hand():
    """(1.959964 + 0.841621)^2 * variance / difference^2: with variance 1 and a quarter, 125.6 prompts."""
    values = np.array([1.0, -1.0] * 50) * np.sqrt(99 / 100)  # variance 1 with n - 1
    assert prompts_needed(values, 0.25).value == 126
    assert prompts_needed(values, 0.25, power=0.9).value == 169  # (1.959964 + 1.281552)^2 * 16 = 168.1
    assert prompts_needed(values, 0.25, level=0.99).value == 187  # (2.575829 + 0.841621)^2 * 16 = 186.9
    assert smallest_difference(values, 126).value == pytest.approx(0.2496, abs=1e-4)


def test_so_many_prompts_find_the_difference_so_often():
    values = np.random.default_rng(0).choice([1.0, 0.0, -1.0], 500)
    needed = int(prompts_needed(values, 0.2, power=0.8).value)
    samples = np.random.default_rng(1).normal(0.2, values.std(ddof=1), (4000, needed))
    z = samples.mean(axis=1) / (samples.std(axis=1, ddof=1) / np.sqrt(needed))
    assert (np.abs(z) > 1.959964).mean() == pytest.approx(0.8, abs=0.03)


def test_a_pilot_is_uncertain_and_says_so():
    few, many = (prompts_needed(np.random.default_rng(0).normal(0, 1, n), 0.2) for n in (20, 2000))
    assert few.interval.low < few.value < few.interval.high
    assert few.interval.width > 5 * many.interval.width


@given(st.integers(0, 100), st.floats(0.02, 0.5))
@settings(max_examples=20, deadline=None)
def test_both_ways_round_agree(seed, difference):
    values = np.random.default_rng(seed).choice([1.0, 0.0, -1.0], 60)
    needed = prompts_needed(values, difference, draws=20).value
    assert smallest_difference(values, int(needed), draws=20).value <= difference
    assert needed == 1 or smallest_difference(values, int(needed) - 1, draws=20).value > difference - 1e-12


def test_what_seeds_add_no_prompt_takes_away():
    values = np.random.default_rng(0).normal(0, 1, 200)
    assert prompts_needed(values, 0.2, seed_variance=0.002).value > prompts_needed(values, 0.2).value
    beyond = prompts_needed(values, 0.2, seed_variance=0.01)
    assert (beyond.value, beyond.n) == (None, 200)
    assert "more of them" in beyond.reason
    assert smallest_difference(values, 10**9, seed_variance=0.01).value == pytest.approx(2.801585 * 0.1, abs=1e-4)


def test_samples_and_seeds_are_averaged_within_their_prompt():
    values = np.random.default_rng(0).normal(0, 1, (3, 2, 80))
    assert prompts_needed(values, 0.2).value == prompts_needed(values.mean(axis=(0, 1)), 0.2).value


def test_undefined_cases_say_why():
    assert prompts_needed(np.full(9, np.nan), 0.1).reason == "there is no verdict"
    for alike in (np.ones(9), np.zeros(9), np.array([0.4])):
        assert prompts_needed(alike, 0.1).reason.startswith("no prompt differs")
    for wrong in ({"difference": 0.0}, {"difference": 0.1, "power": 1.0}, {"difference": 0.1, "level": 0.0}):
        with pytest.raises(ValueError, match=r"0"):
            prompts_needed(np.arange(9.0), **wrong)
    with pytest.raises(ValueError, match="prompts"):
        smallest_difference(np.arange(9.0), 0)
