"""Gathering and curating 10,000 to 1,000,000 rows: seconds and peak memory. Writes benchmarks/growth.json.

    python benchmarks/growth.py alpaca.jsonl.gz --rows 10000 100000 1000000

The rows are copies with edits of a real pool; each size in a fresh process of the command line, from raw text to the ledger, with
the general rules, near copies and contamination. Memory is the largest sum over the process and its workers, seen ten times a second.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pools

HERE = Path(__file__).parent
RECIPE = """
base: {base}
pool: [{{chat: "{pool}/*.jsonl"}}]
prompts: {{test: {prompts}}}
arms: {{random: {{select: random, budget: 1}}}}
"""


def main() -> None:
    """Run all sizes and write the figures."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("pool", type=Path)
    arguments.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    given = arguments.parse_args()
    found = []
    for rows in given.rows:
        with tempfile.TemporaryDirectory() as folder:
            work = Path(folder)
            pools.write(given.pool, work / "pool", rows, files=8)
            command = prepare(work)
            seconds, megabytes, said = measured(command, work)
            kept = json.loads(said)
            found.append({"rows": rows, "seconds": round(seconds, 1), "peak_mb": megabytes, "kept": kept["kept"]})
            print(found[-1], flush=True)
            (HERE / "growth.json").write_text(json.dumps(summary(found), indent=1) + "\n", encoding="utf-8")


def prepare(work: Path, *, out: str = "run") -> list[str]:
    """The recipe and its files in a folder; the command that gathers and curates."""
    base, prompts, recipe = work / "base", work / "prompts.jsonl", work / "recipe.yaml"
    base.mkdir(exist_ok=True)
    (base / "config.json").write_text("{}", encoding="utf-8")
    prompts.write_text(
        json.dumps({"id": "1", "prompt": "Which of the two bridges over the Tyrn is the older one?"}) + "\n", encoding="utf-8"
    )
    recipe.write_text(RECIPE.format(base=base, pool=work / "pool", prompts=prompts), encoding="utf-8")
    command = [sys.executable, "-m", "thousand.cli", "run", str(recipe), "--out", str(work / out), "--until", "curate"]
    return [*command, "--engine", f"local:{len(os.sched_getaffinity(0))}", "--json"]


def measured(command: list[str], work: Path) -> tuple[float, int, str]:
    """Seconds, peak megabytes of the process and all below it, and what it said."""
    started = time.monotonic()
    with (work / "said").open("w+") as said:
        process = subprocess.Popen(command, stdout=said, stderr=subprocess.PIPE)
        most = 0
        while process.poll() is None:
            most = max(most, sum(map(resident, family(process.pid))))
            time.sleep(0.1)
        seconds = time.monotonic() - started
        if process.returncode:
            raise SystemExit(process.stderr.read().decode() if process.stderr else "failed")
        said.seek(0)
        return seconds, most >> 20, said.read()


def family(pid: int) -> list[int]:
    """A process and all below it."""
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        below = [int(child) for thread in threads for child in (thread / "children").read_text().split()]
    except OSError:
        return []
    return [pid, *(each for child in below for each in family(child))]


def resident(pid: int) -> int:
    """Bytes of memory that are a process's own, and its part of what it shares."""
    try:
        return int(re.search(r"Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text()).group(1)) * 1024  # type: ignore[union-attr]
    except (OSError, AttributeError):
        return 0


def summary(found: list[dict[str, float]]) -> dict[str, object]:
    """The figures, with the slope of seconds against rows on logarithmic axes from the first to the last."""
    first, last = found[0], found[-1]
    slope = math.log(last["seconds"] / first["seconds"]) / math.log(last["rows"] / first["rows"]) if len(found) > 1 else None
    return {"cores": len(os.sched_getaffinity(0)), "slope": slope and round(slope, 2), "sizes": found}


if __name__ == "__main__":
    main()
