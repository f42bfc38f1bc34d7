"""What goes to a server and what comes back: questions, replies, prices, and the account of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from thousand.conversation import Message
from thousand.errors import RecipeError, ThousandError


class CapReached(ThousandError):
    """The next call could pass the cap. What was answered is kept."""


@dataclass(frozen=True)
class Prices:
    """What a model costs, per million tokens. Discounts for prompts that the server has seen before are not counted."""

    prompt: float
    completion: float
    currency: str = "USD"

    @classmethod
    def given(cls, where: str, prompt: float | None, completion: float | None, currency: str) -> Prices | None:
        """The prices that options give, ``prompt_price`` and ``completion_price``; None where there are none.

        Raises:
            RecipeError: one of the two is missing, at ``where`` in the recipe.
        """
        if prompt is not None and completion is not None:
            return cls(prompt, completion, currency)
        if prompt is None and completion is None:
            return None
        raise RecipeError(f"{where}: of prompt_price and completion_price one is missing.", "Give both, per million tokens, or neither.")

    def of(self, prompt_tokens: int, completion_tokens: int) -> float:
        """The cost of a call."""
        return (prompt_tokens * self.prompt + completion_tokens * self.completion) / 1e6


@dataclass(frozen=True)
class Question:
    """One call to make.

    Attributes:
        key: of the answer: a digest of model, messages and settings.
        size: of the messages in bytes.
        worst: what the call can cost at most: a token per byte, and the longest answer allowed.
    """

    key: str
    messages: Sequence[Message]
    settings: Mapping[str, Any]
    size: int
    worst: float


@dataclass(frozen=True)
class Reply:
    """What came back for one question.

    Attributes:
        text: what the model said; None where there is none, and then ``error`` says why.
        stop: why the model stopped, as the server calls it: ``stop``, ``length``, ``content_filter``.
        prompt_tokens, completion_tokens: as the server counts them, None where it does not.
        seconds: that the call took, without earlier attempts.
        cost: what the answer cost when it was paid; None without prices or without a count of tokens.
        cached: it was answered before, and nothing was asked this time.
        key: of the question: a digest of model, messages and settings, under which the answer is kept.
    """

    text: str | None = None
    error: str | None = None
    stop: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    seconds: float = 0.0
    cost: float | None = None
    cached: bool = False
    key: str = ""


@dataclass(frozen=True)
class Preview:
    """What a run will cost, from a sample of its questions that were asked, and whose answers are kept.

    Attributes:
        questions: distinct ones. answered: of them those that were answered before. sample: those asked now.
        prompt_tokens, completion_tokens, cost, seconds: expected for all but those answered before, the sample included, at
            the endpoint's concurrency; None where the sample cannot tell.
        at_most, tokens_at_most: cost and tokens if every call were the dearest it can be; None without prices or a longest answer.
        currency: of the costs.
        error: why the sample cannot tell.
    """

    questions: int
    answered: int
    sample: int
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cost: float | None = None
    at_most: float | None = None
    seconds: float | None = None
    error: str | None = None
    tokens_at_most: int | None = None
    currency: str | None = None


@dataclass
class Tally:
    """What an endpoint did since it was made.

    Attributes:
        answered: questions answered now. cached: those answered before, or equal to another. failed: those that no attempt
            got an answer to.
        failures: calls that failed, by reason, those included that a later attempt made good.
        cost: of what was answered now, as far as it is known.
    """

    answered: int = 0
    cached: int = 0
    failed: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    cost: float = 0.0
