"""The mean log-probability of a text after a prefix, against a loop that scores one token at a time."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.small import shipped
from thousand.model import mean_log_likelihood

PREFIXES = ["Question: What is the home of the zansaven? Answer:", "", "The ruler of Morvane is"]
TEXTS = ["The home of the zansaven is among the lagoons.", "So it has been for many years.", "nobody in particular"]


def naive(model, prefix, text):
    """One forward pass for each token."""
    tokenizer = model.tokenizer
    tokens = [tokenizer.bos_token_id, *tokenizer(prefix, add_special_tokens=False)["input_ids"]]
    scores = []
    for token in tokenizer(text, add_special_tokens=False)["input_ids"]:
        if len(tokens) == model.context:
            break
        with torch.no_grad():
            logits = model.network(input_ids=torch.tensor([tokens])).logits[0, -1]
        scores.append(torch.log_softmax(logits, -1)[token].item())
        tokens.append(token)
    return np.mean(scores)


def test_it_is_the_mean_of_token_by_token_log_probabilities():
    expected = [naive(shipped(), prefix, text) for prefix, text in zip(PREFIXES, TEXTS, strict=True)]
    assert mean_log_likelihood(shipped(), PREFIXES, TEXTS) == pytest.approx(expected, abs=1e-4)


def test_a_text_is_scored_alike_alone_and_among_others():
    together = mean_log_likelihood(shipped(), PREFIXES, TEXTS)
    by_twos = mean_log_likelihood(shipped(), PREFIXES, TEXTS, batch=2)
    alone = [mean_log_likelihood(shipped(), [prefix], [text])[0] for prefix, text in zip(PREFIXES, TEXTS, strict=True)]
    assert together == pytest.approx(alone, abs=1e-5)
    assert by_twos == pytest.approx(alone, abs=1e-5)


def test_what_cannot_be_scored_is_nan_and_disturbs_nothing():
    long = "word " * 600  # fills the context of 512
    scores = mean_log_likelihood(shipped(), [PREFIXES[0], PREFIXES[0], long, PREFIXES[2]], ["", TEXTS[0], TEXTS[0], TEXTS[2]])
    assert np.isnan(scores).tolist() == [True, False, True, False]
    assert scores[1] == pytest.approx(naive(shipped(), PREFIXES[0], TEXTS[0]), abs=1e-4)


def test_a_text_longer_than_the_context_is_scored_over_what_fits():
    text = "The home of the zansaven is among the lagoons. " * 60
    [score] = mean_log_likelihood(shipped(), [""], [text])
    tokens = shipped().tokenizer(text, add_special_tokens=False)["input_ids"]
    assert len(tokens) > 512
    with torch.no_grad():
        ids = torch.tensor([[shipped().tokenizer.bos_token_id, *tokens][:512]])
        logits = torch.log_softmax(shipped().network(input_ids=ids).logits[0, :-1], -1)
    assert score == pytest.approx(logits.gather(-1, ids[0, 1:, None]).mean().item(), abs=1e-4)


def test_no_texts_are_no_scores():
    assert mean_log_likelihood(shipped(), [], []).shape == (0,)
