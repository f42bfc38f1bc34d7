"""Semantic duplicates beside semhash, with the same vectors. Writes benchmarks/semantic_duplicates.json.

    python benchmarks/semantic_duplicates.py --rows 20000 50000 --repeats 3 --peers PYTHON

PYTHON is an interpreter with semhash installed. The vectors are random in 256 dimensions with a common part, as those of models
have; a tenth of them are copies of others with cosines about the threshold of 0.95. Same cores, each tool in a fresh process,
medians of the repeats. All pairs are compared in double precision to count what was missed and what was dropped in error; and
Thousand's kept set must be the same after the rows were shuffled.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from near_duplicates import HERE, medians, repeated
from numpy.typing import NDArray

THRESHOLD, DIMENSIONS = 0.95, 256


def main() -> None:
    """Run all and write the figures."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--rows", type=int, nargs="+", default=[20_000, 50_000])
    arguments.add_argument("--repeats", type=int, default=3)
    arguments.add_argument("--peers", help="a Python with semhash")
    arguments.add_argument("--cores", type=int, default=1)
    given = arguments.parse_args()
    found: dict[str, Any] = {"cores": given.cores, "repeats": given.repeats, "threshold": THRESHOLD, "rows": {}}
    with tempfile.TemporaryDirectory() as folder:
        for rows in given.rows:
            vectors = make(rows)
            source = Path(folder) / f"{rows}.npy"
            np.save(source, vectors)
            commands = {"thousand": [sys.executable, __file__, "--here"]}
            if given.peers:
                commands["semhash"] = [given.peers, str(HERE / "peers" / "semhash_semantic.py")]
            runs = repeated(commands, source, Path(folder), given.repeats, given.cores)
            figures: dict[str, Any] = {name: medians(each, rows) | judge(vectors, each[-1]["dropped"]) for name, each in runs.items()}
            figures["thousand"]["same_after_shuffling"] = all(run["dropped"] == run["shuffled"] for run in runs["thousand"])
            print(rows, json.dumps(figures, indent=1), flush=True)
            found["rows"][rows] = figures
            (HERE / "semantic_duplicates.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def here(source: Path, out: Path) -> None:
    """What Thousand does; then once more with the rows in another order."""
    from thousand.curate.duplicates.semantic import thin

    vectors = np.load(source)
    rank = np.arange(len(vectors))
    started, work = time.monotonic(), time.process_time()
    twin, _ = thin(vectors, rank, THRESHOLD)
    seconds, work = time.monotonic() - started, time.process_time() - work
    order = np.random.default_rng(1).permutation(len(vectors))
    shuffled, _ = thin(vectors[order], rank[order], THRESHOLD)
    result = {
        "seconds": seconds,
        "cpu_seconds": work,
        "dropped": np.flatnonzero(twin >= 0).tolist(),
        "shuffled": np.sort(order[shuffled >= 0]).tolist(),
    }
    (out / "result.json").write_text(json.dumps(result))


def make(rows: int) -> NDArray[np.float32]:
    """Unit vectors with a tenth of near copies, cosines from 0.9 to 1."""
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((rows, DIMENSIONS)) / np.sqrt(DIMENSIONS) + 0.5 / np.sqrt(DIMENSIONS)
    copies = rows // 10
    originals = vectors[rng.integers(0, rows - copies, copies)]
    cosine = rng.uniform(0.9, 1, (copies, 1))
    aside = rng.standard_normal((copies, DIMENSIONS))
    originals /= np.linalg.norm(originals, axis=1, keepdims=True)
    aside -= (aside * originals).sum(axis=1, keepdims=True) * originals
    aside /= np.linalg.norm(aside, axis=1, keepdims=True)
    vectors[rows - copies :] = cosine * originals + np.sqrt(1 - cosine**2) * aside
    vectors = vectors[rng.permutation(rows)]
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def judge(vectors: NDArray[np.float32], dropped: list[int]) -> dict[str, int]:
    """Rows kept although similar to another that is kept, and rows dropped that are similar to none that is kept."""
    kept = np.setdiff1d(np.arange(len(vectors)), dropped)
    exact = vectors.astype(np.float64)
    missed = wrong = 0
    for start in range(0, len(kept), 500):
        rows = kept[start : start + 500]
        cosines = exact[rows] @ exact[kept].T
        cosines[np.arange(len(rows)), start + np.arange(len(rows))] = 0
        missed += int((cosines >= THRESHOLD).any(axis=1).sum())
    for start in range(0, len(dropped), 500):
        wrong += int(((exact[dropped[start : start + 500]] @ exact[kept].T).max(axis=1) < THRESHOLD).sum())
    return {"kept": len(kept), "kept_beside_a_copy": missed, "dropped_without_a_twin": wrong}


if __name__ == "__main__":
    if sys.argv[1:2] == ["--here"]:
        here(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        main()
