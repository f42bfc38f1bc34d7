"""Writes a laboratory as plain files, in the forms that real sources have: a pool, prompts, a base, questions, a judge's key.

pool.jsonl        the candidates: chat rows
prompts.jsonl     the held-out prompts
dev.jsonl         others, to choose a checkpoint by
knowledge.jsonl   what the base should know: starts of sentences and the words that must follow
base/             the pretrained base, a transformers folder
world.json        the oracle's key
hidden/           what is true of each row of the pool; for measuring curation afterwards, read by no verb
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from thousand.errors import DataError
from thousand.lab.oracle import save_prompts
from thousand.lab.pool import Candidate, Truth, make_pool
from thousand.lab.prompts import cloze, held_out_facts, make_dev_prompts, make_prompts
from thousand.lab.world import World, make_world

Variant = Literal["realistic", "clean", "topics"]
SHIPPED_SEED = 7


def build(
    folder: Path,
    *,
    seed: int = SHIPPED_SEED,
    variant: Variant = "realistic",
    size: int = 5000,
    pretrain: bool = False,
    progress: Callable[[int, int, float], None] | None = None,
) -> None:
    """Write a laboratory to a folder.

    Args:
        seed: of the world. The base of world 7 is shipped; that of any other world is pretrained here, some minutes.
        variant: the pool: ``realistic``; ``clean`` has no bad rows, no skew and no copies; ``topics`` has two files of
            good rows, one about everything and one about a single attribute.
        pretrain: make the base anew even where one is shipped.

    Raises:
        DataError: the folder holds something else.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / "world.json").exists():
        raise DataError(f"{folder} is not empty and is not a laboratory.", "Choose another folder.")
    world = make_world(seed)
    hidden = folder / "hidden"
    hidden.mkdir(parents=True, exist_ok=True)
    for name, (candidates, truths) in _pools(world, variant, size).items():
        write_pool(folder / f"{name}.jsonl", candidates)
        write_truth(hidden / f"{name}.jsonl", truths)
    prompts = make_prompts(world)
    dev = make_dev_prompts(world)
    for name, asked in (("prompts", prompts), ("dev", dev)):
        _write(folder / f"{name}.jsonl", ({"id": each.prompt_id, "prompt": each.text} for each in asked))
    _write(folder / "knowledge.jsonl", ({"prompt": start, "response": value} for start, value in map(cloze, held_out_facts(world))))
    if pretrain or seed != SHIPPED_SEED:
        _pretrain_unless_done(world, folder / "base", pretrain, progress)
    else:
        with resources.as_file(resources.files("thousand.lab") / "shipped") as shipped:
            shutil.copytree(shipped, folder / "base", dirs_exist_ok=True)
    world.save(folder / "world.json")  # last: it marks the folder as a laboratory
    save_prompts(folder / "world.json", [*prompts, *dev])


def write_pool(path: Path, candidates: Sequence[Candidate]) -> None:
    """The public form of a pool: chat rows and nothing else."""
    _write(
        path,
        ({"messages": [{"role": "user", "content": each.prompt}, {"role": "assistant", "content": each.response}]} for each in candidates),
    )


def write_truth(path: Path, truths: Sequence[Truth]) -> None:
    """What is true of each row of a pool, line by line."""
    _write(path, (vars(each) for each in truths))


def read_truth(path: Path) -> list[Truth]:
    """What `write_truth` wrote."""
    return [Truth(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def _pools(world: World, variant: Variant, size: int) -> dict[str, tuple[list[Candidate], list[Truth]]]:
    match variant:
        case "realistic":
            return {"pool": make_pool(world, 0, size)}
        case "clean":
            return {"pool": make_pool(world, 0, size, mix={"good": 1.0}, skewed=False)}
        case "topics":
            return {
                "everything": make_pool(world, 0, size // 10, mix={"good": 1.0}, skewed=False),
                "one_topic": make_pool(world, 1, size // 10, mix={"good": 1.0}, skewed=False, topics=["town.trade"]),
            }


def _pretrain_unless_done(world: World, folder: Path, anew: bool, progress: Callable[[int, int, float], None] | None) -> None:
    from thousand.lab.base import pretrain  # torch: only when it is needed

    manifest = folder / "pretraining.json"
    if not anew and manifest.exists() and json.loads(manifest.read_text(encoding="utf-8"))["world_seed"] == world.seed:
        return
    pretrain(world, folder, progress=progress)


def _write(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
