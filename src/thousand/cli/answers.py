"""Answers and what judges make of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from thousand.cli.app import Json, Out, Seed, app, print_result, settings_of
from thousand.errors import DataError, RecipeError

if TYPE_CHECKING:
    import pyarrow as pa

    from thousand.endpoint import Preview
    from thousand.recipe import Choice


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
    in_context: Annotated[
        Path | None, typer.Option("--in-context", help="A selection whose examples are shown before every prompt: for a base (URIAL).")
    ] = None,
    first: Annotated[int | None, typer.Option("--first", min=1, help="So many of those examples, by rank; all unless told.")] = None,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Answer held-out prompts, by LIMA's decoding unless told otherwise. Killed, the same command goes on from what was answered."""
    from thousand import tables
    from thousand.answer import answer as do
    from thousand.answer import clear, read_prompts
    from thousand.recipe import Answer

    if out.suffix != ".parquet":
        raise RecipeError(f"--out {out}: answers are written as Parquet.", "Give a name that ends in .parquet.")
    decoding = settings_of(Answer, settings)
    kept = out.with_suffix(".kept")
    examples = None
    if in_context is not None:
        examples = tables.read(in_context, ["rank", "messages"]).sort_by("rank")["messages"].to_pylist()[:first]
    table = do(model, read_prompts(prompts), decoding, seed=seed, kept=kept, examples=examples)
    tables.write(out, table, tables.ANSWERS)
    clear(kept)
    stops = Counter(table["stop"].to_pylist())
    cut = sum(map(bool, table["cut"].to_pylist()))
    tokens = sum(filter(None, table["tokens"].to_pylist()))
    result = {"answers": table.num_rows, "stops": dict(stops), "cut": cut, "tokens": tokens, "out": str(out)}
    sentence = f"{table.num_rows:,} answers in {out}; {stops['end_of_turn']:,} ended by themselves, {stops['limit']:,} at the limit."
    sentence += f" {stops['error']:,} could not be had: the column reason says why." if stops["error"] else ""
    sentence += f" {cut:,} prompts were cut to fit into the context." if cut else ""
    if examples is not None:
        counts = [each for each in table["shown"].to_pylist() if each is not None]
        fewer = sum(count < len(examples) for count in counts)
        result |= {"examples": len(examples), "fewest": min(counts, default=None), "fewer": fewer}
        sentence += f" {len(examples):,} examples stood before each prompt; {fewer:,} prompts left room for fewer of them."
    print_result(result, as_json, sentence)


@app.command()
def judge(
    answers: Annotated[
        list[str] | None, typer.Argument(help="ARM=ANSWERS, such as curated=a.parquet random=b.jsonl; the first is the claim.")
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option(
            "--by",
            help='A judge as in a recipe, in YAML: longest, or "llm: {model: NAME, base_url: URL}"; may be given again. longest, the judge '
            "that any other must beat, when none is given.",
        ),
    ] = None,
    compare: Annotated[
        tuple[Path, Path] | None,
        typer.Option("--compare", metavar="A B", help="Two files of outputs, whoever made them, prompt by prompt."),
    ] = None,
    verdicts: Annotated[
        list[Path] | None,
        typer.Option("--verdicts", help="Ask nobody: the statistics of a file of verdicts (JSON Lines, CSV, Parquet); may be given again."),
    ] = None,
    prompts: Annotated[
        Path | None, typer.Option("--prompts", help="The prompts, for judges that ask for references, checks or tags.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Where to write the verdicts: .parquet, .csv or .jsonl; verdicts.parquet for ARM=ANSWERS.")
    ] = None,
    preview: Annotated[bool, typer.Option("--preview", help="Say what it will cost, and ask nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Judge answers, or take verdicts that are there: wins, ties and losses with intervals, biases, agreement.

    `thousand judge curated=a.parquet random=b.parquet --by longest`
    `thousand judge --compare theirs.jsonl ours.jsonl --by "llm: {model: NAME, base_url: URL}"`
    `thousand judge --verdicts people.jsonl --json`
    """
    import pyarrow as pa

    from thousand.answer import read_answers, read_prompts
    from thousand.judge import check_once, read_verdicts, write_verdicts
    from thousand.judge import judge as do
    from thousand.judge import preview as foretell
    from thousand.report import analyse, tell

    named, judges = _named(answers or [], compare), [_judge(each) for each in by or ["longest"]]
    loaded = {(arm, 0): read_answers(path) for arm, path in named.items()}
    if verdicts:
        if by or preview:
            raise RecipeError("--verdicts asks nobody.", "Leave --by and --preview out, or give answers instead.")
        table = pa.concat_tables([read_verdicts(path, name=path.stem) for path in verdicts])
        check_once(table)
    else:
        if len(loaded) < 2:
            raise RecipeError("There is nothing to compare.", "Give two ARM=ANSWERS and more, --compare A B, or --verdicts FILE.")
        _check_common(loaded)
        out = out or (None if compare else Path("verdicts.parquet"))
        kept = (out or next(iter(named.values()))).with_suffix(".kept")
        claim, shown = next(iter(named)), read_prompts(prompts) if prompts else None
        if preview:
            expected = foretell(loaded, judges, claim=claim, prompts=shown, kept=kept)
            lines = [f"{name}: {_price(each)}" for name, each in expected.items()]
            print_result({name: asdict(each) for name, each in expected.items()}, as_json, "\n".join(lines))
            return
        table = do(loaded, judges, claim=claim, prompts=shown, kept=kept)
    if out is not None:
        write_verdicts(out, table)
    analysis = analyse(table, loaded)
    print_result(
        asdict(analysis) | {"out": str(out) if out else None}, as_json, tell(analysis) + (f"\n\nThe verdicts are {out}." if out else "")
    )


def _named(given: list[str], compare: tuple[Path, Path] | None) -> dict[str, Path]:
    """The arms and their files, the claim first."""
    named: dict[str, Path] = {}
    for path in compare or ():
        named[path.stem if path.stem not in named else str(path)] = path
    for each in given:
        arm, _, file = each.partition("=")
        if not (arm and file) or arm in named:
            raise RecipeError(f"{each!r} is not another arm.", "Write ARM=ANSWERS, such as curated=a.parquet, each arm once.")
        named[arm] = Path(file)
    return named


def _judge(by: str) -> Choice:
    import yaml

    from thousand.recipe import Choice

    try:
        return Choice.model_validate(yaml.safe_load(by))
    except (ValueError, yaml.YAMLError):
        raise RecipeError(
            f"--by: {by!r} is not a judge.", "Write a name, or a name with its options: longest, {longest: {margin: 0.2}}."
        ) from None


def _check_common(loaded: Mapping[tuple[str, int], pa.Table]) -> None:
    """Comparisons are paired: say what is left out of them, and refuse where nothing is in."""
    asked = {arm: _prompts(table) for (arm, _), table in loaded.items()}
    claim, *others = asked
    for arm in others:
        common = asked[claim].keys() & asked[arm].keys()
        if not common:
            raise DataError(
                f"{claim} and {arm} answer no prompt in common.", "Prompts are known by their id, or by their text where a row has no id."
            )
        differ = min((name for name, sample in common if asked[claim][name, sample] != asked[arm][name, sample]), default=None)
        if differ is not None:
            raise DataError(f"{claim} and {arm} answer different prompts under the name {differ!r}.", "Give each prompt an id of its own.")
        left = len(asked[claim].keys() | asked[arm].keys()) - len(common)
        if left:
            typer.echo(f"{left:,} answers are of only one of {claim} and {arm}, and are left out of their pairs.", err=True)


def _prompts(answers: pa.Table) -> dict[tuple[str, int], str]:
    """What each answer is to, by prompt and sample."""
    names, samples, prompts = (answers[column].to_pylist() for column in ("prompt_id", "sample", "prompt"))
    return dict(zip(zip(names, samples, strict=True), prompts, strict=True))


def _price(expected: Preview) -> str:
    asked = f"{expected.questions:,} questions, {expected.answered:,} of them answered before"
    most = "" if expected.at_most is None else f"; at most {expected.at_most:,.2f} {expected.currency or ''}".rstrip()
    return asked + most
