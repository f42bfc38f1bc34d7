"""What is asked, what is said, and the two kinds of backend: one that runs a model here, and one that asks a server."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import jinja2

from thousand.answer.shown import Shown
from thousand.conversation import Message
from thousand.endpoint import Endpoint
from thousand.model import Model
from thousand.model.chat import as_prompt
from thousand.recipe import Answer


@dataclass(frozen=True)
class Ask:
    """A dialogue whose last turn is the user's, and the seed that decides the answer.

    Attributes:
        shown: examples to stand before it.
    """

    messages: Sequence[Message]
    seed: str
    shown: Shown | None = None


@dataclass(frozen=True)
class Said:
    """An answer.

    Attributes:
        text: None where there is none.
        stop: None where a server does not say.
        tokens, seconds, cut: None where they are not known.
        reason: why there is no answer, or why it is not known how it stopped.
        shown: examples that stood before it; None where none were to.
    """

    text: str | None
    stop: Literal["end_of_turn", "limit", "error"] | None
    tokens: int | None = None
    seconds: float | None = None
    cut: bool | None = None
    reason: str | None = None
    shown: int | None = None


Say = Callable[[Sequence[Ask], Callable[[int], None]], list[Said]]
"""Answers what is asked, in order; the second argument is told how many are done."""

Parts = Callable[[Sequence[Ask]], Iterator[Mapping[int, Said]]]
"""Answers what is asked, a part as soon as it is done: answers by the position of what was asked."""


@dataclass(frozen=True)
class Local:
    """Runs a model that lies in a folder, or is loaded already.

    Attributes:
        start: makes it ready to be asked.
        shows: whether it can be asked with examples before the prompt.
    """

    start: Callable[[Path | Model], Parts]
    shows: bool = False


@dataclass(frozen=True)
class Remote:
    """Asks a server for a model by its name. The endpoint keeps its answers itself.

    Attributes:
        reach: the endpoint for a model; it keeps its answers in the folder, unless the recipe names another.
    """

    reach: Callable[[str, Path | None], Endpoint]


@dataclass(frozen=True)
class Prompt:
    """The text that a model is given, and how many examples are in it; None where none were to be."""

    text: str
    shown: int | None = None


def as_prompts(model: Model, asks: Sequence[Ask], settings: Answer, room: int) -> tuple[dict[int, Prompt], dict[int, Said]]:
    """What a model is given, by position; and what its chat template refuses, such as a system message.

    Args:
        room: tokens for a prompt. As many examples as it has place for stand before a prompt, and none is cut.
    """
    prompts: dict[int, Prompt] = {}
    refused: dict[int, Said] = {}
    for row, ask in enumerate(asks):
        try:
            if ask.shown is None:
                prompts[row] = Prompt(as_prompt(model, ask.messages, settings.plain))
            else:
                prompts[row] = Prompt(*ask.shown.prompt(model, ask.messages, settings.plain, room))
        except jinja2.TemplateError as error:
            refused[row] = Said(None, "error", 0, 0.0, False, f"the chat template refuses it: {str(error)[:200]}")
    return prompts, refused


def seed_of(ask: Ask) -> int:
    """The seed as a number that every engine and server takes: 31 bits."""
    return int.from_bytes(hashlib.sha256(ask.seed.encode()).digest()[:4]) >> 1


def unmet(backend: str, settings: Answer, setting: str, why: str) -> str:
    """What to say where a backend cannot honour a setting."""
    return f"answer.{setting}: {getattr(settings, setting)!r} cannot be honoured by the backend {backend}: {why}"
