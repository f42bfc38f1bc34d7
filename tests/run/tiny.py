"""A run of seconds for how runs go: a few rows, two steps of training, four tokens of an answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from tests.small import SHIPPED, laboratory
from thousand import tables
from thousand.recipe import Recipe, load

ARMS: dict[str, Any] = {
    "few": {"select": "random", "budget": [6, 4], "source": "kept"},
    "long": {"select": "longest", "budget": 4},
    "guard": {"guard": "long", "seeds": 1},
    "none": {"seeds": 1},
}


def recipe(folder: Path, **changes: Any) -> Recipe:
    """The recipe, with changes, over a laboratory in the folder."""
    lab = folder / "lab"
    if not lab.exists():
        laboratory(lab, rows=60, prompts=3)
    plain = {
        "base": str(SHIPPED),
        "pool": [{"chat": str(lab / "pool.jsonl")}],
        "prompts": {"test": str(lab / "prompts.jsonl")},
        "curate": {"preset": "none"},
        "arms": ARMS,
        "align": {"steps": 2, "batch": 2, "learning_rate": 3e-4, "final_learning_rate": 3e-5, "checkpoints": False},
        "answer": {"max_tokens": 4, "repetition_penalty": 1.0},
        "judge": ["longest"],
        "engine": "here",
        "seeds": 2,
    }
    path = folder / "recipe.yaml"
    path.write_text(yaml.safe_dump(plain | changes, sort_keys=False), encoding="utf-8")
    return load(path)


def contents(out: Path) -> dict[str, str]:
    """What stands in every table of a run."""
    found = (path for path in out.rglob("*.parquet") if "figures" not in path.parts)
    return {str(path.relative_to(out)): tables.digest(path) for path in sorted(found)}


class Heard:
    """A listener that remembers: what was made now, what was found, what failed, and what else was said."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.found: list[str] = []
        self.fallen: list[str] = []
        self.said: list[str] = []
        self.expected = 0

    def stage(self, name: str, *, total: float | None = None) -> None: ...

    def advance(self, done: float) -> None: ...

    def finished(self, name: str, seconds: float, *, fresh: bool) -> None:
        (self.made if fresh else self.found).append(name)

    def failed(self, name: str, why: str) -> None:
        self.fallen.append(f"{name}: {why}")

    def note(self, text: str) -> None:
        self.said.append(text)

    def expect(self, stages: int) -> None:
        self.expected = stages
