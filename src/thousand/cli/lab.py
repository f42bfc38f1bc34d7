"""The laboratory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from thousand.cli.app import app
from thousand.errors import RecipeError

if TYPE_CHECKING:
    from thousand.lab.base import Pretraining

lab_app = typer.Typer(help="The laboratory: a built-in world, base and pool whose truth is known.", no_args_is_help=True)
app.add_typer(lab_app, name="lab")


@lab_app.command()
def build(
    folder: Annotated[Path, typer.Argument(help="Where to write the laboratory.")] = Path("lab"),
    seed: Annotated[int, typer.Option("--seed", help="Of the world. The base of world 7 is shipped; another world's is pretrained.")] = 7,
    variant: Annotated[
        str,
        typer.Option(
            "--variant",
            help="The pool: realistic, clean (no bad rows), topics (one file of a single topic) or leaked (the prompts among the rows).",
        ),
    ] = "realistic",
    pretrain: Annotated[bool, typer.Option("--pretrain", help="Pretrain the base even where one is shipped: some minutes.")] = False,
    bases: Annotated[str, typer.Option("--bases", help="Bases of other sizes to pretrain beside it, minutes each: small.")] = "",
) -> None:
    """Write a laboratory as plain files: pool, held-out prompts, base, questions of knowledge, the oracle's key."""
    from typing import get_args

    from thousand.lab.build import Variant
    from thousand.lab.build import build as do
    from thousand.progress import Shown

    if variant not in get_args(Variant):
        raise RecipeError(f"--variant {variant}: there is no such pool.", f"There are: {', '.join(get_args(Variant))}.")
    with Shown(Console(stderr=True)) as shown:
        at_work = ""

        def progress(base: str, step: int, steps: int) -> None:
            nonlocal at_work
            if base != at_work:
                shown.stage(f"pretrain {base}", total=steps)
                at_work = base
            shown.advance(step)

        do(folder, seed=seed, variant=variant, pretrain=pretrain, bases=_sizes(bases), progress=progress)  # type: ignore[arg-type]
    typer.echo(f"The laboratory of world {seed} is in {folder}.")


def _sizes(named: str) -> Mapping[str, Pretraining]:
    """The bases named, with how each is made."""
    names = [each.strip() for each in named.split(",") if each.strip()]
    if not names:
        return {}
    from thousand.lab.base import SIZES  # torch: only when it is needed

    if unknown := [name for name in names if name not in SIZES]:
        raise RecipeError(f"--bases: there is no base of the size {unknown[0]!r}.", f"There are: {', '.join(SIZES)}.")
    return {name: SIZES[name] for name in names}
