"""What a recipe will take, measured on a small share of its pool before the run: time, memory, money."""

from __future__ import annotations

import multiprocessing
import resource
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from thousand import tables
from thousand.align import align
from thousand.answer import answer, read_prompts
from thousand.conversation import prompt_of
from thousand.curate import curate
from thousand.curate.price import price
from thousand.gather import sample
from thousand.recipe import Recipe
from thousand.run import check_answers, check_recipe
from thousand.run.foreseen import Judging, foreseen
from thousand.run.looking import is_curated, left
from thousand.run.plan import plan
from thousand.run.run import opened
from thousand.run.units import units

_STEPS = 6  # of a short training; the first is start-up, too, and is not counted
_ASKED = 8  # prompts answered


@dataclass(frozen=True)
class ArmCost:
    """What one arm will take.

    Attributes:
        kind: how it becomes a model; see `thousand.recipe.Arm.kind`.
        examples, steps: of one training; 0 where nothing is trained.
        models: of all its seeds. train, ask: of those, the ones still to be trained, and to be asked; the others are finished in
            the run directory, or shared.
        seconds: of training and asking what is not finished.
    """

    arm: str
    kind: str
    examples: int
    steps: int
    models: int
    train: int
    ask: int
    seconds: float


@dataclass(frozen=True)
class Cost:
    """What a run is expected to take on this machine, and no more than what is not finished.

    Attributes:
        candidates: expected in the whole pool; ``sampled`` were measured, from ``share`` of its bytes.
        seconds: by verb, of one process; curation's parts by name in ``curation``. What grows with the square of the pool
            (semantic copies, the choice of a diverse set) is not in the sample and comes on top.
        memory_mb: the largest process, from a line through two samples.
        models: to be trained, with ``steps`` in all; ``answers`` to be sampled, of ``tokens`` together at the most.
        finished: models that are there already, in the run directory or shared by other runs.
        arms: the same by arm.
        judges: what each will be asked.
        money: asked of endpoints by curation, by currency, and what the sample of it has cost already.
        remarks: what could not be measured, and why.
    """

    candidates: int
    sampled: int
    share: float
    seconds: Mapping[str, float]
    curation: Mapping[str, float]
    memory_mb: float
    models: int
    steps: int
    answers: int
    tokens: int
    finished: int
    arms: tuple[ArmCost, ...]
    judges: tuple[Judging, ...]
    money: Mapping[str, float]
    remarks: tuple[str, ...]

    @property
    def total(self) -> float:
        """Seconds of all verbs."""
        return sum(self.seconds.values())

    def sentence(self) -> str:
        """The figures in words, with a line for each arm and each judge."""
        verbs = ", ".join(f"{verb} {duration(seconds)}" for verb, seconds in self.seconds.items())
        shared = f" {self.finished:,} more are finished, here or shared." if self.finished else ""
        lines = [
            f"About {self.candidates:,} candidates ({self.sampled:,} measured, {self.share:.1%} of the pool).",
            f"Time: about {duration(self.total)} ({verbs}).",
            f"Memory: about {self.memory_mb / 1024:.1f} GB.",
            f"Models to train: {self.models} ({self.steps:,} steps); answers to sample: {self.answers:,}, "
            f"at most {self.tokens:,} tokens.{shared}",
            *map(_arm_line, self.arms),
            *map(_judge_line, self.judges),
            *(f"Money for curation: about {amount:.2f} {currency}." for currency, amount in self.money.items()),
            *self.remarks,
        ]
        return "\n".join(lines)


def cost(recipe: Recipe, out: Path, share: float = 0.01, shared: Path | None = None) -> Cost:
    """Measure a share of a recipe's pool and say what the whole will take. Nothing is trained but for a few steps, to time them.

    Args:
        out: the run directory to be. Only answers that an endpoint was paid for are kept there, so that the run need not ask again.
        share: of the pool's bytes; at least 200 rows of every file are read.
        shared: the folder of finished stages that the run would take from.

    Raises:
        RecipeError, DataError: as `thousand.run.run`.
    """
    check_recipe(recipe)
    check_answers(recipe)
    small, large = _apart(recipe, out, share / 2), _apart(recipe, out, share)
    gathered = large["gathered"]
    growth = large["expected"] / large["sampled"]
    more = large["sampled"] - small["sampled"]
    slope = max(0.0, (large["peak_mb"] - small["peak_mb"]) / more) if more > 0 else 0.0
    curation = {name: seconds * growth for name, seconds in large["curation"].items()}
    each_prompt = recipe.answer.samples * large["per_answer"]
    arms, trained, tried = _arms(recipe, out, shared, large, each_prompt)
    choosing = f"Of the answers {tried:,} are of checkpoints, to choose by; judges who rate them are asked as often, or twice for pairs."
    steps = sum(each.steps * each.train for each in arms)
    answers = sum(recipe.answer.samples * large["prompts"] * each.ask for each in arms) + tried
    curated = is_curated(opened(recipe, out, shared))
    seconds = {"gather": 0.0 if curated else gathered, "curate": 0.0 if curated else sum(curation.values())}
    seconds |= {"align": trained, "answer": answers * large["per_answer"]}
    unknown = "What other runs share is told for arms that train once the pool is curated: thousand run RECIPE --until curate."
    return Cost(
        candidates=large["expected"],
        sampled=large["sampled"],
        share=large["share"],
        seconds={name: round(each, 1) for name, each in seconds.items()},
        curation={name: round(each, 1) for name, each in sorted(curation.items(), key=lambda each: -each[1])},
        memory_mb=round(large["peak_mb"] + slope * (large["expected"] - large["sampled"])),
        models=sum(each.train for each in arms),
        steps=steps,
        answers=answers,
        tokens=answers * recipe.answer.max_tokens,
        finished=sum(each.models - each.train for each in arms if each.steps),
        arms=tuple(arms),
        judges=tuple(foreseen(recipe, out)),
        money={currency: round(amount * growth, 2) for currency, amount in large["money"].items()},
        remarks=(
            *([choosing] if tried else []),
            *([unknown] if shared is not None and shared.is_dir() and not curated else []),
            *(["What the models still know is asked on top."] if recipe.knowledge else []),
            *large["remarks"],
        ),
    )


def in_all(costs: Sequence[Cost]) -> str:
    """Several runs together, in words: those that come later are the cheaper for what the earlier share with them."""
    models, steps, answers, tokens = (sum(getattr(each, name) for each in costs) for name in ("models", "steps", "answers", "tokens"))
    money: dict[str, float] = {}
    for each in costs:
        asked = [(judge.currency, judge.money) for judge in each.judges if judge.currency and judge.money]
        for currency, amount in (*each.money.items(), *asked):
            money[currency] = money.get(currency, 0.0) + amount
    lines = [
        f"In all: about {duration(sum(each.total for each in costs))}; {models} models to train ({steps:,} steps); "
        f"{answers:,} answers, at most {tokens:,} tokens.",
        *(f"Money: at most {amount:.2f} {currency}." for currency, amount in money.items()),
    ]
    return "\n".join(lines)


def _arms(recipe: Recipe, out: Path, shared: Path | None, found: Mapping[str, Any], each_prompt: float) -> tuple[list[ArmCost], float, int]:
    """Every arm, the seconds of all trainings, and the answers of checkpoints that are asked in order to choose among them."""
    remaining = left(opened(recipe, out, shared), units(recipe))
    arms: list[ArmCost] = []
    trained, tried = 0.0, 0
    for each in plan(recipe, found["expected"], found["tokens"]):
        own = [remaining[unit] for unit in units(recipe) if unit.arm == each.arm]
        train = sum(unit.trains for unit in own) if each.steps else 0
        ask = sum(unit.asks for unit in own)
        checkpoints = recipe.answer.samples * found["dev"] * each.checkpoints * sum(unit.chooses for unit in own)
        learns = train * each.work * found["per_step"]
        seconds = learns + (ask * found["prompts"] * each_prompt) + checkpoints * found["per_answer"]
        arms.append(ArmCost(each.arm, each.kind, each.examples, each.steps, each.models, train, ask, round(seconds, 1)))
        trained += learns
        tried += checkpoints
    return arms, trained, tried


def _arm_line(arm: ArmCost) -> str:
    trains = f"{arm.train} to train on {arm.examples:,} examples, {arm.steps:,} steps each" if arm.steps else "nothing to train"
    finished = f", {arm.models - arm.train} finished" if arm.steps and arm.train < arm.models else ""
    return f"  {arm.arm}: {trains}{finished}; {arm.ask} to ask; about {duration(arm.seconds)}"


def _judge_line(judge: Judging) -> str:
    answered = f", {judge.answered:,} answered already" if judge.answered else ""
    tokens = f", at most {judge.tokens:,} tokens" if judge.tokens else ""
    money = f", at most {judge.money:.2f} {judge.currency}" if judge.money and judge.currency else ""
    return f"  judge {judge.judge}: {judge.calls:,} calls{answered}{tokens}{money}{f' ({judge.remark})' if judge.remark else ''}"


def _apart(recipe: Recipe, out: Path, share: float) -> dict[str, Any]:
    """Measure in a process of its own, so that its memory is its own."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_measure, recipe, out, share).result()


def _measure(recipe: Recipe, out: Path, share: float) -> dict[str, Any]:
    prompts = read_prompts(Path(recipe.prompts.test))
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        found = sample(recipe.pool, work / "candidates", share)
        free = recipe.curate.model_copy(update={"signals": [each for each in recipe.curate.signals if each.name != "rating"]})
        held_out = [prompt_of(messages) for messages in prompts["messages"].to_pylist()]
        curated = curate(work / "candidates", work / "curate", free, base=recipe.base, prompts=held_out)
        prices = price(work / "curate" / "texts", out / "curate" / "paid", recipe.curate)
        rows = tables.read(work / "curate" / "texts", ["messages"])
        times: list[float] = []
        settings = recipe.align.model_copy(update={"steps": _STEPS, "checkpoints": False})
        examples = rows.slice(0, _STEPS * settings.batch)
        align(examples, recipe.base, work / "model", settings, progress=lambda *_: times.append(time.monotonic()))
        started = time.monotonic()
        asked = prompts.slice(0, _ASKED)
        answer(recipe.base, asked, recipe.answer, kept=work / "answers")
        per_answer = (time.monotonic() - started) / (asked.num_rows * recipe.answer.samples)
    return {
        "sampled": found.candidates,
        "expected": found.expected,
        "share": found.share,
        "gathered": found.seconds,
        "curation": dict(curated.seconds),
        "prompts": prompts.num_rows,
        "dev": read_prompts(Path(recipe.prompts.dev)).num_rows if recipe.prompts.dev else 0,
        "tokens": _tokens(examples),
        "per_step": (times[-1] - times[0]) / (len(times) - 1),
        "per_answer": per_answer,
        "money": prices.money,
        "remarks": prices.remarks,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _tokens(examples: pa.Table) -> float:
    """What an example costs, about: a word is somewhat more than a token."""
    said = [" ".join(turn["content"] for turn in messages).split() for messages in examples["messages"].to_pylist()]
    return 1.3 * sum(map(len, said)) / max(1, len(said))


def duration(seconds: float) -> str:
    """In words, as exact as an expectation is."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
