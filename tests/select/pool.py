"""A pool of sixty candidates with all that the ledger says of them, for tests of the verb."""

from __future__ import annotations

import inspect
import random
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from thousand import registry, tables
from thousand.conversation import content_id
from thousand.embedding import unit
from thousand.recipe import Arm
from thousand.select.select import STRATEGIES

TOPICS = ["bread oven flour yeast crust dough", "river boat water fish bridge bank", "engine wheel road petrol brake gear"]
SIGNALS = ("asked", "words", "tokens", "refusal", "ifd", "likelihood")
_ELSEWHERE = ("base", "wanted", "target", "states")
"""What a strategy asks for that takes a base model or examples: parameters that begin so."""


def row(i: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """A candidate and its row of the ledger: every fourth dropped, every tenth contaminated, every seventh without ``asked``."""
    rng, other = random.Random(i), random.Random(1000 + i)
    prompt = " ".join(rng.choices(TOPICS[i % 3].split(), k=5)) + f" number{i}"
    messages = [{"role": "user", "content": prompt}, {"role": "assistant", "content": "word " * rng.randint(1, 50) + str(i)}]
    candidate = {
        "id": f"id{i:03}",
        "content": content_id(messages),
        "messages": messages,
        "source": "chat:a.jsonl" if i % 2 else "stackexchange:coffee",
        "origin": f"p:{i}",
        "licence": [None, "CC0", "CC0", "MIT", "MIT"][i % 5],
        "author": f"by {i}",
        "tags": [TOPICS[i % 3].split()[0]] + (["even"] if i % 2 == 0 else []) if i % 6 else None,
        "group": f"g{i // 2}",
    }
    why = (["words"] if i % 4 == 0 else []) + (["contamination"] if i % 10 == 3 else [])
    signals = {"asked": None if i % 7 == 5 else rng.random(), "words": float(rng.randint(1, 9)), "tokens": float(10 + i)}
    signals |= {"refusal": float(i % 8 == 1), "ifd": other.random(), "likelihood": -other.random()}
    return candidate, {"id": candidate["id"], "content": candidate["content"], "kept": not why, "reasons": why} | signals


ROWS = [row(i) for i in range(60)]
KNOWN = {candidate["id"]: candidate for candidate, _ in ROWS}
SAID = {candidate["id"]: said for candidate, said in ROWS}
KEPT = {each for each, said in SAID.items() if said["kept"]}
CLEAN = {each for each, said in SAID.items() if "contamination" not in said["reasons"]}


def write(folder: Path, rows: Any) -> tuple[Path, Path]:
    """The candidates and the ledger, as files."""
    candidates = [dict.fromkeys(tables.CANDIDATES.names) | candidate for candidate, _ in rows]
    ledger = [dict.fromkeys(tables.LEDGER.names) | said for _, said in rows]
    tables.write_parts(folder / "candidates", [pa.Table.from_pylist(candidates, tables.CANDIDATES)], tables.CANDIDATES)
    schema = pa.schema([*tables.LEDGER, *((name, pa.float64()) for name in SIGNALS)])
    tables.write(folder / "ledger.parquet", pa.Table.from_pylist(ledger, schema), tables.LEDGER)
    return folder / "candidates", folder / "ledger.parquet"


def parameters(strategy: str) -> list[str]:
    """What a strategy asks for."""
    function = registry.find(STRATEGIES, strategy, "")
    return [name for name, each in inspect.signature(function).parameters.items() if each.kind is each.POSITIONAL_OR_KEYWORD]


EVERY = [name for name in registry.names(STRATEGIES) if not any(each.startswith(_ELSEWHERE) for each in parameters(name))]
"""The strategies that need no base model and no examples."""


def arm(strategy: str, budget: int | None = 10, **more: Any) -> Arm:
    """An arm of the strategy, with a quality where it needs one and a budget unless it takes everything or tokens."""
    quality = {"quality": ["asked"]} if "quality" in parameters(strategy) else {}
    rows = None if strategy == "all" or "tokens" in more else budget
    return Arm.model_validate({"select": strategy, "budget": rows} | quality | more)


def ids(table: pa.Table) -> list[str]:
    """The picks, in their order."""
    found: list[str] = table["id"].to_pylist()
    return found


class Apart:
    """A direction for each text, no two alike."""

    def encode(self, texts: list[str]) -> Any:
        """(n, 8)."""
        return unit(np.array([np.random.default_rng(list(text.encode())).normal(size=8) for text in texts]))


class Eastwards:
    """Vectors by topic: three directions, told apart by the first word."""

    def encode(self, texts: list[str]) -> Any:
        """(n, 3)."""
        return np.array([np.eye(3)[[text.split()[0] in topic for topic in TOPICS].index(True)] for text in texts], dtype=np.float32)
