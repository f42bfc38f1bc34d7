import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thousand.statistics import components


def draw(seed, seeds=3, samples=3, prompts=100, prompt=1.0, between=0.5, interaction=0.4, sampling=0.8):
    generator = np.random.default_rng(seed)
    return (
        generator.normal(0, prompt, prompts)
        + generator.normal(0, between, (seeds, 1, 1))
        + generator.normal(0, interaction, (seeds, 1, prompts))
        + generator.normal(0, sampling, (seeds, samples, prompts))
    )


def values(found):
    return tuple(each.value for each in (found.prompt, found.seed, found.interaction, found.sampling))


def by_analysis_of_variance(ratings):
    """The textbook's mean squares of two crossed factors with repetition."""
    seeds, samples, prompts = ratings.shape
    cell, seed, prompt, mean = ratings.mean(axis=1), ratings.mean(axis=(1, 2)), ratings.mean(axis=(0, 1)), ratings.mean()
    of_prompt = seeds * samples * ((prompt - mean) ** 2).sum() / (prompts - 1)
    of_seed = prompts * samples * ((seed - mean) ** 2).sum() / (seeds - 1)
    both = samples * ((cell - seed[:, None] - prompt + mean) ** 2).sum() / ((seeds - 1) * (prompts - 1))
    within = ((ratings - cell[:, None]) ** 2).sum() / (seeds * prompts * (samples - 1))
    return (of_prompt - both) / (seeds * samples), (of_seed - both) / (prompts * samples), (both - within) / samples, within


@given(st.integers(0, 1000), st.integers(2, 4), st.integers(2, 4), st.integers(2, 9))
@settings(max_examples=30, deadline=None)
def test_with_nothing_missing_it_is_the_analysis_of_variance(seed, seeds, samples, prompts):
    ratings = draw(seed, seeds, samples, prompts)
    assert values(components(ratings, draws=20)) == pytest.approx(by_analysis_of_variance(ratings), abs=1e-9)


def test_it_is_unbiased_with_a_third_of_the_ratings_missing():
    found = []
    for seed in range(300):
        ratings = draw(seed, prompts=20)
        ratings[np.random.default_rng(seed).random(ratings.shape) < 1 / 3] = np.nan
        found.append(values(components(ratings, draws=2)))
    errors = np.std(found, axis=0) / np.sqrt(300)
    assert (np.abs(np.mean(found, axis=0) - [1.0, 0.25, 0.16, 0.64]) < 4 * errors).all()


def test_the_intervals_of_what_varies_over_prompts_hold_the_truth():
    held = np.zeros(2)
    for seed in range(120):
        found = components(draw(seed, between=0.1), draws=200)
        held += [1.0 in found.prompt.interval, 0.64 in found.sampling.interval]
    assert (held >= 0.83 * 120).all()  # variances skew: percentiles hold 90 to 94 of 100


def test_prompts_say_nothing_about_other_seeds():
    found = components(draw(0))
    assert found.seed.value is not None
    assert (found.seed.interval, found.seed.reason) == (None, "other prompts say nothing about other seeds")
    assert (found.seeds, found.samples, found.prompt.n) == (3, 3, 100)


def test_what_cannot_be_told_apart_is_counted_together_and_said():
    ratings = draw(1, prompts=3000, between=0.0)
    one_sample = components(ratings[:, :1], draws=20)
    assert one_sample.interaction.reason.startswith("counted as sampling")
    assert one_sample.sampling.value == pytest.approx(0.16 + 0.64, rel=0.1)
    one_seed = components(ratings[:1], draws=20)
    assert one_seed.seed.reason.startswith("one seed")
    assert one_seed.interaction.reason.startswith("counted as prompt")
    assert one_seed.prompt.value == pytest.approx(1.0 + 0.16, rel=0.1)
    assert one_seed.sampling.value == pytest.approx(0.64, rel=0.1)
    neither = components(ratings[:1, :1], draws=20)
    assert neither.sampling.value is None
    assert neither.prompt.value is None


def test_a_missing_value_is_not_a_sample():
    ratings = draw(2)
    ratings[:, 1:] = np.nan
    assert components(ratings, draws=20).samples == 1
    ratings[0, 1, 0] = 1.0
    assert components(ratings, draws=20).samples == 2


@given(st.integers(0, 100))
@settings(max_examples=10, deadline=None)
def test_order_and_offset_do_not_matter_and_the_unit_is_squared(seed):
    ratings, generator = draw(seed, prompts=12), np.random.default_rng(seed)
    other = (10 + 3 * ratings)[generator.permutation(3)][..., generator.permutation(12)]
    assert values(components(other, draws=20)) == pytest.approx(tuple(9 * each for each in values(components(ratings, draws=20))))


def test_undefined_cases_say_why():
    nothing = components(np.full((2, 2, 2), np.nan))
    assert nothing.prompt.reason == nothing.seed.reason == "there is no verdict"
    one_prompt = components(draw(0, prompts=1))
    assert one_prompt.prompt.value is None
    assert one_prompt.sampling.value is not None
    assert components(np.ones((2, 2, 5))).prompt.value == 0
    with pytest.raises(ValueError, match="axes"):
        components(np.ones((2, 3)))
