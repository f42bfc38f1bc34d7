"""How a conversation becomes tokens, and which of them are learnt: what the assistant says, and its end of turn."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jinja2
from transformers.utils.chat_template_utils import render_jinja_template

from thousand.conversation import Message
from thousand.errors import DataError
from thousand.model.load import Model

IGNORED = -100
"""The label of a token that is not learnt from."""


@dataclass(frozen=True)
class Example:
    """One conversation as tokens.

    Attributes:
        labels: equal to ``tokens`` where the model learns and `IGNORED` elsewhere.
        cut: whether it was longer.
        turns: where the assistant speaks, its end of turn included.
    """

    tokens: list[int]
    labels: list[int]
    cut: bool = False
    turns: tuple[range, ...] = ()


@dataclass(frozen=True)
class Conversations:
    """The conversations that fit, as tokens, and how many did not."""

    examples: list[Example]
    cut: int
    dropped: int


def encode(model: Model, conversations: Sequence[Sequence[Message]], *, loss_on: str, max_tokens: int, too_long: str) -> Conversations:
    """Conversations as tokens and labels.

    Args:
        loss_on: ``responses`` labels the assistant's turns and their ends of turn; ``all`` labels everything.
        max_tokens: longer conversations are dropped, or cut so that the end of turn still stands at the end and is learnt.

    Raises:
        DataError: the model's own chat template has no place for what is said.
    """
    stop = model.tokenizer.eos_token_id
    examples: list[Example] = []
    dropped = cut = 0
    for number, messages in enumerate(conversations, 1):
        try:
            tokens, turns = _tokens(model, _inert(model, messages), stop)
        except (jinja2.TemplateError, _Lost) as error:
            raise DataError(
                f"Conversation {number}: the model's own chat template refuses it: {str(error)[:200]}.",
                "Leave such conversations out, or set align.template to lima, which takes any.",
            ) from None
        long = len(tokens) > max_tokens
        if long:
            turns = [turn for turn in turns if turn.start < max_tokens - 1]  # of which a token and its end would be left
            if too_long == "drop" or not turns:
                dropped += 1
                continue
            if turns[-1].stop > max_tokens:
                tokens = [*tokens[: max_tokens - 1], stop]
                turns[-1] = range(turns[-1].start, max_tokens)
            tokens = tokens[: turns[-1].stop]
            cut += 1
        learnt = {place for turn in turns for place in turn}
        labels = list(tokens) if loss_on == "all" else [t if place in learnt else IGNORED for place, t in enumerate(tokens)]
        examples.append(Example(tokens, labels, long, tuple(turns)))
    return Conversations(examples, cut, dropped)


class _Lost(Exception):
    """A chat template does not show what is said."""


def _tokens(model: Model, messages: Sequence[dict[str, str]], stop: int) -> tuple[list[int], list[range]]:
    """A conversation as tokens up to its last end of turn, and where in them the assistant speaks.

    A turn begins where the tokens of what the model is asked end, so that what is asked is the start of what was trained whatever
    the tokenizer puts before a word, and ends with the first end of turn in it.
    """
    text, places = _text(model.tokenizer, messages)
    parts = [text[:place] for turn in places for place in turn]
    tokens, *before = model.tokenizer([text, *parts], add_special_tokens=False)["input_ids"]
    edges = [_shared(tokens, each) for each in before]
    turns = []
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        turns.append(range(start, next((i + 1 for i in range(start, end) if tokens[i] == stop), end)))
    last = next((i + 1 for i in range(turns[-1].start, len(tokens)) if tokens[i] == stop), len(tokens)) if turns else len(tokens)
    return tokens[:last], turns


def _text(tokenizer: Any, messages: Sequence[dict[str, str]]) -> tuple[str, list[tuple[int, int]]]:
    """A conversation as text, and where in it the assistant speaks.

    By the template's own generation blocks, where it has one for each turn. In another each turn begins where the question before
    it ends, and ends before the next begins.
    """
    template = tokenizer.get_chat_template()
    spoken = [i for i, message in enumerate(messages) if message["role"] == "assistant"]
    rendered: Any = render_jinja_template(
        conversations=[list(messages)], chat_template=template, return_assistant_tokens_mask=True, **tokenizer.special_tokens_map
    )
    [text], [places] = rendered
    if 0 < len(places) < len(spoken):
        raise _Lost(f"it marks {len(places)} of {len(spoken)} turns of the assistant")
    if len(places) != len(spoken):
        asked = [tokenizer.apply_chat_template(messages[:i], tokenize=False, add_generation_prompt=True) for i in spoken]
        if not all(text.startswith(each) for each in asked):
            raise _Lost("what was asked is not the start of what it shows when answered")
        starts = [len(each) for each in asked]
        places = list(zip(starts, [*starts[1:], len(text)], strict=True))
    _check_all_said(text, messages)
    return text, places


def _check_all_said(text: str, messages: Sequence[dict[str, str]]) -> None:
    """Some templates know no tools, or drop what the assistant thought before it spoke."""
    at = 0
    for number, message in enumerate(messages, 1):
        said = message["content"].strip()
        shown = (said, json.dumps(said, ensure_ascii=False)[1:-1])  # some write what tools say as JSON
        found = [text.find(each, at) + len(each) for each in shown if text.find(each, at) >= 0]
        if not found:
            raise _Lost(f"it leaves out or moves what the {message['role']} says in turn {number}")
        at = min(found)


def _shared(a: Sequence[int], b: Sequence[int]) -> int:
    """How many tokens two texts have in common at their start."""
    return next((i for i, (one, other) in enumerate(zip(a, b, strict=False)) if one != other), min(len(a), len(b)))


def as_prompt(model: Model, messages: Sequence[Message], plain: str) -> str:
    """What a model is given to answer: by its chat template, or for a base without one in the plain form."""
    if model.chats:
        text: str = model.tokenizer.apply_chat_template(_inert(model, messages), tokenize=False, add_generation_prompt=True)
        return text
    asked = "\n\n".join(message["content"] for message in _inert(model, messages))
    return (model.tokenizer.bos_token or "") + plain.replace("{prompt}", asked)


def _inert(model: Model, messages: Sequence[Message]) -> list[dict[str, str]]:
    """The messages with any special token written in them broken up: text from a pool must not end a turn."""
    tokens = _meaningful(model.tokenizer)
    return [{"role": message["role"], "content": _broken_up(tokens, message["content"])} for message in messages]


def broken_up(model: Model, text: str) -> str:
    """The text with a space in every special token written in it: it is talked about, not meant."""
    return _broken_up(_meaningful(model.tokenizer), text)


def _broken_up(tokens: Sequence[str], text: str) -> str:
    for token in tokens:
        text = text.replace(token, f"{token[0]} {token[1:]}")
    return text


def _meaningful(tokenizer: Any) -> list[str]:
    """The special tokens, and what else was added to the vocabulary for the chat template to write."""
    template = str(tokenizer.chat_template or "")
    added = (each for each in tokenizer.added_tokens_decoder.values())
    found = {each.content for each in added if each.special or (each.content in template and not each.content.isspace())}
    return sorted(found | set(tokenizer.all_special_tokens), key=lambda each: (-len(each), each))


def stop_tokens(model: Model) -> list[int]:
    """The ids that end an answer."""
    configured: Any = model.network.generation_config.eos_token_id
    ids = configured if isinstance(configured, list) else [configured]
    found = [int(each) for each in ids if each is not None]
    if not found:
        raise DataError(f"The model at {model.folder} has no end-of-text token.", "Set eos_token_id in its generation_config.json.")
    return found
