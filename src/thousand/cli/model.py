"""The model: align a base, on one machine or on many, and talk to what became of it."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from thousand.cli.app import Base, Json, Out, Seed, app, print_result, settings_of
from thousand.errors import RecipeError

if TYPE_CHECKING:
    from thousand.align import Estimate, Preflight
    from thousand.recipe import Align


@app.command()
def align(
    selection: Annotated[Path, typer.Argument(help="The training set that `select` wrote; with --preferences a file of pairs.")],
    base: Base,
    out: Out = Path("model"),
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="NAME=VALUE of the LIMA recipe, such as epochs=5, or preset=lora; may be given again."),
    ] = None,
    preferences: Annotated[
        bool, typer.Option("--preferences", help="Train on pairs (prompt, chosen, rejected): the chosen first, then to prefer them (DPO).")
    ] = False,
    budget: Annotated[int | None, typer.Option("--budget", min=1, help="So many of the pairs, at random; all unless told.")] = None,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Fine-tune a base on a selection by LIMA's recipe, its end of turn trained and checked.

    Killed, the same command goes on from the last epoch; on preferences it begins anew. On several devices:
    `accelerate launch --config_file "$(thousand accelerate fsdp2)" -m thousand.cli align ...`
    """
    from thousand import tables
    from thousand.align import align as do
    from thousand.align import processes
    from thousand.progress import Shown
    from thousand.recipe import Align

    recipe = settings_of(Align, settings)
    if recipe.choose.by != "last":
        raise RecipeError(
            f"--set choose: {recipe.choose.by}: align alone keeps every epoch and the last as the model.",
            "A recipe has them judged: thousand run.",
        )
    if preferences:
        _prefer(selection, base, out, recipe, budget, seed, as_json)
        return
    if budget is not None:
        raise RecipeError("--budget: a selection is trained on as it is; it is of pairs.", "Add --preferences, or leave it out.")
    said = Console(stderr=True, highlight=False, soft_wrap=True)

    def told(checked: Preflight, expected: Estimate) -> None:
        if processes.first():
            for text in (checked.shown, checked.sentence(), expected.sentence()):
                said.print(text, markup=False)

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
            told=told,
        )
    if processes.first():
        print_result(asdict(aligned), as_json, f"Aligned on {aligned.examples:,} examples in {aligned.steps:,} steps; the model is {out}.")


def _prefer(file: Path, base: Path, out: Path, recipe: Align, budget: int | None, seed: int, as_json: bool) -> None:
    from thousand.align import prefer
    from thousand.gather import read_pairs
    from thousand.progress import Shown
    from thousand.select import draw_pairs

    found = read_pairs(str(file))
    Console(stderr=True, highlight=False, soft_wrap=True).print(found.sentence(), markup=False)
    with Shown(Console(stderr=True)) as shown:
        shown.stage("align")
        pairs = draw_pairs(found.table, budget, seed)
        done = prefer(pairs, base, out, recipe, seed=seed, progress=lambda step, _steps, _loss: shown.advance(step))
    taught = f"{done.taught.steps:,} steps on what was chosen and " if done.taught else ""
    print_result(asdict(done), as_json, f"Aligned on {done.pairs:,} pairs in {taught}{done.steps:,} of preferences; the model is {out}.")


@app.command()
def accelerate(name: Annotated[str, typer.Argument(help="single, ddp, fsdp2 or zero3.")]) -> None:
    """Print the path of settings for `accelerate launch`: one GPU, or weights shared out among several."""
    from thousand.align.accelerate import config

    typer.echo(config(name))


@app.command()
def chat(
    model: Annotated[Path, typer.Argument(help="A model's folder; a base without a chat template is asked plainly.")],
    settings: Annotated[list[str] | None, typer.Option("--set", help="NAME=VALUE, such as temperature=0; may be given again.")] = None,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Talk to a model in the terminal, by LIMA's decoding unless told otherwise; /help says what else it understands.

    Lines from a pipe are questions, each answered in turn: `echo "Who are you?" | thousand chat model`
    """
    from thousand.chat import talk
    from thousand.recipe import Answer

    talk(model, settings_of(Answer, settings), seed=seed, lines=None if sys.stdin.isatty() else sys.stdin, as_json=as_json)
