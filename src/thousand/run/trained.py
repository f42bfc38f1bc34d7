"""Arms that train the base on examples, and their guards."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from thousand import manifest, tables
from thousand.align import align, planned_steps
from thousand.manifest import Manifest
from thousand.recipe import Align
from thousand.run.made import Made, Selected
from thousand.run.selecting import selection
from thousand.run.units import Unit
from thousand.run.work import Work


def trained(work: Work, unit: Unit) -> Made:
    """The base fine-tuned on what the arm selects; where the recipe says so, the best of its checkpoints."""
    return _train(work, unit, selection(work, unit.arm, unit.seed), work.recipe.training(unit.arm))


def guard(work: Work, unit: Unit) -> Made:
    """The base fine-tuned on the claim's examples for as many steps as the arm that is guarded: seen after the last of them."""
    guarded = work.recipe.arms[unit.arm].guard or ""
    alike = trained(work, Unit(guarded, 0)).alignment
    settings = work.recipe.training(guarded)
    last = {"steps": alike.facts["steps"] if alike else None, "choose": settings.choose.model_copy(update={"by": "last"})}
    return _train(work, unit, selection(work, work.recipe.claim, unit.seed), settings.model_copy(update=last))


def _train(work: Work, unit: Unit, selected: Selected, settings: Align) -> Made:
    folder = work.directory.seed(unit.arm, unit.seed)
    alignment = _align(work, unit, selected, folder, settings)
    made = Made(folder / "model", alignment.digest, selected, alignment, seconds=(("align", alignment.seconds),))
    if settings.choose.by == "last":
        return made
    kept = work.chooser.choose(unit.arm, unit.seed, alignment, selected, settings.choose)
    return Made(
        made.model, kept.digest, selected, alignment, folder / "checkpoints.parquet", seconds=(*made.seconds, ("choose", kept.seconds))
    )


def _align(work: Work, unit: Unit, selected: Selected, folder: Path, settings: Align) -> Manifest:
    """The model after the last step, or where one is to be chosen the checkpoints of all epochs."""
    chooses = settings.choose.by != "last"

    def make(partial: Path) -> Mapping[str, Any]:
        checkpoints = partial if chooses else folder / "checkpoints"
        if not partial.exists():  # a fresh start: what other work left must not be gone on from
            manifest.remove(checkpoints)
            partial.mkdir(parents=True)
        aligned = align(
            tables.read(selected.path, ["messages"]),
            work.recipe.base,
            None if chooses else partial,
            settings,
            seed=unit.seed,
            checkpoints=checkpoints if settings.checkpoints else None,
            progress=lambda step, _steps, _loss: work.stages.listener.advance(step),
        )
        return {
            "steps": aligned.steps,
            "epochs": aligned.epochs,
            "examples": aligned.examples,
            "cut": aligned.cut,
            "dropped": aligned.dropped,
        }

    inputs = {"selection": selected.manifest.digest, "base": work.base_digest}
    own = settings.model_dump(mode="json", exclude={"choose", "preset", "dpo"}) | {"seed": unit.seed}
    total = planned_steps(selected.manifest.facts["examples"], settings)
    output = folder / ("epochs" if chooses else "model")
    return work.stages.once(output, "align", f"align: {unit}", inputs, own, make, total)
