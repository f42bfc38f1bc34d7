"""A pool of any size out of a real one: copies of its rows, with edits."""

from __future__ import annotations

import gzip
import itertools
import json
import random
from pathlib import Path


def write(source: Path, out: Path, rows: int, files: int = 1) -> list[Path]:
    """So many rows of instruction, input and output: the pool's own, then copies of which two words in ten are others.

    Args:
        source: Alpaca's form, one row a line, packed.
    """
    with gzip.open(source, "rt", encoding="utf-8") as stream:
        whole = [json.loads(line) for line in stream]
    rng = random.Random(0)
    words = sorted({word for row in whole[:5000] for word in row["output"].split() if word.isalpha()})
    paths = [out / f"{part:03}.jsonl" for part in range(files)]
    out.mkdir(parents=True, exist_ok=True)
    streams = [path.open("w", encoding="utf-8") for path in paths]
    for number, row in enumerate(itertools.islice(itertools.cycle(whole), rows)):
        copied = row if number < len(whole) else {key: _edited(row[key], words, rng) for key in ("instruction", "input", "output")}
        streams[number * files // rows].write(json.dumps(copied) + "\n")
    for stream in streams:
        stream.close()
    return paths


def _edited(text: str, words: list[str], rng: random.Random) -> str:
    said = text.split(" ")
    for at in rng.sample(range(len(said)), len(said) // 5):
        said[at] = rng.choice(words)
    return " ".join(said)
