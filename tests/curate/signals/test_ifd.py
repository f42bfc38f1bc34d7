"""Instruction-following difficulty: the loss after the prompt over the loss without it."""

from __future__ import annotations

import numpy as np
import pytest

from tests.curate.signals.facts import pairs, texts
from tests.small import chat, shipped
from thousand.curate.signals.ifd import ifd
from thousand.model import mean_log_likelihood
from thousand.model.likelihood import by_itself, last_answers


def test_it_is_one_loss_over_the_other_on_the_same_tokens():
    found = pairs()
    said = last_answers(shipped(), [chat(prompt, answer) for prompt, answer in zip(found.prompts[:4], found.right[:4], strict=True)])
    after = mean_log_likelihood(shipped(), said)
    alone = mean_log_likelihood(shipped(), [by_itself(shipped(), each) for each in said])
    assert ifd(texts(found.prompts[:4], found.right[:4]), shipped()).values == pytest.approx(after / alone, rel=1e-4)


def test_an_answer_is_less_difficult_after_its_own_question_than_after_another():
    found = pairs()
    own = ifd(texts(found.prompts, found.short), shipped()).values
    another = ifd(texts(found.prompts[1:] + found.prompts[:1], found.short), shipped()).values
    assert np.mean(own < another) > 0.9


def test_a_row_has_the_same_value_alone_and_among_others():
    found = pairs()
    together = ifd(texts(found.prompts, found.right), shipped()).values
    assert together == pytest.approx(ifd(texts(found.prompts, found.right), shipped(), tokens=1).values, abs=1e-3)
    assert together[::-1] == pytest.approx(ifd(texts(found.prompts[::-1], found.right[::-1]), shipped()).values, abs=1e-3)


def test_what_cannot_be_scored_is_null_with_the_reason():
    found = ifd(texts(["Who?", "word " * 600, "Who?"], ["", "Nobody.", "Nobody."]), shipped())
    assert np.isnan(found.values).tolist() == [True, True, False]
    assert found.reasons == ["the answer is empty", "longer than the model's context of 512 tokens", None]
