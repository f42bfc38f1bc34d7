"""What is checked before a model is trained: the faults after which a loss looks healthy and the model never stops."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from thousand.errors import ThousandError
from thousand.model import Conversations, Example, Model
from thousand.model.chat import IGNORED, stop_tokens


class PreflightError(ThousandError):
    """The run would train a model that cannot end its answers."""


@dataclass(frozen=True)
class Preflight:
    """What a model is about to be trained on, checked.

    Attributes:
        shown: one example as text, what is learnt from in brackets.
        stop: the token that ends a turn.
        examples: to be trained on. turns: of the assistant in them.
        tokens: in the examples. labelled: of these, learnt from. longest: of one example.
        cut, dropped: examples that were longer than allowed, and cut before an end of turn, or left out.
    """

    shown: str
    stop: str
    examples: int
    turns: int
    tokens: int
    labelled: int
    longest: int
    cut: int
    dropped: int

    def sentence(self) -> str:
        """The figures in words."""
        long = ", ".join(f"{n:,} {done}" for n, done in ((self.cut, "cut before their end of turn"), (self.dropped, "left out")) if n)
        return (
            f"{self.examples:,} examples with {self.turns:,} answers, each ended by a labelled {self.stop}; {self.tokens:,} tokens, "
            f"{self.labelled:,} of them learnt, {self.longest:,} in the longest. Too long: {long or 'none'}."
        )


def preflight(model: Model, conversations: Conversations) -> Preflight:
    """Check the model's tokens and the rendered examples.

    Raises:
        PreflightError: there is nothing to train on; the model's pad token ends turns, or its end of turn does not end what it
            generates; or an example would not teach it to stop, or does not fit it.
    """
    if not conversations.examples:
        raise PreflightError(
            f"There is nothing to train on: {conversations.dropped} examples were too long.", "Raise align.max_tokens, or choose others."
        )
    _check_stop(model)
    for number, example in enumerate(conversations.examples, 1):
        _check_turns(model, number, example)
        _check_fits(model, number, example)
    examples = conversations.examples
    return Preflight(
        shown=_shown(model, examples[0]),
        stop=model.tokenizer.eos_token,
        examples=len(examples),
        turns=sum(len(each.turns) for each in examples),
        tokens=sum(len(each.tokens) for each in examples),
        labelled=sum(label != IGNORED for each in examples for label in each.labels),
        longest=max(len(each.tokens) for each in examples),
        cut=conversations.cut,
        dropped=conversations.dropped,
    )


def _check_stop(model: Model) -> None:
    stop, pad = model.tokenizer.eos_token_id, model.tokenizer.pad_token_id
    if pad == stop:
        raise PreflightError(
            "The pad token is the end of turn: the saved model would treat every answer as padding.",
            "Give the tokenizer a pad token of its own.",
        )
    ends = stop_tokens(model)
    if stop not in ends:
        raise PreflightError(
            f"The model would not stop at {model.tokenizer.eos_token!r} ({stop}): generation ends at {ends}.",
            "Put its id into eos_token_id of generation_config.json.",
        )
    if {pad, model.network.generation_config.pad_token_id} & set(ends):
        raise PreflightError(
            f"The pad token {model.tokenizer.pad_token!r} ends what is generated: padding and the end would be the same.",
            "Give the tokenizer a pad token of its own, and take it out of eos_token_id of generation_config.json.",
        )


def _check_turns(model: Model, number: int, example: Example) -> None:
    """Every turn of the assistant ends in a labelled end of turn."""
    stop, token = model.tokenizer.eos_token_id, model.tokenizer.eos_token
    if not example.turns:
        raise PreflightError(
            f"Example {number} has no label: there is no answer in it to learn from.", "Take it out, or check the chat template."
        )
    for turn, place in enumerate(example.turns, 1):
        end = place.stop - 1
        outside = example.tokens[place.stop : place.stop + 1] == [stop]  # right behind what is learnt
        if example.tokens[end : end + 1] != [stop] and not outside:
            raise PreflightError(
                f"Answer {turn} of example {number} does not end in the end of turn {token!r}: it was cut off, or never written.",
                f"Cut before the end of turn (align.too_long: cut) or drop such examples (align.too_long: drop). If they are not long, "
                f"the chat template must write {token!r} after the assistant's turn.",
            )
        if example.labels[end] != stop:
            raise PreflightError(
                f"The end of turn of answer {turn} of example {number} has no label: the model would never learn to stop.",
                "Check the chat template: the end of turn must stand inside the generation block.",
            )


def _check_fits(model: Model, number: int, example: Example) -> None:
    rows = int(model.network.get_input_embeddings().weight.shape[0])
    if max(example.tokens) >= rows:
        raise PreflightError(
            f"Example {number} holds the token {max(example.tokens)}, and the model's embedding has {rows} rows.",
            "The tokenizer is of another model, or tokens were added to it without resizing the embedding.",
        )
    if len(example.tokens) > model.context:
        raise PreflightError(
            f"Example {number} has {len(example.tokens):,} tokens, and the model can hold {model.context:,}.", "Lower align.max_tokens."
        )


def _shown(model: Model, example: Example) -> str:
    runs = itertools.groupby(zip(example.tokens, example.labels, strict=True), key=lambda each: each[1] != IGNORED)
    texts = [(learnt, model.tokenizer.decode([token for token, _ in run])) for learnt, run in runs]
    return "".join(f"[{text}]" if learnt else text for learnt, text in texts)
