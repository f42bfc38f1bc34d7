"""Sampling answers in batches, so that an answer depends on its prompt and seed and on nothing else in the batch."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
import transformers

from thousand.errors import DataError
from thousand.model.chat import stop_tokens
from thousand.model.load import Model


@dataclass(frozen=True)
class Generation:
    """One answer: its text, the number of tokens, why it ended, and whether the prompt had to be cut to leave it room."""

    text: str
    tokens: int
    stop: Literal["end_of_turn", "limit"]
    cut: bool = False


def check_room(max_tokens: int, context: int, folder: str | Path) -> None:
    """Raise DataError where so many tokens leave no room for a prompt."""
    if max_tokens >= context:
        raise DataError(
            f"{max_tokens:,} tokens were asked for and the model at {folder} has a context of {context:,}, prompt included.",
            f"Set max_tokens to {context // 2:,} or so.",
        )


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
    finished: Callable[[int], None] | None = None,
) -> list[Generation]:
    """Continue each prompt, by nucleus sampling, or greedily at temperature 0.

    Args:
        prompts: texts with their special tokens written out.
        seeds: one per prompt; equal seeds and prompts give equal answers whatever else is in the batch.
        repetition_penalty: CTRL's (Keskar et al. 2019), over the generated tokens only, as LIMA section 4.1 has it.
        finished: called with the number of prompts done, batch by batch.

    Returns:
        One generation per prompt, in the order given. A prompt that leaves no room for ``max_tokens`` in the context is cut
        from the left, and the generation says so.

    Raises:
        DataError: ``max_tokens`` fills the whole context.
    """
    check_room(max_tokens, model.context, model.folder)
    if not prompts:
        return []
    tokenizer = model.tokenizer
    stops = set(stop_tokens(model))
    limit = model.context - max_tokens
    whole = tokenizer(list(prompts), add_special_tokens=False)["input_ids"] if prompts else []
    encoded = [ids[-limit:] for ids in whole]
    order = sorted(range(len(prompts)), key=lambda i: len(encoded[i]))  # like lengths together: less padding
    results: list[Generation | None] = [None] * len(prompts)
    for start in range(0, len(order), batch):
        rows = order[start : start + batch]
        padded = tokenizer.pad({"input_ids": [encoded[i] for i in rows]}, return_tensors="pt").to(model.device)
        width = padded["input_ids"].shape[1]
        processors = transformers.LogitsProcessorList()
        if repetition_penalty != 1.0:
            processors.append(transformers.RepetitionPenaltyLogitsProcessor(repetition_penalty, prompt_ignore_length=width))
        if temperature > 0:
            processors.append(transformers.TemperatureLogitsWarper(temperature))
            if top_p < 1:
                processors.append(transformers.TopPLogitsWarper(top_p))
            processors.append(SeededSampling([seeds[i] if seeds else str(i) for i in rows]))
        settings = transformers.GenerationConfig(
            max_new_tokens=max_tokens, do_sample=False, eos_token_id=sorted(stops), pad_token_id=tokenizer.pad_token_id
        )
        with torch.inference_mode(), _decoding_by(settings, model.network):
            output = model.network.generate(**padded, generation_config=settings, logits_processor=processors)
        for i, ids in zip(rows, output[:, width:].tolist(), strict=True):
            results[i] = _ended(tokenizer, ids, stops, cut=len(whole[i]) > limit)
        if finished:
            finished(min(start + batch, len(order)))
    return [each for each in results if each is not None]


class SeededSampling(transformers.LogitsProcessor):
    """Turns the likeliest token into a sampled one, by Gumbel noise from a generator per row.

    The token with the largest log-probability plus Gumbel noise is a draw from the distribution (Gumbel 1954), so greedy
    search over the noised scores samples, and each row's draws are its own.
    """

    def __init__(self, seeds: Sequence[str]) -> None:
        self._generators = [torch.Generator().manual_seed(int.from_bytes(hashlib.sha256(seed.encode()).digest()[:7])) for seed in seeds]

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """The scores, (rows, vocabulary), with each row's noise added."""
        uniform = torch.empty(scores.shape)
        for row, generator in enumerate(self._generators):
            torch.rand(scores.shape[1], generator=generator, out=uniform[row])
        noise = -torch.log(-torch.log(uniform.clamp_(1e-20, 1 - 1e-7)))
        return scores + noise.to(scores)


@contextmanager
def _decoding_by(settings: transformers.GenerationConfig, network: Any) -> Iterator[None]:
    """What settings leave open, transformers takes from the model's own, such as a repetition penalty: not while this lasts."""
    own = network.generation_config
    network.generation_config = settings
    try:
        yield
    finally:
        network.generation_config = own


def _ended(tokenizer: Any, ids: list[int], stops: set[int], *, cut: bool) -> Generation:
    end = next((i for i, token in enumerate(ids) if token in stops), None)
    spoken = ids if end is None else ids[:end]
    text = tokenizer.decode(spoken, skip_special_tokens=True).strip()
    return Generation(text, len(spoken), "limit" if end is None else "end_of_turn", cut)
