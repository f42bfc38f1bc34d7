"""The figures of the laboratory's study, which `thousand run recipes/study.yaml` has made. Writes benchmarks/study.json.

python benchmarks/study.py runs/study lab
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from thousand import tables
from thousand.lab.build import read_truth
from thousand.report import Across, Summary

HERE = Path(__file__).parent


def figures(summary: Summary, run: Path, lab: Path) -> dict[str, Any]:
    """What of one base's result is worth keeping, and how many of each arm's choices were good in truth, draw by draw."""
    truth = read_truth(lab / "hidden" / "pool.jsonl")

    def good(path: Path) -> int:
        return sum(truth[int(origin.rpartition(":")[2]) - 1].good for origin in tables.read(path, ["origin"])["origin"].to_pylist())

    return {
        "base": summary.question.base,
        "verdict": summary.verdict.sentence,
        "warnings": [*summary.verdict.warnings, *summary.warnings],
        "enough": {curve.family: curve.sentence for curve in summary.curves},
        "arms": {
            arm.name: {
                "role": arm.role,
                "steps": arm.steps,
                "rating": arm.mean_rating,
                "interval": arm.interval,
                "correct": arm.correct,
                "knows": arm.knowledge_after,
                "good": [good(path) for path in sorted((run / "arms" / arm.name).glob("**/selection.parquet"))],
            }
            for arm in summary.arms
        },
        "net": {each.b: [each.net, each.interval] for each in summary.comparisons if each.criterion == "overall"},
        "seconds": summary.cost.seconds_by_stage,
        "peak memory, MB": summary.cost.peak_memory_mb,
    }


def main() -> None:
    """Read the study and write its figures."""
    study, lab = Path(sys.argv[1]), Path(sys.argv[2])
    across = Across.model_validate_json((study / "across.json").read_text(encoding="utf-8"))
    found: dict[str, Any] = {name: figures(summary, study / name, lab) for name, summary in across.runs.items()}
    found["claim against claim"] = [[each.a, each.b, each.win, each.tie, each.lose, each.net, each.interval] for each in across.claims]
    (HERE / "study.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
