"""What a model is asked: the prompts of the test, and what it knows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from thousand import tables
from thousand.answer import Choices, answer, check_harness, clear, harness, knowledge
from thousand.manifest import Manifest
from thousand.model import load
from thousand.run.made import Made
from thousand.run.units import Unit
from thousand.run.work import Work

UNASKED = {"batch", "introduction"}
"""Settings that change no answer: how many are asked at once, and what only examples in context stand behind."""


def answers(work: Work, unit: Unit, made: Made) -> Manifest:
    """Its answers, in ``answers.parquet`` (schema `tables.ANSWERS`)."""
    output = work.directory.answers(unit.arm, unit.seed)
    prompts, settings, kept = work.prompts, work.recipe.answer, output.with_suffix(".kept")

    def make(partial: Path) -> Mapping[str, Any]:
        told = work.stages.listener.advance
        table = answer(made.model, prompts, settings, seed=unit.seed, progress=told, kept=kept, examples=made.shown)
        tables.write(partial, table, tables.ANSWERS)
        return {"tokens": pc.sum(table["tokens"]).as_py() or 0}

    inputs = {"model": made.digest, "prompts": work.prompts_digest}
    own = settings.model_dump(exclude=UNASKED) | {"seed": unit.seed}
    if made.shown is not None and made.selection is not None:
        inputs["shown"] = made.selection.manifest.digest
        own["introduction"] = settings.introduction
    total = prompts.num_rows * settings.samples
    found = work.stages.once(output, "answer", f"answer: {unit}", inputs, own, make, total)
    clear(kept)
    return found


def known(work: Work, made: Made, output: Path, label: str) -> Manifest | None:
    """Which questions it answers right (schema `tables.KNOWLEDGE`); None where nothing is asked."""
    settings = work.recipe.knowledge
    if settings is None:
        return None

    def make(partial: Path) -> Mapping[str, Any]:
        model = load(made.model)
        table = knowledge(model, work.questions, plain=work.recipe.answer.plain)
        if settings.harness is not None:
            table = pa.concat_tables([table, harness(model, settings.harness)])
        tables.write(partial, table, tables.KNOWLEDGE)
        return {"known": sum(known is True for known in table["known"].to_pylist()), "asked": table.num_rows}

    inputs = {"model": made.digest}
    if settings.file is not None:
        inputs["questions"] = tables.digest_bytes(Path(settings.file))
    if settings.harness is not None:
        inputs["harness"] = check_harness(settings.harness)[1]
    own: dict[str, Any] = {}  # of sentences alone nothing is set
    if any(isinstance(each, Choices) for each in work.questions):
        own["plain"] = work.recipe.answer.plain
    if settings.harness is not None:
        own |= {"plain": work.recipe.answer.plain, "harness": settings.harness.model_dump(mode="json")}
    return work.stages.once(output, "knowledge", f"knowledge: {label}", inputs, own or None, make)


def known_before(work: Work) -> Manifest | None:
    """What the untouched base knows; None where nothing is asked."""
    return known(work, Made(work.base, work.base_digest), work.directory.knowledge, "base")
