"""Answers and what judges make of them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from thousand.cli.app import Json, Out, Seed, app, print_result, settings_of
from thousand.errors import RecipeError


@app.command()
def answer(
    model: Annotated[
        str, typer.Argument(help="A model's folder, or for a server its name there; a base without a chat template is asked plainly.")
    ],
    prompts: Annotated[Path, typer.Option("--prompts", help="Prompts: JSON Lines.")],
    out: Out = Path("answers.parquet"),
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="NAME=VALUE, such as temperature=0, or backend='{openai: {base_url: URL}}'; may be given again."),
    ] = None,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Answer held-out prompts, by LIMA's decoding unless told otherwise. Killed, the same command goes on from what was answered."""
    from thousand import tables
    from thousand.answer import answer as do
    from thousand.answer import clear, read_prompts
    from thousand.recipe import Answer

    decoding = settings_of(Answer, settings)
    kept = out.with_suffix(".kept")
    table = do(model, read_prompts(prompts), decoding, seed=seed, kept=kept)
    tables.write(out, table, tables.ANSWERS)
    clear(kept)
    stops = Counter(table["stop"].to_pylist())
    cut = sum(map(bool, table["cut"].to_pylist()))
    tokens = sum(filter(None, table["tokens"].to_pylist()))
    result = {"answers": table.num_rows, "stops": dict(stops), "cut": cut, "tokens": tokens, "out": str(out)}
    sentence = f"{table.num_rows:,} answers in {out}; {stops['end_of_turn']:,} ended by themselves, {stops['limit']:,} at the limit."
    sentence += f" {stops['error']:,} could not be had: the column reason says why." if stops["error"] else ""
    sentence += f" {cut:,} prompts were cut to fit into the context." if cut else ""
    print_result(result, as_json, sentence)


@app.command()
def judge(
    answers: Annotated[list[str], typer.Argument(help="ARM=ANSWERS, such as curated=a.parquet random=b.parquet; the first is the claim.")],
    by: Annotated[
        str, typer.Option("--by", help='The judge as in a recipe, in YAML: longest, or "function: {call: package.module:name}".')
    ],
    out: Out = Path("verdicts.parquet"),
    as_json: Json = False,
) -> None:
    """Judge answers and write the verdicts; with --json, the comparisons too."""
    import yaml
    from pydantic import ValidationError

    from thousand import tables
    from thousand.judge import judge as do
    from thousand.recipe import Choice
    from thousand.report import compare_verdicts

    named: dict[str, Path] = {}
    for each in answers:
        arm, _, path = each.partition("=")
        if not (arm and path) or arm in named:
            raise RecipeError(f"{each!r} is not another arm.", "Write ARM=ANSWERS, such as curated=a.parquet, each arm once.")
        named[arm] = Path(path)
    try:
        chosen = Choice.model_validate(yaml.safe_load(by))
    except (ValidationError, yaml.YAMLError):
        raise RecipeError(
            f"--by: {by!r} is not a judge.", "Write a name, or a name with its options: longest, {longest: {margin: 0.2}}."
        ) from None
    loaded = {(arm, 0): tables.conform(tables.read(path), tables.ANSWERS) for arm, path in named.items()}
    claim = next(iter(named))
    verdicts = do(loaded, [chosen], claim=claim)
    tables.write(out, verdicts, tables.VERDICTS)
    compared = compare_verdicts(verdicts, claim, [arm for arm in named if arm != claim])
    lines = [f"{verdicts.num_rows:,} verdicts in {out}."]
    lines += [f"{c.a} against {c.b} ({c.criterion}): {_share(c.win)} wins, {_share(c.tie)} ties, {_share(c.lose)} losses" for c in compared]
    result = {"verdicts": verdicts.num_rows, "out": str(out), "comparisons": [c.model_dump() for c in compared]}
    print_result(result, as_json, "\n".join(lines))


def _share(value: float | None) -> str:
    return "no" if value is None else f"{value:.0%}"
