"""The model: align a base, and talk to what became of it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from thousand.cli.app import Base, Json, Out, Seed, app, print_result, settings_of


@app.command()
def align(
    selection: Annotated[Path, typer.Argument(help="The training set that `select` wrote.")],
    base: Base,
    out: Out = Path("model"),
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="NAME=VALUE of the LIMA recipe, such as epochs=5; may be given again.")
    ] = None,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Fine-tune a base on a selection by LIMA's recipe, its end of turn trained and checked."""
    from thousand import tables
    from thousand.align import align as do
    from thousand.progress import Shown
    from thousand.recipe import Align

    recipe = settings_of(Align, settings)
    with Shown(Console(stderr=True)) as shown:
        shown.stage("align")
        aligned = do(
            tables.read(selection, ["messages"]),
            base,
            out,
            recipe,
            seed=seed,
            checkpoints=out.with_name(f"{out.name}-checkpoints") if recipe.checkpoints else None,
            progress=lambda step, _steps, _loss: shown.advance(step),
        )
    print_result(asdict(aligned), as_json, f"Aligned on {aligned.examples:,} examples in {aligned.steps:,} steps; the model is {out}.")
