"""The rules of the general preset, from raw text to ledger, beside datatrove's Gopher and FineWeb filters. Writes benchmarks/rules.json.

    python benchmarks/rules.py POOL.jsonl.gz --rows 20000 --peer PYTHON

POOL holds Alpaca's rows (instruction, input, output); PYTHON is an interpreter with datatrove installed. Same rows, same cores, a
fresh process each time, medians of the repeats. Then once more with one poisoned row in a thousand: what else is lost?
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
OURS = """
import sys
from pathlib import Path
from thousand.curate import curate
from thousand.engine import engine
from thousand.gather import gather
from thousand.recipe import Choice, Curate

if __name__ == "__main__":
    source, out, workers = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    by = engine(f"local:{workers}")
    gathered = gather([Choice(name="chat", options={"path": f"{source}/*.jsonl"})], out / "candidates", out / "rejected", by=by)
    curated = curate(out / "candidates", out / "curate", Curate(duplicates=[], contamination=None), by=by)
    print(gathered.read, gathered.rejected, curated.candidates, curated.kept)
"""


def main() -> None:
    """Run all and write the figures."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("pool", type=Path)
    arguments.add_argument("--rows", type=int, default=20_000)
    arguments.add_argument("--repeats", type=int, default=3)
    arguments.add_argument("--peer", required=True, help="a Python with datatrove")
    given = arguments.parse_args()
    cores = len(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        ours = work / "ours.py"
        ours.write_text(OURS, encoding="utf-8")
        commands = {"thousand": [sys.executable, str(ours)], "datatrove": [given.peer, str(HERE / "peers" / "datatrove_rules.py")]}
        found: dict[str, Any] = {"rows": given.rows, "cores": cores, "repeats": given.repeats}
        for kind, every in (("clean", 0), ("poisoned", 1000)):
            sources = {name: work / f"{kind}-{name}" for name in commands}
            for name, source in sources.items():
                write(given.pool, source, given.rows, cores, every, as_text=name == "datatrove")
            repeats = given.repeats if kind == "clean" else 1
            found[kind] = {
                name: measured([timed([*command, str(sources[name])], work, cores) for _ in range(repeats)], given.rows)
                for name, command in commands.items()
            }
            print(kind, json.dumps(found[kind]), flush=True)
    found["ratio"] = round(found["clean"]["thousand"]["rows_per_second"] / found["clean"]["datatrove"]["rows_per_second"], 1)
    (HERE / "rules.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(found["ratio"], "times the rows per second")


def write(pool: Path, folder: Path, rows: int, files: int, poison: int, *, as_text: bool) -> None:
    """The rows in so many files, as each tool reads them; every so many a row whose text is not text."""
    folder.mkdir()
    with gzip.open(pool, "rt", encoding="utf-8") as stream:
        whole = [json.loads(line) for line in stream]
    taken = list(itertools.islice(itertools.cycle(whole), rows))
    for part in range(files):
        with (folder / f"{part}.jsonl").open("w", encoding="utf-8") as out:
            for number, row in list(enumerate(taken))[part::files]:
                bad = poison and number % poison == poison // 2
                if as_text:
                    text = "\n".join(filter(None, (row["instruction"], row["input"], row["output"])))
                    record = {"id": str(number), "text": 17 if bad else text}
                else:
                    record = {**row, "id": str(number), "output": 17 if bad else row["output"]}
                out.write(json.dumps(record) + "\n")


def timed(command: list[str], work: Path, cores: int) -> dict[str, Any]:
    """One run in a fresh process: seconds, peak memory of its largest process, its last line, and the rows it wrote."""
    out = Path(tempfile.mkdtemp(dir=work))
    log = out.with_suffix(".log")
    started = time.monotonic()
    with log.open("w") as stream:
        child = subprocess.Popen([*command, str(out), str(cores)], stdout=stream, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(child.pid, 0)
    seconds = time.monotonic() - started
    said = (log.read_text().strip().splitlines() or [""])[-1][:300]
    peak, code = usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status)
    kept = sum(gzip.decompress(path.read_bytes()).count(b"\n") for path in out.glob("*.jsonl.gz"))
    return {"seconds": seconds, "peak_mb": peak, "said": said, "kept": kept, "code": code}


def measured(runs: list[dict[str, Any]], rows: int) -> dict[str, Any]:
    """The medians."""
    seconds = statistics.median(run["seconds"] for run in runs)
    return {
        "seconds": round(seconds, 2),
        "rows_per_second": round(rows / seconds),
        "peak_mb": round(max(run["peak_mb"] for run in runs)),
        "code": runs[-1]["code"],
        "said": runs[-1]["said"],
        "kept": runs[-1]["kept"],
    }


if __name__ == "__main__":
    main()
