"""The verb: a model and prompts become answers, one row per prompt and sample."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa

from thousand import tables
from thousand.conversation import Message, prompt_of
from thousand.model import Model, generate, load
from thousand.model.chat import as_prompt
from thousand.recipe import Answer


def answer(
    model: str | Path | Model,
    prompts: pa.Table,
    settings: Answer,
    *,
    seed: int = 0,
    progress: Callable[[int], None] | None = None,
) -> pa.Table:
    """Sample answers to held-out prompts.

    Args:
        model: a folder, or a model already loaded. A base without a chat template is asked in the plain form of the settings.
        prompts: schema `tables.PROMPTS`.
        seed: with the prompt's id and the sample's number it decides each answer; the batch does not.
        progress: called with the answers done.

    Returns:
        Schema `tables.ANSWERS`: prompt by prompt, sample by sample.
    """
    loaded = model if isinstance(model, Model) else load(model)
    ids: list[str] = prompts["prompt_id"].to_pylist()
    conversations: list[Sequence[Message]] = prompts["messages"].to_pylist()
    rows = [(i, sample) for i in range(len(ids)) for sample in range(settings.samples)]
    started = time.monotonic()
    answers = generate(
        loaded,
        [as_prompt(loaded, conversations[i], settings.plain) for i, _ in rows],
        max_tokens=settings.max_tokens,
        seeds=[f"{seed}/{ids[i]}/{sample}" for i, sample in rows],
        temperature=settings.temperature,
        top_p=settings.top_p,
        repetition_penalty=settings.repetition_penalty,
        batch=settings.batch,
        finished=progress,
    )
    per_token = (time.monotonic() - started) / max(1, sum(each.tokens for each in answers))
    return pa.table(
        {
            "prompt_id": [ids[i] for i, _ in rows],
            "sample": pa.array([sample for _, sample in rows], pa.int32()),
            "prompt": [prompt_of(conversations[i]) for i, _ in rows],
            "answer": [each.text for each in answers],
            "stop": [each.stop for each in answers],
            "tokens": pa.array([each.tokens for each in answers], pa.int32()),
            "seconds": [each.tokens * per_token for each in answers],
        },
        schema=tables.ANSWERS,
    )
