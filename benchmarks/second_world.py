"""The demo's recipe in another world: names, facts, acts, base and pool made from another seed. Writes benchmarks/second_world.json."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from controls import HERE, figures

from thousand import tables
from thousand.lab.build import build, read_truth
from thousand.recipe import load
from thousand.run import run

SEED = 8


def main(lab: Path) -> None:
    """Build the world (its base is pretrained here, minutes) and ask LIMA's question in it."""
    build(lab, seed=SEED)
    text = (HERE.parent / "recipes" / "lab.yaml").read_text(encoding="utf-8")
    own = lab / "recipe.yaml"
    own.write_text(text.replace(" lab/", f" {lab}/"), encoding="utf-8")
    out = lab / "run"
    summary = run(load(own), out)
    truth = read_truth(lab / "hidden" / "pool.jsonl")
    picks = tables.read(out / "arms" / "curated-100" / "selection.parquet")["origin"].to_pylist()
    good = sum(truth[int(origin.rpartition(":")[2]) - 1].good for origin in picks)
    pretraining = json.loads((lab / "base" / "pretraining.json").read_text(encoding="utf-8"))
    record = {"world": SEED, "good_of_100": good, "pretraining_seconds": pretraining["seconds"], **figures(summary)}
    (HERE / "second_world.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(summary.verdict.sentence, good, "of 100 good")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            main(Path(folder) / "lab")
