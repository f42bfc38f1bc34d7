"""A run of 200,000 rows killed with ``kill -9`` at its half and started again. Writes benchmarks/kill.json.

    python benchmarks/kill.py alpaca.jsonl.gz

Gathered and curated once without a break and once killed, from the same files: the candidates, the ledger and the rejections must be
the same, and what was finished before the kill must not be done again.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import growth
import pools

from thousand import tables

HERE = Path(__file__).parent
TABLES = ("candidates", "curate/ledger.parquet", "curate/contamination.parquet")


def main() -> None:
    """Run, kill, run again, compare."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("pool", type=Path)
    arguments.add_argument("--rows", type=int, default=200_000)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        pools.write(given.pool, work / "pool", given.rows, files=8)
        whole = timed(growth.prepare(work, out="whole"))
        command = growth.prepare(work, out="killed")
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True) as process:
            time.sleep(whole / 2)
            os.killpg(process.pid, signal.SIGKILL)
        before = parts(work / "killed")
        rest = timed(command)
        after = parts(work / "killed")
        found = {
            "rows": given.rows,
            "seconds_unbroken": round(whole, 1),
            "seconds_after_the_kill": round(rest, 1),
            "finished_before_the_kill": len(before),
            "of_these_done_again": sum(after.get(path) != seen for path, seen in before.items()),
            "parts_in_the_end": len(after),
            "the_same": {name: tables.digest(work / "whole" / name) == tables.digest(work / "killed" / name) for name in TABLES},
            "the_same_ids": ids(work / "whole") == ids(work / "killed"),
        }
    print(json.dumps(found, indent=1))
    (HERE / "kill.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def timed(command: list[str]) -> float:
    """Seconds of a command that must succeed."""
    started = time.monotonic()
    subprocess.run(command, check=True, capture_output=True)
    return time.monotonic() - started


def parts(out: Path) -> dict[str, int]:
    """The finished parts of tables and when they were written."""
    return {
        str(path.relative_to(out)).replace(".partial", ""): path.stat().st_mtime_ns
        for path in out.rglob("*.parquet")
        if not path.name.startswith(".")
    }


def ids(out: Path) -> list[str]:
    """The ids that go on."""
    ledger = tables.read(out / "curate" / "ledger.parquet", ["id", "kept"])
    return [name for name, kept in zip(ledger["id"].to_pylist(), ledger["kept"].to_pylist(), strict=True) if kept]


if __name__ == "__main__":
    main()
