"""The same asked of several bases: a run of each, and one page that compares them."""

from __future__ import annotations

from pathlib import Path

from thousand import manifest, tables
from thousand.recipe import Recipe, dump
from thousand.report import Across, across, publish_across
from thousand.run.directory import Directory
from thousand.run.run import checked, run, run_shard, writing
from thousand.run.shards import Shard, Sharded
from thousand.run.stages import Listener


def runs_of(recipe: Recipe, out: Path) -> dict[str, tuple[Recipe, Path]]:
    """The runs that a recipe asks for: name to recipe and directory; of one base a single one, without a name."""
    return {name: (recipe.on(name), out / name) for name in recipe.bases} or {"": (recipe, out)}


def study(recipe: Recipe, out: Path, listener: Listener | None = None, shared: Path | None = None) -> Across:
    """Run a recipe on each of its bases, each in a directory of its name, and compare the runs.

    Args:
        out: the study's directory. The other arguments, and what is raised, are as of `thousand.run.run`.

    Returns:
        The runs by the name of their base; the same is in ``across.json``, and on the page ``report.html``.
    """
    for name in recipe.bases:
        checked(recipe.on(name))
    with writing(out), manifest.locked(out):
        manifest.write_text(out / "recipe.yaml", dump(recipe))
        runs = {name: run(recipe.on(name), out / name, listener, shared) for name in recipe.bases}
        found = across(runs, {name: tables.read(Directory(out / name).verdicts) for name in runs})
        publish_across(found, out)
        manifest.write_text(out / "across.json", found.model_dump_json(indent=1) + "\n")
        return found


def study_shard(recipe: Recipe, out: Path, shard: Shard, listener: Listener | None = None, shared: Path | None = None) -> Sharded:
    """A shard's part of the run on each base."""
    for name in recipe.bases:
        checked(recipe.on(name))
    done: list[str] = []
    failed: list[str] = []
    remaining: list[str] = []
    for name in recipe.bases:
        each = run_shard(recipe.on(name), out / name, shard, listener, shared)
        done += [f"{name}: {unit}" for unit in each.done]
        failed += [f"{name}: {unit}" for unit in each.failed]
        remaining += [f"{name}: {unit}" for unit in each.remaining]
    return Sharded(str(shard), done, failed, remaining)
