import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from thousand.statistics import mean_interval, net_interval, per_prompt

scores = arrays(
    np.float64, st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(2, 9)), elements=st.sampled_from([-1.0, 0.0, 1.0, np.nan])
)


def ends(interval):
    return None if interval is None else (interval.low, interval.high)


@given(scores)
@settings(max_examples=40, deadline=None)
def test_which_arm_is_called_a_does_not_matter(score):
    one, other = net_interval(score, draws=200), net_interval(-score.transpose(1, 0, 2), draws=200)
    if one is None:
        assert other is None
    else:
        assert ends(other) == pytest.approx((-one.high, -one.low), abs=1e-12)


@given(scores, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_the_order_of_the_prompts_does_not_matter(score, random):
    order = list(range(score.shape[2]))
    random.shuffle(order)
    one, other = net_interval(score, draws=200), net_interval(score[:, :, order], draws=200)
    assert ends(one) == (None if other is None else pytest.approx(ends(other), abs=1e-12))


@given(scores)
@settings(max_examples=40, deadline=None)
def test_the_interval_stays_in_range_and_repeats_itself(score):
    interval = net_interval(score, draws=200)
    assert interval == net_interval(score, draws=200)
    if interval is not None:
        assert -1 <= interval.low <= interval.high <= 1


@given(st.sampled_from([-1.0, 0.0, 1.0]), st.integers(1, 3), st.integers(2, 20))
@settings(max_examples=20, deadline=None)
def test_what_never_varies_has_no_width(value, seeds, prompts):
    assert ends(net_interval(np.full((seeds, 1, prompts), value), draws=50)) == (value, value)
    assert ends(mean_interval(np.full((seeds, prompts), 4.0), draws=50)) == (4.0, 4.0)


def test_another_seed_gives_other_draws():
    score = np.random.default_rng(1).choice([-1.0, 0.0, 1.0], (3, 3, 50))
    assert net_interval(score, seed=1) != net_interval(score, seed=2)


def test_one_prompt_says_nothing_about_others():
    assert net_interval(np.ones((3, 3, 1))) is None
    assert mean_interval(np.array([[4.0, np.nan], [5.0, np.nan]])) is None


def test_one_seed_is_said_and_not_resampled():
    values = np.random.default_rng(0).integers(1, 7, (3, 40)).astype(float)
    assert mean_interval(values).seeds_resampled
    assert not mean_interval(values[:1]).seeds_resampled
    assert not net_interval(values[:, None, :] / 6).seeds_resampled
    assert mean_interval(np.vstack([values[:1], np.full((2, 40), np.nan)])) == mean_interval(values[:1])  # seeds never judged are no seeds


def test_seeds_that_differ_widen_the_interval():
    alike = np.tile(np.random.default_rng(0).normal(4, 1, 60), (3, 1))
    apart = alike + np.array([[-0.8], [0.0], [0.8]])
    assert mean_interval(apart).width > 1.5 * mean_interval(alike).width


def test_the_standard_error_of_independent_prompts_is_the_textbook_one():
    values = np.random.default_rng(0).normal(0, 1, (1, 400))
    half = 1.96 * values.std(ddof=1) / 20
    assert mean_interval(values).width / 2 == pytest.approx(half, rel=0.06)


def test_more_verdicts_on_the_same_prompts_are_not_more_prompts():
    once = np.random.default_rng(0).choice([-1.0, 0.0, 1.0], (1, 1, 80))
    often = np.broadcast_to(once, (3, 3, 80))
    assert net_interval(often).width == pytest.approx(net_interval(once).width, rel=0.1)


def test_a_full_size_comparison_takes_a_fraction_of_a_second():
    score = np.random.default_rng(0).choice([-1.0, 0.0, 1.0], (3, 3, 120))
    net_interval(score)
    fastest = min(_seconds(lambda: net_interval(score, draws=4000)) for _ in range(3))
    assert fastest < 0.3


def test_nominal_95_percent_covers_where_resampled_rows_do_not():
    """40 prompts that differ, 4 seeds that hardly do: 160 rows that are worth little more than 40."""
    generator = np.random.default_rng(0)
    covered = naive = 0
    for trial in range(200):
        values = generator.normal(0, 1, (1, 40)) + generator.normal(0, 0.05, (4, 1)) + generator.normal(0, 0.4, (4, 40))
        interval = mean_interval(values, draws=400, seed=trial)
        covered += 0.0 in interval
        rows = values.ravel()
        means = rows[generator.integers(0, rows.size, (400, rows.size))].mean(axis=1)
        low, high = np.quantile(means, [0.025, 0.975])
        naive += bool(low <= 0 <= high)
    assert covered >= 0.90 * 200
    assert naive <= 0.80 * 200


def test_net_intervals_cover_a_difference_of_zero_with_both_arms_seeded():
    """Answers right or wrong, easy and hard prompts, three seeds of each arm, no true difference."""
    generator = np.random.default_rng(1)
    covered = 0
    for trial in range(150):
        easy = generator.normal(0, 1.5, 60)
        a, b = (easy + generator.normal(0, 0.1, (3, 1)) > generator.logistic(0, 1, (3, 60)) for _ in range(2))
        score = a[:, None, :].astype(float) - b[None, :, :]
        covered += 0.0 in net_interval(score, draws=400, seed=trial)
    assert covered >= 0.90 * 150


def test_axes_that_do_not_fit_are_an_error():
    with pytest.raises(ValueError, match="axes"):
        net_interval(np.ones((3, 4)))
    with pytest.raises(ValueError, match="axes"):
        mean_interval(np.ones(4))


def test_prompt_means_ignore_what_is_missing():
    assert per_prompt(np.array([[1.0, np.nan, np.nan], [0.0, -1.0, np.nan]])).tolist()[:2] == [0.5, -1.0]


def _seconds(work):
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
