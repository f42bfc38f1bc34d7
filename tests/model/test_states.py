"""The mean state of a conversation, against one forward pass by itself and the sum by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.small import byte_tokenizer, chat, random_network, shipped
from thousand.model import Model, mean_states, prepare

SAID = [
    chat("What is the home of the zansaven?", "The home of the zansaven is among the lagoons."),
    chat("Who?", "Nobody."),
    chat("Who rules?", "Nobody.", "So it has been for many years?", "So it has been for many years, and so it shall be, they say."),
    chat("How?", "So."),
]


def small(family="llama") -> Model:
    tokenizer = byte_tokenizer("<|endoftext|>", "<|pad|>")
    tokenizer.pad_token = "<|pad|>"
    return Model(Path("small"), random_network(family, vocabulary=len(tokenizer), max_position_embeddings=512), tokenizer)


def naive(model, text):
    tokens = model.tokenizer(text, add_special_tokens=False)["input_ids"]
    with torch.no_grad():
        states = model.network(input_ids=torch.tensor([tokens]), output_hidden_states=True).hidden_states[-1][0].numpy()
    return sum(i * state for i, state in enumerate(states, 1)) / sum(range(1, len(tokens) + 1))


def test_late_tokens_weigh_more():
    [state] = mean_states(shipped(), SAID[:1])
    asked = "<|endoftext|>Question: What is the home of the zansaven? Answer: The home of the zansaven is among the lagoons."
    assert state == pytest.approx(naive(shipped(), asked), abs=1e-4)


@pytest.mark.parametrize("family", ["llama", "gpt2", "gpt_neox", "gemma2", "qwen2", "opt"])
def test_a_conversation_has_the_same_state_alone_and_among_others_in_every_family(family):
    model = small(family)
    together = mean_states(model, SAID)
    assert together.shape == (4, 32)
    assert together.dtype == np.float32
    assert np.concatenate([mean_states(model, [each]) for each in SAID]) == pytest.approx(together, abs=1e-4)
    assert mean_states(model, SAID, tokens=1) == pytest.approx(together, abs=1e-4)


def test_with_a_chat_template_the_base_is_given_what_it_gives():
    model = small()
    prepare(model)
    [state] = mean_states(model, SAID[1:2])
    assert state == pytest.approx(naive(model, "<|endoftext|>Who?<|eot|>Nobody."), abs=1e-4)


def test_only_so_many_tokens_are_read():
    long = chat("Who?", "word " * 400)
    cut = mean_states(shipped(), [long], longest=20)
    assert cut == pytest.approx(mean_states(shipped(), [chat("Who?", "word " * 300)], longest=20), abs=1e-5)
    assert np.isfinite(mean_states(shipped(), [chat("Who?", "word " * 4000)])).all()  # no more than the context


def test_what_the_template_refuses_is_zeros_and_disturbs_nothing():
    model = small()
    refuse = "{% if m['role'] == 'system' %}{{ raise_exception('No system turns') }}{% endif %}"
    model.tokenizer.chat_template = f"{{% for m in messages %}}{refuse}{{{{ m['content'] }}}}\n{{% endfor %}}"
    states = mean_states(model, [SAID[1], [{"role": "system", "content": "Be brief."}, *SAID[1]]])
    assert states[0].any()
    assert not states[1].any()


def test_no_conversations_are_no_states():
    assert mean_states(shipped(), []).shape == (0, 160)
