"""The training sets of an arm. Whatever trains on one, or shows it, has it from here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from thousand import tables
from thousand.errors import DataError
from thousand.gather import fingerprint, gather
from thousand.manifest import held
from thousand.recipe import Arm, Choice
from thousand.run.made import Selected
from thousand.run.reserving import reserved
from thousand.run.reviewing import asked, explained, plan_for, reviewed
from thousand.run.units import draws, is_reviewed
from thousand.run.work import Work
from thousand.select import select

ELSEWHERE = {"draws", "seeds", "align", "guard", "in_context", "preferences", "review", "family"}
"""Fields of an arm that do not change what is chosen."""


def selection(work: Work, name: str, seed: int = 0) -> Selected:
    """What an arm's seed is trained on: draws are spread over the seeds."""
    return _drawn(work, name, seed % draws(work.recipe, name))


def _drawn(work: Work, name: str, draw: int) -> Selected:
    arm, folder, plan = work.recipe.arms[name], work.directory.arm(name), plan_for(work, name)
    arm = arm if plan is None else asked(arm, name, plan)
    output = folder / ("selection.parquet" if arm.draws == 1 else f"draw-{draw}/selection.parquet")

    def choose() -> pa.Table:
        if arm.budget == 0:  # every place is taken by what was written at the desk
            return tables.SELECTION.empty_table()
        with held(work.directory.root / ".vectors.lock"):  # they are kept in one folder for all arms
            return select(
                work.directory.texts,
                work.directory.ledger,
                arm,
                name=name,
                draw=draw,
                embedder=work.embedder,
                shown=_aimed_at(arm, folder) if arm.like else (),
                base=work.recipe.base,
            )

    def make(partial: Path) -> Mapping[str, Any]:
        try:
            table = choose()
        except DataError as error:
            raise error if plan is None else explained(error, plan) from error
        tables.write(partial, table, tables.SELECTION)
        return {"examples": table.num_rows}

    label = f"select: {name}" + (f", draw {draw}" if arm.draws > 1 else "")
    files = [Path(each) for each in (*arm.include, *arm.exclude)]
    inputs = work.chosen_from | {f"file {path}": tables.digest_bytes(path) for path in files if path.is_file()}
    inputs |= fingerprint([_wanted(arm)]) if arm.like else {}
    settings = arm.model_dump(exclude=ELSEWHERE) | {"draw": draw}
    selected = Selected(output, work.stages.once(output, "select", label, inputs, settings, make))
    if is_reviewed(work.recipe, name):
        reserved(work, name, arm, draw, selected, settings, lambda: _aimed_at(arm, folder) if arm.like else ())
    return reviewed(work, name, selected, plan)


def _wanted(arm: Arm) -> Choice:
    return Choice(name="chat", options={"path": arm.like})


def _aimed_at(arm: Arm, folder: Path) -> list[Any]:
    """The examples that an arm aims at, in whatever form they are."""
    like = folder / "like"
    gather([_wanted(arm)], like, folder / "like-rejected")
    found: list[Any] = tables.read(like, ["messages"])["messages"].to_pylist()
    return found
