"""The laboratory's controls with three seeds each, as figures: each must give its own verdict. Writes benchmarks/controls.json."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from thousand.lab.build import Variant, build
from thousand.recipe import load
from thousand.report import Summary
from thousand.run import run

HERE = Path(__file__).parent
LABS: dict[str, Variant] = {"lab": "realistic", "lab-clean": "clean", "lab-topics": "topics", "lab-leaked": "leaked"}


def holds(name: str, summary: Summary) -> bool:
    """Whether a control came out as it must."""
    outcome, sentence = summary.verdict.outcome, summary.verdict.sentence
    return {
        "clean": outcome == "no difference shown",
        "placebo": outcome != "less is more",
        "one_topic": outcome == "less is more",
        "too_long": outcome == "cannot tell" and "forgetting" in sentence,
        "same_arm_twice": outcome == "no difference shown" and all(abs(each.net or 0.0) < 1e-9 for each in summary.comparisons),
        "length_judge": any("longer answer" in each for each in summary.verdict.warnings),
        "leaked": summary.verdict.contaminated and sentence.startswith("Contaminated"),
    }[name]


def figures(summary: Summary) -> dict[str, Any]:
    """What of a run's result is worth keeping beside others."""
    return {
        "verdict": summary.verdict.outcome,
        "sentence": summary.verdict.sentence,
        "warnings": summary.verdict.warnings,
        "arms": {
            arm.name: {
                "rating": arm.mean_rating,
                "interval": arm.interval,
                "correct": arm.correct,
                "knows": arm.knowledge_after,
                "steps": arm.steps,
            }
            for arm in summary.arms
        },
        "net": {f"{c.b} ({c.criterion})": [c.net, c.interval] for c in summary.comparisons},
        "seconds": summary.cost.seconds,
    }


def main() -> None:
    """Run every recipe of recipes/controls in a folder of its own."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        labs = {name: Path(folder) / name for name in LABS}
        for name, variant in LABS.items():
            build(labs[name], variant=variant)
        for path in sorted((HERE.parent / "recipes" / "controls").glob("*.yaml")):
            own = Path(folder) / path.name
            text = path.read_text(encoding="utf-8")
            for name in sorted(labs, key=len, reverse=True):
                text = text.replace(f" {name}/", f" {labs[name]}/").replace(f"[{name}/", f"[{labs[name]}/")
            own.write_text(text, encoding="utf-8")
            summary = run(load(own), Path(folder) / "runs" / path.stem)
            found[path.stem] = {"holds": holds(path.stem, summary), **figures(summary)}
            print(path.stem, found[path.stem]["holds"], found[path.stem]["sentence"], flush=True)
    (HERE / "controls.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
