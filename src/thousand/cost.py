"""What a recipe will take, measured on a small share of its pool before the run: time, memory, money."""

from __future__ import annotations

import math
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thousand import tables
from thousand.align import align, planned_steps
from thousand.answer import answer, read_prompts
from thousand.conversation import prompt_of
from thousand.curate import curate
from thousand.curate.price import price
from thousand.gather import sample
from thousand.recipe import Recipe
from thousand.run import check_answers, check_recipe

_STEPS = 6  # of a short training; the first is start-up, too, and is not counted
_ASKED = 8  # prompts answered


@dataclass(frozen=True)
class Cost:
    """What a run is expected to take on this machine.

    Attributes:
        candidates: expected in the whole pool; ``sampled`` were measured, from ``share`` of its bytes.
        seconds: by verb, of one process; curation's parts by name in ``curation``. What grows with the square of the pool
            (semantic copies, the choice of a diverse set) is not in the sample and comes on top.
        memory_mb: the largest process, from a line through two samples.
        models: to be trained, with ``steps`` in all; ``answers`` to be sampled.
        money: asked of endpoints, by currency, and what the sample of it has cost already.
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
    money: Mapping[str, float]
    remarks: tuple[str, ...]

    @property
    def total(self) -> float:
        """Seconds of all verbs."""
        return sum(self.seconds.values())

    def sentence(self) -> str:
        """The figures in words."""
        verbs = ", ".join(f"{verb} {_duration(seconds)}" for verb, seconds in self.seconds.items())
        lines = [
            f"About {self.candidates:,} candidates ({self.sampled:,} measured, {self.share:.1%} of the pool).",
            f"Time: about {_duration(self.total)} ({verbs}).",
            f"Memory: about {self.memory_mb / 1024:.1f} GB.",
            f"Models to train: {self.models} ({self.steps:,} steps); answers to sample: {self.answers:,}.",
            *(f"Money: about {amount:.2f} {currency}." for currency, amount in self.money.items()),
            *self.remarks,
        ]
        return "\n".join(lines)


def cost(recipe: Recipe, out: Path, share: float = 0.01) -> Cost:
    """Measure a share of a recipe's pool and say what the whole will take.

    Args:
        out: the run directory to be. Only answers that an endpoint was paid for are kept there, so that the run need not ask again.
        share: of the pool's bytes; at least 200 rows of every file are read.

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
    plan = _trainings(recipe, large["expected"])
    tried = recipe.answer.samples * large["dev"] * _checkpoints(recipe, large["expected"])
    answers = sum(recipe.answer.samples * large["prompts"] * seeds for _, seeds in plan) + tried
    choosing = f"Of the answers {tried:,} are of checkpoints, to choose by; judges who rate them are asked as often, or twice for pairs."
    steps = sum(steps * seeds for steps, seeds in plan)
    seconds = {"gather": gathered, "curate": sum(curation.values())}
    seconds |= {"align": steps * large["per_step"], "answer": answers * large["per_answer"]}
    return Cost(
        candidates=large["expected"],
        sampled=large["sampled"],
        share=large["share"],
        seconds={name: round(each, 1) for name, each in seconds.items()},
        curation={name: round(each, 1) for name, each in sorted(curation.items(), key=lambda each: -each[1])},
        memory_mb=round(large["peak_mb"] + slope * (large["expected"] - large["sampled"])),
        models=sum(seeds for steps, seeds in plan if steps),
        steps=steps,
        answers=answers,
        money={currency: round(amount * growth, 2) for currency, amount in large["money"].items()},
        remarks=(*([choosing] if tried else []), *large["remarks"]),
    )


def _checkpoints(recipe: Recipe, candidates: int) -> int:
    """Models that are asked in order to choose among them."""
    found = 0
    for (steps, seeds), (name, arm) in zip(_trainings(recipe, candidates), recipe.arms.items(), strict=True):
        settings = recipe.training(name)
        if arm.select is not None and settings.choose.by != "last":
            found += seeds * math.ceil(steps / math.ceil(min(arm.budget or candidates, candidates) / settings.batch))
    return found


def _trainings(recipe: Recipe, candidates: int) -> list[tuple[int, int]]:
    """Steps and seeds of every arm."""
    plan = []
    for name, arm in recipe.arms.items():
        settings = recipe.training(arm.guard or name)
        chosen = recipe.arms[arm.guard] if arm.guard else arm
        examples = 0 if chosen.select is None else min(chosen.budget or candidates, candidates)
        plan.append((planned_steps(examples, settings) if examples else 0, arm.seeds or recipe.seeds))
    return plan


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
        "per_step": (times[-1] - times[0]) / (len(times) - 1),
        "per_answer": per_answer,
        "money": prices.money,
        "remarks": prices.remarks,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _duration(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
