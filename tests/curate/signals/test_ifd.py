"""Instruction-following difficulty: the loss after the prompt over the loss without it."""

from __future__ import annotations

import numpy as np
import pytest

from tests.curate.signals.facts import pairs, texts
from tests.small import shipped
from thousand.curate.signals.ifd import ifd
from thousand.model import mean_log_likelihood


def test_it_is_one_loss_over_the_other():
    found = pairs()
    after = mean_log_likelihood(shipped(), [f"Q: {prompt} A:" for prompt in found.prompts[:4]], found.right[:4])
    alone = mean_log_likelihood(shipped(), [""] * 4, found.right[:4])
    assert ifd(texts(found.prompts[:4], found.right[:4]), shipped(), form="Q: {prompt} A:") == pytest.approx(after / alone, rel=1e-4)


def test_an_answer_is_less_difficult_after_its_own_question_than_after_another():
    found = pairs()
    own = ifd(texts(found.prompts, found.short), shipped())
    another = ifd(texts(found.prompts[1:] + found.prompts[:1], found.short), shipped())
    assert np.mean(own < another) > 0.9


def test_what_cannot_be_scored_is_null():
    values = ifd(texts(["Who?", "word " * 600, "Who?"], ["", "Nobody.", "Nobody."]), shipped())
    assert np.isnan(values).tolist() == [True, True, False]
