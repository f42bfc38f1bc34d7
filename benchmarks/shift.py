"""Superficial alignment, measured in the laboratory: token-distribution shift by what a token is for.

A hundred good rows of the laboratory's pool, its base, 60 steps; the 120 held-out prompts, answered greedily.
    OMP_NUM_THREADS=1 python benchmarks/shift.py [FOLDER] > benchmarks/shift.json     (half a minute; FOLDER keeps the model)
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pyarrow as pa

import thousand.lab
from thousand import tables
from thousand.align import align
from thousand.answer.shift import shift
from thousand.lab.pool import make_pool
from thousand.lab.prompts import Prompt, make_prompts
from thousand.lab.world import make_world
from thousand.model import load
from thousand.recipe import Align, Answer
from thousand.report.shift import measured

BASE = Path(thousand.lab.__file__).parent / "shipped"
KINDS = ("unshifted", "marginal", "shifted")


def main(folder: Path) -> None:
    world = make_world(7)
    if not (folder / "config.json").is_file():
        pool, truth = make_pool(world, 0)
        good = [row for row, known in zip(pool, truth, strict=True) if known.good and known.copy_of is None][:100]
        turns = [[{"role": "user", "content": each.prompt}, {"role": "assistant", "content": each.response}] for each in good]
        settings = Align(learning_rate=3e-4, final_learning_rate=3e-5, micro_batch=16, residual_dropout=0.0, checkpoints=False, steps=60)
        align(pa.table({"messages": pa.array(turns, tables.MESSAGES)}), BASE, folder, settings)
    asked = make_prompts(world)
    messages = [[{"role": "user", "content": each.text}] for each in asked]
    columns: dict[str, Any] = {"prompt_id": [each.prompt_id for each in asked], "messages": messages}
    prompts = pa.Table.from_pydict(columns | {name: [None] * len(asked) for name in ("reference", "checks", "tags")}, schema=tables.PROMPTS)
    ours, theirs = load(folder), load(BASE)
    results: dict[str, Any] = {}
    for context in ("plain", "aligned"):
        started = time.monotonic()
        table = shift(ours, theirs, prompts, Answer(max_tokens=64, batch=120), context=context)  # type: ignore[arg-type]
        took = round(time.monotonic() - started, 1)
        results[context] = {"seconds": took, "by_role": _by_role(table, {each.prompt_id: each for each in asked})} | _summed_up(table)
    print(json.dumps(results, indent=1))


def _summed_up(table: pa.Table) -> dict[str, Any]:
    """As a run's summary says it."""
    found = measured(table)
    assert found is not None
    record: dict[str, Any] = json.loads(found.model_dump_json(), parse_float=lambda figure: round(float(figure), 4))
    return record | {"most_shifted": record["most_shifted"][:12]}


def _by_role(table: pa.Table, prompts: dict[str, Prompt]) -> dict[str, Any]:
    by_role: defaultdict[str, Counter[str]] = defaultdict(Counter)
    divergence: defaultdict[str, list[float]] = defaultdict(list)
    answers: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in table.to_pylist():
        answers[row["prompt_id"]].append(row)
    for name, rows in answers.items():
        for role, row in zip(_roles(rows, prompts[name]), rows, strict=True):
            by_role[role][row["kind"] or "unmatched"] += 1
            if row["kl"] is not None:
                divergence[role].append(row["kl"])
    told = {}
    total: Counter[str] = Counter()
    for role, counts in by_role.items():
        total += counts
        told[role] = _shares(counts, divergence[role])
    return {"all": _shares(total, [kl for each in divergence.values() for kl in each]), **told}


def _shares(counts: Counter[str], divergence: list[float]) -> dict[str, Any]:
    n = sum(counts[kind] for kind in KINDS)
    shares = {kind: round(counts[kind] / n, 3) for kind in KINDS} if n else {}
    return {"tokens": n, **shares, "kl": round(sum(divergence) / len(divergence), 3) if divergence else None} | {
        kind: count for kind, count in counts.items() if kind not in KINDS
    }


def _roles(rows: list[dict[str, Any]], prompt: Prompt) -> list[str]:
    """What each token of an answer is for: the value asked for, the first token, the last sentence, or the rest."""
    text, spans = "", []
    for row in rows:
        spans.append((len(text), len(text) + len(row["token"] or "")))
        text += row["token"] or ""
    value = text.lower().find(prompt.fact.value.lower()) if prompt.fact else -1
    end = value + len(prompt.fact.value) if prompt.fact else -1
    closing = text.rstrip(" .!?").rfind(". ") + 1
    roles = []
    for row, (start, stop) in zip(rows, spans, strict=True):
        inside = value >= 0 and start < end and stop > value
        role = "end" if row["kind"] == "end" else "value" if inside else "opening" if row["position"] == 1 else "rest"
        roles.append("closing" if role == "rest" and closing > 0 and start >= closing else role)
    return roles


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as made:
            main(Path(made) / "model")
