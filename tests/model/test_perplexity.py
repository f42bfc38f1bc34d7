"""Perplexity: every token of the answers weighs the same."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.small import chat, shipped
from thousand.model import perplexity
from thousand.model.likelihood import last_answers, mean_log_likelihood

ROWS = [chat("Where?", "Here and there and everywhere."), chat("Who?", "Nobody.")]


def test_it_is_of_the_tokens_and_not_of_the_answers():
    answers = last_answers(shipped(), ROWS)
    each, lengths = mean_log_likelihood(shipped(), answers), [len(answer.after) for answer in answers]
    assert lengths[0] > lengths[1]
    assert perplexity(shipped(), ROWS) == pytest.approx(math.exp(-float(np.average(each, weights=lengths))), rel=1e-4)
    assert perplexity(shipped(), ROWS[:1]) == pytest.approx(math.exp(-each[0]), rel=1e-4)


def test_what_cannot_be_scored_is_left_out_and_nothing_has_no_perplexity():
    endless = chat("Who?", "Nobody. " * 2000)
    assert perplexity(shipped(), [*ROWS, endless]) == pytest.approx(perplexity(shipped(), ROWS), rel=1e-4)
    assert perplexity(shipped(), [endless]) is None
    assert perplexity(shipped(), []) is None
