"""Near duplicates beside datatrove, datasketch and rensa, from raw text. Writes benchmarks/near_duplicates.json.

    python benchmarks/near_duplicates.py --rows 20000 --repeats 3 --peers PYTHON

PYTHON is an interpreter with the three installed; without it, and for more rows than --peers-up-to, only Thousand runs. All read
the same JSON Lines, on the same cores, each in a fresh process; medians of the repeats. ``seconds`` are from the raw text to the
list of dropped rows, without the imports; ``cpu_seconds`` those in which a core was at work for it; ``process_seconds`` are with
the imports. Among random rows there are pairs of a known
similarity and one template with thousands of copies; recall is the share of pairs of which one is dropped, and a false drop is
a dropped row to which no other is as similar as the threshold.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PEERS = ("datatrove", "datasketch", "rensa")
THRESHOLD = 0.8
SHAPES = {0.6: (56, 14), 0.7: (51, 9), 0.8: (54, 6), 0.9: (57, 3), 0.95: (78, 2)}
"""For a similarity (n - c) / (n + c): the trigrams n of a text, and how many c of them differ."""
TEMPLATE = 5000


def main() -> None:
    """Run all and write the figures."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--rows", type=int, nargs="+", default=[20_000])
    arguments.add_argument("--repeats", type=int, default=3)
    arguments.add_argument("--peers", help="a Python with datatrove, datasketch and rensa")
    arguments.add_argument("--peers-up-to", type=int, default=50_000)
    arguments.add_argument("--cores", type=int, default=1)
    given = arguments.parse_args()
    found: dict[str, Any] = {"cores": given.cores, "repeats": given.repeats, "threshold": THRESHOLD, "rows": {}}
    with tempfile.TemporaryDirectory() as folder:
        for rows in given.rows:
            source = Path(folder) / f"{rows}.jsonl"
            planted = write(source, rows)
            commands = {"thousand": [sys.executable, __file__, "--here"]}
            if given.peers and rows <= given.peers_up_to:
                commands |= {name: [given.peers, str(HERE / "peers" / f"{name}_near.py")] for name in PEERS}
                commands["datasketch, our bands"] = [*commands["datasketch"], "--bands", "21x6"]
            runs = repeated(commands, source, Path(folder), given.repeats, given.cores)
            figures: dict[str, Any] = {name: medians(each, rows) | planted.judge(each[-1]["dropped"]) for name, each in runs.items()}
            print(rows, json.dumps(figures, indent=1), flush=True)
            figures["times_faster"] = {
                name: round(figures[name]["seconds"] / figures["thousand"]["seconds"], 1) for name in commands if name != "thousand"
            }
            found["rows"][rows] = figures
            (HERE / "near_duplicates.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
            print(rows, "times faster than", figures["times_faster"], flush=True)


def here(source: Path, out: Path, cores: int) -> None:
    """What Thousand does."""
    import numpy as np
    import pyarrow as pa

    from thousand import tables
    from thousand.curate.duplicates import prepare, survivors
    from thousand.engine import engine
    from thousand.recipe import Duplicates

    started, work = time.monotonic(), time.process_time()
    settings = Duplicates(kind="near", over="response", threshold=THRESHOLD)
    schema = pa.schema([("messages", tables.MESSAGES)])
    rows = tables.write_parts(out / "candidates", (pa.table({"messages": each}) for each in _messages(source, tables.MESSAGES)), schema)
    prepare(out / "candidates", "benchmark", out / "prepared", settings, lambda done: None, engine(f"local:{cores}"))
    twin, _ = survivors(out / "prepared", settings, range(rows))
    seconds, work = time.monotonic() - started, time.process_time() - work
    started = time.monotonic()
    survivors(out / "prepared", settings, np.random.default_rng(0).permutation(rows))
    again = time.monotonic() - started
    (out / "result.json").write_text(
        json.dumps({"seconds": seconds, "cpu_seconds": work, "again": again, "dropped": np.flatnonzero(twin >= 0).tolist()})
    )


def _messages(source: Path, kind: Any, rows: int = 8192) -> Iterator[Any]:
    import numpy as np
    import pyarrow as pa

    with source.open(encoding="utf-8") as stream:
        while texts := [json.loads(line)["text"] for _, line in zip(range(rows), stream, strict=False)]:
            turns = pa.StructArray.from_arrays([pa.array(["assistant"] * len(texts)), pa.array(texts)], fields=list(kind.value_type))
            yield pa.ListArray.from_arrays(np.arange(len(texts) + 1, dtype=np.int32), turns).cast(kind)


class Planted:
    """What is in the rows.

    Attributes:
        pairs: of rows, by similarity. template: its copies.
    """

    def __init__(self) -> None:
        self.pairs: dict[float, list[tuple[int, int]]] = {similarity: [] for similarity in SHAPES}
        self.template: list[int] = []

    def judge(self, dropped: Sequence[int]) -> dict[str, Any]:
        """Recall by similarity, copies of the template that are left, and false drops."""
        gone = set(dropped)
        copies = {row for similarity, pairs in self.pairs.items() if similarity >= THRESHOLD for pair in pairs for row in pair}
        recall = {
            similarity: round(sum(a in gone or b in gone for a, b in pairs) / len(pairs), 4)
            for similarity, pairs in self.pairs.items()
            if similarity >= THRESHOLD
        }
        both = sum(a in gone and b in gone for pairs in self.pairs.values() for a, b in pairs)
        return {
            "recall": recall,
            "pairs_of_each": len(self.pairs[THRESHOLD]),
            "of_the_template_left": len(self.template) - len(gone.intersection(self.template)),
            "false_drops": len(gone - copies - set(self.template)),
            "both_of_a_pair_dropped": both,
        }


def write(path: Path, rows: int) -> Planted:
    """Rows of random words of Zipf's frequencies, 60 on average, some of them copies, in random order."""
    rng = random.Random(0)
    words = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randint(2, 9))) for _ in range(50_000)]
    frequency = list(_summed(1 / (rank + 5) for rank in range(len(words))))

    def text(length: int) -> list[str]:
        return rng.choices(words, cum_weights=frequency, k=length)

    planted = Planted()
    places = iter(rng.sample(range(rows), rows))
    special: dict[int, list[str]] = {}
    for similarity, (trigrams, different) in SHAPES.items():
        for number in range(max(20, rows // 100)):
            one = text(trigrams + 2)
            two = [*one[:-different], *(f"{word}{number}" for word in one[-different:])]
            pair = next(places), next(places)
            special |= {pair[0]: one, pair[1]: two}
            planted.pairs[similarity].append(pair)
    story = text(60)
    for number in range(min(TEMPLATE, rows // 4)):
        copy, row = list(story), next(places)
        copy[rng.randrange(len(copy))] = f"copy{number}"  # any two share at least 52 of 64 trigrams
        special[row] = copy
        planted.template.append(row)
    with path.open("w", encoding="utf-8") as stream:
        for row in range(rows):
            words_of_row = special.get(row) or text(rng.randint(30, 90))
            stream.write(json.dumps({"id": str(row), "text": " ".join(words_of_row).capitalize() + "."}) + "\n")
    return planted


def _summed(weights: Iterator[float]) -> Iterator[float]:
    total = 0.0
    for weight in weights:
        total += weight
        yield total


def repeated(commands: dict[str, list[str]], source: Path, work: Path, repeats: int, cores: int) -> dict[str, list[dict[str, Any]]]:
    """Every tool so many times, in turns: what else the machine does meets all of them."""
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in commands}
    for _ in range(repeats):
        for name, command in commands.items():
            runs[name].append(timed([*command, str(source)], work, cores))
    return runs


def timed(command: list[str], work: Path, cores: int) -> dict[str, Any]:
    """One run in a fresh process on so many cores: its own figures, seconds with all imports, and peak memory of its largest process."""
    out = Path(tempfile.mkdtemp(dir=work))
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS", "ARROW_NUM_THREADS")
    environment = os.environ | dict.fromkeys(threads, str(cores)) | {"PYTHONHASHSEED": "0"}
    own = sorted(os.sched_getaffinity(0))[-cores:]
    log = out.with_suffix(".log")
    started = time.monotonic()
    with log.open("w") as stream:
        child = subprocess.Popen(
            ["taskset", "-c", ",".join(map(str, own)), *command, str(out), str(cores)], env=environment, stdout=stream, stderr=stream
        )
        _, status, usage = os.wait4(child.pid, 0)
    seconds = time.monotonic() - started
    if status:
        raise RuntimeError(f"{command} failed:\n{log.read_text()[-3000:]}")
    result: dict[str, Any] = json.loads((out / "result.json").read_text(encoding="utf-8"))
    return result | {"process_seconds": seconds, "peak_mb": usage.ru_maxrss / 1024}


def medians(runs: list[dict[str, Any]], rows: int) -> dict[str, Any]:
    """Of the repeats; of the memory the most."""
    times = {
        name: round(statistics.median(run[name] for run in runs), 3)
        for name in ("seconds", "process_seconds", "cpu_seconds", "again")
        if name in runs[0]
    }
    return times | {"rows_per_second": round(rows / times["seconds"]), "peak_mb": round(max(run["peak_mb"] for run in runs))}


if __name__ == "__main__":
    if sys.argv[1:2] == ["--here"]:
        here(Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))
    else:
        main()
