"""The command line: one command per verb, thin. Results go to standard output, progress and errors to standard error."""

from __future__ import annotations

import json
import os
import re
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from thousand.errors import DataError, RecipeError, ThousandError
from thousand.version import __version__

FAILED, WRONG_RECIPE, STOPPED = 1, 2, 130
_STRATEGIES = sorted(path.stem for path in (Path(__file__).parent / "select" / "strategies").glob("[a-z]*.py"))
"""Their names, without a look into them: help must come at once."""

app = typer.Typer(
    name="thousand",
    help="Choose the few examples that align a language model, and prove that they do.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
lab_app = typer.Typer(help="The laboratory: a built-in world, base and pool whose truth is known.", no_args_is_help=True)
app.add_typer(lab_app, name="lab")

Out = Annotated[Path, typer.Option("--out", help="Where to write.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON on standard output.")]
Base = Annotated[Path, typer.Option("--base", help="The base model: a folder that transformers can load.")]
EngineName = Annotated[
    str | None, typer.Option("--engine", help="Who works on the pool: here, local, local:4, ray or ray://host:10001; local when not given.")
]
Seed = Annotated[int, typer.Option("--seed", help="Decides whatever is random.")]
Var = Annotated[list[str] | None, typer.Option("--var", help="NAME=VALUE for ${NAME} in the recipe; may be given again.")]


def main() -> None:
    """Run the command line; exit codes: 0 done, 1 failed, 2 the recipe or the command is wrong, 130 stopped."""
    try:
        app()
    except RecipeError as error:
        _complain(error)
        sys.exit(WRONG_RECIPE)
    except ThousandError as error:
        _complain(error)
        sys.exit(FAILED)
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        _complain(ThousandError(f"{error.strerror or error}{place}.", "Check the path, who may write there, and the room on the disk."))
        sys.exit(FAILED)
    except SystemExit as error:
        if error.code == STOPPED:  # typer has caught the interrupt
            Console(stderr=True).print("Stopped. What was finished is kept; the same command goes on from there.")
        raise


@app.callback(invoke_without_command=True)
def _root(version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False) -> None:
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # nothing is fetched unless a recipe names something remote
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    if version:
        typer.echo(f"thousand {__version__}")
        raise typer.Exit


@app.command()
def run(
    recipe: Annotated[Path, typer.Argument(help="A recipe, such as recipes/lab.yaml.")],
    out: Annotated[Path | None, typer.Option("--out", help="The run directory; runs/NAME when not given.")] = None,
    var: Var = None,
    engine: EngineName = None,
    until: Annotated[str | None, typer.Option("--until", help="Stop after this verb: curate.")] = None,
    as_json: Json = False,
) -> None:
    """Do everything a recipe asks for: gather, curate, select, align, answer, judge, report.

    Killed at any time, the same command goes on from what was finished.
    """
    from thousand.progress import Shown
    from thousand.recipe import load
    from thousand.report import show
    from thousand.run import prepare
    from thousand.run import run as do

    if until not in (None, "curate"):
        raise RecipeError(f"--until {until}: a run cannot stop there.", "It can stop after curate.")
    loaded = load(recipe, _variables(var))
    loaded = loaded.model_copy(update={"engine": engine or loaded.engine})
    folder = out or Path("runs") / loaded.name
    with Shown(Console(stderr=True)) as shown:
        if until == "curate":
            pool = prepare(loaded, folder, shown)
        else:
            summary = do(loaded, folder, shown)
    if until == "curate":
        _print(asdict(pool), as_json, pool.sentence())
        return
    if as_json:
        typer.echo(summary.model_dump_json(indent=1))
    else:
        show(summary)


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

    loaded = load(recipe, _variables(var))
    expected = do(loaded, out or Path("runs") / loaded.name, share)
    _print(asdict(expected), as_json, expected.sentence())


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
    _print(asdict(gathered), as_json, f"{gathered.kept:,} candidates of {gathered.read:,} rows in {out}; {gathered.rejected:,} rejected.")


@app.command()
def curate(
    candidates: Annotated[Path, typer.Argument(help="The table that `gather` wrote.")],
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
    from thousand.answer import read_prompts
    from thousand.conversation import prompt_of
    from thousand.curate import curate as do
    from thousand.engine import engine as by_name
    from thousand.recipe import Choice, Curate

    held_out = [prompt_of(each) for each in read_prompts(prompts)["messages"].to_pylist()] if prompts else []
    checked = Curate().contamination if prompts else None
    settings = Curate(preset=preset, signals=[Choice(name=name) for name in signal or []], contamination=checked)
    curated = do(candidates, out, settings, base=base, prompts=held_out, by=by_name(engine))
    _print(asdict(curated), as_json, f"{curated.kept:,} of {curated.candidates:,} candidates kept; the ledger is {curated.ledger}.")


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
        "options": {name: yaml.safe_load(value) for name, value in _variables(option).items()},
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
    _print(result, as_json, f"{table.num_rows:,} examples in {out}: " + ", ".join(f"{n:,} of {each}" for each, n in counted.most_common()))


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
    import yaml
    from pydantic import ValidationError

    from thousand import tables
    from thousand.align import align as do
    from thousand.recipe import Align

    given = {name: yaml.safe_load(value) for name, value in _variables(settings).items()}
    try:
        recipe = Align.model_validate(given)
    except ValidationError as error:
        problem = error.errors()[0]
        raise RecipeError(f"--set {'.'.join(map(str, problem['loc']))}: {problem['msg']}.") from None
    from thousand.progress import Shown

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
    _print(asdict(aligned), as_json, f"Aligned on {aligned.examples:,} examples in {aligned.steps:,} steps; the model is {out}.")


@app.command()
def answer(
    model: Annotated[Path, typer.Argument(help="A model's folder; a base without a chat template is asked plainly.")],
    prompts: Annotated[Path, typer.Option("--prompts", help="Prompts: JSON Lines.")],
    out: Out = Path("answers.parquet"),
    settings: Annotated[list[str] | None, typer.Option("--set", help="NAME=VALUE, such as temperature=0; may be given again.")] = None,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Answer held-out prompts, by LIMA's decoding unless told otherwise."""
    import yaml
    from pydantic import ValidationError

    from thousand import tables
    from thousand.answer import answer as do
    from thousand.answer import read_prompts
    from thousand.recipe import Answer

    given = {name: yaml.safe_load(value) for name, value in _variables(settings).items()}
    try:
        decoding = Answer.model_validate(given)
    except ValidationError as error:
        problem = error.errors()[0]
        raise RecipeError(f"--set {'.'.join(map(str, problem['loc']))}: {problem['msg']}.") from None
    table = do(model, read_prompts(prompts), decoding, seed=seed)
    tables.write(out, table, tables.ANSWERS)
    ended = sum(stop == "end_of_turn" for stop in table["stop"].to_pylist())
    result = {"answers": table.num_rows, "ended": ended, "tokens": sum(table["tokens"].to_pylist()), "out": str(out)}
    _print(result, as_json, f"{table.num_rows:,} answers in {out}; {ended:,} ended by themselves.")


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
    _print(result, as_json, "\n".join(lines))


@app.command()
def report(
    run_directory: Annotated[Path, typer.Argument(help="A run directory, such as runs/lab.")],
    as_json: Json = False,
) -> None:
    """Show a finished run's result again."""
    from pydantic import ValidationError

    from thousand.report import Summary, show

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


@lab_app.command()
def build(
    folder: Annotated[Path, typer.Argument(help="Where to write the laboratory.")] = Path("lab"),
    seed: Annotated[int, typer.Option("--seed", help="Of the world. The base of world 7 is shipped; another world's is pretrained.")] = 7,
    variant: Annotated[
        str, typer.Option("--variant", help="The pool: realistic, clean (no bad rows) or topics (one file of a single topic).")
    ] = "realistic",
    pretrain: Annotated[bool, typer.Option("--pretrain", help="Pretrain the base even where one is shipped: some minutes.")] = False,
) -> None:
    """Write a laboratory as plain files: pool, held-out prompts, base, questions of knowledge, the oracle's key."""
    from typing import get_args

    from thousand.lab.build import Variant
    from thousand.lab.build import build as do
    from thousand.progress import Shown

    if variant not in get_args(Variant):
        raise RecipeError(f"--variant {variant}: there is no such pool.", f"There are: {', '.join(get_args(Variant))}.")
    with Shown(Console(stderr=True)) as shown:
        started = False

        def progress(step: int, steps: int, loss: float) -> None:
            nonlocal started
            if not started:
                shown.stage("pretrain the base", total=steps)
                started = True
            shown.advance(step)

        do(folder, seed=seed, variant=variant, pretrain=pretrain, progress=progress)  # type: ignore[arg-type]
    typer.echo(f"The laboratory of world {seed} is in {folder}.")


def _explain(ledger: Path, candidate: str, as_json: bool) -> None:
    from thousand.curate import explain
    from thousand.life import show

    life = explain(ledger, candidate)
    if as_json:
        typer.echo(json.dumps(asdict(life), indent=1))
    else:
        show(life)


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


def _variables(given: list[str] | None) -> dict[str, str]:
    variables = {}
    for each in given or []:
        name, equals, value = each.partition("=")
        if not equals:
            raise RecipeError(f"{each!r} is not NAME=VALUE.")
        variables[name] = value
    return variables


def _share(value: float | None) -> str:
    return "no" if value is None else f"{value:.0%}"


def _print(result: dict[str, Any], as_json: bool, sentence: str) -> None:
    typer.echo(json.dumps(result, default=str, indent=1) if as_json else sentence)


def _complain(error: ThousandError) -> None:
    Console(stderr=True, highlight=False, soft_wrap=True).print(str(error), style="red", markup=False)


if __name__ == "__main__":
    main()
