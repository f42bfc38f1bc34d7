"""The pool's part of a run: gather and curate, and the account of it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from thousand import manifest, tables
from thousand.curate import Curated, curate
from thousand.engine import engine
from thousand.errors import DataError, ThousandError
from thousand.gather import fingerprint, gather
from thousand.manifest import Manifest
from thousand.recipe import Recipe
from thousand.run.directory import Directory
from thousand.run.stages import Stages


@dataclass(frozen=True)
class Pool:
    """What a recipe's pool came to.

    Attributes:
        read: rows read = ``kept`` + ``dropped`` + ``rejected``: nothing is lost.
        by_source: rows read, candidates and rejections of each source; ``forms`` that were recognised.
        reasons: candidates with each reason to drop them; one may have several.
        unmeasured: candidates without a value, by signal.
        chosen: by arm the table of its examples, where they are chosen already.
    """

    read: int
    kept: int
    dropped: int
    rejected: int
    by_source: Mapping[str, Any]
    forms: Mapping[str, Any]
    reasons: Mapping[str, int]
    unmeasured: Mapping[str, int]
    seconds: Mapping[str, float]
    ledger: Path
    chosen: Mapping[str, Path] = field(default_factory=dict)

    def sentence(self) -> str:
        """The account in words."""
        reasons = ", ".join(f"{name} {rows:,}" for name, rows in sorted(self.reasons.items(), key=lambda each: -each[1]))
        chosen = "".join(f"\n{name}: {tables.count(path):,} examples in {path}." for name, path in self.chosen.items())
        return (
            f"{self.read:,} rows read = {self.kept:,} kept + {self.dropped:,} dropped + {self.rejected:,} rejected.\n"
            f"Reasons to drop: {reasons or 'none'}.\nThe ledger is {self.ledger}.{chosen}"
        )


def gather_pool(recipe: Recipe, directory: Directory, stages: Stages) -> Mapping[str, Any]:
    """Every source into one table of candidates; the facts of `thousand.gather.Gathered`."""

    beside = directory.rejected.with_name(f"{directory.rejected.name}.partial")

    def put() -> None:
        manifest.remove(directory.rejected)
        os.replace(beside, directory.rejected)

    def make(partial: Path) -> Mapping[str, Any]:
        if not beside.exists():  # what an attempt left whose rejections are gone is no beginning
            manifest.remove(partial)
        try:
            found = gather(recipe.pool, partial, beside, progress=stages.listener.advance, by=engine(recipe.engine))
        except DataError:
            if beside.exists():  # none of the rows could be read: there stands why
                put()
            raise
        put()
        return asdict(found) | {"rejections": tables.digest(directory.rejected)}

    inputs = fingerprint(recipe.pool)  # reads every file: once is enough
    if gathered(recipe, directory, inputs) is None:
        manifest.manifest_path(directory.candidates).unlink(missing_ok=True)
    return stages.once(directory.candidates, "gather", "gather", inputs, _sources(recipe), make, alone=True).facts


def gathered(recipe: Recipe, directory: Directory, inputs: Mapping[str, str]) -> Manifest | None:
    """The manifest of the recipe's candidates, if they are there and the rejections, which have none of their own, are theirs.

    Args:
        inputs: the pool's `fingerprint`.
    """
    made = manifest.done(directory.candidates, "gather", inputs, _sources(recipe))
    if made is None or not directory.rejected.exists() or made.facts.get("rejections") != tables.digest(directory.rejected):
        return None
    return made


def _sources(recipe: Recipe) -> list[Any]:
    return [choice.model_dump(mode="json") for choice in recipe.pool]


def curate_pool(recipe: Recipe, directory: Directory, stages: Stages, prompts: Sequence[str], key: str) -> Curated:
    """The candidates' ledger.

    Args:
        prompts: held out; a candidate that holds one is contaminated.
        key: the name of this work, to be told by it later whether the ledger that is there is the recipe's.
    """
    listener, total = stages.listener, tables.count(directory.candidates)
    current = ""

    def show(name: str, rows: int) -> None:
        nonlocal current
        if name != current:
            current = name
            listener.stage(f"curate: {name}", total=total)
        listener.advance(rows)

    directory.curated.unlink(missing_ok=True)
    listener.stage("curate", total=total)
    curated = curate(
        directory.candidates,
        directory.ledger.parent,
        recipe.curate,
        base=recipe.base,
        prompts=prompts,
        progress=show,
        by=engine(recipe.engine),
    )
    manifest.write_text(directory.curated, key)
    seconds = sum(curated.seconds.values())
    stages.seconds["curate"] += seconds
    listener.finished("curate", seconds, fresh=bool(current))
    return curated


def account(read: Mapping[str, Any], curated: Curated, stages: Stages) -> Pool:
    """What came of it all.

    Raises:
        ThousandError: a row was lost on the way.
    """
    pool = Pool(
        read=read["read"],
        kept=curated.kept,
        dropped=curated.candidates - curated.kept,
        rejected=read["rejected"],
        by_source=read["by_source"],
        forms=read["forms"],
        reasons=curated.dropped,
        unmeasured=curated.null,
        seconds=dict(curated.seconds) | {"gather": stages.seconds["gather"]},
        ledger=curated.ledger,
    )
    if pool.read != pool.kept + pool.dropped + pool.rejected:
        raise ThousandError(f"The books do not balance: {pool}.", "This is a fault in Thousand: please report it.")
    return pool
