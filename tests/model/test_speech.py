"""What a model says comes piece by piece, each as it will stay."""

from __future__ import annotations

from pathlib import Path

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.small import byte_tokenizer, random_network
from thousand.model import Model
from thousand.model.speech import Speech

WORDS = st.text(st.sampled_from("aé日😀 \n\t\ufffd.,'x"), max_size=30)


@settings(deadline=None)
@given(WORDS)
def test_characters_that_take_several_tokens_come_whole(text):
    tokenizer = byte_tokenizer("<|endoftext|>")
    network = random_network(vocabulary=len(tokenizer))
    network.generation_config.eos_token_id = 0
    pieces: list[str] = []
    speech = Speech(Model(Path("small"), network, tokenizer), pieces.append)
    speech.put(torch.tensor([[0]]))
    for each in tokenizer(text, add_special_tokens=False)["input_ids"]:
        speech.put(torch.tensor([each]))
        assert text.startswith("".join(pieces), len(text) - len(text.lstrip()))
    speech.finish(text.strip())
    assert "".join(pieces) == text.strip()


def spoken(*tokens: int, decode) -> tuple[Speech, list[str]]:
    tokenizer = byte_tokenizer("<|endoftext|>")
    network = random_network(vocabulary=len(tokenizer))
    network.generation_config.eos_token_id = 0
    tokenizer.decode = decode
    pieces: list[str] = []
    speech = Speech(Model(Path("small"), network, tokenizer), pieces.append)
    speech.put(torch.tensor([[5, 6, 7]]))
    for token in tokens:
        speech.put(torch.tensor([token]))
    return speech, pieces


def test_the_prompt_and_the_end_of_turn_are_not_said():
    speech, pieces = spoken(40, 41, 0, decode=lambda ids, **_: "x" * len(ids))
    assert "".join(pieces) == "xx"
    assert speech.tokens == 2


def test_where_a_later_token_changes_what_was_said_the_whole_is_said_anew():
    """Some tokenizers take back the space before a comma."""
    speech, pieces = spoken(40, 41, 42, decode=lambda ids, **_: ["a", "a b", "ab, c"][len(ids) - 1])
    assert "".join(pieces) == "a b"
    speech.finish("ab, c")
    assert "".join(pieces) == "a b\nab, c"
