"""The verb: from candidates to a ledger that says, for every one of them, what it measured and why it was dropped."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from thousand import engine, manifest, tables
from thousand.curate import duplicates, private
from thousand.curate.clean import Cleaner
from thousand.curate.hits import hits
from thousand.curate.measure import Given, Progress, bound, measure, needs
from thousand.curate.presets import rules
from thousand.curate.rules import BEST_ANSWER, broken, second_best
from thousand.engine import HERE, Engine
from thousand.errors import DataError, RecipeError
from thousand.recipe import Band, Choice, Curate

CONTAMINATED, RESEMBLES = "contamination", "resembles_prompt"


@dataclass(frozen=True)
class Curated:
    """What curation did.

    Attributes:
        ledger: path of the ledger, one row per candidate in the candidates' order.
        texts: the candidates as they were measured: cleaned, with what they were before.
        hits: path of the table of candidates that come too near to held-out prompts; see `thousand.curate.hits`.
        candidates, kept: rows in, rows kept.
        dropped: rows with each reason; a row may have several, so these add up to more than the rows dropped.
        null: for each signal, the rows for which it could not be computed.
        seconds: by signal, of the work when it was done.
    """

    ledger: Path
    texts: Path
    hits: Path
    candidates: int
    kept: int
    dropped: Mapping[str, int]
    null: Mapping[str, int]
    seconds: Mapping[str, float]


def curate(
    candidates: Path,
    out: Path,
    settings: Curate,
    *,
    base: str | Path | None = None,
    prompts: Sequence[str] = (),
    progress: Progress | None = None,
    by: Engine = HERE,
) -> Curated:
    """Clean and measure every candidate, apply the rules, find copies and contamination, and write the ledger.

    Args:
        candidates: the table that `gather` wrote.
        out: folder for ``texts/``, ``signals/NAME/``, ``duplicates/KIND/``, ``ledger.parquet`` and ``contamination.parquet``.
            What is there and still holds is kept.
        base: the base model's folder; needed by the signals that ask it.
        prompts: the held-out prompts.
        by: who does the work on parts of the table.

    Raises:
        RecipeError: a signal or an option that does not exist, or one that needs a base or prompts that are not given.
    """
    wanted = plan(settings)
    show = progress or (lambda name, rows: None)
    bands = bands_of(settings)
    cleaned = _clean(candidates, out / "texts", settings, show, by)
    given = Given(out / "texts", cleaned.digest, Path(base) if base is not None else None, tuple(prompts), out / "paid")
    if base is None and (asking := [choice.name for choice in wanted if {"base", "tokenizer"} & needs(choice.name)]):
        raise RecipeError(
            f"curate: the signals {', '.join(asking)} ask the base model, and none is given.", "Give the base, or leave them out."
        )
    signals = measure(wanted, given, out / "signals", show, by)
    copies = {
        each.reason: duplicates.prepare(
            given.table, given.digest, out / "duplicates" / each.reason, each, functools.partial(show, each.reason), by
        )
        for each in settings.duplicates
    }
    inputs = {"candidates": given.digest, **{name: each.digest for name, each in (signals | copies).items()}}

    def make(partial: Path) -> Mapping[str, Any]:
        table = _ledger(out, list(signals), bands, settings)
        tables.write(partial, table, tables.LEDGER)
        return account(table)

    chosen = {
        "bands": {name: band.model_dump() for name, band in sorted(bands.items())},
        "best_answer": settings.best_answer,
        "duplicates": [each.model_dump() for each in settings.duplicates],
    }
    made = manifest.once(out / "ledger.parquet", "curate", inputs, chosen, make)
    near = _near_to_prompts(out, settings, wanted, given, signals)
    seconds = {"clean": cleaned.seconds} | {name: each.seconds for name, each in (signals | copies).items()}
    return Curated(out / "ledger.parquet", given.table, near, seconds=seconds, **made.facts)


def plan(settings: Curate) -> list[Choice]:
    """The signals that a recipe needs, each once, its options checked.

    Raises:
        RecipeError: a signal or an option that does not exist.
    """
    private.check(settings.clean.mask, "curate.clean.mask")
    chosen = {choice.name: choice for choice in settings.signals}
    for name in bands_of(settings):
        chosen.setdefault(name, Choice(name=name))
    if settings.contamination is not None and settings.contamination.run is not None:
        chosen[CONTAMINATED] = Choice(name=CONTAMINATED, options={"run": settings.contamination.run})
    if settings.contamination is not None and settings.contamination.similarity is not None:
        chosen.setdefault(RESEMBLES, Choice(name=RESEMBLES))
    named = {choice.name for choice in settings.signals}
    for name, choice in chosen.items():
        bound(choice, f"curate.{'signals' if name in named else 'rules'}")
    return [chosen[name] for name in sorted(chosen)]


def needs_base(settings: Curate) -> list[str]:
    """The signals of a recipe that ask the base model."""
    return [choice.name for choice in plan(settings) if {"base", "tokenizer"} & needs(choice.name)]


def account(ledger: pa.Table) -> dict[str, Any]:
    """Counts of a ledger: candidates, kept, dropped by reason, null by signal.

    Raises:
        DataError: kept and dropped rows do not add up, or a row was dropped without a reason.
    """
    kept = int(np.sum(ledger["kept"].to_numpy(zero_copy_only=False)))
    reasons = ledger["reasons"].to_pylist()
    without = sum(not each for each in reasons)
    if kept != without:
        raise DataError(f"The ledger does not balance: {kept} rows kept, {without} rows without a reason to drop them.")
    signals = [name for name in ledger.column_names if name not in tables.LEDGER.names]
    return {
        "candidates": ledger.num_rows,
        "kept": kept,
        "dropped": dict(sorted(Counter(reason for row in reasons for reason in row).items())),
        "null": {name: ledger[name].null_count for name in signals if ledger[name].null_count},
    }


def bands_of(settings: Curate) -> dict[str, Band]:
    """The rules in force. Contamination is one unless the recipe switches it off, as any other."""
    checked = {}
    if settings.contamination is not None:
        if settings.contamination.run is not None:
            checked[CONTAMINATED] = Band(most=0)
        if settings.contamination.similarity is not None:
            checked[RESEMBLES] = Band(most=settings.contamination.similarity)
    return rules(settings.preset, checked | settings.rules)


def _clean(candidates: Path, out: Path, settings: Curate, show: Progress, by: Engine) -> manifest.Manifest:
    def make(partial: Path) -> None:
        engine.map_parts(candidates, tables.CANDIDATES.names, Cleaner(settings.clean), partial, lambda rows: show("clean", rows), by)

    return manifest.once(out, "curate.clean", {"candidates": tables.digest(candidates)}, settings.clean.model_dump(), make)


def _near_to_prompts(out: Path, settings: Curate, wanted: Sequence[Choice], given: Given, signals: Mapping[str, manifest.Manifest]) -> Path:
    """The table of hits: what the ledger says as a number, for people to read."""
    looked = [choice for choice in wanted if settings.contamination is not None and choice.name in (CONTAMINATED, RESEMBLES)]
    inputs = {"candidates": given.digest, "prompts": given.identity("prompts")} | {each.name: signals[each.name].digest for each in looked}
    chosen = [settings.contamination.model_dump() if settings.contamination else None, [each.model_dump() for each in looked]]

    def make(partial: Path) -> None:
        tables.write(partial, hits(given.table, out / "signals", given.prompts, settings.contamination, looked))

    manifest.once(out / "contamination.parquet", "curate.hits", inputs, chosen, make)
    return out / "contamination.parquet"


def _ledger(out: Path, signals: Sequence[str], bands: Mapping[str, Band], settings: Curate) -> pa.Table:
    named = tables.read(out / "texts", ["id", "content", "source", "group", "tags", "score"])
    measured = {name: tables.read(out / "signals" / name) for name in signals}
    columns = {name: table[name] for name, table in measured.items()}
    reasons = broken(columns, bands, named["source"].to_pylist())
    if settings.best_answer:
        for row in second_best(named, reasons):
            reasons[row].append(BEST_ANSWER)
    priority = _priority(named, reasons)
    twin, similarity = np.full(named.num_rows, -1), np.full(named.num_rows, np.nan)
    for each in settings.duplicates:
        twins, similarities = duplicates.survivors(out / "duplicates" / each.reason, each, priority)
        for copy in np.flatnonzero(twins >= 0):
            reasons[copy].append(each.reason)
        first = (twin < 0) & (twins >= 0)
        twin[first], similarity[first] = twins[first], similarities[first]
    ids = named["id"].to_pylist()
    return pa.table(
        {
            "id": named["id"],
            "content": named["content"],
            "kept": [not each for each in reasons],
            "reasons": pa.array(reasons, pa.list_(pa.string())),
            "twin": pa.array([ids[i] if i >= 0 else None for i in twin], pa.string()),
            "similarity": pa.array(similarity, mask=np.isnan(similarity)),
            "unmeasured": pa.array(_unmeasured(measured, named.num_rows), pa.list_(pa.string())),
            **columns,
        }
    )


def _unmeasured(measured: Mapping[str, pa.Table], rows: int) -> list[list[str]]:
    """For every candidate the signals without a value, each with the reason."""
    missing: list[list[str]] = [[] for _ in range(rows)]
    for name, table in measured.items():
        if table[name].null_count:
            for row in np.flatnonzero(table[name].is_null().to_numpy()):
                missing[row].append(f"{name}: {table['why'][int(row)].as_py()}")
    return missing


def _priority(named: pa.Table, reasons: Sequence[Sequence[str]]) -> list[int]:
    """Of two copies the one that breaks fewer rules survives, then the one with the higher score, then by content."""
    scores = [-np.inf if score is None else score for score in named["score"].to_pylist()]
    contents, ids = named["content"].to_pylist(), named["id"].to_pylist()
    order = sorted(range(named.num_rows), key=lambda i: (len(reasons[i]), -scores[i], contents[i], ids[i]))
    rank = [0] * named.num_rows
    for position, row in enumerate(order):
        rank[row] = position
    return rank
