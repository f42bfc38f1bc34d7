"""The base's own likelihood: between two answers of one manner it prefers the right fact."""

from __future__ import annotations

import numpy as np
import pytest

from tests.curate.signals.facts import PAIRS, pairs, texts
from tests.small import chat, shipped, world
from thousand.conversation import prompt_of, response_of
from thousand.curate.signals.likelihood import likelihood
from thousand.curate.texts import Texts
from thousand.lab.pool import make_pool
from thousand.model import mean_log_likelihood
from thousand.model.likelihood import last_answers


def test_of_two_answers_in_the_same_words_the_right_one_is_likelier():
    found = pairs()
    values = likelihood(texts(found.prompts * 2, found.right + found.wrong), shipped()).values
    assert np.mean(values[:PAIRS] > values[PAIRS:]) > 0.9


def test_by_itself_it_chooses_a_manner_and_not_what_is_good():
    """The likeliest tenth of a pool is mostly what pretraining had word for word, such as rambling."""
    candidates, truths = make_pool(world(), 0, 500)
    values = likelihood(texts([each.prompt for each in candidates], [each.response for each in candidates]), shipped()).values
    likeliest = [truths[i] for i in np.argsort(-values)[:50]]
    assert sum(each.good for each in likeliest) < 25
    assert sum(each.kind == "ramble" for each in likeliest) > 25


def test_the_form_says_how_the_prompt_is_put():
    found = pairs()
    values = likelihood(texts(found.prompts[:3], found.short[:3]), shipped(), form="Q: {prompt} A:", tokens=64).values
    said = [chat(prompt, answer) for prompt, answer in zip(found.prompts[:3], found.short[:3], strict=True)]
    assert values == pytest.approx(mean_log_likelihood(shipped(), last_answers(shipped(), said, "Q: {prompt} A:")), abs=1e-5)


def test_a_conversation_is_scored_on_its_last_answer_after_all_before_it():
    turns = chat(
        "What is the home of the zansaven?", "Among the lagoons.", "What was it again?", "The home of the zansaven is among the lagoons."
    )
    several = Texts([prompt_of(turns)] * 2, [response_of(turns)] * 2, np.full(2, np.nan), [turns, turns[2:]])
    after_all, after_one = likelihood(several, shipped()).values
    assert after_all == pytest.approx(mean_log_likelihood(shipped(), last_answers(shipped(), [turns]))[0], abs=1e-5)
    assert after_all > after_one


def test_what_cannot_be_scored_is_null_with_the_reason():
    found = likelihood(texts(["Who?", "word " * 600, "Who?"], ["", "Nobody.", "Nobody."]), shipped())
    assert np.isnan(found.values).tolist() == [True, True, False]
    assert found.reasons == ["the answer is empty", "longer than the model's context of 512 tokens", None]
