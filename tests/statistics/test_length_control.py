import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from thousand.statistics import length_controlled, wins


def verdicts(seed, prompts, theta, phi):
    """Verdicts of a judge who likes length by phi; a's answers are longer by one standard deviation."""
    generator = np.random.default_rng(seed)
    longer_by = generator.normal(200, 200, prompts)
    won = generator.random(prompts) < expit(theta + phi * np.tanh(longer_by / longer_by.std()))
    return np.where(won, 1.0, -1.0), longer_by


def test_it_recovers_what_a_judge_who_likes_length_hides():
    score, longer_by = verdicts(0, 4000, -0.4, 2.0)
    found = length_controlled(score, longer_by)
    assert wins(score, draws=200).win_rate.value > 0.6
    assert expit(-0.4) in found.win_rate.interval
    assert found.win_rate.value == pytest.approx(expit(-0.4), abs=0.03)
    assert 2.0 in found.slope.interval


def test_a_judge_who_does_not_mind_leaves_the_win_rate_where_it_was():
    score, longer_by = verdicts(1, 4000, 0.5, 0.0)
    found = length_controlled(score, longer_by)
    assert found.win_rate.value == pytest.approx(wins(score, draws=200).win_rate.value, abs=0.02)
    assert 0 in found.slope.interval


def test_the_fit_is_that_of_a_plain_logistic_regression_with_ties_as_half_of_each():
    score, longer_by = verdicts(2, 300, 0.3, 1.0)
    score[::7] = 0.0
    features = np.tanh(longer_by / longer_by.std())[:, None]
    model = LogisticRegression(C=np.inf, tol=1e-10).fit(
        np.r_[features, features], np.r_[np.ones(300), np.zeros(300)], sample_weight=np.r_[(1 + score) / 2, (1 - score) / 2]
    )
    found = length_controlled(score, longer_by)
    assert found.win_rate.value == pytest.approx(expit(model.intercept_[0]), abs=1e-5)
    assert found.slope.value == pytest.approx(model.coef_[0, 0], abs=1e-4)


@given(st.integers(0, 1000))
@settings(max_examples=15, deadline=None)
def test_exchanging_the_arms_mirrors_it_and_the_order_of_prompts_does_not_matter(seed):
    score, longer_by = verdicts(seed, 80, 0.2, 0.8)
    found, other = length_controlled(score, longer_by, draws=200), length_controlled(-score, -longer_by, draws=200)
    assert other.win_rate.value == pytest.approx(1 - found.win_rate.value, abs=1e-6)
    assert other.slope.value == pytest.approx(found.slope.value, abs=1e-5)
    assert other.win_rate.interval.low == pytest.approx(1 - found.win_rate.interval.high, abs=1e-6)
    order = np.random.default_rng(seed).permutation(80)
    shuffled = length_controlled(score[order], longer_by[order], draws=200)
    assert shuffled.win_rate.value == pytest.approx(found.win_rate.value, abs=1e-6)
    assert shuffled.win_rate.interval.low == pytest.approx(found.win_rate.interval.low, abs=1e-6)


def test_the_unit_of_length_does_not_matter():
    score, longer_by = verdicts(3, 200, 0.2, 0.8)
    one, other = length_controlled(score, longer_by), length_controlled(score, longer_by / 4.2)
    assert one.win_rate.value == pytest.approx(other.win_rate.value, abs=1e-9)


def test_the_interval_covers():
    """At 95% nominal, 150 trials: 89% would be four standard errors low."""
    truth = expit(0.3)
    held = sum(truth in length_controlled(*verdicts(seed, 200, 0.3, 1.0), draws=300).win_rate.interval for seed in range(150))
    assert held >= 0.89 * 150


def test_samples_of_a_prompt_move_together():
    score, longer_by = verdicts(4, 200, 0.3, 1.0)
    once, often = length_controlled(score, longer_by), length_controlled(np.tile(score, (3, 1)), np.tile(longer_by, (3, 1)))
    assert often.win_rate.value == pytest.approx(once.win_rate.value, abs=1e-6)
    assert often.win_rate.interval.width == pytest.approx(once.win_rate.interval.width, abs=1e-4)
    assert often.win_rate.n == 200


def test_undefined_cases_say_why():
    longer_by = np.array([10.0, -20.0, 30.0, -5.0])
    assert length_controlled(np.full(4, np.nan), longer_by).win_rate.reason == "there is no verdict"
    assert "never varies" in length_controlled(np.array([1.0, -1, 1, -1]), np.full(4, 7.0)).win_rate.reason
    for separated in (np.ones(4), np.sign(longer_by), -np.sign(longer_by)):
        found = length_controlled(separated, longer_by)
        assert "without exception" in found.win_rate.reason
        assert found.slope.value is None
    assert length_controlled(np.zeros(4), longer_by).win_rate.value == pytest.approx(0.5)
    missing = np.array([1.0, -1.0, -1.0, 1.0, np.nan]), np.array([10.0, -20.0, 30.0, -5.0, np.nan])
    assert length_controlled(*missing).win_rate.n == 4


def test_ten_thousand_prompts_take_about_a_second():
    score, longer_by = verdicts(5, 10_000, 0.3, 1.0)
    started = time.perf_counter()
    length_controlled(score, longer_by)
    assert time.perf_counter() - started < 8
