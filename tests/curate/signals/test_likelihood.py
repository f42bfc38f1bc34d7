"""The base's own likelihood: between two answers of one manner it prefers the right fact."""

from __future__ import annotations

import numpy as np
import pytest

from tests.curate.signals.facts import PAIRS, pairs, texts
from tests.small import shipped, world
from thousand.curate.signals.likelihood import likelihood
from thousand.lab.pool import make_pool
from thousand.model import mean_log_likelihood


def test_of_two_answers_in_the_same_words_the_right_one_is_likelier():
    found = pairs()
    values = likelihood(texts(found.prompts * 2, found.right + found.wrong), shipped())
    assert np.mean(values[:PAIRS] > values[PAIRS:]) > 0.9


def test_by_itself_it_chooses_a_manner_and_not_what_is_good():
    """The likeliest tenth of a pool is mostly what pretraining had word for word, such as rambling."""
    candidates, truths = make_pool(world(), 0, 500)
    values = likelihood(texts([each.prompt for each in candidates], [each.response for each in candidates]), shipped())
    likeliest = [truths[i] for i in np.argsort(-values)[:50]]
    assert sum(each.good for each in likeliest) < 25
    assert sum(each.kind == "ramble" for each in likeliest) > 25


def test_the_form_says_how_the_prompt_is_put():
    found = pairs()
    values = likelihood(texts(found.prompts[:3], found.short[:3]), shipped(), form="Q: {prompt} A:", batch=2)
    expected = mean_log_likelihood(shipped(), [f"Q: {prompt} A:" for prompt in found.prompts[:3]], found.short[:3])
    assert values == pytest.approx(expected, abs=1e-5)


def test_what_cannot_be_scored_is_null():
    values = likelihood(texts(["Who?", "word " * 600, "Who?"], ["", "Nobody.", "Nobody."]), shipped())
    assert np.isnan(values).tolist() == [True, True, False]
