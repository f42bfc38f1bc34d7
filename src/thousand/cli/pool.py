"""The pool: gather, curate, and the rules."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from thousand.cli.app import EngineName, Json, Out, app, print_result
from thousand.errors import RecipeError


@app.command()
def gather(
    sources: Annotated[list[str], typer.Argument(help="FORM=PATH, such as chat=pool.jsonl or stackexchange=coffee.Posts.xml.")],
    out: Out = Path("candidates"),
    engine: EngineName = None,
    as_json: Json = False,
) -> None:
    """Read sources into one table of candidates; what cannot be read goes to OUT-rejected with its reason."""
    from thousand.engine import engine as by_name
    from thousand.gather import gather as do
    from thousand.recipe import Choice

    choices = []
    for source in sources:
        form, equals, path = source.partition("=")
        if not equals:
            raise RecipeError(f"{source!r} is not a source.", "Write FORM=PATH, such as chat=pool.jsonl.")
        choices.append(Choice(name=form, options={"path": path}))
    gathered = do(choices, out, out.with_name(f"{out.name}-rejected"), by=by_name(engine))
    print_result(
        asdict(gathered), as_json, f"{gathered.kept:,} candidates of {gathered.read:,} rows in {out}; {gathered.rejected:,} rejected."
    )


@app.command()
def curate(
    candidates: Annotated[Path | None, typer.Argument(help="The table that `gather` wrote.")] = None,
    out: Out = Path("curate"),
    base: Annotated[Path | None, typer.Option("--base", help="The base model, for signals that ask it.")] = None,
    prompts: Annotated[Path | None, typer.Option("--prompts", help="Held-out prompts, which must not be in the training set.")] = None,
    signal: Annotated[
        list[str] | None, typer.Option("--signal", help="A further signal to compute, such as asked; may be given again.")
    ] = None,
    preset: Annotated[str, typer.Option("--preset", help="The rules: general, lima or none.")] = "general",
    engine: EngineName = None,
    explained: Annotated[
        str | None,
        typer.Option(
            "--explain", help="Print the life of one candidate (its id, or its origin) from the ledger in --out, and do nothing else."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Measure every candidate and write the ledger: every signal, and every reason to drop it."""
    if explained is not None:
        _explain(out, explained, as_json)
        return
    if candidates is None:
        raise RecipeError("curate: no table of candidates is named.", "Name the one that `thousand gather` wrote, such as candidates.")
    from thousand.answer import read_prompts
    from thousand.conversation import prompt_of
    from thousand.curate import curate as do
    from thousand.engine import engine as by_name
    from thousand.recipe import Choice, Curate

    held_out = [prompt_of(each) for each in read_prompts(prompts)["messages"].to_pylist()] if prompts else []
    checked = Curate().contamination if prompts else None
    settings = Curate(preset=preset, signals=[Choice(name=name) for name in signal or []], contamination=checked)
    curated = do(candidates, out, settings, base=base, prompts=held_out, by=by_name(engine))
    print_result(asdict(curated), as_json, f"{curated.kept:,} of {curated.candidates:,} candidates kept; the ledger is {curated.ledger}.")


@app.command()
def rules(
    preset: Annotated[str, typer.Option("--preset", help="The rules: general, lima or none.")] = "general",
    as_json: Json = False,
) -> None:
    """Show the rules of a preset: what each allows, for which sources, what it measures and where it is from."""
    from thousand.curate import catalogue

    found = catalogue(preset)
    if as_json:
        typer.echo(json.dumps([asdict(rule) for rule in found], indent=1))
        return
    for rule in found:
        only = f", of {', '.join(rule.only)}" if rule.only else ""
        typer.echo(f"{rule.name}: {rule.bounds}{only}\n  {rule.sentence}\n  {rule.source}")


def _explain(ledger: Path, candidate: str, as_json: bool) -> None:
    from thousand.curate import explain
    from thousand.life import show

    life = explain(ledger, candidate)
    if as_json:
        typer.echo(json.dumps(asdict(life), indent=1))
    else:
        show(life)
