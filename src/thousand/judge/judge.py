"""The verb: answers become verdicts, ratings and comparisons, of people and models, in one ledger."""

from __future__ import annotations

import hashlib
import inspect
import json
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from thousand import registry, tables
from thousand.endpoint import Preview
from thousand.errors import DataError, RecipeError
from thousand.judge.cases import cases_for
from thousand.judge.imported import imported
from thousand.judge.kinds import Asked, Case, Comparer, Imported, Judge, Key, Said
from thousand.judge.ledger import check_once
from thousand.recipe import Choice

JUDGES = "thousand.judge.judges"


def judge(
    answers: Mapping[Key, pa.Table],
    judges: Sequence[Choice],
    *,
    claim: str,
    prompts: pa.Table | None = None,
    models: Mapping[Key, Path] | None = None,
    kept: Path | None = None,
    desk: Path | None = None,
    progress: Callable[[str, int], None] | None = None,
) -> pa.Table:
    """Have answers judged.

    Args:
        answers: tables of schema `tables.ANSWERS`, by arm and seed.
        judges: as the recipe names them.
        claim: the first arm. Judges that compare are given its answers beside every other arm's, seed by seed, in both orders.
        prompts: schema `tables.PROMPTS`: the turns of dialogues, and what some judges ask for: references, checks, tags.
        models: the folders of the models that answered, for judges that ask them.
        kept: a folder in which what was paid is kept as it comes. If this is interrupted, by a kill or by a cap, the same call
            goes on from there and pays nothing twice.
        desk: where the verdicts are that people gave at the run's desk, if they gave any; for the judge `people`.
        progress: called with a judge's name and how many cases it is done with.

    Returns:
        Schema `tables.VERDICTS`. What a judge did not answer, or not legibly, stands there without verdict or rating and says why.

    Raises:
        RecipeError: an unknown judge or option, or one that needs what is not given.
        DataError: a file of verdicts that cannot be read, or that speaks of other arms or prompts; prompts that do not fit;
            one judge judged the same twice, as in two files that name the same person.
        CapReached: what a judge may cost is spent. There are no verdicts then: those of a part of the arms would mislead. What
            was judged is kept, and the same call goes on with more money.
        ThousandError: as `thousand.endpoint.Endpoint.ask`.
    """
    rows: list[dict[str, Any]] = []
    for choice, made in zip(judges, make(judges, models=models, kept=kept, desk=desk), strict=True):
        if isinstance(made, Imported):
            rows += imported(made, answers)
        else:
            cases = cases_for(made, answers, claim, prompts)
            said = _ask(made, cases, progress)
            for case, each in zip(cases, said, strict=True):
                rows += _rows(made, case, each, each.key or _key(choice, case))
    verdicts = pa.Table.from_pylist(rows, schema=tables.VERDICTS)
    check_once(verdicts)
    return verdicts


def preview(
    answers: Mapping[Key, pa.Table],
    judges: Sequence[Choice],
    *,
    claim: str,
    prompts: pa.Table | None = None,
    models: Mapping[Key, Path] | None = None,
    kept: Path | None = None,
    sample: int = 0,
) -> dict[str, Preview]:
    """What judging will cost, by the judge's name: calls, tokens, money. Arguments and errors are those of `judge`.

    Args:
        sample: so many cases of each judge that costs money are asked now, and kept; with 0 nothing is spent, and only what the
            rest can cost at most is known.
    """
    asked = [made for made in make(judges, models=models, kept=kept) if not isinstance(made, Imported)]
    return {made.name: made.preview(_answered(cases_for(made, answers, claim, prompts)), sample) for made in asked}


def make(
    judges: Sequence[Choice], *, models: Mapping[Key, Path] | None = None, kept: Path | None = None, desk: Path | None = None
) -> list[Judge]:
    """The judges a recipe names, ready to be asked; each option is checked, and whether what it names is there.

    Raises:
        RecipeError: an unknown judge or option, or two judges of one name.
        DataError: a file or folder is missing.
    """
    given = {"models": models, "kept": kept, "desk": desk}
    made: list[Judge] = []
    for position, choice in enumerate(judges):
        where = f"judge.{position}.{choice.name}"
        function = registry.find(JUDGES, choice.name, where)
        wanted = {name: value for name, value in given.items() if name in inspect.signature(function).parameters}
        made.append(registry.bind(function, choice.options, where)(**wanted))
        if made[-1].name in [each.name for each in made[:-1]]:
            raise RecipeError(f"{where}: there are two judges of the name {made[-1].name!r}.", "Give one of them another: name.")
        if made[-1].name.startswith(tables.person("")):
            raise RecipeError(f"{where}: the name {made[-1].name!r} is that of a person at a desk.", "Give the judge another: name.")
    return made


def asks_models(judges: Sequence[Choice]) -> bool:
    """Whether one of them looks at the models that answered, and not at their answers alone.

    Raises:
        RecipeError: an unknown judge.
    """
    functions = (registry.find(JUDGES, choice.name, f"judge.{position}.{choice.name}") for position, choice in enumerate(judges))
    return any("models" in inspect.signature(function).parameters for function in functions)


def _answered(cases: Sequence[Case]) -> list[Case]:
    return [case for case in cases if all(each.text is not None for each in case.answers)]


def _ask(judge: Asked, cases: Sequence[Case], progress: Callable[[str, int], None] | None) -> Iterator[Said]:
    """What a judge says of each case; a case without an answer is not put to it."""
    asked = _answered(cases)
    started = time.monotonic()
    said = judge.ask(asked, lambda done: progress(judge.name, done) if progress else None)
    if len(said) != len(asked):
        raise DataError(
            f"The judge {judge.name} gave {len(said):,} records for {len(asked):,} questions.", "It must give one for each, in order."
        )
    seconds = (time.monotonic() - started) / max(1, len(asked))
    found = iter(said)
    for case in cases:
        missing = next((each for each in case.answers if each.text is None), None)
        if missing is not None:
            yield Said(why=f"there is no answer of {missing.arm}: {missing.why or 'nobody says why'}", seconds=0.0)
        else:
            each = next(found)
            yield each if each.seconds is not None else replace(each, seconds=seconds)


def _rows(judge: Asked, case: Case, said: Said, key: str) -> Iterator[dict[str, Any]]:
    a, b = case.answers[0], case.answers[1] if case.order else None
    if case.order == "ba":
        a, b = case.answers[1], case.answers[0]
    row = {
        "prompt_id": case.prompt_id,
        "sample": case.sample,
        "judge": judge.name,
        "a": a.arm,
        "a_seed": a.seed,
        "b": b.arm if b else None,
        "b_seed": b.seed if b else None,
        "order": case.order,
        "raw": said.raw,
        "key": key,
    }
    took = {"seconds": said.seconds, "tokens": said.tokens, "cost": said.cost}
    if isinstance(judge, Comparer):
        verdict = "tie" if said.verdict == "tie" else _SIDES.get((case.order or "", said.verdict or ""))
        yield row | took | {"criterion": "overall", "verdict": verdict, "why": None if verdict else said.why or "there is no verdict"}
        return
    for position, (criterion, value) in enumerate((dict.fromkeys(judge.criteria) | dict(said.ratings)).items()):
        rating = None if value is None or not math.isfinite(value) else float(value)
        why = None if rating is not None else said.why or "there is no rating"
        yield row | (took if position == 0 else {}) | {"criterion": criterion, "rating": rating, "why": why}


_SIDES = {("ab", "first"): "a", ("ab", "second"): "b", ("ba", "first"): "b", ("ba", "second"): "a"}


def _key(choice: Choice, case: Case) -> str:
    """A digest of what was asked, for judges that are not asked by message."""
    shown = [[each.text, list(each.turns)] for each in case.answers]
    asked = [choice.name, choice.options, list(case.messages), shown, case.reference, list(case.checks)]
    return hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()
