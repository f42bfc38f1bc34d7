"""A study that never was, with everything that a report can hold: budgets, judges, people, checkpoints, costs, an arm that failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pyarrow as pa

from tests.report.synthetic import DEMO, Plan, demo, ratings, verdict
from thousand import tables
from thousand.recipe import Recipe
from thousand.report import Evidence, Reviewed, Summary, summarise
from thousand.report.measures import Agreement, Curve, CurveFit, CurvePoint, JudgeBias, Measured, NoiseBar, Shift, ShiftAt, ShiftedToken
from thousand.report.summary import ArmCost

BUDGETS = (25, 50, 100, 200, 400)
_CURATED, _RANDOM = (4.2, 5.0, 5.6, 5.65, 5.7), (2.2, 2.5, 2.9, 3.4, 3.8)
PLANS = (
    DEMO[0],
    *(
        Plan(f"curated-{k}", "variant", rating, 0.95, 0.98, "facility_location", examples=k, steps=60)
        for k, rating in zip(BUDGETS, _CURATED, strict=True)
        if k != 100
    ),
    *(
        Plan(f"random-{k}", "baseline", rating, 0.6, 0.97, "random", examples=k, draws=3)
        for k, rating in zip(BUDGETS, _RANDOM, strict=True)
    ),
    *DEMO[2:3],
    *DEMO[5:7],
    Plan("shown", "baseline", 3.9, 0.88, 1.0, examples=8, steps=0),
    DEMO[7],
)
FEW = tuple(plan for plan in PLANS if plan.name in ("curated-100", "random-100", "longest-100", "none"))
"""Fewer arms, for what takes long."""
RECIPE = {
    "name": "study",
    "base": "lab/base",
    "pool": [{"lab": "pool"}],
    "prompts": {"test": "prompts.jsonl"},
    "arms": {
        "curated": {"select": "facility_location", "quality": "asked", "gate": 0.3, "budget": [100, 25, 50, 200, 400]},
        "random": {"select": "random", "budget": list(BUDGETS), "draws": 3},
        "longest-100": {"select": "longest", "budget": 100},
        "all-one-epoch": {"select": "all", "align": {"epochs": 1}, "seeds": 1},
        "guard-157": {"guard": "all-one-epoch"},
        "shown": {"in_context": 8},
        "broken": {"select": "random", "budget": 100},
        "none": {},
    },
    "judge": [{"oracle": {"path": "lab"}}],
    "seeds": 3,
}


@cache
def rich(plans: tuple[Plan, ...] = PLANS) -> tuple[Summary, Evidence]:
    """The study and its summary."""
    plain = demo(plans)
    arms = [
        replace(
            arm,
            family=arm.name.rpartition("-")[0] if arm.name.rpartition("-")[0] in ("curated", "random") else None,
            checkpoints={seed: _checkpoints(seed) for seed in range(3)} if arm.role == "claim" else {},
            seconds_by_stage={"select": 2.2, "align": arm.steps * 0.42 + 1, "answer": 6.1, "judge": 0.4} if arm.role != "base" else {},
        )
        for arm in plain.arms
    ]
    broken = replace(arms[-1], name="broken", role="baseline", strategy="random", answers={}, knowledge={}, examples=100)
    broken = replace(broken, failed="the loss became NaN at step 12: lower the learning rate, or train in float32.")
    evidence = replace(
        plain,
        recipe=Recipe.model_validate(RECIPE),
        arms=[*arms[:-1], broken, arms[-1]],
        verdicts=pa.concat_tables([plain.verdicts, ratings(plans, judge="people", seed=1), _pairs()]),
        judges=["people", "oracle"],
        reviewed=[Reviewed("Anna Weber", 41, 6, 3, 1, 2), Reviewed("Raúl Ibáñez", 22, 1, 9)],
        conflicts=2,
        people=["people"],
    )
    found = summarise(evidence)
    rated = {arm.name: arm.mean_rating or 0.0 for arm in found.arms}
    curves = [
        _curve("curated", _CURATED, "people", 50),
        _curve("random", _RANDOM, "people", None),
        _curve("curated-steps", _RANDOM[::-1], "people", None),
    ]
    curves[0] = curves[0].model_copy(update={"equal_steps": "curated-steps"})
    summary = found.model_copy(
        update={
            "verdict": found.verdict.model_copy(
                update={"warnings": ["The judges agree little more than chance would have them (kappa 0.21)."]}
            ),
            "curves": curves,
            "noise": [
                NoiseBar(arm="curated-100", judge=judge, kind="rating", seeds=3, net=_measured(0.0, 0.07)) for judge in ("people", "oracle")
            ],
            "agreement": [
                Agreement(
                    first="people",
                    second="oracle",
                    tie_discounted=_measured(0.81, 0.03),
                    chance=0.56,
                    above_chance=0.57,
                    strict=_measured(0.74, 0.03),
                    kappa=_measured(0.58, 0.05),
                )
            ],
            "alpha": _measured(0.61, 0.06),
            "biases": [_bias("people", None), _bias("oracle", None), _bias("people", "random-100")],
            "shift": shift(),
            "cost": found.cost.model_copy(
                update={
                    "minutes": 47.5,
                    "judge_cost": 3.2,
                    "by_arm": [_cost(arm.name, arm.steps, rated[arm.name] - rated["none"]) for arm in found.arms if arm.role != "base"],
                }
            ),
        }
    )
    return summary, evidence


def shift() -> Shift:
    """Three quarters of the tokens are the base's own, most of the new ones at the start."""
    at = [(0, 0, 0.3), (1, 3, 0.2), (4, 9, 0.09), (10, 31, 0.05), (32, 99, 0.03)]
    places = [
        ShiftAt(first=a, last=b, tokens=100, unshifted=0.9 - s, marginal=0.1, shifted=s, kl=4 * s, interval=(0.85 - s, 0.95 - s))
        for a, b, s in at
    ]
    tokens = [ShiftedToken(token=" hope", times=88, shifted=80), ShiftedToken(token="<b>\n", times=12, shifted=9)]
    whole = {
        "unshifted": _measured(0.78, 0.02),
        "marginal": _measured(0.14, 0.01),
        "shifted": _measured(0.08, 0.01),
        "kl": _measured(0.6, 0.1),
    }
    return Shift(tokens=4210, **whole, by_position=places, most_shifted=tokens, prompts=100, seeds=3)


def _measured(value: float, half: float, n: int = 100) -> Measured:
    return Measured(value=value, interval=(value - half, value + half), n=n)


def _curve(family: str, values: Sequence[float], judge: str, smallest: int | None) -> Curve:
    points = [
        CurvePoint(
            arm=f"{family}-{k}",
            budget=k,
            steps=60,
            epochs=60 * 32 / k,
            seeds=3,
            n=100,
            value=value,
            interval=(value - 0.2, value + 0.2),
            loss=max(values) - value,
            loss_at_most=max(values) - value + 0.3,
            enough=k == smallest,
        )
        for k, value in zip(BUDGETS, values, strict=True)
    ]
    at = np.geomspace(25, 400, 30)
    limit, drop, rate = values[-1] + 0.1, values[-1] + 0.1 - values[0], 0.9
    fitted = limit - drop * (at / 25) ** -rate
    rises = values[-1] > values[0]
    return Curve(
        family=family,
        judge=judge,
        unit="rating",
        margin=0.3,
        points=points,
        best=400,
        smallest=smallest,
        fit=CurveFit(
            limit=limit,
            drop=drop,
            rate=rate,
            at=at.tolist(),
            values=fitted.tolist(),
            low=(fitted - 0.15).tolist(),
            high=(fitted + 0.15).tolist(),
            off=0.1,
        )
        if rises
        else None,
        sentence=f"{smallest} examples are enough: they lose at most 0.3 against 400."
        if smallest
        else f"The data cannot tell how many of {family} are enough.",
    )


def _bias(judge: str, b: str | None) -> JudgeBias:
    share = {
        name: _measured(0.5 + at / 50, 0.04) for at, name in enumerate(("ties", "flips", "first", "longer", "win_rate", "at_equal_length"))
    }
    return JudgeBias(
        judge=judge, b=b, kind="pair", **share, position=_measured(0.02, 0.04), length_slope=_measured(0.4, 0.2), longer_by=31.4
    )


def _cost(arm: str, steps: int, gained: float) -> ArmCost:
    seconds = {"select": 2.2, "align": steps * 0.42, "answer": 6.1, "judge": 0.4}
    return ArmCost(
        arm=arm,
        seconds=seconds,
        minutes=12.0 if arm == "curated-100" else None,
        money=0.31,
        gained=gained if gained > 0 else None,
        seconds_per_point=sum(seconds.values()) / gained if gained > 0 else None,
        reason="" if gained > 0 else "nothing was gained",
    )


def _checkpoints(seed: int, n: int = 8) -> pa.Table:
    epochs = np.arange(1, n + 1)
    rating = 3 + 2.4 * (1 - np.exp(-epochs / 3)) + 0.1 * np.sin(epochs * (seed + 2))
    columns = {
        "epoch": epochs,
        "rating": rating,
        "low": rating - 0.4,
        "high": rating + 0.4,
        "perplexity": 2.0 + 0.05 * (epochs - 3) ** 2 + 0.03 * seed,
        "ended": np.full(n, 0.9),
        "limit": np.full(n, 0.1),
        "repeats": np.zeros(n),
        "known": 1 - 0.01 * epochs,
        "forgot": np.ones(n),
        "chosen": epochs == n - seed,
    }
    return pa.table({name: pa.array(columns[name], tables.CHECKPOINTS.field(name).type) for name in tables.CHECKPOINTS.names})


def _pairs() -> pa.Table:
    """A judge that does not decide, and saw pairs in both orders."""
    draw = np.random.default_rng(7)
    rows = []
    for b in ("random-100", "longest-100", "none"):
        for prompt in range(60):
            says = draw.choice(["a", "b", "tie"], p=[0.6, 0.2, 0.2])
            rows += [verdict(prompt, "curated-100", 0, "gpt", b=b, b_seed=0, order=order, says=str(says)) for order in ("ab", "ba")]
    return pa.Table.from_pylist(rows, tables.VERDICTS)
