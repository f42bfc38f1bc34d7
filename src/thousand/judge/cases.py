"""From tables of answers to what judges are shown: every answer by itself, or the claim's beside every other arm's, in both orders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import pyarrow as pa

from thousand.errors import DataError
from thousand.judge.kinds import Answered, Asked, Case, Comparer, Key

_NOT_THERE: dict[str, Any] = {}


def cases_for(judge: Asked, answers: Mapping[Key, pa.Table], claim: str, prompts: pa.Table | None) -> list[Case]:
    """What a judge is asked about.

    Raises:
        DataError: an answer is to no prompt of the table, two arms answered different prompts under one name, or no prompt is
            for this judge.
    """
    known = None if prompts is None else {row["prompt_id"]: row for row in prompts.to_pylist()}
    rows = {key: [_with_prompt(row, known, key) for row in table.to_pylist()] for key, table in answers.items()}
    found = list(_pairs_of(rows, claim) if isinstance(judge, Comparer) else _each_of(rows))
    left = [judge.leaves(case) for case in found]
    if found and all(left):
        raise DataError(f"The judge {judge.name} has nothing to judge: {left[0]}.", "Give prompts that have it, or leave the judge out.")
    return [case for case, why in zip(found, left, strict=True) if why is None]


def pairs(keys: Sequence[Key], claim: str) -> list[tuple[Key, Key]]:
    """The claim's seeds beside the other arms', each seed with the one of the same rank, around again where there are fewer."""
    seeds: dict[str, list[int]] = {}
    for arm, seed in keys:
        seeds.setdefault(arm, []).append(seed)
    ours = seeds.get(claim, [])
    return [((claim, seed), (arm, theirs[i % len(theirs)])) for arm, theirs in seeds.items() if arm != claim for i, seed in enumerate(ours)]


def _each_of(rows: Mapping[Key, list[dict[str, Any]]]) -> Iterator[Case]:
    for key, answered in rows.items():
        for row in answered:
            yield _case(row, (_answered(row, key),))


def _pairs_of(rows: Mapping[Key, list[dict[str, Any]]], claim: str) -> Iterator[Case]:
    for a, b in pairs(list(rows), claim):
        theirs = {(row["prompt_id"], row["sample"]): row for row in rows[b]}
        both = [(row, theirs[at]) for row in rows[a] if (at := (row["prompt_id"], row["sample"])) in theirs]
        for x, y in both:
            if x["prompt"] != y["prompt"]:
                raise DataError(f"The arms {a[0]} and {b[0]} answered different prompts under the name {x['prompt_id']!r}.")
        for x, y in both:
            yield _case(x, (_answered(x, a), _answered(y, b)), "ab")
        for x, y in both:
            yield _case(x, (_answered(y, b), _answered(x, a)), "ba")


def _with_prompt(row: dict[str, Any], known: Mapping[str, dict[str, Any]] | None, key: Key) -> dict[str, Any]:
    if known is not None and row["prompt_id"] not in known:
        raise DataError(
            f"The arm {key[0]} answered {row['prompt_id']!r}, which is none of the prompts.", "Judge it with the prompts it answered."
        )
    prompt = _NOT_THERE if known is None else known[row["prompt_id"]]
    return row | {name: prompt.get(name) for name in ("messages", "reference", "checks", "tags")}


def _case(row: Mapping[str, Any], answers: tuple[Answered, ...], order: Literal["ab", "ba"] | None = None) -> Case:
    return Case(
        prompt_id=row["prompt_id"],
        sample=row["sample"],
        prompt=row["prompt"],
        messages=row["messages"] or [{"role": "user", "content": row["prompt"]}],
        answers=answers,
        order=order,
        reference=row["reference"],
        checks=row["checks"] or (),
        tags=row["tags"] or (),
    )


def _answered(row: Mapping[str, Any], key: Key) -> Answered:
    return Answered(*key, row["answer"], row.get("reason"), row.get("turns") or ())
