"""Arms that are aligned by prompt alone: the untouched base is shown the first examples of the claim's choice."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from thousand import tables
from thousand.errors import DataError
from thousand.run.made import Made, Selected
from thousand.run.selecting import selection
from thousand.run.units import Unit, draws
from thousand.run.work import Work


def shown(work: Work, unit: Unit) -> Made:
    """The base as it is, to be asked behind examples.

    Raises:
        DataError: the claim chose fewer than are to be shown.
    """
    selected = _first(work, unit)
    examples = tables.read(selected.path, ["messages"])["messages"].to_pylist()
    return Made(work.base, work.base_digest, selected, shown=examples)


def _first(work: Work, unit: Unit) -> Selected:
    """The claim's examples up to so many, in the order of rank."""
    count, claim = work.recipe.arms[unit.arm].in_context or 0, work.recipe.claim
    chosen = selection(work, claim, unit.seed)
    folder, draw = work.directory.arm(unit.arm), unit.seed % draws(work.recipe, claim)
    output = folder / ("selection.parquet" if draws(work.recipe, claim) == 1 else f"draw-{draw}/selection.parquet")

    def make(partial: Path) -> Mapping[str, Any]:
        table = tables.read(chosen.path).sort_by("rank")
        if table.num_rows < count:
            raise DataError(
                f"arms.{unit.arm}.in_context: {count} examples are to be shown, and {claim} chose {table.num_rows}.", "Show fewer."
            )
        tables.write(partial, table.slice(0, count), tables.SELECTION)
        return {"examples": count}

    inputs = {"selection": chosen.manifest.digest}
    return Selected(output, work.stages.once(output, "select", f"select: {unit.arm}", inputs, {"first": count}, make))
