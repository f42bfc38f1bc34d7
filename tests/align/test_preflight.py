"""The faults after which a loss looks healthy and the model never stops: each is refused, with what to do."""

from __future__ import annotations

import dataclasses

import pytest

from tests.small import SHIPPED, chat
from thousand.align import PreflightError
from thousand.align.preflight import preflight
from thousand.model import Conversations, Example, load, prepare
from thousand.model.chat import IGNORED, encode

ROWS = [chat("Who rules Orva?", "The ruler of Orva is Ma Lo."), chat("And now?", "It is still Ma Lo.", "Sure?", "Yes, it is so.")]


@pytest.fixture(scope="module")
def model():
    model = load(SHIPPED)
    prepare(model)
    return model


@pytest.fixture(scope="module")
def whole(model):
    return encode(model, ROWS, loss_on="responses", max_tokens=64, too_long="cut")


def planted(whole, **changes):
    """The rendered examples, the last of them changed."""
    return dataclasses.replace(whole, examples=[*whole.examples[:-1], dataclasses.replace(whole.examples[-1], **changes)])


def test_whole_examples_pass_and_one_is_shown_with_brackets_around_what_is_learnt(model, whole):
    shown = preflight(model, whole)
    end = model.tokenizer.eos_token
    assert shown.replace(" ", "") == f"<|endoftext|>WhorulesOrva?{end}[TherulerofOrvaisMaLo.{end}]"


def test_an_end_of_turn_outside_the_loss_is_refused(model, whole):
    """TRL #3091, axolotl #3754: the turn's terminator stands in the text and is masked."""
    labels = [*whole.examples[-1].labels[:-1], IGNORED]
    with pytest.raises(PreflightError, match=r"end of turn of example 2 has no label.*never learn to stop\.\s+Check the chat template"):
        preflight(model, planted(whole, labels=labels))


def test_an_end_of_turn_that_was_cut_off_is_refused(model, whole):
    """TRL #4698: truncation keeps the start of the row, and its end of turn is gone."""
    last = whole.examples[-1]
    with pytest.raises(PreflightError, match=r"Example 2 does not end in the end of turn .*cut off\.\s+Cut before the end of turn"):
        preflight(model, planted(whole, tokens=last.tokens[:-2], labels=last.labels[:-2]))


def test_a_pad_token_that_is_the_end_of_turn_is_refused(whole):
    """transformers #48016: the saved model takes every end of turn for padding."""
    model = load(SHIPPED)
    prepare(model)
    model.tokenizer.pad_token = model.tokenizer.eos_token
    with pytest.raises(PreflightError, match=r"The pad token is the end of turn.*\s+Give the tokenizer a pad token of its own"):
        preflight(model, whole)


def test_nothing_to_train_on_is_refused_with_the_reason(model):
    with pytest.raises(PreflightError, match=r"nothing to train on: 7 examples were too long\.\s+Raise align\.max_tokens"):
        preflight(model, Conversations([], cut=0, dropped=7))


def test_an_example_without_an_answer_is_refused(model, whole):
    tokens = whole.examples[0].tokens
    with pytest.raises(PreflightError, match="has no label"):
        preflight(model, Conversations([Example(tokens, [IGNORED] * len(tokens))], cut=0, dropped=0))
