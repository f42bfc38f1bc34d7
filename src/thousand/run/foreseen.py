"""What judges will be asked, before they are: from the answers that are there, or else from prompts and the longest answers."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from thousand import tables
from thousand.answer import read_prompts
from thousand.conversation import prompt_of
from thousand.endpoint import Preview
from thousand.errors import DataError
from thousand.judge import Comparer, Imported, make, preview
from thousand.judge.cases import pairs
from thousand.judge.kinds import Key
from thousand.recipe import Recipe
from thousand.run.directory import Directory
from thousand.run.units import units


@dataclass(frozen=True)
class Judging:
    """One judge of a run.

    Attributes:
        calls: to be made. answered: of those, the ones whose replies are kept already.
        tokens, money: at the most, of those that are not answered; None where that cannot be told.
        currency: of the money.
        remark: what else there is to say; empty for nothing.
    """

    judge: str
    calls: int
    answered: int = 0
    tokens: int | None = None
    money: float | None = None
    currency: str | None = None
    remark: str = ""


def foreseen(recipe: Recipe, out: Path) -> list[Judging]:
    """Every judge of a recipe, in its order; nobody is asked anything."""
    directory = Directory(out)
    keys: list[Key] = [(unit.arm, unit.seed) for unit in units(recipe)]
    found: list[Judging] = []
    for choice, made in zip(recipe.judge, make(recipe.judge), strict=True):
        if isinstance(made, Imported):
            found.append(Judging(made.name, 0, remark="judges elsewhere"))
            continue
        answered = {key: directory.answers(*key) for key in keys}
        prompts = read_prompts(Path(recipe.prompts.test))
        try:
            if all(path.is_file() for path in answered.values()):
                there = {key: tables.read(path) for key, path in answered.items()}
                told = preview(there, [choice], claim=recipe.claim, prompts=prompts, kept=out / "judged")[made.name]
                found.append(_told(made.name, told, 1))
                continue
            # All answers are as long as they can be, so two arms say what each of the others takes.
            two = {(name, 0): _longest(prompts, recipe, name) for name in ("claim", "other")}
            with tempfile.TemporaryDirectory() as kept:
                told = preview(two, [choice], claim="claim", prompts=prompts, kept=Path(kept))[made.name]
            times = len(pairs(keys, recipe.claim)) if isinstance(made, Comparer) else len(keys) / 2
            found.append(_told(made.name, told, times))
        except DataError as error:
            found.append(Judging(made.name, 0, remark=str(error.args[0])))
    return found


def _told(name: str, told: Preview, times: float) -> Judging:
    def so_often(value: float | None) -> float | None:
        return None if value is None else value * times

    tokens = so_often(told.tokens_at_most)
    return Judging(
        judge=name,
        calls=round(told.questions * times),
        answered=round(told.answered * times),
        tokens=None if tokens is None else round(tokens),
        money=so_often(told.at_most),
        currency=told.currency,
        remark="" if told.at_most is not None else "it names no price, or no longest reply",
    )


def _longest(prompts: pa.Table, recipe: Recipe, name: str) -> pa.Table:
    """Answers of the longest kind; a word is about a token."""
    text = f"{name}{' word' * recipe.answer.max_tokens}"
    rows = [
        {"prompt_id": row["prompt_id"], "sample": sample, "prompt": prompt_of(row["messages"]), "answer": f"{text} {i} {sample}"}
        for i, row in enumerate(prompts.to_pylist())
        for sample in range(recipe.answer.samples)
    ]
    blank = dict.fromkeys(tables.ANSWERS.names)
    return pa.Table.from_pylist([blank | row for row in rows], tables.ANSWERS)
