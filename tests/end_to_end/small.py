"""A run of the laboratory that takes seconds: a slice of the pool, a few steps, a few prompts. For how runs go, not for what they find."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from thousand.lab.build import build

RECIPE = """
name: small
base: {lab}/base
pool: [{{chat: {lab}/few.jsonl}}]
prompts: {{test: {lab}/few_prompts.jsonl, dev: {lab}/few_dev.jsonl}}
knowledge: {lab}/few_questions.jsonl
curate: {{signals: [asked]}}
arms:
  curated-20: {{select: facility_location, quality: asked, budget: 20, align: {{choose: judged}}}}
  random-20: {{select: random, budget: 20, draws: 2}}
  all: {{select: all, seeds: 1}}
  guard: {{guard: all, seeds: 1}}
  none: {{seeds: 1}}
align: {{batch: 8, steps: 4, learning_rate: 3e-4, final_learning_rate: 3e-5}}
answer: {{max_tokens: 12, repetition_penalty: 1.0}}
judge: [{{function: {{call: "thousand.lab.oracle:oracle", options: {{world: {lab}/world.json}}}}}}, longest]
seeds: 2
"""


def write(folder: Path) -> Path:
    """Write the laboratory and the recipe to a folder and return the recipe's path."""
    lab = folder / "lab"
    build(lab)
    for source, target, rows in (
        ("pool", "few", 300),
        ("prompts", "few_prompts", 8),
        ("dev", "few_dev", 4),
        ("knowledge", "few_questions", 12),
    ):
        lines = (lab / f"{source}.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
        (lab / f"{target}.jsonl").write_text("".join(lines[:rows]), encoding="utf-8")
    recipe = folder / "small.yaml"
    recipe.write_text(RECIPE.format(lab=lab), encoding="utf-8")
    return recipe


def result(summary: str) -> dict[str, Any]:
    """A run's JSON summary without its times, its memory and the place of its report."""
    record: dict[str, Any] = json.loads(summary)
    for name in ("seconds", "seconds_by_stage", "seconds_by_arm", "peak_memory_mb"):
        record["cost"].pop(name)
    for arm in record["cost"]["by_arm"]:
        for name in ("seconds", "seconds_per_point"):
            arm.pop(name)
    record.pop("report")
    return record
