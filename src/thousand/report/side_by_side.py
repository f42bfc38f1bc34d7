"""Answers to read: the claim's beside the other arms', where it did best, where it did worst, and on prompts drawn blindly."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from thousand.report import arrays
from thousand.report.evidence import ArmEvidence, Evidence
from thousand.report.foremost import foremost

Why = Literal["random", "best", "worst"]
SHOWN = {"random": 3, "best": 2, "worst": 2}
ROLES = ("claim", "baseline", "base")


@dataclass(frozen=True)
class Said:
    """One arm's answer and what the first deciding judge gave it (None where it gave nothing)."""

    arm: str
    answer: str
    stop: str
    rating: float | None


@dataclass(frozen=True)
class Asked:
    """One prompt and what every arm answered.

    Attributes:
        why: how it came to be shown.
        margin: how far the first deciding judge put the claim above the other arms, as `margins`; None where it did not say.
    """

    prompt: str
    answers: list[Said]
    why: Why
    margin: float | None


def side_by_side(evidence: Evidence) -> list[Asked]:
    """First seed and first sample of the claim, the baselines and the base; of a baseline's budgets the nearest to the claim's.

    Random prompts are the first by the hash of their ids, whatever was judged; best and worst are those of the widest margins among the
    others, ties broken by the same hash, so that the choice cannot be steered by the order of a file.
    """
    by_arm = {arm.name: _first_answers(arm) for arm in _readable(evidence.arms)}
    own = by_arm.get(evidence.claim.name, {})
    margin, given = margins(evidence), _ratings(evidence)
    ordered = sorted(own, key=lambda prompt: hashlib.sha256(prompt.encode()).digest())
    random, rest = ordered[: SHOWN["random"]], ordered[SHOWN["random"] :]
    judged = sorted((prompt for prompt in rest if prompt in margin), key=lambda prompt: -margin[prompt])
    best = [prompt for prompt in judged if margin[prompt] > 0][: SHOWN["best"]]
    worst = [prompt for prompt in reversed(judged) if prompt not in best][: SHOWN["worst"]]

    def asked(prompts: Sequence[str], why: Why) -> Iterator[Asked]:
        for prompt in prompts:
            answers = [
                Said(name, said[prompt][1], said[prompt][2], given.get((name, prompt))) for name, said in by_arm.items() if prompt in said
            ]
            yield Asked(own[prompt][0], answers, why, margin.get(prompt))

    return [*asked(random, "random"), *asked(best, "best"), *asked(worst, "worst")]


def margins(evidence: Evidence) -> dict[str, float]:
    """Prompt to the claim's margin by the first deciding judge, overall, over all seeds and samples.

    Where the judge saw pairs: net wins, the mean over the arms. Else the claim's mean rating less the mean of the arms' mean ratings.
    """
    judge, others = next(iter(evidence.judges), None), [arm.name for arm in evidence.arms[1:] if arm.role in ROLES]
    pairs = arrays.paired(evidence.verdicts, evidence.claim.name)
    scores = [pairs[judge, "overall", name].score for name in others if judge and (judge, "overall", name) in pairs]
    if not scores:
        rated = arrays.rated(evidence.verdicts)
        own = rated.get((judge or "", "overall", evidence.claim.name))
        against = [rated[judge, "overall", name].values for name in others if judge and (judge, "overall", name) in rated]
        if own is None or not against:
            return {}
        scores = [_mean(own.values) - _mean(values) for values in against]
    each = np.stack([_mean(score) for score in scores])
    known = ~np.isnan(each)
    mean = np.where(known.any(axis=0), np.nansum(each, axis=0) / np.maximum(known.sum(axis=0), 1), np.nan)
    names = sorted(set(evidence.verdicts["prompt_id"].to_pylist()))
    return {name: float(value) for name, value in zip(names, mean, strict=True) if not np.isnan(value)}


def _readable(arms: Sequence[ArmEvidence]) -> list[ArmEvidence]:
    """Those whose answers are worth reading beside the claim's."""
    return foremost([arm for arm in arms if arm.role in ROLES and arm.failed is None], arms[0].examples)


def _mean(values: arrays.Floats) -> arrays.Floats:
    """Over everything but the last axis, the prompts."""
    flat = values.reshape(-1, values.shape[-1])
    there = ~np.isnan(flat)
    mean: arrays.Floats = np.where(there.any(axis=0), np.nansum(flat, axis=0) / np.maximum(there.sum(axis=0), 1), np.nan)
    return mean


def _first_answers(arm: ArmEvidence) -> dict[str, tuple[str, str, str]]:
    """Prompt id to prompt, answer and how it stopped."""
    if not arm.answers:
        return {}
    table = arm.answers[min(arm.answers)]
    rows = table.select(["prompt_id", "sample", "prompt", "answer", "stop"]).sort_by([("sample", "descending")]).to_pylist()
    return {row["prompt_id"]: (row["prompt"] or "", row["answer"] or "", row["stop"] or "") for row in rows}


def _ratings(evidence: Evidence) -> Mapping[tuple[str, str], float]:
    """Arm and prompt to the overall rating of the answer that is shown."""
    seeds = {arm.name: min(arm.answers) for arm in evidence.arms if arm.answers}
    columns = ["judge", "criterion", "a", "b", "a_seed", "prompt_id", "sample", "rating"]
    rows = evidence.verdicts.select(columns).sort_by([("sample", "descending")]).to_pylist()
    return {
        (row["a"], row["prompt_id"]): row["rating"]
        for row in rows
        if row["b"] is None
        and row["criterion"] == "overall"
        and row["rating"] is not None
        and row["judge"] == next(iter(evidence.judges), None)
        and seeds.get(row["a"]) == row["a_seed"]
    }
