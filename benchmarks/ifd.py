"""Instruction-following difficulty in batches by length, beside a loop over single rows. Writes benchmarks/ifd.json.

    python benchmarks/ifd.py POOL.jsonl.gz MODEL --rows 2000

POOL holds Alpaca's rows (instruction, input, output); MODEL is a folder. The loop does what the scripts of Cherry and
Superfiltering do (Li et al. 2023, 2024): for each row the whole is cut into tokens, what is before the answer once more to see
where the answer begins, then one pass over the whole and one over the answer. Same rows, same tokens, same threads; a fresh
process each time, the two in turn, medians of the repeats; loading the model is not counted.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import torch

from thousand.curate.signals.ifd import ifd
from thousand.curate.texts import Texts
from thousand.model import Model, load
from thousand.model.likelihood import FORM

HERE = Path(__file__).parent


def main() -> None:
    """Time both and write the figures."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("pool", type=Path)
    arguments.add_argument("model", type=Path)
    arguments.add_argument("--rows", type=int, default=2000)
    arguments.add_argument("--repeats", type=int, default=3)
    arguments.add_argument("--out", type=Path, default=HERE / "ifd.json")
    arguments.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.side:
        print(json.dumps(SIDES[given.side](load(given.model), rows(given.pool, given.rows))))
        return
    runs: dict[str, list[dict[str, Any]]] = {side: [] for side in SIDES}
    with tempfile.TemporaryFile("w+") as errors:
        for _, side in itertools.product(range(given.repeats), SIDES):
            command = [sys.executable, __file__, given.pool, given.model, "--rows", str(given.rows), "--side", side]
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=errors, text=True, check=False)
            if done.returncode:
                errors.seek(0)
                sys.exit(errors.read())
            runs[side].append(json.loads(done.stdout))
    values = {side: np.array(each[0]["values"], dtype=np.float64) for side, each in runs.items()}
    measured = ~np.isnan(values["ours"])
    figures: dict[str, Any] = {
        "rows": given.rows,
        "model": given.model.name,
        "device": "cuda" if torch.cuda.is_available() else "cpu",
        "cores": len(os.sched_getaffinity(0)),
        "threads": torch.get_num_threads(),
        "repeats": given.repeats,
    }
    for side, each in runs.items():
        seconds = statistics.median(run["seconds"] for run in each)
        figures[side] = {
            "seconds": round(seconds, 2),
            "rows_per_second": round(given.rows / seconds, 1),
            "peak_mb": max(run["peak_mb"] for run in each),
        }
    figures |= {
        "ratio": round(figures["loop"]["seconds"] / figures["ours"]["seconds"], 2),
        "largest_difference": float(np.abs(values["ours"] - values["loop"])[measured].max()),
        "measured": int(measured.sum()),
        "null": runs["ours"][0]["why"],
    }
    given.out.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(figures, indent=1))


def ours(model: Model, pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """The signal."""
    prompts, responses = map(list, zip(*pairs, strict=True))
    started = time.perf_counter()
    found = ifd(Texts(prompts, responses, np.full(len(pairs), np.nan)), model)
    return timed(started, found.values.tolist()) | {"why": dict(Counter(reason for reason in found.reasons if reason))}


def loop(model: Model, pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """One row after the other. A row that does not fit, or has no answer, is passed over."""
    tokenizer, start = model.tokenizer, model.tokenizer.bos_token_id
    values = []
    started = time.perf_counter()
    for prompt, response in pairs:
        asked = tokenizer.bos_token + FORM.replace("{prompt}", prompt)
        whole = tokenizer(f"{asked} {response}", add_special_tokens=False)["input_ids"]
        before = len(tokenizer(asked, add_special_tokens=False)["input_ids"])
        if not response.strip() or len(whole) > model.context:
            values.append(float("nan"))
            continue
        values.append(loss(model, whole, before) / loss(model, [start, *whole[before:]], 1))
    return timed(started, values)


def loss(model: Model, tokens: list[int], before: int) -> float:
    """The mean loss of the tokens after the first few."""
    ids = torch.tensor([tokens], device=model.device)
    labels = ids.clone()
    labels[0, :before] = -100
    with torch.no_grad():
        return float(model.network(input_ids=ids, labels=labels).loss)


def timed(started: float, values: list[float]) -> dict[str, Any]:
    """What a side says."""
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "values": values, "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3)}


def rows(pool: Path, count: int) -> list[tuple[str, str]]:
    """The first rows of the pool, as prompt and response."""
    with gzip.open(pool, "rt", encoding="utf-8") as stream:
        records = [json.loads(line) for line in itertools.islice(stream, count)]
    return [("\n\n".join(filter(str.strip, (each["instruction"], each["input"]))), each["output"]) for each in records]


SIDES = {"ours": ours, "loop": loop}


if __name__ == "__main__":
    main()
