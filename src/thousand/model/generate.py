"""Sampling answers in batches, so that an answer depends on its prompt and seed and on nothing else in the batch."""

from __future__ import annotations

import bisect
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import torch
import transformers

from thousand.errors import DataError
from thousand.model.begun import Begun, begin
from thousand.model.chat import stop_tokens
from thousand.model.load import Model
from thousand.model.sampling import SeededSampling
from thousand.model.stopping import StopAt


@dataclass(frozen=True)
class Generation:
    """One answer: its text, the number of tokens, why it ended, and whether the prompt had to be cut to leave it room.

    Attributes:
        error: why there is no answer, where ``stop`` is ``error``.
        seconds: of the batch it was in, shared out by tokens.
    """

    text: str
    tokens: int
    stop: Literal["end_of_turn", "limit", "error"]
    cut: bool = False
    error: str | None = None
    seconds: float = field(default=0.0, compare=False)


def check_room(max_tokens: int, context: int, folder: str | Path) -> None:
    """Raise DataError where so many tokens leave no room for a prompt."""
    if max_tokens >= context:
        raise DataError(
            f"{max_tokens:,} tokens were asked for and the model at {folder} has a context of {context:,}, prompt included.",
            f"Set max_tokens to {context // 2:,} or so.",
        )


def refusal(length: int, room: int, too_long: Literal["cut", "error"]) -> str | None:
    """Why a prompt of so many tokens is not answered, if it is not."""
    if not length:
        return "the prompt has no tokens"
    if length > room and too_long == "error":
        return f"the prompt has {length:,} tokens; the context leaves room for {room:,}"
    return None


def generate(
    model: Model,
    prompts: Sequence[str],
    *,
    max_tokens: int,
    seeds: Sequence[str] | None = None,
    temperature: float = 0.0,
    top_p: float = 1.0,
    repetition_penalty: float = 1.0,
    batch: int = 64,
    too_long: Literal["cut", "error"] = "cut",
    finished: Callable[[int], None] | None = None,
    streamer: Any = None,
) -> list[Generation]:
    """Continue each prompt, by nucleus sampling, or greedily at temperature 0.

    Args:
        prompts: texts with their special tokens written out.
        seeds: one per prompt; equal seeds and prompts give equal answers whatever else is in the batch.
        repetition_penalty: CTRL's (Keskar et al. 2019), over the generated tokens only, as LIMA section 4.1 has it.
        batch: prompts at once; half as many as long as the device has too little memory.
        too_long: a prompt that leaves no room for ``max_tokens`` in the context is cut from the left, and the generation says so;
            or it has none, but an error.
        finished: called with the number of prompts done, batch by batch.
        streamer: of transformers' kind; given the tokens of a single prompt, and then each token as it is chosen.

    Returns:
        One generation per prompt, in the order given.

    Raises:
        DataError: ``max_tokens`` fills the whole context.
    """
    found: dict[int, Generation] = {}
    for some in generated(
        model,
        prompts,
        max_tokens=max_tokens,
        seeds=seeds,
        temperature=temperature,
        top_p=top_p,
        repetition_penalty=repetition_penalty,
        batch=batch,
        too_long=too_long,
        streamer=streamer,
    ):
        found |= some
        if finished:
            finished(len(found))
    return [found[i] for i in range(len(prompts))]


def generated(
    model: Model,
    prompts: Sequence[str],
    *,
    max_tokens: int,
    seeds: Sequence[str] | None,
    temperature: float,
    top_p: float,
    repetition_penalty: float,
    batch: int,
    too_long: Literal["cut", "error"],
    streamer: Any = None,
    stop: str | None = None,
    alike: bool = False,
) -> Iterator[dict[int, Generation]]:
    """As `generate`, batch by batch, each as soon as it is done: generations by the position of their prompt.

    Args:
        stop: a text that ends an answer like an end of turn does, and is no part of it.
        alike: the prompts begin with the same long text, which then goes through the model once where its family allows.
    """
    check_room(max_tokens, model.context, model.folder)
    limit = model.context - max_tokens
    whole = model.tokenizer(list(prompts), add_special_tokens=False)["input_ids"] if prompts else []
    refused = {i: why for i, ids in enumerate(whole) if (why := refusal(len(ids), limit, too_long))}
    if refused:
        yield {i: Generation("", 0, "error", error=why) for i, why in refused.items()}
    begun = begin(model, [ids for i, ids in enumerate(whole) if i not in refused]) if alike and max(map(len, whole)) <= limit else None
    decoding = _Decoding(model, max_tokens, temperature, top_p, repetition_penalty, streamer, stop, begun)
    order = sorted((i for i in range(len(whole)) if i not in refused), key=lambda i: min(len(whole[i]), limit))  # less padding
    waiting = [order[start : start + batch] for start in range(0, len(order), batch)]
    while waiting:
        rows = waiting.pop(0)
        started = time.monotonic()
        try:
            said = decoding([whole[i][-limit:] for i in rows], [seeds[i] if seeds else str(i) for i in rows])
        except torch.OutOfMemoryError:
            said = None  # what the error refers to, and with it the memory, is let go of before the next attempt
        if said is None and len(rows) > 1:
            torch.cuda.empty_cache()
            waiting = [rows[: len(rows) // 2], rows[len(rows) // 2 :], *waiting]
        elif said is None:
            yield {rows[0]: Generation("", 0, "error", error="the device has too little memory for it alone")}
        else:
            per_token = (time.monotonic() - started) / max(1, sum(tokens for _, tokens, _ in said))
            yield {
                i: Generation(text, tokens, stop, len(whole[i]) > limit, seconds=tokens * per_token)
                for i, (text, tokens, stop) in zip(rows, said, strict=True)
            }


@dataclass(frozen=True)
class _Decoding:
    """One batch, from tokens to what was said: text, number of tokens, and why it ended."""

    model: Model
    max_tokens: int
    temperature: float
    top_p: float
    repetition_penalty: float
    streamer: Any = None
    stop: str | None = None
    begun: Begun | None = None

    def __call__(self, prompts: Sequence[list[int]], seeds: Sequence[str]) -> list[tuple[str, int, Literal["end_of_turn", "limit"]]]:
        tokenizer, network = self.model.tokenizer, self.model.network
        stops = set(stop_tokens(self.model))
        head = self.begun.tokens if self.begun else []
        padded = tokenizer.pad({"input_ids": [ids[len(head) :] for ids in prompts]}, return_tensors="pt").to(self.model.device)
        if self.begun:
            padded = self.begun.before(padded)
        width = padded["input_ids"].shape[1]
        settings = transformers.GenerationConfig(
            max_new_tokens=self.max_tokens, do_sample=False, eos_token_id=sorted(stops), pad_token_id=tokenizer.pad_token_id
        )
        with torch.inference_mode(), _decoding_by(settings, network):
            output = network.generate(
                **padded,
                generation_config=settings,
                logits_processor=self._processors(width, seeds),
                stopping_criteria=transformers.StoppingCriteriaList([StopAt(tokenizer, self.stop, width)] if self.stop else []),
                streamer=self.streamer,
            )
        return [_ended(tokenizer, ids, stops, self.stop) for ids in output[:, width:].tolist()]

    def _processors(self, width: int, seeds: Sequence[str]) -> transformers.LogitsProcessorList:
        processors = transformers.LogitsProcessorList()
        if self.repetition_penalty != 1.0:
            processors.append(transformers.RepetitionPenaltyLogitsProcessor(self.repetition_penalty, prompt_ignore_length=width))
        if self.temperature > 0:
            processors.append(transformers.TemperatureLogitsWarper(self.temperature))
            processors.append(SeededSampling(seeds, self.top_p))
        return processors


@contextmanager
def _decoding_by(settings: transformers.GenerationConfig, network: Any) -> Iterator[None]:
    """What settings leave open, transformers takes from the model's own, such as a repetition penalty: not while this lasts."""
    own = network.generation_config
    network.generation_config = settings
    try:
        yield
    finally:
        network.generation_config = own


def _ended(tokenizer: Any, ids: list[int], stops: set[int], stop: str | None) -> tuple[str, int, Literal["end_of_turn", "limit"]]:
    end = next((i for i, token in enumerate(ids) if token in stops), None)
    spoken = ids if end is None else ids[:end]
    text = tokenizer.decode(spoken, skip_special_tokens=True)
    if stop and (at := text.find(stop)) >= 0:
        reaches = range(len(spoken) + 1)
        told = bisect.bisect_left(reaches, at, key=lambda count: len(tokenizer.decode(spoken[:count], skip_special_tokens=True)))
        return text[:at].strip(), told, "end_of_turn"
    return text.strip(), len(spoken), "limit" if end is None else "end_of_turn"
