"""Which candidates come too near to which held-out prompts, and by what: a table for people to read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from thousand import tables
from thousand.curate.signals.contamination import contamination, held_out
from thousand.curate.signals.resembles_prompt import questions, resembles_prompt, to_prompts
from thousand.curate.texts import COLUMNS, Texts
from thousand.recipe import Choice, Contamination

SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("source", pa.string()),
        ("origin", pa.string()),
        ("prompt", pa.int32()),  # number of the held-out prompt in its file, from 1
        ("kind", pa.string()),  # "words" or "meaning"
        ("value", pa.float64()),  # the length of the run of words, or the cosine
        ("shared", pa.string()),  # the run of words; null for a meaning
        ("asked", pa.string()),  # what the candidate asks, in the words that come nearest; null for words
        ("held_out", pa.string()),  # the held-out prompt
    ]
)
WORDS, MEANING = contamination.__name__, resembles_prompt.__name__

_LONGEST = 2000
"""Characters of a text that are shown."""


def hits(table: Path, signals: Path, prompts: Sequence[str], settings: Contamination | None, measured: Sequence[Choice]) -> pa.Table:
    """One row for each candidate and each held-out prompt that it comes too near to, whether or not a rule drops it for that.

    Args:
        table: the candidates, cleaned.
        signals: the folder of their signals; a candidate's value there says whether it is looked at.
        prompts: the held-out prompts.
        settings: what is too near; None looks for nothing.
        measured: the signals with the options they were measured with.

    Returns:
        A table of `SCHEMA`, by candidate in the table's order, then words before meaning, then by prompt.
    """
    options = {choice.name: choice.options for choice in measured}
    most = {WORDS: 0.0 if settings and settings.run is not None else None, MEANING: settings.similarity if settings else None}
    above = {name: _above(signals / name, name, limit) for name, limit in most.items() if limit is not None and name in options}
    found: list[dict[str, Any]] = []
    at = 0
    for batch in tables.batches(table, [*COLUMNS, "origin"]) if any(rows.any() for rows in above.values()) else ():
        here = {name: rows[at : at + batch.num_rows] for name, rows in above.items()}
        at += batch.num_rows
        for row in np.flatnonzero(np.any(list(here.values()), axis=0)):
            one = batch.slice(int(row), 1)
            named = {name: one[name][0].as_py() for name in ("id", "source", "origin")}
            texts = Texts.of(one)
            if WORDS in here and here[WORDS][row]:
                found += [named | each for each in _words(texts, prompts, **options[WORDS])]
            if MEANING in here and here[MEANING][row]:
                found += [named | each for each in _meaning(texts, prompts, most[MEANING], **options[MEANING])]
    return pa.Table.from_pylist(found, SCHEMA)


def _above(signal: Path, name: str, limit: float) -> NDArray[np.bool_]:
    above: NDArray[np.bool_] = tables.read(signal, [name])[name].to_numpy(zero_copy_only=False) > limit
    return above


def _words(texts: Texts, prompts: Sequence[str], run: int = 8) -> Iterator[dict[str, Any]]:
    shared = held_out(tuple(prompts), run).shared(texts.prompts[0], texts.responses[0])
    for number, words in sorted(shared.items()):
        yield _hit("words", number, len(words), prompts[number]) | {"shared": _shown(" ".join(words))}


def _meaning(texts: Texts, prompts: Sequence[str], most: float | None, model: str | None = None) -> Iterator[dict[str, Any]]:
    asked = questions(texts)[1]
    cosines = to_prompts(tuple(prompts), model)(asked)
    for number in np.flatnonzero(cosines.max(axis=0) > most).tolist():
        nearest = int(cosines[:, number].argmax())
        yield _hit("meaning", number, cosines[nearest, number], prompts[number]) | {"asked": _shown(asked[nearest])}


def _hit(kind: str, number: int, value: float, prompt: str) -> dict[str, Any]:
    return {"prompt": number + 1, "kind": kind, "value": float(value), "held_out": _shown(prompt)}


def _shown(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} \u2026"
