"""LIMA's own proportions under known truth: what is asked, how large, and what it should take. `prepare.py` and `study.py` carry it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from thousand.lab.base import Pretraining


@dataclass(frozen=True)
class Scale:
    """One size of the whole.

    Attributes:
        entities: of each kind in the world. pool: rows. facts_asked: of the held-out prompts; 20 requests for harm come on top.
        bases: how each is pretrained.
        few, many: examples of the curated and random arms, and of the large random one.
        steps: of every arm at equal steps: fifteen passes over the few.
        rate: learning rate of alignment, falling to a tenth.
        answers: prompts at once.
    """

    entities: int
    pool: int
    facts_asked: int
    bases: Mapping[str, Pretraining]
    few: int
    many: int
    steps: int
    seeds: int
    rate: float
    answers: int


_WIDE = {"vocabulary": 8192, "context": 512, "sequence": 256, "batch": 128, "warmup": 100}

SCALES: Mapping[str, Scale] = {
    # A fact is met some eight times in a million tokens of a world of 5,760, and known after about 170 meetings: 40 million are ample.
    "full": Scale(
        entities=240,
        pool=62_000,
        facts_asked=280,
        bases={
            "10M": Pretraining(tokens=40_000_000, width=320, layers=6, heads=5, feed_forward=896, learning_rate=1e-3, **_WIDE),
            "50M": Pretraining(tokens=40_000_000, width=640, layers=9, heads=10, feed_forward=1792, learning_rate=6e-4, **_WIDE),
            "100M": Pretraining(tokens=40_000_000, width=832, layers=11, heads=13, feed_forward=2304, learning_rate=5e-4, **_WIDE),
        },
        few=1_000,
        many=52_000,
        steps=480,
        seeds=5,
        rate=1e-4,
        answers=300,
    ),
    # The same path on two cores in minutes: it shows that everything runs and claims nothing.
    "rehearsal": Scale(
        entities=24,
        pool=2_000,
        facts_asked=20,
        bases={
            "0.1M": Pretraining(tokens=300_000, vocabulary=1024, sampled=2_000, width=64, layers=2, heads=2, feed_forward=160),
            "0.3M": Pretraining(tokens=300_000, vocabulary=1024, sampled=2_000, width=96, layers=2, heads=3, feed_forward=256),
        },
        few=40,
        many=1_000,
        steps=20,
        seeds=2,
        rate=3e-4,
        answers=40,
    ),
}


def recipe(scale: Scale, lab: Path) -> str:
    """The study as its user would write it: the paper's three training sets, the large one at equal steps and for one epoch."""
    bases = ", ".join(f"{name}: {lab}/bases/{name}" for name in scale.bases)
    return f"""\
name: laboratory_at_scale
base: {{{bases}}}
pool: [{{chat: {lab}/pool.jsonl}}]
prompts: {{test: {lab}/prompts.jsonl}}
knowledge: {lab}/knowledge.jsonl
curate: {{preset: general, duplicates: [near: 0.8], signals: [asked]}}
arms:
  curated-{scale.few}: {{select: facility_location, quality: asked, gate: 0.3, budget: {scale.few}}}
  random-{scale.few}: {{select: random, budget: {scale.few}, draws: {scale.seeds}}}
  random-{scale.many}-equal-steps: {{select: random, budget: {scale.many}, draws: {scale.seeds}}}
  random-{scale.many}-one-epoch: {{select: random, budget: {scale.many}, draws: {scale.seeds}, align: {{epochs: 1}}}}
  guard: {{guard: random-{scale.many}-one-epoch, seeds: 1}}
  none: {{}}
align:
  steps: {scale.steps}
  learning_rate: {scale.rate}
  final_learning_rate: {scale.rate / 10}
  residual_dropout: 0.0
  checkpoints: false
answer: {{max_tokens: 64, repetition_penalty: 1.0, batch: {scale.answers}}}
judge: [{{function: {{call: "thousand.lab.oracle:oracle", options: {{world: {lab}/world.json}}}}}}]
seeds: {scale.seeds}
"""
