"""The endpoint: how a model is asked, and its answers in the order of the questions."""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
import os
import re
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from thousand.conversation import Message
from thousand.endpoint.asking import Asking
from thousand.endpoint.call import Caller
from thousand.endpoint.kept import Kept, answers
from thousand.endpoint.replies import Preview, Prices, Question, Reply, Tally
from thousand.errors import RecipeError

_TEMPLATE = 100  # tokens that a chat template may add to the messages
_NOT_SETTINGS = {"model", "messages", "stream", "n"}


@dataclass(frozen=True)
class Endpoint:
    """A model on an OpenAI-compatible server.

    Every answer is kept in ``folder`` as it comes, by model, messages and settings (where the server stands is not part of
    the key): whatever ends a run, the next one asks only what has no answer yet.

    Attributes:
        model: its name, as the server knows it.
        base_url: of the server, as far as its ``/v1``. Nothing else is contacted, not even where it redirects to.
        key: the name of the environment variable that holds the key; None sends none. The key itself is never written.
        settings: sent with every question: ``temperature``, ``max_tokens``, whatever the server takes. What is null is not sent. A
            ``seed`` is sent instead of the questions' own, which then only tell samples apart; a null one takes them out.
        prices: needed for costs and for a cap.
        cap: the most that may be spent on this model out of this folder, ever, in the currency of the prices. It holds to the
            call: one is made only if it fits at its worst (a token per byte, the longest answer), and one that broke off is
            counted so. It holds for one process at a time.
        concurrency: calls at once.
        retries: further attempts after a time-out, a broken connection or answer, 408, 409, 429 and 5xx.
        timeout: seconds for a call.
        first_wait: seconds before the second attempt, doubled for each further one, less up to half of it by chance. Where the
            server says ``Retry-After``, no call is made before.
        tally: what was done.

    Raises:
        RecipeError: the address, the key, the settings, the cap or the numbers do not do.
    """

    model: str
    base_url: str
    folder: Path
    key: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    prices: Prices | None = None
    cap: float | None = None
    concurrency: int = 8
    retries: int = 5
    timeout: float = 120.0
    first_wait: float = 1.0
    tally: Tally = field(default_factory=Tally, compare=False)

    def __post_init__(self) -> None:
        _check_address(self.base_url)
        self._secret()
        if wrong := _NOT_SETTINGS & self.settings.keys():
            raise RecipeError(f"settings: {', '.join(sorted(wrong))} cannot be set here.")
        for setting, value in self.settings.items():
            _check_json(setting, value)
        if self.prices is not None and not all(map(_is_amount, (self.prices.prompt, self.prices.completion))):
            raise RecipeError("prices: a price is a number, 0 or more, per million tokens.")
        if self.cap is not None and not _is_amount(self.cap):
            raise RecipeError("cap: it is a number, 0 or more, in the currency of the prices.")
        if self.cap is not None and self.prices is None:
            raise RecipeError("cap: without prices nobody knows what is spent.", "Give the prices per million tokens, or no cap.")
        if self.cap is not None and self._longest is None:
            raise RecipeError("cap: without a longest answer a call may cost anything.", "Set max_tokens, 1 or more, or no cap.")
        if not (1 <= self.concurrency <= 1000 and self.retries >= 0 and self.timeout > 0 and self.first_wait >= 0):
            raise RecipeError("concurrency is from 1 to 1000, timeout above 0, retries and first_wait not below 0.")

    def ask(
        self,
        questions: Sequence[Sequence[Message]],
        *,
        seeds: Sequence[int] | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> list[Reply]:
        """Ask every question that has no answer yet, equal ones once.

        Args:
            seeds: one for each question, part of its key and sent with it, for several samples of one prompt.
            progress: called with the number of questions that are done.

        Returns:
            A reply for each question, in their order; one without text says why.

        Raises:
            CapReached: the next call could pass the cap.
            RecipeError: the server refuses the key, or does not know the model.
            ThousandError: it failed for many questions in a row.
            DataError: the folder cannot be written to.
        """
        asked = self._questions(questions, seeds)
        with self._answers() as kept:
            replies = {each.key: reply for each in asked if (reply := kept.find(each.key))}
            fresh = list({each.key: each for each in asked if each.key not in replies}.values())
            done = len(asked) - len(fresh)
            self.tally.cached += done
            show = progress or (lambda done: None)
            show(done)

            def finished(key: str, reply: Reply) -> None:
                nonlocal done
                replies[key] = reply
                done += 1
                show(done)

            if fresh:
                _complete(self._ask(fresh, kept, finished))
        return [replies[each.key] for each in asked]

    def preview(self, questions: Sequence[Sequence[Message]], *, seeds: Sequence[int] | None = None, sample: int = 20) -> Preview:
        """Ask a sample of the questions, whose answers are kept, and say what all will cost. Raises what `ask` does.

        Args:
            sample: how many; which ones depends on what they say, not on their order. With 0 nothing is asked or spent, and only
                what it can cost at most is known.
        """
        pairs = {each.key: (each, row) for row, each in enumerate(self._questions(questions, seeds))}
        with self._answers() as kept:
            fresh = [pairs[key] for key in sorted(pairs) if not kept.find(key)]
        longest = self._longest
        tokens = sum(each.size + _TEMPLATE + longest for each, _ in fresh) if longest is not None else None
        worst = sum(each.worst for each, _ in fresh) if self.prices and longest is not None else None
        chosen = fresh[:sample]
        replies = self.ask([questions[row] for _, row in chosen], seeds=[seeds[row] for _, row in chosen] if seeds else None)
        currency = self.prices.currency if self.prices else None
        preview = Preview(len(pairs), len(pairs) - len(fresh), len(chosen), at_most=worst, tokens_at_most=tokens, currency=currency)
        counted = [
            (question.size, reply.prompt_tokens, reply.completion_tokens, reply.seconds)
            for (question, _), reply in zip(chosen, replies, strict=True)
            if reply.prompt_tokens is not None and reply.completion_tokens is not None
        ]
        if fresh and not counted:
            why = "the server counts no tokens" if chosen else "no sample was asked"
            return replace(preview, error=next((reply.error for reply in replies if reply.error), why))
        # Prompts by their length, which is known of all; answers and times by their mean.
        size, prompts, completions, seconds = (sum(column) for column in zip(*counted, strict=True)) if counted else (1, 0, 0, 0.0)
        prompt = round(sum(each.size for each, _ in fresh) * prompts / max(size, 1))
        share = len(fresh) / max(len(counted), 1)
        completion = round(share * completions)
        cost = self.prices.of(prompt, completion) if self.prices else None
        took = share * seconds / min(self.concurrency, max(len(fresh), 1))
        return replace(preview, prompt_tokens=prompt, completion_tokens=completion, cost=cost, seconds=took)

    @property
    def spent(self) -> float:
        """On this model out of this folder since its first answer; calls whose cost is not known are counted at their worst."""
        with self._answers() as kept:
            return kept.spent

    @property
    def _longest(self) -> int | None:
        value = self.settings.get("max_completion_tokens", self.settings.get("max_tokens"))
        return value if type(value) is int and value > 0 else None

    def _answers(self) -> AbstractContextManager[Kept]:
        return answers(self.folder, self.model, self.prices.currency if self.prices else None)

    async def _ask(self, questions: Sequence[Question], kept: Kept, finished: Callable[[str, Reply], None]) -> None:
        async with Caller(self.model, self.base_url, self._secret(), self.timeout, self.prices) as call:
            asking = Asking(
                call,
                kept,
                self.tally,
                finished,
                who=f"{self.model} at {self.base_url}",
                key=self.key,
                cap=self.cap,
                retries=self.retries,
                first_wait=self.first_wait,
            )
            await asking.all(questions, self.concurrency)

    def _questions(self, questions: Sequence[Sequence[Message]], seeds: Sequence[int] | None) -> list[Question]:
        given: Sequence[int | None] = seeds if seeds is not None else [None] * len(questions)
        return [self._question(messages, seed) for messages, seed in zip(questions, given, strict=True)]

    def _question(self, messages: Sequence[Message], seed: int | None) -> Question:
        settings = ({} if seed is None else {"seed": seed}) | dict(self.settings)
        asked: list[Any] = [self.model, [[each["role"], each["content"]] for each in messages], settings]
        if seed is not None and "seed" in self.settings:
            asked.append(seed)  # what is sent does not tell the samples apart
        record = json.dumps(asked, sort_keys=True)
        sent = {name: value for name, value in settings.items() if value is not None}
        size = sum(len(each["content"].encode("utf-8", "replace")) for each in messages)
        worst = self.prices.of(size + _TEMPLATE, self._longest or 0) if self.prices else 0.0
        return Question(hashlib.sha256(record.encode()).hexdigest(), messages, sent, size, worst)

    def _secret(self) -> str:
        """The key, from the environment: it is not an attribute, so that nothing can write it."""
        if self.key is None:
            return ""
        if not re.fullmatch(r"[A-Z][A-Z0-9_]*", self.key):  # not quoted: it may be the key itself
            raise RecipeError("key: it must name an environment variable.", "Write key: OPENAI_API_KEY, never the key itself.")
        secret = os.environ.get(self.key, "").strip()
        if not re.fullmatch(r"[!-~]+", secret):
            raise RecipeError("key: the environment variable that it names is not set, or is no key.", "Export it, or leave key out.")
        return secret


def _check_address(base_url: str) -> None:
    try:
        url = urlsplit(base_url)
        named = url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:
        named = False
    if not named:
        raise RecipeError("base_url: it must begin with http:// or https:// and name a server.", "Such as http://localhost:8000/v1.")
    if "@" in url.netloc or url.query or url.fragment:
        raise RecipeError(
            "base_url: users, passwords and queries do not belong in it.", "Name the environment variable that holds the key: key."
        )


def _check_json(setting: str, value: Any) -> None:
    try:
        json.dumps(value, sort_keys=True, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise RecipeError(
            f"settings: {setting}: it cannot be sent as JSON: {error}.", "Give texts, numbers, lists and mappings; put a date in quotes."
        ) from None


def _is_amount(value: float) -> bool:
    return math.isfinite(value) and value >= 0


def _complete(work: Coroutine[Any, Any, None]) -> None:
    """Run it to its end; in a thread of its own where an event loop runs already, as in a notebook."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(work)
        return
    raised: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(work)
        except BaseException as error:  # for the caller, who waits
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if raised:
        raise raised[0]
