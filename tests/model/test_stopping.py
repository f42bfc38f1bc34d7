"""A text that ends an answer: found wherever token boundaries fall, cut off, and not looked for in the prompt."""

from __future__ import annotations

import pytest
import torch

from tests.small import byte_tokenizer
from thousand.model.generate import _ended
from thousand.model.stopping import StopAt

STOP = "\nQuestion:"


@pytest.fixture(scope="module")
def tokenizer():
    return byte_tokenizer("<|endoftext|>", "<|pad|>")


def ids(tokenizer, text):
    return tokenizer(text, add_special_tokens=False)["input_ids"]


def test_a_row_is_over_at_the_token_that_completes_the_text_and_not_before(tokenizer):
    prompt, said = ids(tokenizer, f"{STOP} why? Answer:"), ids(tokenizer, f" Because.{STOP}")
    criterion = StopAt(tokenizer, STOP, len(prompt))
    over = [bool(criterion(torch.tensor([prompt + said[:end]]), None)) for end in range(1, len(said) + 1)]
    assert over == [False] * (len(said) - 1) + [True]


def test_a_text_that_began_in_the_prompt_does_not_count(tokenizer):
    prompt, said = ids(tokenizer, "Answer:\nQuest"), ids(tokenizer, "ion: x")
    assert not any(StopAt(tokenizer, STOP, len(prompt))(torch.tensor([prompt + said[:end]]), None) for end in range(1, len(said) + 1))


def test_what_was_said_is_cut_before_the_text_and_counts_as_ended(tokenizer):
    pads = ids(tokenizer, "<|pad|>" * 3)
    said = ids(tokenizer, f" Because.{STOP} no")
    assert _ended(tokenizer, said + pads, {0}, STOP) == ("Because.", 9, "end_of_turn")
    assert _ended(tokenizer, said, {0}, None) == (f"Because.{STOP} no", len(said), "limit")
    assert _ended(tokenizer, ids(tokenizer, STOP), {0}, STOP) == ("", 0, "end_of_turn")
    assert _ended(tokenizer, [*ids(tokenizer, " Yes."), 0, 0], {0}, STOP) == ("Yes.", 5, "end_of_turn")
