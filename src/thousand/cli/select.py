"""The choice."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from thousand.cli.app import Json, Out, Seed, app, print_result, variables
from thousand.errors import RecipeError

_STRATEGIES = sorted(path.stem for path in (Path(__file__).parents[1] / "select" / "strategies").glob("[a-z]*.py"))
"""Their names, without a look into them: help must come at once."""


@app.command()
def select(
    candidates: Annotated[Path, typer.Argument(help="The table that `gather` wrote, or `curate` cleaned: curate/texts.")],
    ledger: Annotated[Path, typer.Argument(help="The ledger that `curate` wrote.")],
    budget: Annotated[int | None, typer.Option("--budget", help="How many examples, exactly.")] = None,
    tokens: Annotated[
        int | None,
        typer.Option("--tokens", help="Instead of --budget: the most that the examples may cost together, by the signal tokens."),
    ] = None,
    strategy: Annotated[str, typer.Option("--strategy", help=f"How to choose: {', '.join(_STRATEGIES)}.")] = "facility_location",
    option: Annotated[
        list[str] | None, typer.Option("--option", help="NAME=VALUE for the strategy, such as weight=0.5; may be given again.")
    ] = None,
    quality: Annotated[
        list[str] | None, typer.Option("--quality", help="A signal that says which are better; of several the ranks are multiplied.")
    ] = None,
    gate: Annotated[float, typer.Option("--gate", help="The share of the worst by quality to leave out first.")] = 0.0,
    quota: Annotated[
        list[str] | None,
        typer.Option(
            "--quota",
            metavar="COLUMN.CLASS=NUMBER",
            help="How many must be of a class: source.stackexchange=400, licence.MIT=100..200, tags.coffee=..50, or shares: "
            "words.100..400=0.5. Columns: source, licence, author, group, tags, or any signal by bands. May be given again.",
        ),
    ] = None,
    safety: Annotated[float, typer.Option("--safety", help="The least share that declines something, by the signal refusal.")] = 0.0,
    include: Annotated[
        list[str] | None, typer.Option("--include", help="What must be chosen: an id, an origin, or a file of such, one a line.")
    ] = None,
    exclude: Annotated[list[str] | None, typer.Option("--exclude", help="What must never be chosen, named in the same way.")] = None,
    strata: Annotated[str, typer.Option("--strata", help="The column that divides the rows, for strategies that have strata.")] = "source",
    like: Annotated[Path | None, typer.Option("--like", help="A file of examples of what is wanted, for dsir, rds and less.")] = None,
    base: Annotated[Path | None, typer.Option("--base", help="The base model, for strategies that ask it: rds and less.")] = None,
    source: Annotated[
        str | None, typer.Option("--from", help="kept (by the rules) or pool (all); baselines choose from the pool unless told otherwise.")
    ] = None,
    out: Out = Path("selection.parquet"),
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Choose the training set: exactly --budget rows, or as many as --tokens allow, within quotas that are kept to the row.

    `thousand select candidates curate/ledger.parquet --quality asked --budget 1000 --quota source.stackexchange=400`
    """
    import yaml
    from pydantic import ValidationError

    from thousand import tables
    from thousand.recipe import Arm
    from thousand.select import select as do

    given = {
        "select": strategy,
        "budget": budget,
        "tokens": tokens,
        "options": {name: yaml.safe_load(value) for name, value in variables(option).items()},
        "quality": quality or [],
        "gate": gate,
        "quota": _quotas(quota or []),
        "safety": safety,
        "include": include or [],
        "exclude": exclude or [],
        "strata": strata,
        "like": str(like) if like else None,
        "source": source,
    }
    try:
        arm = Arm.model_validate(given)
    except ValidationError as error:
        problem = error.errors()[0]
        field = f"--{problem['loc'][0]}: ".replace("--source", "--from") if problem["loc"] else ""
        raise RecipeError(f"{field}{problem['msg'].removeprefix('Value error, ')}.") from None
    table = do(candidates, ledger, arm, name=strategy, draw=seed, shown=_examples(like) if like else (), base=base)
    tables.write(out, table, tables.SELECTION)
    counted = Counter(table["source"].to_pylist())
    result = {"examples": table.num_rows, "selection": str(out), "by_source": dict(counted.most_common())}
    print_result(
        result, as_json, f"{table.num_rows:,} examples in {out}: " + ", ".join(f"{n:,} of {each}" for each, n in counted.most_common())
    )


def _quotas(given: list[str]) -> dict[str, dict[str, Any]]:
    """The quotas as a recipe has them: "source.coffee=100..200" is {"source": {"coffee": {"least": 100, "most": 200}}}."""
    quotas: dict[str, dict[str, Any]] = {}
    for each in given:
        name, _, wanted = each.rpartition("=")
        column, _, value = name.partition(".")
        number = r"(\d+|0\.\d+|1\.0+)"
        found = re.fullmatch(rf"{number}|{number}?(\.\.){number}?", wanted)
        if not (column and value and found) or wanted == "..":
            raise RecipeError(
                f"--quota {each}: this is no quota.",
                "Write COLUMN.CLASS=NUMBER, in rows (source.coffee=400, licence.MIT=100..200) or as a share (words.100..400=0.5).",
            )
        exactly, least, most = (text and (float(text) if "." in text else int(text)) for text in found.group(1, 2, 4))
        quotas.setdefault(column, {})[value] = {"least": least, "most": most} if found[3] else exactly
    return quotas


def _examples(path: Path) -> list[Any]:
    """The conversations in a file, in whatever form they are."""
    import tempfile

    from thousand import tables
    from thousand.gather import gather as do
    from thousand.recipe import Choice

    with tempfile.TemporaryDirectory() as folder:
        read = do([Choice(name="chat", options={"path": str(path)})], Path(folder) / "like", Path(folder) / "rejected")
        found: list[Any] = tables.read(Path(folder) / "like", ["messages"])["messages"].to_pylist()
    if read.rejected:
        typer.echo(f"--like: {read.rejected:,} of {read.read:,} rows of {path} could not be read.", err=True)
    return found
