"""Every strategy's 1,000 of Alpaca, with real embeddings, compared. Writes benchmarks/strategies_alpaca.json.

    python benchmarks/strategies_alpaca.py alpaca.jsonl.gz labels.jsonl.gz MINILM [--shown prompts.jsonl.gz]

MINILM is the folder of a sentence-transformers model. Chosen from what the general rules keep, with `substance` as quality where one is
asked for. For each: seconds, median words, coverage (mean over all kept rows of the cosine to the nearest pick), the share that ChatGPT
rated 4.5 or more and the share that nobody corrected, both of the labelled picks, and how many picks it shares with every other.
"""

from __future__ import annotations

import argparse
import gzip
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from arms import arms

from thousand import tables
from thousand.curate import curate
from thousand.embedding import Kept, embedder, exact
from thousand.engine import engine
from thousand.gather import gather
from thousand.recipe import Arm, Choice, Curate
from thousand.select import select

HERE = Path(__file__).parent
ARMS = arms("substance") | {"dsir": {"select": "dsir"}}
NOT_HERE = {
    "stratified": "one source",
    "instag": "no tags",
    "ifd, superfiltering, grape, s1, rds, less": "they ask a base, and none of use is at hand",
}


def main() -> None:
    """Choose, compare, write."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("pool", type=Path)
    arguments.add_argument("labels", type=Path)
    arguments.add_argument("model", type=Path)
    arguments.add_argument("--shown", type=Path, help="LIMA's rows, for strategies that aim: conversations, one a line")
    arguments.add_argument("--out", type=Path, help="where to work; what is there already is not done again")
    given = arguments.parse_args()
    work = given.out or Path(tempfile.mkdtemp())
    gather([Choice(name="chat", options={"path": str(given.pool)})], work / "candidates", work / "rejected")
    curate(work / "candidates", work / "curate", Curate(signals=[Choice(name="substance")], contamination=None), by=engine("local"))
    texts, ledger = work / "curate" / "texts", work / "curate" / "ledger.parquet"
    vectors = Kept(embedder(given.model), work / "embeddings", tables.digest(given.model))
    shown: list[Any] = []
    if given.shown:
        gather([Choice(name="chat", options={"path": str(given.shown)})], work / "shown", work / "shown-rejected")
        shown = tables.read(work / "shown", ["messages"])["messages"].to_pylist()[:200]
    with gzip.open(given.labels, "rt", encoding="utf-8") as stream:
        labels = {each["id"]: each for each in map(json.loads, stream)}
    kept = tables.read(ledger, ["kept"])["kept"].to_numpy(zero_copy_only=False)
    prompts = [row[0]["content"] for row in tables.read(texts, ["messages"])["messages"].filter(kept).to_pylist()]
    whole = exact(vectors.encode(prompts))
    found: dict[str, Any] = {}
    picks: dict[str, set[str]] = {}
    for name, settings in ARMS.items():
        if settings["select"] == "dsir" and not shown:
            continue
        started = time.monotonic()
        chosen = select(texts, ledger, Arm.model_validate({"budget": 1000, **settings}), name=name, embedder=vectors, shown=shown)
        seconds = time.monotonic() - started
        rows = [int(origin.rpartition(":")[2]) - 1 for origin in chosen["origin"].to_pylist()]
        about = [labels[row] for row in rows if row in labels]
        said = [messages[-1]["content"] for messages in chosen["messages"].to_pylist()]
        own = exact(vectors.encode([messages[0]["content"] for messages in chosen["messages"].to_pylist()]))
        nearest = np.concatenate([(whole[at : at + 4096] @ own.T).max(axis=1) for at in range(0, len(whole), 4096)])
        found[name] = {
            "seconds": round(seconds, 2),
            "median_words": int(np.median([len(each.split()) for each in said])),
            "coverage": round(float(nearest.mean()), 4),
            "labelled": len(about),
            "rated": round(float(np.mean([each["rating"] is not None for each in about])), 4),
            "sound": round(float(np.mean([not each["is_cleaned_changed"] for each in about])), 4),
        }
        picks[name] = set(chosen["id"].to_pylist())
        print(name, found[name], flush=True)
        tables.write(work / f"{name}.parquet", chosen)
    overlap = {a: {b: len(picks[a] & picks[b]) for b in picks} for a in picks}
    whole_story = {"rows": len(kept), "kept": int(kept.sum()), "not_here": NOT_HERE, "strategies": found, "overlap": overlap}
    (HERE / "strategies_alpaca.json").write_text(json.dumps(whole_story, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
