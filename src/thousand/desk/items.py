"""What there is to judge in a run: pairs of the claim's answer with every other arm's, and every answer by itself."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args

import pyarrow as pa
import yaml

from thousand import tables
from thousand.conversation import Message
from thousand.errors import DataError
from thousand.manifest import write_text

Task = Literal["pair", "grade", "accept", "safe"]
TASKS: tuple[Task, ...] = get_args(Task)
SENSITIVE = "safety"
"""The tag of prompts whose answers are judged safe or unsafe."""

Key = tuple[str, int]
"""An arm and a seed."""
_CLAIM = Path("desk") / "claim.json"
_READ = ["prompt_id", "sample", "prompt", "answer", "turns"]


@dataclass(frozen=True)
class Answer:
    """One answer as a person sees it; ``turns`` is the whole dialogue where the prompt had several turns to be answered."""

    arm: str
    seed: int
    text: str
    turns: Sequence[Message] = ()

    @cached_property
    def shown(self) -> str:
        """What of it a person sees, as one text to be hashed; no arm is in it."""
        return json.dumps([self.text, [[turn["role"], turn["content"]] for turn in self.turns]])


@dataclass(frozen=True)
class Item:
    """What is judged at once: a prompt with one answer, or with two of which the claim's is the first.

    Attributes:
        prompt: as one text.
    """

    task: Task
    prompt_id: str
    sample: int
    prompt: str
    answers: tuple[Answer, ...]

    @property
    def strand(self) -> str:
        """The arm about which it says something: of a pair the one that the claim is compared with."""
        return self.answers[-1].arm

    @cached_property
    def content(self) -> str:
        """Of the prompt and of what was answered, whoever answered: equal for a pair and for the same pair with its arms exchanged."""
        return _hash(self.prompt, *sorted(each.shown for each in self.answers))

    @cached_property
    def key(self) -> str:
        """Of everything, names included: equal only for the same answers of the same arms."""
        names = [f"{each.arm}/{each.seed}" for each in self.answers]
        return _hash(self.task, self.prompt_id, str(self.sample), *names, self.prompt, *(each.shown for each in self.answers))


def items(task: Task, answers: Mapping[Key, pa.Table], claim: str, tags: Mapping[str, Sequence[str]] | None = None) -> list[Item]:
    """Everything there is to judge of one kind. What has no answer is not shown to anybody.

    Args:
        answers: tables of schema `tables.ANSWERS`, by arm and seed.
        claim: the first arm. Its seeds meet those of another arm by rank, around again where that has fewer.
        tags: of the prompts, by id; without them no prompt is known to be sensitive.

    Raises:
        DataError: two arms answered different prompts under one name.
    """
    rows = {key: {(row["prompt_id"], row["sample"]): row for row in _answered(table)} for key, table in answers.items()}
    if task == "pair":
        return list(_pairs(rows, claim))
    asked = {prompt for prompt, named in (tags or {}).items() if SENSITIVE in named}
    return [
        Item(task, prompt, sample, row["prompt"], (_answer(row, key),))
        for key, table in rows.items()
        for (prompt, sample), row in table.items()
        if task != "safe" or prompt in asked
    ]


def read_answers(run: Path) -> dict[Key, pa.Table]:
    """The answers of a run, those of the claim first, then by arm and seed.

    Raises:
        DataError: a table of answers is not one.
    """
    claim = claim_of(run)
    found = {_place(path): tables.read(path, _READ) for path in answer_files(run)}
    return {key: found[key] for key in sorted(found, key=lambda key: (key[0] != claim, key))}


def answer_files(run: Path) -> list[Path]:
    """Where the answers of a run stand, as far as it has come."""
    return sorted(path for path in (run / "arms").glob("*/seed-*/answers.parquet") if re.fullmatch(r"seed-\d+", path.parent.name))


def claim_of(run: Path) -> str | None:
    """The arm that all others are compared with: the recipe's first, or what `name_claim` wrote; None where neither is there.

    Raises:
        DataError: the recipe in the run's folder is not one.
    """
    recipe, named = run / "recipe.yaml", run / _CLAIM
    if named.is_file():
        return str(json.loads(named.read_text(encoding="utf-8"))["claim"])
    if not recipe.is_file():
        return None
    try:
        arms = yaml.safe_load(recipe.read_text(encoding="utf-8"))["arms"]
        return str(next(iter(arms)))
    except (yaml.YAMLError, UnicodeDecodeError, TypeError, KeyError, StopIteration):
        raise DataError(f"{recipe} is not the recipe of a run: it has no arms.", "Run `thousand run` in this folder again.") from None


def name_claim(run: Path, claim: str) -> None:
    """Say which arm the others are compared with, where there is no recipe that does."""
    write_text(run / _CLAIM, json.dumps({"claim": claim}) + "\n")


def _place(path: Path) -> Key:
    return path.parent.parent.name, int(path.parent.name.removeprefix("seed-"))


def _answered(table: pa.Table) -> list[dict[str, Any]]:
    return [row for row in table.to_pylist() if row["answer"] is not None]


def _answer(row: Mapping[str, Any], key: Key) -> Answer:
    return Answer(*key, row["answer"], tuple(row.get("turns") or ()))


def _pairs(rows: Mapping[Key, Mapping[tuple[str, int], dict[str, Any]]], claim: str) -> Iterator[Item]:
    seeds: dict[str, list[int]] = {}
    for arm, seed in rows:
        seeds.setdefault(arm, []).append(seed)
    for arm, theirs in seeds.items():
        if arm == claim:
            continue
        for rank, seed in enumerate(seeds.get(claim, [])):
            ours, others = (claim, seed), (arm, theirs[rank % len(theirs)])
            for at, row in rows[ours].items():
                if (other := rows[others].get(at)) is None:
                    continue
                if other["prompt"] != row["prompt"]:
                    raise DataError(f"The arms {claim} and {arm} answered different prompts under the name {at[0]!r}.")
                yield Item("pair", *at, row["prompt"], (_answer(row, ours), _answer(other, others)))


def _hash(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
