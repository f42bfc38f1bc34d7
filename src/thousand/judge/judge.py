"""The verb: answers become verdicts, ratings and comparisons, of people and models, in one ledger."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from thousand import registry, tables
from thousand.errors import DataError
from thousand.judge.kinds import Comparer, Imported, Judge, Rater
from thousand.recipe import Choice

JUDGES = "thousand.judge.judges"
Key = tuple[str, int]
"""An arm and a seed."""


def judge(answers: Mapping[Key, pa.Table], judges: Sequence[Choice], *, claim: str) -> pa.Table:
    """Have answers judged.

    Args:
        answers: tables of schema `tables.ANSWERS`, by arm and seed.
        judges: as the recipe names them.
        claim: the first arm. Judges that compare are given its answers beside every other arm's, seed by seed, in both orders.

    Returns:
        Schema `tables.VERDICTS`. What a judge did not answer legibly stands there with a null verdict or rating.

    Raises:
        RecipeError: an unknown judge or option.
        DataError: a file of verdicts that cannot be read, or that speaks of other arms or prompts.
    """
    rows: list[dict[str, Any]] = []
    for maker in make(judges):
        match maker:
            case Rater():
                for (arm, seed), table in answers.items():
                    rows += _rate(maker, arm, seed, table)
            case Comparer():
                for pair in _pairs(answers, claim):
                    rows += _compare(maker, pair, answers)
            case Imported():
                rows += _import(maker, answers)
    return pa.Table.from_pylist(rows, schema=tables.VERDICTS)


def make(judges: Sequence[Choice]) -> list[Judge]:
    """The judges a recipe names, ready to be asked.

    Raises:
        RecipeError: an unknown judge or option.
        DataError: a file of verdicts is missing.
    """
    made = []
    for position, choice in enumerate(judges):
        where = f"judge.{position}.{choice.name}"
        made.append(registry.bind(registry.find(JUDGES, choice.name, where), choice.options, where)())
    return made


def _rate(rater: Rater, arm: str, seed: int, answers: pa.Table) -> list[dict[str, Any]]:
    asked = answers.to_pylist()
    started = time.monotonic()
    records = _one_each(rater.name, rater.rate([(each["prompt"], each["answer"]) for each in asked]), len(asked))
    seconds = (time.monotonic() - started) / max(1, len(asked))
    rows = []
    for each, record in zip(asked, records, strict=True):
        criteria = {name: value for name, value in record.items() if name != "raw" and isinstance(value, float | int | None)}
        for criterion, rating in ({"overall": None} | criteria).items():
            rows.append(
                _row(
                    each,
                    rater.name,
                    criterion,
                    (arm, seed),
                    rating=None if rating is None or math.isnan(rating) else float(rating),
                    raw=record.get("raw"),
                    seconds=seconds,
                )
            )
    return rows


def _one_each(name: str, records: Sequence[Mapping[str, object]], asked: int) -> Sequence[Mapping[str, Any]]:
    if len(records) != asked:
        raise DataError(f"The judge {name} gave {len(records):,} records for {asked:,} questions.", "It must give one for each, in order.")
    return records


def _pairs(answers: Mapping[Key, pa.Table], claim: str) -> list[tuple[Key, Key]]:
    """The claim's seeds beside the other arms', each seed with the one of the same rank, around again where there are fewer."""
    seeds: dict[str, list[int]] = {}
    for arm, seed in answers:
        seeds.setdefault(arm, []).append(seed)
    ours = seeds.get(claim, [])
    return [((claim, seed), (arm, theirs[i % len(theirs)])) for arm, theirs in seeds.items() if arm != claim for i, seed in enumerate(ours)]


def _compare(comparer: Comparer, pair: tuple[Key, Key], answers: Mapping[Key, pa.Table]) -> list[dict[str, Any]]:
    a, b = pair
    theirs = {(each["prompt_id"], each["sample"]): each for each in answers[b].to_pylist()}
    both = [
        (each, theirs[each["prompt_id"], each["sample"]])
        for each in answers[a].to_pylist()
        if (each["prompt_id"], each["sample"]) in theirs
    ]
    rows = []
    for order, sides in (("ab", {"first": "a", "second": "b"}), ("ba", {"first": "b", "second": "a"})):
        triples = [(x["prompt"], x["answer"], y["answer"]) if order == "ab" else (x["prompt"], y["answer"], x["answer"]) for x, y in both]
        started = time.monotonic()
        records = _one_each(comparer.name, comparer.compare(triples), len(triples))
        seconds = (time.monotonic() - started) / max(1, len(triples))
        for (x, _), record in zip(both, records, strict=True):
            said = str(record.get("verdict"))
            verdict = sides.get(said, "tie" if said == "tie" else None)
            rows.append(_row(x, comparer.name, "overall", a, b=b, order=order, verdict=verdict, raw=record.get("raw"), seconds=seconds))
    return rows


def _import(imported: Imported, answers: Mapping[Key, pa.Table]) -> list[dict[str, Any]]:
    arms = {arm for arm, _ in answers}
    prompts = {each for table in answers.values() for each in table["prompt_id"].to_pylist()}
    rows = []
    try:
        for number, line in enumerate(imported.path.open(encoding="utf-8"), 1):
            if line.strip():
                rows.append(_imported(line, f"{imported.path}:{number}", imported.name, arms, prompts))
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{imported.path} cannot be read: {error}.") from None
    return rows


def _imported(line: str, where: str, name: str, arms: set[str], prompts: set[str]) -> dict[str, Any]:
    """One row of a file of verdicts, checked."""
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise DataError(f"{where}: not JSON: {error.msg}.") from None
    if not isinstance(row, dict):
        raise DataError(f"{where}: expected an object, found {type(row).__name__}.")
    unknown = set(row) - set(tables.VERDICTS.names)
    if unknown:
        raise DataError(f"{where}: {', '.join(sorted(unknown))}: no such column.", f"There are: {', '.join(tables.VERDICTS.names)}.")
    for field, known in (("prompt_id", prompts), ("a", arms), ("b", arms | {None})):
        if row.get(field) not in known:
            raise DataError(f"{where}: {field}: {row.get(field)!r} is not in this run.")
    if row.get("verdict") not in ("a", "b", "tie", None) or not isinstance(row.get("rating"), float | int | None):
        raise DataError(f"{where}: a verdict is a, b or tie; a rating is a number.")
    if row.get("verdict") and not row.get("b"):
        raise DataError(f"{where}: b: a verdict is of a pair, and there is no second arm.")
    whole = {"sample": 0, "a_seed": 0, "b_seed": 0 if row.get("b") else None, "criterion": "overall", "judge": name} | row
    try:
        pa.Table.from_pylist([whole], schema=tables.VERDICTS)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise DataError(f"{where}: a column has a value of the wrong type: {error}.") from None
    return whole


def _row(
    answered: Mapping[str, Any],
    name: str,
    criterion: str,
    a: Key,
    *,
    b: Key | None = None,
    order: str | None = None,
    verdict: str | None = None,
    rating: float | None = None,
    raw: object = None,
    seconds: float = 0.0,
) -> dict[str, Any]:
    return {
        "prompt_id": answered["prompt_id"],
        "sample": answered["sample"],
        "judge": name,
        "criterion": criterion,
        "a": a[0],
        "a_seed": a[1],
        "b": b[0] if b else None,
        "b_seed": b[1] if b else None,
        "order": order,
        "verdict": verdict,
        "rating": rating,
        "raw": None if raw is None else str(raw),
        "seconds": seconds,
        "tokens": None,
        "cost": None,
    }
