"""A recipe from end to end: what it will take, the run, and its result again."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console

from thousand.cli.app import FAILED, EngineName, Json, Var, app, print_result, variables
from thousand.errors import RecipeError

if TYPE_CHECKING:
    from thousand.recipe import Recipe

SharedWith = Annotated[
    Path | None,
    typer.Option("--shared", help="The folder of finished stages that runs share; .shared beside the run directory when not given."),
]
NoShared = Annotated[bool, typer.Option("--no-shared", help="Neither take what other runs have finished nor keep it for them.")]


@app.command()
def run(
    recipe: Annotated[Path, typer.Argument(help="A recipe, such as recipes/lab.yaml.")],
    out: Annotated[Path | None, typer.Option("--out", help="The run directory; runs/NAME when not given.")] = None,
    var: Var = None,
    engine: EngineName = None,
    until: Annotated[
        Literal["curate", "select"] | None, typer.Option("--until", help="Stop after this verb; after select, to review before training.")
    ] = None,
    shard: Annotated[str | None, typer.Option("--shard", help="Do one of so many parts of the arms, such as 2/4, and stop.")] = None,
    shared: SharedWith = None,
    no_shared: NoShared = False,
    preview: Annotated[bool, typer.Option("--preview", help="Do nothing yet: say what it will take, as thousand cost does.")] = False,
    as_json: Json = False,
) -> None:
    """Do everything a recipe asks for: gather, curate, select, align, answer, judge, report.

    Killed at any time, the same command goes on from what was finished. An arm that fails does not stop the others; the same
    command tries it again.
    """
    from thousand.progress import Shown
    from thousand.recipe import load
    from thousand.report import show, show_across
    from thousand.run import Shard, prepare, run_shard, runs_of, study, study_shard
    from thousand.run import run as do

    if until and shard:
        raise RecipeError("--until and --shard do not go together.", "The first shard that comes to it curates.")
    loaded = load(recipe, variables(var))
    loaded = loaded.model_copy(update={"engine": engine or loaded.engine})
    folder = out or Path("runs") / loaded.name
    store = None if no_shared else shared or folder.parent / ".shared"
    if preview:
        _preview(loaded, folder, 0.01, store, as_json)
        return
    part = Shard.read(shard) if shard else None
    with Shown(Console(stderr=True)) as shown:
        if until:
            pools = {name: prepare(one, place, shown, until=until) for name, (one, place) in runs_of(loaded, folder).items()}
        elif part:
            sharded = (study_shard if loaded.bases else run_shard)(loaded, folder, part, shown, store)
        elif loaded.bases:
            summaries = (compared := study(loaded, folder, shown, store)).runs
        else:
            summaries = {loaded.base: (summary := do(loaded, folder, shown, store))}
    if until:
        said = "\n".join(f"{name}: {each.sentence()}" if name else each.sentence() for name, each in pools.items())
        print_result({name: asdict(each) for name, each in pools.items()} if loaded.bases else asdict(pools[""]), as_json, said)
        return
    if part:
        print_result(asdict(sharded), as_json, sharded.sentence())
        raise typer.Exit(FAILED if sharded.failed else 0)
    if as_json:
        typer.echo((compared if loaded.bases else summary).model_dump_json(indent=1))
    elif loaded.bases:
        show_across(compared)
    else:
        show(summary)
    if any(arm.failed for each in summaries.values() for arm in each.arms):
        raise typer.Exit(FAILED)


@app.command()
def cost(
    recipe: Annotated[Path, typer.Argument(help="A recipe, such as recipes/real_pool.yaml.")],
    out: Annotated[Path | None, typer.Option("--out", help="The run directory to be; runs/NAME when not given.")] = None,
    share: Annotated[float, typer.Option("--share", min=0.0001, max=1.0, help="How much of the pool to measure.")] = 0.01,
    var: Var = None,
    shared: SharedWith = None,
    no_shared: NoShared = False,
    as_json: Json = False,
) -> None:
    """Measure a small share of the pool and say what the whole run will take: models, steps, hours, tokens, judge calls, money."""
    from thousand.recipe import load

    loaded = load(recipe, variables(var))
    folder = out or Path("runs") / loaded.name
    _preview(loaded, folder, share, None if no_shared else shared or folder.parent / ".shared", as_json)


def _preview(recipe: Recipe, folder: Path, share: float, store: Path | None, as_json: bool) -> None:
    from thousand.cost import cost as do
    from thousand.cost import in_all
    from thousand.run import runs_of

    told = {name: do(one, place, share, store) for name, (one, place) in runs_of(recipe, folder).items()}
    if not recipe.bases:
        print_result(asdict(told[""]), as_json, told[""].sentence())
        return
    said = [f"{name}:\n{each.sentence()}" for name, each in told.items()]
    print_result({name: asdict(each) for name, each in told.items()}, as_json, "\n\n".join([*said, in_all(list(told.values()))]))
