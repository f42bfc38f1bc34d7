"""Every strategy in the laboratory, where the truth is known. Writes benchmarks/strategies_lab.json.

    python benchmarks/strategies_lab.py [--seeds 2] [--out FOLDER]

Each strategy chooses 100 of what curation kept, and random and longest of the raw pool, too. Precision is the share of truly good rows
among the picks. A model is aligned on each choice and its answers are rated by the oracle; net wins are against `random`, the arm of the
raw pool. Strategies that aim are shown ten good examples of another draw of the pool. The quality is `asked` where one is asked for.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml
from arms import arms

from thousand import tables
from thousand.lab.build import build, read_truth
from thousand.lab.pool import make_pool
from thousand.lab.world import make_world

HERE = Path(__file__).parent
RECIPE = HERE.parent / "recipes" / "lab.yaml"
ARMS = arms("asked") | {
    "facility_location, gated": {"select": "facility_location", "gate": 0.3, "quality": "asked"},
    "ifd": {"select": "ifd"},
    "superfiltering": {"select": "superfiltering"},
    "grape": {"select": "grape"},
    "s1": {"select": "s1", "quality": "asked"},
    "dsir": {"select": "dsir", "like": "shown.jsonl"},
    "rds": {"select": "rds", "like": "shown.jsonl"},
    "less": {"select": "less", "like": "shown.jsonl", "options": {"rank": 8}},
}
NOT_HERE = {"stratified": "the pool has one source", "instag": "the pool has no tags", "all": "it does not choose"}


def main() -> None:
    """Run all arms and write the table."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--seeds", type=int, default=2)
    arguments.add_argument("--out", type=Path, help="where to work, to go on from there if it is stopped")
    given = arguments.parse_args()
    work = given.out or Path(tempfile.mkdtemp())
    work.mkdir(parents=True, exist_ok=True)
    if not (work / "lab").exists():
        build(work / "lab")
    pool, truth = make_pool(make_world(7), 99)
    shown = [each for each, about in zip(pool, truth, strict=True) if about.good][:10]
    rows = [json.dumps({"prompt": each.prompt, "response": each.response}) for each in shown]
    (work / "shown.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    recipe = yaml.safe_load(RECIPE.read_text(encoding="utf-8"))
    names = {name: name.replace(", ", "-").replace(" (", "-").replace(" ", "-").replace(")", "") for name in ARMS}
    recipe["curate"]["signals"] = ["asked", "ifd", "likelihood"]
    recipe["arms"] = {names[name]: {"budget": 100, **arm} for name, arm in ARMS.items()} | {"none": {}}
    recipe["seeds"] = given.seeds
    (work / "recipe.yaml").write_text(yaml.safe_dump(recipe, sort_keys=False), encoding="utf-8")
    command = [sys.executable, "-m", "thousand.cli", "run", "recipe.yaml", "--out", "run", "--json"]
    done = subprocess.run(command, cwd=work, stdout=subprocess.PIPE, check=True, text=True)
    summary = json.loads(done.stdout)
    hidden = read_truth(work / "lab" / "hidden" / "pool.jsonl")
    found = []
    for name in ARMS:
        arm = next(each for each in summary["arms"] if each["name"] == names[name])
        against = [each for each in summary["comparisons"] if each["b"] == names[name]] if name != "random (raw pool)" else []
        net = {each["criterion"]: [-each["net"], *sorted(-end for end in each["interval"] or ())] for each in against}
        folder = work / "run" / "arms" / names[name]
        origins = tables.read(next(iter(sorted(folder.rglob("selection.parquet")))), ["origin"])["origin"].to_pylist()
        good = sum(hidden[int(origin.rpartition(":")[2]) - 1].good for origin in origins)
        seconds = json.loads((folder / "selection.parquet.manifest.json").read_text(encoding="utf-8"))["seconds"]
        found.append(
            {"strategy": name, "good_of_100": good, "rating": arm["mean_rating"], "correct": arm["correct"], "net": net, "seconds": seconds}
        )
        print(found[-1], flush=True)
    (HERE / "strategies_lab.json").write_text(
        json.dumps({"seeds": given.seeds, "not_here": NOT_HERE, "strategies": found}, indent=1) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
