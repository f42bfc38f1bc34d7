"""How well signals and rules find the rows that others found good, on Alpaca with published labels. Writes benchmarks/quality.json.

    python benchmarks/quality.py alpaca.jsonl.gz labels.jsonl.gz [--base FOLDER]

Two labels, each known for the same rows: "rated" (ChatGPT gave 4.5 of 5 or more, as AlpaGasus published) and "sound" (the people who
cleaned Alpaca left the row as it was). Ranked are the signals one by one, length, chance, the rules alone, and the ranking of an arm
`{select: top, quality: substance}`: what the rules keep first, then by substance. The area under the curve is the chance that a row
with the label stands above one without, ties counting half; precision is among the first thousand labelled rows.
"""

from __future__ import annotations

import argparse
import gzip
import json
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from thousand import tables
from thousand.curate import curate
from thousand.engine import engine
from thousand.gather import gather
from thousand.recipe import Choice, Curate

HERE = Path(__file__).parent
SIGNALS = ["acknowledged", "characters", "lexical_diversity", "placeholders", "private", "substance"]
OF_A_BASE = ["ifd", "likelihood"]
ASKED = 6000
"""Labelled rows that a base is asked about: it reads some hundreds of words a second here."""
FIRST = 1000


def main() -> None:
    """Measure and write the figures."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("pool", type=Path)
    arguments.add_argument("labels", type=Path)
    arguments.add_argument("--base", type=Path, help="a base model, for the signals that ask one")
    given = arguments.parse_args()
    labels = read(given.labels)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        gather([Choice(name="chat", options={"path": str(given.pool)})], work / "candidates", work / "rejected")
        settings = Curate(signals=[Choice(name=each) for each in SIGNALS], contamination=None)
        curate(work / "candidates", work / "curate", settings, by=engine("local"))
        origins = tables.read(work / "candidates", ["origin"])["origin"].to_pylist()
        ledger = tables.read(work / "curate" / "ledger.parquet")
        of_a_base = asked(given.pool, work / "asked", given.base, labels) if given.base else {}
    row = np.array([int(origin.rpartition(":")[2]) - 1 for origin in origins])  # a line of the pool
    known = np.array([at in labels for at in row])
    truth = truths([labels[at] for at in row[known]])
    ledger = ledger.filter(known)
    kept = ledger["kept"].to_numpy(zero_copy_only=False).astype(float)
    measured = [name for name in ledger.column_names if name not in tables.LEDGER.names]
    rankings = {name: ledger[name].to_numpy(zero_copy_only=False).astype(float) for name in measured}
    rankings = {name: values for name, values in rankings.items() if np.nanmin(values) < np.nanmax(values)}
    rankings |= {
        "chance": np.random.default_rng(0).random(len(kept)),
        "rules alone": kept,
        "rules, then substance": kept * 1e6 + rankings["substance"],
        "rules, then words": kept * 1e6 + rankings["words"],
    }
    found = {
        "rows": len(origins),
        "labelled": int(known.sum()),
        "kept by the rules": int(kept.sum()),
        **{label: {"share": round(float(values.mean()), 4), **scores(rankings, values)} for label, values in truth.items()},
    }
    if of_a_base:
        found["of a base"] = of_a_base
    (HERE / "quality.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    for name in rankings:
        print(f"{name:24}", *(f"{label} {found[label][name]['auc']:.3f} {found[label][name]['precision']:.3f}  " for label in truth))


def asked(pool: Path, work: Path, base: Path, labels: dict[int, dict[str, object]]) -> dict[str, object]:
    """The signals that ask a base, on some of the labelled rows, with length and chance on the same."""
    work.mkdir()
    some = sorted(np.random.default_rng(0).permutation(sorted(labels))[:ASKED].tolist())
    with gzip.open(pool, "rt", encoding="utf-8") as stream:
        rows = stream.readlines()
    (work / "some.jsonl").write_text("".join(rows[at] for at in some), encoding="utf-8")
    gather([Choice(name="chat", options={"path": str(work / "some.jsonl")})], work / "candidates", work / "rejected")
    settings = Curate(preset="none", signals=[Choice(name=each) for each in [*OF_A_BASE, "words"]], duplicates=[], contamination=None)
    curate(work / "candidates", work / "curate", settings, base=base)
    ledger = tables.read(work / "curate" / "ledger.parquet")
    origins = tables.read(work / "candidates", ["origin"])["origin"].to_pylist()
    truth = truths([labels[some[int(origin.rpartition(":")[2]) - 1]] for origin in origins])
    rankings = {name: ledger[name].to_numpy(zero_copy_only=False).astype(float) for name in [*OF_A_BASE, "words"]}
    return {"base": base.name, "rows": len(origins)} | {
        label: {name: {"auc": auc(values, known)} for name, values in rankings.items()} for label, known in truth.items()
    }


def truths(labels: list[dict[str, object]]) -> dict[str, NDArray[np.bool_]]:
    """Both labels of rows."""
    return {
        "rated": np.array([each["rating"] is not None for each in labels]),
        "sound": np.array([not each["is_cleaned_changed"] for each in labels]),
    }


def read(path: Path) -> dict[int, dict[str, object]]:
    """The labels by the row's number in the pool."""
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        return {each["id"]: each for each in map(json.loads, stream)}


def scores(rankings: dict[str, NDArray[np.float64]], label: NDArray[np.bool_]) -> dict[str, dict[str, float]]:
    """For each ranking its area under the curve and its precision; a missing value ranks last, and ties are broken by chance."""
    return {name: {"auc": auc(values, label), "precision": precision(values, label)} for name, values in rankings.items()}


def auc(values: NDArray[np.float64], label: NDArray[np.bool_]) -> float:
    """The chance that a row with the label stands above one without (Mann and Whitney 1947)."""
    ranks = rankdata(np.nan_to_num(values, nan=-np.inf))
    positive = int(label.sum())
    above = ranks[label].sum() - positive * (positive + 1) / 2
    return round(float(above / (positive * (len(label) - positive))), 4)


def precision(values: NDArray[np.float64], label: NDArray[np.bool_]) -> float:
    """Share with the label among the first thousand."""
    chance = np.random.default_rng(0).permutation(len(values))
    order = np.lexsort((chance, -np.nan_to_num(values, nan=-np.inf)))
    return round(float(label[order[:FIRST]].mean()), 4)


if __name__ == "__main__":
    main()
