"""What alignment changed in a model, token by token: its greedy answers, read again by the base (Lin et al. 2023, section 2)."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from thousand import tables
from thousand.answer.answer import answer
from thousand.conversation import Message
from thousand.model import Model, load
from thousand.model.shift import Context, Shift, passages, shifts
from thousand.recipe import Answer, Choice

MARGINAL = 3
"""A token of this rank by the base or of a better one, but for the first, is marginal."""
_PART = 64


def shift(
    aligned: str | Path | Model,
    base: str | Path | Model,
    prompts: pa.Table,
    settings: Answer,
    *,
    context: Context = "plain",
    progress: Callable[[int], None] | None = None,
) -> pa.Table:
    """Token-distribution shift: each token of the aligned model's greedy answers by its rank in the base.

    Args:
        prompts: schema `tables.PROMPTS`. Of a dialogue the last answer is measured.
        settings: how the models are asked. Answers are greedy, one to each prompt, without repetition penalty, whatever else they say.
        context: as `thousand.model.shift.passages`.
        progress: called with the prompts done.

    Returns:
        Schema `tables.SHIFT`.

    Raises:
        DataError: the models do not share a vocabulary, or as `answer`.
    """
    ours, theirs = (each if isinstance(each, Model) else load(each) for each in (aligned, base))
    greedy = {"temperature": 0.0, "top_p": 1.0, "repetition_penalty": 1.0, "samples": 1, "backend": Choice(name="transformers")}
    said = answer(ours, prompts, settings.model_copy(update=greedy))
    rows: list[dict[str, Any]] = []
    for start in range(0, prompts.num_rows, _PART):  # what is measured of a token takes little room, its logits do not
        rows += _rows(ours, theirs, prompts.slice(start, _PART), said.slice(start, _PART), settings.plain, context)
        if progress:
            progress(min(start + _PART, prompts.num_rows))
    return pa.Table.from_pylist(rows, tables.SHIFT)


def kind(rank: int) -> str:
    """What the paper calls a token of this rank by the base."""
    return "unshifted" if rank == 1 else "marginal" if rank <= MARGINAL else "shifted"


def _rows(ours: Model, theirs: Model, prompts: pa.Table, said: pa.Table, plain: str, context: Context) -> Iterator[dict[str, Any]]:
    answered: list[dict[str, Any]] = said.to_pylist()
    found = [i for i, each in enumerate(answered) if each["answer"] and not each["cut"]]
    conversations = [_conversation(messages, each) for messages, each in zip(prompts["messages"].to_pylist(), answered, strict=True)]
    measured = shifts(ours, theirs, passages(ours, theirs, [conversations[i] for i in found], plain, context=context))
    by_prompt = dict(zip(found, measured, strict=True))
    for i, each in enumerate(answered):
        name = each["prompt_id"]
        if i not in by_prompt:
            yield {"prompt_id": name, "reason": _why(each)}
        elif (values := by_prompt[i]).why:
            yield {"prompt_id": name, "reason": values.why}
        else:
            yield from ({"prompt_id": name} | row for row in _tokens(ours, values))
            if each["stop"] == "end_of_turn":
                yield {"prompt_id": name, "position": len(values.tokens) + 1, "kind": "end"}


def _tokens(model: Model, values: Shift) -> Iterator[dict[str, Any]]:
    texts = _texts(model, values.tokens.tolist())
    for i, (text, rank, kl) in enumerate(zip(texts, values.rank.tolist(), values.kl.tolist(), strict=True)):
        row = {"position": i + 1, "token": text, "token_id": int(values.tokens[i])}
        if rank:
            given = {"kind": kind(rank), "rank": rank, "probability": float(values.probability[i]), "kl": None if np.isnan(kl) else kl}
            yield row | given
        else:
            yield row | {"reason": "the base's context cuts this text into other tokens"}


def _texts(model: Model, tokens: list[int]) -> list[str]:
    """What each token adds to the one before it: alone, some tokenizers' tokens lose the space that they begin with."""
    alone = model.tokenizer.batch_decode([[token] for token in tokens])
    pairs = model.tokenizer.batch_decode([list(pair) for pair in itertools.pairwise(tokens)])
    added = [pair[len(before) :] for before, pair in zip(alone, pairs, strict=False)]
    return [text or whole for text, whole in zip([*alone[:1], *added], alone, strict=True)]


def _conversation(messages: list[Message], said: dict[str, Any]) -> list[Message]:
    return said["turns"] or [*messages, {"role": "assistant", "content": said["answer"] or ""}]


def _why(said: dict[str, Any]) -> str:
    if said["answer"] is None:
        return said["reason"] or "there is no answer"
    return "the prompt was cut to fit the context" if said["cut"] else "the answer is empty"
