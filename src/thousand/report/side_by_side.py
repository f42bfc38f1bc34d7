"""Answers to read: the claim's beside every other arm's, on prompts drawn without looking at the results."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from thousand.report.evidence import ArmEvidence, Evidence


@dataclass(frozen=True)
class Said:
    """One arm's answer and what the first deciding judge gave it (None where it gave nothing)."""

    arm: str
    answer: str
    stop: str
    rating: float | None


@dataclass(frozen=True)
class Asked:
    """One prompt and what every arm answered."""

    prompt: str
    answers: list[Said]


def side_by_side(evidence: Evidence, prompts: int = 4) -> list[Asked]:
    """First seed and first sample of every arm, on ``prompts`` prompts drawn by the hash of their ids."""
    by_arm = {arm.name: _first_answers(arm) for arm in evidence.arms}
    asked = sorted(by_arm[evidence.claim.name], key=lambda prompt: hashlib.sha256(prompt.encode()).digest())[:prompts]
    given = _ratings(evidence)
    found = []
    for prompt in asked:
        answers = [
            Said(name, answers[prompt][1], answers[prompt][2], given.get((name, prompt)))
            for name, answers in by_arm.items()
            if prompt in answers
        ]
        found.append(Asked(by_arm[evidence.claim.name][prompt][0], answers))
    return found


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
