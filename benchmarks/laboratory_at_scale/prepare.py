"""The first part: a larger world, its pool, and bases pretrained on its text. On a GPU where there is one.

    python benchmarks/laboratory_at_scale/prepare.py FOLDER --scale full

What is finished is found and kept: killed, the same command goes on from there.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from plan import SCALES, Scale, recipe

from thousand.answer import knowledge, read_questions
from thousand.lab.build import build


def prepare(folder: Path, scale: Scale) -> None:
    """Write the laboratory, its bases, the recipe, and ``prepared.json``: what was made, how long it took, what each base knows."""
    lab, started = folder / "lab", time.monotonic()
    build(lab, size=scale.pool, entities=scale.entities, facts_asked=scale.facts_asked, bases=scale.bases, progress=_say)
    bases = {}
    for name in scale.bases:
        told = json.loads((lab / "bases" / name / "pretraining.json").read_text(encoding="utf-8"))
        known = knowledge(lab / "bases" / name, read_questions(lab / "knowledge.jsonl"))["known"].to_pylist()
        bases[name] = {"parameters": told["parameters"], "seconds": told["seconds"], "known": round(sum(known) / len(known), 4)}
        print(f"{name}: {bases[name]}", flush=True)
    made = {"pool": scale.pool, "entities": scale.entities, "seconds": round(time.monotonic() - started, 1), "bases": bases}
    (folder / "study.yaml").write_text(recipe(scale, lab), encoding="utf-8")
    (folder / "prepared.json").write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")


def _say(base: str, step: int, steps: int) -> None:
    if step % 500 == 0 or step == steps:
        print(f"{base}: {step} of {steps} steps", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scale", choices=SCALES, default="rehearsal")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    prepare(given.folder, SCALES[given.scale])
