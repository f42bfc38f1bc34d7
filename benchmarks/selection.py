"""Strategies of selection side by side, 1,000 of N. Writes benchmarks/select.json.

    python benchmarks/selection.py --sizes 10000 50000 200000 1000000 --peer PYTHON

PYTHON is an interpreter with pyversity, apricot-select and semhash installed. (As select.py this file would stand in the way of
Python's own module of that name.) Each strategy runs in a fresh process, on the same cores and the same vectors: 128 dimensions,
400 clusters whose sizes fall as a power law, some narrow and some wide, with a quality that differs by cluster and by row. ``seconds``
are those of the choice, without imports and reading; medians of the repeats. ``memory`` is the peak beyond that of the imports, as a
multiple of the vectors, which are themselves 1. ``passes`` are the seconds in readings of all vectors from memory, by a product
with one of them on all cores.

What a choice is worth is measured on 10,000 rows that were not to choose from: ``coverage`` is the mean cosine of such a row to the
nearest pick, and ``value`` is 0.7 of that and 0.3 of the mean quality of the picks, which is what facility location aims at.
``least_apart`` and ``mean_apart`` are distances from a pick to the nearest other. Figures are added to those that the file has.
"""

from __future__ import annotations

import argparse
import inspect
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from near_duplicates import HERE, timed
from numpy.typing import NDArray

PICKS, DIMENSIONS, CLUSTERS, HELD, WEIGHT = 1000, 128, 400, 10_000, 0.3
OURS: dict[str, tuple[str, dict[str, Any]]] = {
    "random": ("random", {}),
    "longest": ("longest", {}),
    "top": ("top", {}),
    "stratified": ("stratified", {}),
    "k_center": ("k_center", {}),
    "facility_location": ("facility_location", {"weight": WEIGHT}),
    "facility_location, twice the witnesses": ("facility_location", {"weight": WEIGHT, "witnesses": 32_768}),
    "facility_location, exact": ("facility_location", {"weight": WEIGHT, "witnesses": 1 << 30}),
    "coverage": ("facility_location", {"weight": 0.0}),
    "coverage, exact": ("facility_location", {"weight": 0.0, "witnesses": 1 << 30}),
    "mmr": ("mmr", {}),
    "dpp": ("dpp", {}),
    "cluster": ("cluster", {}),
    "deita": ("deita", {}),
    "zip": ("zip", {}),
    "instag": ("instag", {}),
}
UP_TO = {
    "facility_location, exact": 50_000,
    "coverage, exact": 50_000,
    "pyversity_dpp": 200_000,
    "semhash_representative": 50_000,
    "apricot_lazy": 10_000,
}
"""The most rows of those that cost their square or hold n k numbers."""
PEERS = ("pyversity_mmr", "pyversity_msd", "pyversity_dpp", "semhash_representative", "apricot_lazy", "plain_deita")


def main() -> None:
    """Run all and write the figures."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--sizes", type=int, nargs="+", default=[10_000, 50_000, 200_000, 1_000_000])
    arguments.add_argument("--strategies", nargs="+", default=[*OURS, *PEERS], choices=[*OURS, *PEERS])
    arguments.add_argument("--peer", help="a Python with pyversity, apricot-select and semhash")
    arguments.add_argument("--cores", type=int, default=2)
    arguments.add_argument("--repeats", type=int, default=1)
    arguments.add_argument("--out", type=Path, default=HERE / "select.json")
    given = arguments.parse_args()
    found: dict[str, Any] = json.loads(given.out.read_text(encoding="utf-8")) if given.out.exists() else {"rows": {}}
    found |= {"cores": given.cores, "picks": PICKS, "dimensions": DIMENSIONS, "clusters": CLUSTERS, "held_out": HELD}
    for size in given.sizes:
        with tempfile.TemporaryDirectory() as folder:
            write(Path(folder), size, texts=not {"zip", "instag"}.isdisjoint(given.strategies))
            figures = found["rows"].setdefault(str(size), {})
            one_pass = timed([sys.executable, __file__, "--pass", folder], Path(folder), given.cores)["seconds"]
            for name in given.strategies:
                if size > UP_TO.get(name, size) or (name in PEERS and not given.peer):
                    continue
                if name in OURS:
                    command = [sys.executable, __file__, "--here", name, folder]
                else:
                    tool, _, how = name.partition("_")
                    command = [given.peer, str(HERE / "peers" / f"{tool}_select.py"), how, folder]
                runs = [timed(command, Path(folder), given.cores) for _ in range(given.repeats)]
                figures[name] = summary(runs, size, one_pass) | judge(Path(folder), runs[-1]["rows"])
                print(size, name, json.dumps(figures[name]), flush=True)
                found["growth"] = growth(found["rows"])
                given.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def here(name: str, folder: Path, out: Path) -> None:
    """One of ours, in this process: reads what the strategy asks for by the names of its parameters."""
    import thousand.select

    strategy, options = OURS[name]
    function = getattr(thousand.select, strategy)
    before = _peak()
    wanted = [name for name, each in inspect.signature(function).parameters.items() if each.kind is each.POSITIONAL_OR_KEYWORD]
    given = [read(folder, each) for each in wanted]
    started, work = time.monotonic(), time.process_time()
    picks = function(*given, **options)
    result = {"seconds": time.monotonic() - started, "cpu_seconds": time.process_time() - work, "rows": picks.rows.tolist()}
    (out / "result.json").write_text(json.dumps(result | {"highest_mb": _peak(), "imports_mb": before}))


def one_pass(folder: Path, out: Path) -> None:
    """Seconds to read all vectors, the best of several."""
    vectors = read(folder, "vectors")
    seconds = []
    for _ in range(9):
        started = time.monotonic()
        vectors @ vectors[0]
        seconds.append(time.monotonic() - started)
    (out / "result.json").write_text(json.dumps({"seconds": min(seconds)}))


def read(folder: Path, name: str) -> Any:
    """What strategies ask for."""
    if name in ("budget", "seed"):
        return {"budget": PICKS, "seed": 0}[name]
    if name == "count":
        return len(np.load(folder / "quality.npy", mmap_mode="r"))
    if name == "strata":
        return np.load(folder / "cluster.npy").astype(str)
    if name == "texts":
        return (folder / "texts.txt").read_text(encoding="utf-8").splitlines()
    if name == "tags":
        return [line.split() for line in (folder / "tags.txt").read_text(encoding="utf-8").splitlines()]
    return np.load(folder / f"{name}.npy")


def write(folder: Path, count: int, *, texts: bool) -> None:
    """Rows to choose from, and others of the same kind to measure by, as files."""
    from thousand.embedding import exact, unit

    rng = np.random.default_rng(0)
    centres = unit(rng.standard_normal((CLUSTERS, DIMENSIONS)))
    falling = np.arange(1, DIMENSIONS + 1) ** -0.5  # a cluster is wide in few directions and narrow in many
    ways = [np.linalg.qr(rng.standard_normal((DIMENSIONS, DIMENSIONS)))[0] * (falling / np.linalg.norm(falling))[:, None] for _ in range(8)]
    spread = np.exp(rng.uniform(np.log(0.4), np.log(1.4), CLUSTERS))
    share = (np.arange(CLUSTERS) + 5.0) ** -0.9
    liked = rng.standard_normal(CLUSTERS)

    def drawn(seed: int, rows: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        rng = np.random.default_rng(seed)
        cluster = rng.choice(CLUSTERS, rows, p=share / share.sum())
        vectors = np.empty((rows, DIMENSIONS), dtype=np.float32)
        for start in range(0, rows, 1 << 16):
            of = cluster[start : start + (1 << 16)]
            aside = rng.standard_normal((len(of), DIMENSIONS))
            for way, turn in enumerate(ways):
                aside[of % 8 == way] = aside[of % 8 == way] @ turn
            vectors[start : start + len(of)] = exact(unit(centres[of] + spread[of, None] * aside))
        return vectors, cluster

    vectors, cluster = drawn(1, count)
    np.save(folder / "vectors.npy", vectors)
    np.save(folder / "cluster.npy", cluster)
    liking = liked[cluster] + 2 * rng.standard_normal(count)
    np.save(folder / "quality.npy", (liking.argsort().argsort() + 1) / count)
    np.save(folder / "lengths.npy", rng.integers(1, 4000, count).astype(np.float64))
    np.save(folder / "held.npy", drawn(2, HELD)[0])
    if texts:
        _write_texts(folder, cluster, rng)


def _write_texts(folder: Path, cluster: NDArray[np.int64], rng: np.random.Generator) -> None:
    """Sentences in the words of a cluster, of which one in two is everybody's; and up to six tags, few of them often."""
    words = ["".join(chr(97 + letter) for letter in rng.integers(0, 26, size)) for size in rng.integers(2, 10, 20_000)]
    with (folder / "texts.txt").open("w", encoding="utf-8") as text, (folder / "tags.txt").open("w", encoding="utf-8") as tags:
        for of in cluster.tolist():
            chosen = rng.integers(0, 40, int(rng.integers(8, 40)))
            text.write(" ".join(words[each] if each % 2 else words[40 * of + each] for each in chosen.tolist()) + "\n")
            tags.write(" ".join(f"tag{int(6000 * each**4)}" for each in rng.random(int(rng.integers(0, 7)))) + "\n")


def summary(runs: list[dict[str, Any]], size: int, one_pass: float) -> dict[str, Any]:
    """What it cost."""
    seconds = statistics.median(run["seconds"] for run in runs)
    return {
        "seconds": round(seconds, 3),
        "cpu_seconds": round(statistics.median(run["cpu_seconds"] for run in runs), 3),
        "passes": round(seconds / one_pass, 1),
        "peak_mb": round(max(run["highest_mb"] for run in runs)),
        "memory": round(max(run["highest_mb"] - run["imports_mb"] for run in runs) * (1 << 20) / (4 * DIMENSIONS * size), 2),
    }


def judge(folder: Path, rows: list[int]) -> dict[str, Any]:
    """What it is worth."""
    vectors, held = np.load(folder / "vectors.npy", mmap_mode="r")[rows], np.load(folder / "held.npy")
    coverage = float(np.mean((held @ vectors.T).max(axis=1)))
    quality = float(np.load(folder / "quality.npy")[rows].mean())
    near = vectors @ vectors.T
    lengths = np.diag(near).copy()
    np.fill_diagonal(near, -np.inf)
    apart = np.sqrt(np.maximum(lengths + lengths[:, None] - 2 * near, 0).min(axis=1))
    return {
        "picks": len(set(rows)),
        "value": round((1 - WEIGHT) * coverage + WEIGHT * quality, 4),
        "coverage": round(coverage, 4),
        "quality": round(quality, 4),
        "least_apart": round(float(apart.min()), 4),
        "mean_apart": round(float(apart.mean()), 4),
        "clusters": len(set(np.load(folder / "cluster.npy")[rows].tolist())),
    }


def growth(rows: dict[str, Any]) -> dict[str, float]:
    """By strategy the slope of the line through the logarithms of seconds and rows."""
    found = {}
    for name in dict.fromkeys(name for figures in rows.values() for name in figures):
        points = [(int(size), figures[name]["seconds"]) for size, figures in rows.items() if name in figures]
        if len(points) > 1:
            sizes, seconds = np.log(points).T
            found[name] = round(float(np.polyfit(sizes, seconds, 1)[0]), 2)
    return found


def _peak() -> float:
    """Megabytes, of this program alone: what getrusage says includes the program that started it."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


if __name__ == "__main__":
    if sys.argv[1:2] == ["--here"]:
        here(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
    elif sys.argv[1:2] == ["--pass"]:
        one_pass(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        main()
