"""Writes a laboratory as plain files, in the forms that real sources have: a pool, prompts, a base, questions, a judge's key.

pool.jsonl        the candidates: chat rows
prompts.jsonl     the held-out prompts
dev.jsonl         others, to choose a checkpoint by
preferences.jsonl pairs of answers to prompts of the pool's kind, the better one first
knowledge.jsonl   what the base should know: starts of sentences and the words that must follow
base/             the pretrained base, a transformers folder
bases/NAME/       bases of other sizes, where they were asked for
world.json        the oracle's key
hidden/           what is true of each row of the pool and of each rejected answer; for measuring curation afterwards, read by no verb
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from thousand.errors import DataError
from thousand.lab.oracle import save_prompts
from thousand.lab.pool import Candidate, Truth, leak, make_pool
from thousand.lab.preferences import make_pairs, write_pairs
from thousand.lab.prompts import FACTS, Prompt, cloze, held_out_facts, make_dev_prompts, make_prompts
from thousand.lab.world import ENTITIES_PER_KIND, World, make_world

if TYPE_CHECKING:
    from thousand.lab.base import Pretraining

Progress = Callable[[str, int, int], None]
Variant = Literal["realistic", "clean", "topics", "leaked"]
SHIPPED_SEED = 7


def build(
    folder: Path,
    *,
    seed: int = SHIPPED_SEED,
    variant: Variant = "realistic",
    size: int = 5000,
    entities: int = ENTITIES_PER_KIND,
    facts_asked: int = FACTS,
    pretrain: bool = False,
    bases: Mapping[str, Pretraining] | None = None,
    progress: Progress | None = None,
) -> None:
    """Write a laboratory to a folder.

    Args:
        seed: of the world. The base of world 7 is shipped; that of any other world is pretrained here, some minutes.
        variant: the pool: ``realistic``; ``clean`` has no bad rows, no skew and no copies; ``topics`` has two files of
            good rows, one about everything and one about a single attribute; ``leaked`` has every held-out prompt, answered
            well, behind the rows of a realistic one.
        size: rows of the pool.
        entities: of each kind in the world; a base is shipped for 24 of each only.
        facts_asked: questions of fact among the held-out prompts.
        pretrain: make the base anew even where one is shipped.
        bases: by name, such as those of `thousand.lab.base.SIZES`: pretrained into ``bases/NAME``, minutes each; one that is there is
            kept. Where they are given and no base is shipped, there is no other.
        progress: called with (base, step, steps) while one is pretrained.

    Raises:
        DataError: the folder holds something else.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / "world.json").exists():
        raise DataError(f"{folder} is not empty and is not a laboratory.", "Choose another folder.")
    world = make_world(seed, entities)
    hidden = folder / "hidden"
    hidden.mkdir(parents=True, exist_ok=True)
    prompts = make_prompts(world, facts_asked=facts_asked)
    for name, (candidates, truths) in _pools(world, variant, size, prompts).items():
        write_pool(folder / f"{name}.jsonl", candidates)
        write_truth(hidden / f"{name}.jsonl", truths)
    pairs, truths = make_pairs(world)
    write_pairs(folder / "preferences.jsonl", pairs)
    write_truth(hidden / "preferences.jsonl", truths)
    dev = make_dev_prompts(world, facts_asked=facts_asked)
    for name, asked in (("prompts", prompts), ("dev", dev)):
        _write(folder / f"{name}.jsonl", ({"id": each.prompt_id, "prompt": each.text} for each in asked))
    _write(folder / "knowledge.jsonl", ({"prompt": start, "response": value} for start, value in map(cloze, held_out_facts(world))))
    world.save(folder / "world.json")  # it marks the folder as a laboratory: what is interrupted from here on can go on
    save_prompts(folder / "world.json", [*prompts, *dev])
    is_shipped = (seed, entities) == (SHIPPED_SEED, ENTITIES_PER_KIND)
    if pretrain or not (is_shipped or bases):
        _pretrain_unless_done(world, "base", folder / "base", None, anew=pretrain, progress=progress)
    elif is_shipped:
        with resources.as_file(resources.files("thousand.lab") / "shipped") as shipped:
            shutil.copytree(shipped, folder / "base", dirs_exist_ok=True)
    for name, settings in (bases or {}).items():
        _pretrain_unless_done(world, name, folder / "bases" / name, settings, progress=progress)


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


def _pools(world: World, variant: Variant, size: int, prompts: Sequence[Prompt]) -> dict[str, tuple[list[Candidate], list[Truth]]]:
    match variant:
        case "realistic":
            return {"pool": make_pool(world, 0, size)}
        case "leaked":
            return {"pool": leak(world, make_pool(world, 0, size), prompts, 0)}
        case "clean":
            return {"pool": make_pool(world, 0, size, mix={"good": 1.0}, skewed=False)}
        case "topics":
            return {
                "everything": make_pool(world, 0, size // 10, mix={"good": 1.0}, skewed=False),
                "one_topic": make_pool(world, 1, size // 10, mix={"good": 1.0}, skewed=False, topics=["town.trade"]),
            }


def _pretrain_unless_done(
    world: World, name: str, folder: Path, settings: Pretraining | None, *, anew: bool = False, progress: Progress | None = None
) -> None:
    """Pretrain a base into a folder, unless the same was made there before: the manifest, written last, says what it is."""
    from thousand.lab.base import Pretraining, pretrain  # torch: only when it is needed

    settings = settings or Pretraining()
    manifest = folder / "pretraining.json"
    if not anew and manifest.exists():
        record = json.loads(manifest.read_text(encoding="utf-8"))
        made = record["world_seed"], record.get("entities", ENTITIES_PER_KIND), record["settings"]
        if made == (world.seed, len(world.entities["town"]), asdict(settings)):
            return
    manifest.unlink(missing_ok=True)
    pretrain(world, folder, settings, progress=(lambda step, steps, _: progress(name, step, steps)) if progress else None)


def _write(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
