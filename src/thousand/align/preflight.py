"""What is checked before a model is trained: the faults after which a loss looks healthy and the model never stops."""

from __future__ import annotations

from thousand.errors import ThousandError
from thousand.model import Conversations, Model
from thousand.model.chat import IGNORED


class PreflightError(ThousandError):
    """The run would train a model that cannot end its answers."""


def preflight(model: Model, conversations: Conversations) -> str:
    """Check the rendered examples and show one.

    Returns:
        The first example as text, what is learnt from in brackets.

    Raises:
        PreflightError: nothing to train on, no label on an end of turn, an end of turn that was cut off, or a pad token
            that is also the end of turn.
    """
    stop, pad = model.tokenizer.eos_token_id, model.tokenizer.pad_token_id
    if not conversations.examples:
        raise PreflightError(
            f"There is nothing to train on: {conversations.dropped} examples were too long.", "Raise align.max_tokens, or choose others."
        )
    if pad == stop:
        raise PreflightError(
            "The pad token is the end of turn: the saved model would treat every answer as padding.",
            "Give the tokenizer a pad token of its own.",
        )
    for number, example in enumerate(conversations.examples, 1):
        if example.tokens[-1] != stop:
            raise PreflightError(
                f"Example {number} does not end in the end of turn {model.tokenizer.eos_token!r}: it was cut off.",
                "Cut before the end of turn (align.too_long: cut) or drop it (align.too_long: drop).",
            )
        if example.labels[-1] != stop:
            raise PreflightError(
                f"The end of turn of example {number} has no label: the model would never learn to stop.",
                "Check the chat template: the end of turn must stand inside the generation block.",
            )
    return _shown(model, conversations)


def _shown(model: Model, conversations: Conversations) -> str:
    example = conversations.examples[0]
    shown, learning = "", False
    for token, label in zip(example.tokens, example.labels, strict=True):
        if (label != IGNORED) != learning:
            shown += "[" if not learning else "]"
            learning = not learning
        shown += model.tokenizer.decode([token])
    return shown + ("]" if learning else "")
