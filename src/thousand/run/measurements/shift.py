"""Token-distribution shift of the claim's models from their base, seed by seed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from thousand import tables
from thousand.answer import shift as measured
from thousand.manifest import Manifest, manifest_path
from thousand.model.shift import Context
from thousand.run.arms import Trained
from thousand.run.work import Work


def shift(work: Work, claim: Trained, *, context: Context = "plain", seeds: int = 1) -> Path:
    """Args:
    context: what the base is given before the answer; see `thousand.model.shift.passages`.
    seeds: so many of the claim's, the first ones.
    """
    output = work.directory.measured("shift")
    models = dict(sorted(claim.models.items())[:seeds])

    def make(partial: Path) -> Mapping[str, Any]:
        found = []
        for number, (seed, model) in enumerate(models.items()):

            def show(done: int, before: int = number * work.prompts.num_rows) -> None:
                work.stages.listener.advance(before + done)

            table = measured(model, work.base, work.prompts, work.recipe.answer, context=context, progress=show)
            found.append(table.append_column("seed", pa.array([seed] * table.num_rows, pa.int32())))
        tables.write(partial, pa.concat_tables(found), tables.SHIFT)
        return {"tokens": sum(table.num_rows for table in found)}

    inputs = {"base": work.base_digest, "prompts": work.prompts_digest}
    inputs |= {f"model {seed}": _digest(model) for seed, model in models.items()}
    answering = {"max_tokens": work.recipe.answer.max_tokens, "plain": work.recipe.answer.plain, "context": context}
    label = f"shift: {work.recipe.claim}"
    work.stages.once(output, "shift", label, inputs, answering, make, total=len(models) * work.prompts.num_rows)
    return output


def _digest(model: Path) -> str:
    """What its stage wrote: a card is laid beside the weights later."""
    made = Manifest.load(manifest_path(model))
    return made.digest if made is not None else tables.digest(model)
