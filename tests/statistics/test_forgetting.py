"""Whether less is known after than before: the sign test over questions, and what guessing does to it."""

from __future__ import annotations

import numpy as np
import pytest

from thousand.statistics import forgetting


def test_of_one_seed_it_is_the_sign_test_over_questions_that_changed():
    before = np.array([1.0] * 10 + [0.0] * 10)
    after = before.copy()
    after[:7], after[10] = 0.0, 1.0  # seven forgotten, one learnt: two-sided, 2 (1 + 8) / 2^8
    assert forgetting(before, after) == pytest.approx(18 / 256)


def test_forgetting_everything_is_not_taken_for_forgetting_nothing():
    everything, nothing = np.ones(30_000), np.zeros(30_000)
    assert forgetting(everything, nothing) == 0.0
    assert forgetting(nothing, everything) == 1.0
    assert forgetting(everything, everything) == 1.0


def test_choices_that_are_guessed_before_and_after_are_not_forgotten():
    rng = np.random.default_rng(0)
    p = np.array([forgetting(*(rng.random((2, 400)) < 0.25).astype(float)) for _ in range(400)])
    assert (p < 0.05).mean() < 0.04  # one side of a two-sided 5%


def test_seeds_are_averaged_question_by_question():
    before = np.ones(6)
    after = np.array([[1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1]], float)  # half forgotten in each seed, of every question one half
    assert forgetting(before, after) == pytest.approx(2 / 2**6)


def test_what_is_not_known_to_be_known_is_left_out():
    before, after = np.array([1, 1, 1, np.nan, 0]), np.array([0, 0, np.nan, 0, 0])
    assert forgetting(before, after) == pytest.approx(2 / 4)
    assert forgetting(before, np.full(5, np.nan)) is None
