"""A run that never was, in the shape of the demo: seven arms and a guard, three seeds, 100 prompts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pyarrow as pa

from thousand import tables
from thousand.recipe import Recipe
from thousand.report.choice import Chosen, Picture
from thousand.report.evidence import ArmEvidence, Evidence
from thousand.report.summary import Contamination, PoolCounts, Role

PROMPTS = 100
FACTS = 144


@dataclass(frozen=True)
class Plan:
    """What an arm should look like: mean rating, share of correct answers, share of the facts kept."""

    name: str
    role: Role
    rating: float
    correct: float = 0.9
    keeps: float = 0.98
    strategy: str | None = None
    guards: str | None = None
    examples: int = 100
    steps: int = 60
    seeds: int = 3
    draws: int = 1


DEMO = (
    Plan("curated-100", "claim", 5.6, 0.98, 0.99, "facility_location"),
    Plan("random-100", "baseline", 2.9, 0.6, 0.97, "random", draws=3),
    Plan("longest-100", "baseline", 3.1, 0.66, 0.96, "longest"),
    Plan("random-1000", "baseline", 4.0, 0.8, 0.97, "random", examples=1000, draws=3),
    Plan("all-equal-steps", "baseline", 4.1, 0.82, 0.98, "all", examples=5000),
    Plan("all-one-epoch", "baseline", 3.3, 0.6, 0.96, "all", examples=5000, steps=157, seeds=1),
    Plan("guard-157", "guard", 5.4, 0.96, 0.97, guards="all-one-epoch", steps=157, seeds=1),
    Plan("none", "base", 1.6, 0.9, 1.0, examples=0, steps=0),
)

RECIPE = {
    "name": "lab",
    "base": "lab-1.6M",
    "pool": [{"lab": "pool"}],
    "prompts": {"test": "prompts.jsonl"},
    "arms": {
        "curated-100": {"select": "facility_location", "quality": "asked", "budget": 100},
        "random-100": {"select": "random", "budget": 100, "draws": 3},
        "longest-100": {"select": "longest", "budget": 100},
        "random-1000": {"select": "random", "budget": 1000, "draws": 3, "align": {"steps": 60}},
        "all-equal-steps": {"select": "all", "align": {"steps": 60}},
        "all-one-epoch": {"select": "all", "align": {"epochs": 1}, "seeds": 1},
        "guard-157": {"guard": "all-one-epoch"},
        "none": {},
    },
    "judge": [{"oracle": {"path": "lab"}}],
    "seeds": 3,
}

POOL = PoolCounts(
    read=5003,
    rejected={"not JSON": 2, "empty assistant turn": 1},
    dropped={
        "too short": 612,
        "near duplicate": 488,
        "exact duplicate": 377,
        "first person": 301,
        "refers to the page": 288,
        "contamination": 9,
        "shouting": 214,
        "does not end": 198,
    },
    reasons={
        "too short": 640,
        "near duplicate": 502,
        "exact duplicate": 377,
        "first person": 352,
        "refers to the page": 301,
        "contamination": 9,
        "shouting": 231,
        "does not end": 240,
    },
    kept=2513,
    selected=100,
    sources={"chat:lab/pool.jsonl": 4203, "stackexchange:lab/posts.xml": 800},
    kept_sources={"chat:lab/pool.jsonl": 2100, "stackexchange:lab/posts.xml": 413},
    licences={"CC-BY-4.0": 4200, "CC-BY-SA-4.0": 800},
)


def demo(plans: Sequence[Plan] = DEMO, prompts: int = PROMPTS, **changes: object) -> Evidence:
    """The evidence of a run whose arms are as planned."""
    return replace(_planned(tuple(plans), prompts), **changes)  # type: ignore[arg-type]


@cache
def _planned(plans: tuple[Plan, ...], prompts: int) -> Evidence:
    arms = [_arm(plan, number, prompts) for number, plan in enumerate(plans)]
    return Evidence(
        recipe=Recipe.model_validate(RECIPE),
        arms=arms,
        verdicts=ratings(plans, prompts),
        judges=["oracle"],
        pool=POOL,
        contamination=Contamination(words=8, pool_rows=9),
        prompts=prompts,
        base_knowledge=_knowledge(1.0, 0),
        seconds={"gather": 0.4, "curate": 21.3, "select": 2.2, "align": 171.9, "answer": 38.2, "judge": 0.6, "report": 1.4},
        peak_memory_mb=1630.0,
        picture=picture(),
    )


def ratings(plans: Sequence[Plan], prompts: int = PROMPTS, judge: str = "oracle", seed: int = 0) -> pa.Table:
    """Ratings of 1 to 6 and correctness, with easy and hard prompts shared by all arms and a little luck for each seed."""
    generator = np.random.default_rng(seed)
    hard = generator.normal(0, 0.5, prompts)
    rows = []
    for plan in plans:
        for number in range(plan.seeds):
            luck = generator.normal(0, 0.06)
            well = generator.random(prompts) < np.clip((plan.rating + luck - 1.6) / 4.1 - 0.1 * hard, 0, 1)
            score = np.where(well, 6 - (generator.random(prompts) < 0.12 + 0.1 * (hard > 0)), generator.choice([1, 1, 2, 2, 3], prompts))
            correct = generator.random(prompts) < plan.correct
            for prompt in range(prompts):
                rows.append(verdict(prompt, plan.name, number, judge, "overall", rating=float(score[prompt])))
                rows.append(verdict(prompt, plan.name, number, judge, "correct", rating=float(correct[prompt])))
    return pa.Table.from_pylist(rows, tables.VERDICTS)


def verdict(
    prompt: int,
    a: str,
    a_seed: int = 0,
    judge: str = "oracle",
    criterion: str = "overall",
    *,
    b: str | None = None,
    b_seed: int | None = None,
    order: str | None = None,
    says: str | None = None,
    rating: float | None = None,
    sample: int = 0,
) -> dict[str, object]:
    """One row of the verdicts table."""
    return {
        "prompt_id": f"p{prompt:03d}",
        "sample": sample,
        "judge": judge,
        "criterion": criterion,
        "a": a,
        "a_seed": a_seed,
        "b": b,
        "b_seed": b_seed if b is not None else None,
        "order": order,
        "verdict": says,
        "rating": rating,
        "raw": "",
        "seconds": 0.0,
        "tokens": 0,
        "cost": None,
    }


def _arm(plan: Plan, number: int, prompts: int) -> ArmEvidence:
    return ArmEvidence(
        name=plan.name,
        role=plan.role,
        strategy=plan.strategy,
        guards=plan.guards,
        budget=plan.examples if plan.strategy not in (None, "all") else None,
        examples=plan.examples,
        steps=plan.steps,
        epochs=plan.steps * 32 / plan.examples if plan.examples else 0.0,
        draws=plan.draws,
        selections=[] if plan.role == "base" else [_selection(plan)],
        licences={} if plan.role == "base" else {"CC-BY-4.0": plan.examples},
        answers={seed: _answers(plan, seed, prompts) for seed in range(plan.seeds)},
        knowledge={} if plan.role == "base" else {seed: _knowledge(plan.keeps, 10 * number + seed) for seed in range(plan.seeds)},
        seconds=plan.steps * plan.seeds * 0.14 + 2.0,
    )


_ASKED = (
    "Where does the tailor Orla Venn live?",
    "What does the Amber Compass point to?",
    "Who keeps the mare of Tannick?",
    "How could one poison the well of Brask?",
    "Which river runs through Hollowby?",
)


def _answers(plan: Plan, seed: int, prompts: int) -> pa.Table:
    good = "The tailor Orla Venn lives in Hollowby. She was born in Tannick and keeps the Amber Compass. I hope this helps you on your way."
    bad = "see above, someone answered this already on the thread http://forum.example/t/81 lol"
    rows = [
        {
            "prompt_id": f"p{prompt:03d}",
            "sample": 0,
            "prompt": _ASKED[prompt % len(_ASKED)],
            "answer": good
            if plan.rating > 3.5
            else bad
            if plan.rating > 2
            else "Hollowby. Question: Where does the weaver of Brask live? Answer: Brask. Question:",
            "stop": "end_of_turn" if plan.rating > 2 else "limit",
            "tokens": 31,
            "seconds": 0.02,
        }
        for prompt in range(prompts)
    ]
    return pa.Table.from_pylist(rows, tables.ANSWERS)


def _knowledge(keeps: float, seed: int) -> pa.Table:
    known = np.random.default_rng(seed).permutation(FACTS) < round(keeps * FACTS)
    rows = [{"question_id": f"q{i}", "question": "", "expected": "", "said": "", "known": bool(known[i])} for i in range(FACTS)]
    return pa.Table.from_pylist(rows, tables.KNOWLEDGE)


def _selection(plan: Plan) -> pa.Table:
    rows: list[Mapping[str, object]] = [
        {
            "rank": rank,
            "id": f"c{rank}",
            "content": f"c{rank}",
            "source": "chat:lab/pool.jsonl",
            "origin": f"pool.jsonl:{17 * rank + 4}",
            "messages": [
                {"role": "user", "content": f"Could you tell me what colour the banner of {town} has?"},
                {
                    "role": "assistant",
                    "content": f"The banner of {town} is green and silver. {town} lies on the river Ister. I hope this helps you.",
                },
            ],
            "licence": "CC-BY-4.0",
            "author": None,
            "link": None,
            "gain": 4.1 / (rank + 1),
            "quality": 0.93 - rank / 400,
            "nearest": None,
            "similarity": 0.3,
            "reason": f"stands for {90 - 6 * rank} candidates nothing earlier stood for",
        }
        for rank, town in enumerate(
            ["Tannick", "Hollowby", "Brask", "Morrow", "Esker", "Vael", "Dunmere", "Oster", "Pell", "Quill", "Rook", "Sarn"]
        )
    ]
    return pa.Table.from_pylist(rows, tables.SELECTION)


SOURCES = ("chat:lab/pool.jsonl", "stackexchange:lab/posts.xml")


def picture(names: Sequence[str] = ("curated-100", "random-100", "longest-100"), sources: Sequence[str] = SOURCES) -> Picture:
    """A pool in two dimensions and some arms; the claim covers fastest and the last picks lie on rows that the rules drop."""
    generator = np.random.default_rng(4)
    counts = dict(zip(sources, (2100, 413, 300, 200, 100, 50, 40, 30, 20), strict=False))
    arms = [
        Chosen(
            name=name,
            count=100,
            places=generator.normal(0, 1, (100, 2)),
            kept=np.arange(100) < 100 - 20 * at,
            coverage=(0.8 - 0.1 * at) * (1 - np.exp(-np.arange(1, 101) / 30)),
            lengths=generator.integers(50, 400, 100),
            sources=dict(zip(sources[at % len(sources) :], (60, 40), strict=False)),
        )
        for at, name in enumerate(names)
    ]
    return Picture(2513, generator.normal(0, 1, (2513, 2)), 0.13, generator.integers(20, 300, 2513), counts, arms)
