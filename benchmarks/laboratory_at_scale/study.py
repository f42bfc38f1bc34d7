"""The second part: the study itself, by `thousand run`, in several processes at once that share one device and one folder.

    python benchmarks/laboratory_at_scale/study.py FOLDER --processes 8 --minutes 9

Killed, or out of time, the same command goes on from what was finished. At the end ``FOLDER/study/report.html`` compares the bases and
``FOLDER/figures.json`` holds what belongs into docs/performance.md.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from plan import SCALES

from thousand.report import Across, Summary


def study(folder: Path, processes: int, minutes: float) -> bool:
    """Do all shards, then what remains and the report. False where the time was over before."""
    until = time.monotonic() + 60 * minutes
    shards = [_start(folder, "--shard", f"{i}/{processes}") for i in range(1, processes + 1)] if processes > 1 else []
    if not all(_ended(each, until) for each in shards):
        return False
    return _ended(_start(folder, "--json", output=folder / "across.json"), until)


def figures(folder: Path, scale: str) -> dict[str, Any]:
    """What the study found, base by base."""
    found = Across.model_validate_json((folder / "across.json").read_text(encoding="utf-8"))
    prepared = json.loads((folder / "prepared.json").read_text(encoding="utf-8"))
    return {"scale": scale, "prepared": prepared, "bases": {name: _of(each) for name, each in found.runs.items()}}


def _of(summary: Summary) -> dict[str, Any]:
    arms = {
        arm.name: {"rating": arm.mean_rating, "interval": arm.interval, "correct": arm.correct, "knows": arm.knowledge_after}
        for arm in summary.arms
    }
    net = {
        each.b: {"net": each.net, "interval": each.interval, "p_holm": each.p_holm}
        for each in summary.comparisons
        if each.criterion == "overall"
    }
    return {"verdict": summary.verdict.sentence, "arms": arms, "net": net, "seconds": round(summary.cost.seconds, 1)}


def _start(folder: Path, *options: str, output: Path | None = None) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "thousand.cli", "run", str(folder / "study.yaml"), "--out", str(folder / "study"), *options]
    with (output or folder / "shards.log").open("ab" if output is None else "wb") as stream:
        return subprocess.Popen(command, stdout=stream)


def _ended(process: subprocess.Popen[bytes], until: float) -> bool:
    """Whether it ended well in time; what runs over is stopped as a person stops it, and keeps what it finished."""
    try:
        return process.wait(timeout=max(1.0, until - time.monotonic())) == 0
    except subprocess.TimeoutExpired:
        process.terminate()
        process.wait()
        return False


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scale", choices=SCALES, default="rehearsal")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=60.0)
    given = parser.parse_args()
    if not study(given.folder, given.processes, given.minutes):
        sys.exit("Not finished: the same command goes on from here.")
    result = json.dumps(figures(given.folder, given.scale), indent=1)
    (given.folder / "figures.json").write_text(result + "\n", encoding="utf-8")
    print(result)
