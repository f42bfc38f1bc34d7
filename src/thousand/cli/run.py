"""A recipe from end to end: what it will take, the run, and its result again."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from thousand.cli.app import FAILED, EngineName, Json, Var, app, print_result, variables
from thousand.errors import DataError, RecipeError

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
    until: Annotated[str | None, typer.Option("--until", help="Stop after this verb: curate.")] = None,
    shard: Annotated[str | None, typer.Option("--shard", help="Do one of so many parts of the arms, such as 2/4, and stop.")] = None,
    shared: SharedWith = None,
    no_shared: NoShared = False,
    as_json: Json = False,
) -> None:
    """Do everything a recipe asks for: gather, curate, select, align, answer, judge, report.

    Killed at any time, the same command goes on from what was finished. An arm that fails does not stop the others; the same
    command tries it again.
    """
    from thousand.progress import Shown
    from thousand.recipe import load
    from thousand.report import show
    from thousand.run import Shard, prepare, run_shard, runs_of, study, study_shard
    from thousand.run import run as do

    if until not in (None, "curate"):
        raise RecipeError(f"--until {until}: a run cannot stop there.", "It can stop after curate.")
    if until and shard:
        raise RecipeError("--until and --shard do not go together.", "The first shard that comes to it curates.")
    loaded = load(recipe, variables(var))
    loaded = loaded.model_copy(update={"engine": engine or loaded.engine})
    folder = out or Path("runs") / loaded.name
    store = None if no_shared else shared or folder.parent / ".shared"
    part = Shard.read(shard) if shard else None
    with Shown(Console(stderr=True)) as shown:
        if until:
            pools = {name: prepare(one, place, shown) for name, (one, place) in runs_of(loaded, folder).items()}
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
    else:
        for each in summaries.values():
            show(each)
    if any(arm.failed for each in summaries.values() for arm in each.arms):
        raise typer.Exit(FAILED)


@app.command()
def cost(
    recipe: Annotated[Path, typer.Argument(help="A recipe, such as recipes/real_pool.yaml.")],
    out: Annotated[Path | None, typer.Option("--out", help="The run directory to be; runs/NAME when not given.")] = None,
    share: Annotated[float, typer.Option("--share", min=0.0001, max=1.0, help="How much of the pool to measure.")] = 0.01,
    var: Var = None,
    as_json: Json = False,
) -> None:
    """Measure a small share of the pool and say what the whole run will take: time, memory, money."""
    from thousand.cost import cost as do
    from thousand.recipe import load

    loaded = load(recipe, variables(var))
    expected = do(loaded, out or Path("runs") / loaded.name, share)
    print_result(asdict(expected), as_json, expected.sentence())


@app.command()
def report(
    run_directory: Annotated[Path | None, typer.Argument(help="A run directory, such as runs/lab.")] = None,
    counts: Annotated[
        Path | None, typer.Option("--counts", help="Instead of a run, a file of published wins, ties and losses: CSV or JSON Lines.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show a finished run's result again, or test a published table."""
    from pydantic import ValidationError

    from thousand.report import Summary, read_counts, show, tell_counts

    if counts is not None and run_directory is None:
        found = read_counts(counts)
        print_result({"comparisons": [each.model_dump() for each in found]}, as_json, tell_counts(found))
        return
    if run_directory is None or counts is not None:
        raise DataError("A report is of a run directory or of --counts, one of them.", "Name a run, such as runs/lab.")
    path = run_directory / "summary.json"
    if not path.is_file():
        raise DataError(f"There is no finished run in {run_directory}.", "Run the recipe to its end first: thousand run RECIPE.")
    try:
        summary = Summary.model_validate_json(path.read_text(encoding="utf-8"))
    except ValidationError as error:
        raise DataError(f"{path} is not a summary of this version: {error.errors()[0]['msg']}.", "Run the recipe again.") from None
    if as_json:
        typer.echo(summary.model_dump_json(indent=1))
    else:
        show(summary)
