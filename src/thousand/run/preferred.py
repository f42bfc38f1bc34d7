"""Arms that are trained on preferences: pairs are read from a file, so many are drawn, and the base is trained on them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from thousand import manifest, tables
from thousand.align import prefer, preference_steps
from thousand.answer import read_prompts
from thousand.conversation import content_id, prompt_of
from thousand.curate import curate
from thousand.gather import fingerprint, read_pairs
from thousand.manifest import Manifest
from thousand.recipe import Choice, Curate
from thousand.run.made import Made, Selected
from thousand.run.units import Unit, draws
from thousand.run.work import Work
from thousand.select import draw_pairs

_SOURCE = "preferences"
_REJECTED = "rejected"
"""The column of a selection of pairs that holds the answers not preferred; ``messages`` end with the others."""


def preferred(work: Work, unit: Unit) -> Made:
    """The base trained to prefer what is chosen; its first step is the recipe's training on the chosen answers."""
    selected, settings = _drawn(work, unit), work.recipe.training(unit.arm)

    def make(partial: Path) -> Mapping[str, Any]:
        done = prefer(
            _pairs(tables.read(selected.path)),
            work.recipe.base,
            partial,
            settings,
            seed=unit.seed,
            progress=lambda step, _steps, _loss: work.stages.listener.advance(step),
        )
        steps = done.steps + (done.taught.steps if done.taught else 0)
        epochs = done.epochs + (done.taught.epochs if done.taught else 0.0)
        return {"steps": steps, "epochs": epochs, "examples": done.pairs, "cut": done.cut, "dropped": done.dropped}

    output = work.directory.seed(unit.arm, unit.seed) / "model"
    inputs = {"selection": selected.manifest.digest, "base": work.base_digest}
    own = settings.model_dump(mode="json", exclude={"choose", "preset", "checkpoints", "keep"}) | {"seed": unit.seed}
    total = preference_steps(selected.manifest.facts["examples"], settings)
    alignment = work.stages.once(output, "align", f"align: {unit}", inputs, own, make, total)
    return Made(output, alignment.digest, selected, alignment, seconds=(("align", alignment.seconds),))


def _read(work: Work, unit: Unit) -> Manifest:
    """The arm's file as ``pairs/pairs.parquet``, and what in it is no pair as ``pairs/rejected.parquet``."""
    given = work.recipe.arms[unit.arm].preferences or ""

    def make(partial: Path) -> Mapping[str, Any]:
        found = read_pairs(given)
        tables.write(partial / "pairs.parquet", found.table, tables.PAIRS)
        tables.write(partial / "rejected.parquet", found.rejected, tables.REJECTED)
        return {"pairs": found.table.num_rows, "rejected": dict(found.reasons)}

    inputs = fingerprint([Choice(name="chat", options={"path": given})])
    return work.stages.once(work.directory.arm(unit.arm) / "pairs", "gather", f"gather: {unit.arm}", inputs, None, make)


def _drawn(work: Work, unit: Unit) -> Selected:
    """The pairs of a draw as a selection, with the answers not preferred beside it."""
    arm, folder = work.recipe.arms[unit.arm], work.directory.arm(unit.arm)
    several = draws(work.recipe, unit.arm) > 1
    draw = unit.seed % draws(work.recipe, unit.arm)
    output = folder / (f"draw-{draw}/selection.parquet" if several else "selection.parquet")
    held_out = [Path(file) for file in (work.recipe.prompts.test, work.recipe.prompts.dev) if file]

    def make(partial: Path) -> Mapping[str, Any]:
        pairs = draw_pairs(tables.read(folder / "pairs" / "pairs.parquet"), arm.budget, draw)
        tables.write(partial, _selection(pairs), tables.SELECTION)
        return {"examples": pairs.num_rows, "contaminated": _contaminated(work, pairs, folder / f"curate-{draw}", held_out)}

    inputs = {"pairs": _read(work, unit).digest}
    inputs |= {f"prompts {i}": tables.digest_bytes(file) for i, file in enumerate(held_out)}
    checked = work.recipe.curate.contamination
    settings = {"budget": arm.budget, "draw": draw, "contamination": checked and checked.model_dump(mode="json")}
    label = f"select: {unit.arm}" + (f", draw {draw}" if several else "")
    return Selected(output, work.stages.once(output, "select", label, inputs, settings, make))


def _selection(pairs: pa.Table) -> pa.Table:
    said = _answered(pairs, "chosen")
    columns: dict[str, Any] = {
        "rank": list(range(1, pairs.num_rows + 1)),
        "id": pairs["pair_id"],
        "content": [content_id(each) for each in said],
        "source": [_SOURCE] * pairs.num_rows,
        "origin": pairs["origin"],
        "messages": pa.array(said, tables.MESSAGES),
        "reason": ["drawn at random from the pairs"] * pairs.num_rows,
    }
    empty = {field.name: pa.nulls(pairs.num_rows, field.type) for field in tables.SELECTION if field.name not in columns}
    return pa.table(columns | empty | {_REJECTED: pairs["rejected"]})


def _pairs(selection: pa.Table) -> pa.Table:
    """The pairs of a selection (schema `tables.PAIRS`)."""
    said = selection["messages"].to_pylist()
    return pa.table(
        {
            "pair_id": selection["id"],
            "origin": selection["origin"],
            "messages": pa.array([each[:-1] for each in said], tables.MESSAGES),
            "chosen": [each[-1]["content"] for each in said],
            "rejected": selection[_REJECTED],
        },
        schema=tables.PAIRS,
    )


def _answered(pairs: pa.Table, name: str) -> list[Any]:
    rows = zip(pairs["messages"].to_pylist(), pairs[name].to_pylist(), strict=True)
    return [[*messages, {"role": "assistant", "content": said}] for messages, said in rows]


def _contaminated(work: Work, pairs: pa.Table, folder: Path, held_out: list[Path]) -> int | None:
    """How many of the pairs hold a held-out prompt, as curation tells it of the pool; None where the recipe does not look."""
    checked = work.recipe.curate.contamination
    if checked is None:
        return None
    both = [*_answered(pairs, "chosen"), *_answered(pairs, "rejected")]
    names = [f"{kind} {each}" for kind in ("chosen", "rejected") for each in pairs["pair_id"].to_pylist()]
    columns: dict[str, Any] = {
        "id": names,
        "content": names,
        "source": [_SOURCE] * len(names),
        "origin": names,
        "messages": pa.array(both, tables.MESSAGES),
    }
    empty = {field.name: pa.nulls(len(names), field.type) for field in tables.CANDIDATES if field.name not in columns}
    manifest.remove(folder)
    tables.write_parts(folder / "candidates", [pa.table(columns | empty)], tables.CANDIDATES)
    prompts = [prompt_of(messages) for file in held_out for messages in read_prompts(file)["messages"].to_pylist()]
    settings = Curate(preset="none", duplicates=[], best_answer=False, contamination=checked)
    ledger = tables.read(curate(folder / "candidates", folder, settings, prompts=prompts).ledger, ["id", "kept"])
    hit = {name.partition(" ")[2] for name, kept in zip(ledger["id"].to_pylist(), ledger["kept"].to_pylist(), strict=True) if not kept}
    manifest.remove(folder)
    return len(hit)
