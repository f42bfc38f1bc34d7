"""The verb: from candidates to a ledger that says, for every one of them, what it measured and why it was dropped."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from thousand import engine, manifest, registry, tables
from thousand.conversation import prompt_of, response_of
from thousand.curate.duplicates import Copies, find_copies, survivors
from thousand.curate.presets import rules
from thousand.curate.texts import COLUMNS, Pool, Texts, Values, words
from thousand.errors import DataError, RecipeError
from thousand.model import Model, load
from thousand.recipe import Band, Choice, Curate

SIGNALS = "thousand.curate.signals"
COPY, CONTAMINATED = "copy", "contamination"

Progress = Callable[[str, int], None]
"""Called with the name of what is being computed and the rows done."""


@dataclass(frozen=True)
class Curated:
    """What curation did.

    Attributes:
        ledger: path of the ledger, one row per candidate in the candidates' order.
        candidates, kept: rows in, rows kept.
        dropped: rows with each reason; a row may have several, so these add up to more than the rows dropped.
        null: for each signal, the rows for which it could not be computed.
        seconds: by signal, of the work when it was done.
    """

    ledger: Path
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
) -> Curated:
    """Measure every candidate, apply the rules, find copies and contamination, and write the ledger.

    Args:
        candidates: the table that `gather` wrote.
        out: folder for ``signals/NAME/``, ``duplicates`` and ``ledger.parquet``. What is there and still holds is kept.
        base: the base model's folder; needed by the signals that ask it.
        prompts: the held-out prompts.

    Raises:
        RecipeError: a signal or an option that does not exist, or one that needs a base or prompts that are not given.
    """
    wanted = plan(settings)
    work = _Work(candidates, out, base, prompts, progress or (lambda name, rows: None))
    signals = {choice.name: work.signal(choice) for choice in wanted}
    bands = _bands(settings)
    copies = work.copies(settings.near_duplicates) if settings.near_duplicates is not None else None
    inputs = {"candidates": work.digest, **{name: each.digest for name, each in signals.items()}}
    if copies is not None:
        inputs["copies"] = copies.digest

    def make(partial: Path) -> Mapping[str, Any]:
        table = _ledger(work, list(signals), bands, copies is not None)
        tables.write(partial, table, tables.LEDGER)
        return account(table)

    chosen = {name: band.model_dump() for name, band in sorted(bands.items())}
    made = manifest.once(out / "ledger.parquet", "curate", inputs, chosen, make)
    seconds = {name: each.seconds for name, each in signals.items()} | ({COPY: copies.seconds} if copies else {})
    return Curated(out / "ledger.parquet", seconds=seconds, **made.facts)


def plan(settings: Curate) -> list[Choice]:
    """The signals that a recipe needs, each once, its options checked.

    Raises:
        RecipeError: a signal or an option that does not exist.
    """
    chosen = {choice.name: choice for choice in settings.signals}
    for name in _bands(settings):
        chosen.setdefault(name, Choice(name=name))
    if settings.contamination is not None:
        chosen[CONTAMINATED] = Choice(name=CONTAMINATED, options={"run": settings.contamination})
    named = {choice.name for choice in settings.signals}
    for name, choice in chosen.items():
        where = f"curate.{'signals' if name in named else 'rules'}.{name}"
        registry.bind(registry.find(SIGNALS, name, where), choice.options, where)
    return [chosen[name] for name in sorted(chosen)]


def _bands(settings: Curate) -> dict[str, Band]:
    """The rules in force. Contamination is one unless the recipe switches it off, as any other."""
    checked = {CONTAMINATED: Band(most=0)} if settings.contamination is not None else {}
    return rules(settings.preset, checked | settings.rules)


def needs_base(settings: Curate) -> list[str]:
    """The signals of a recipe that ask the base model."""
    return [choice.name for choice in plan(settings) if "base" in _needs(registry.find(SIGNALS, choice.name, ""))]


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


class _Work:
    """The candidates, and what is computed of them at most once."""

    def __init__(self, candidates: Path, out: Path, base: str | Path | None, prompts: Sequence[str], progress: Progress) -> None:
        self.candidates, self.out, self.prompts, self.progress = candidates, out, prompts, progress
        self._base = base
        self.digest = tables.digest(candidates)

    @cached_property
    def base(self) -> Model:
        if self._base is None:
            raise RecipeError("curate: a signal asks the base model, and none is given.", "Give the base, or leave that signal out.")
        return load(self._base)

    @cached_property
    def pool(self) -> Pool:
        frequency: Counter[str] = Counter()
        count = 0
        for part in tables.batches(self.candidates, ["messages"]):
            for messages in part["messages"].to_pylist():
                frequency.update(set(words(response_of(messages))))
                count += 1
        return Pool(count, frequency)

    def signal(self, choice: Choice) -> manifest.Manifest:
        """Compute one signal for every candidate, unless it is there."""
        where = f"curate.signals.{choice.name}"
        function = registry.find(SIGNALS, choice.name, where)
        measure = registry.bind(function, choice.options, where)
        needs = _needs(function)
        inputs = {"candidates": self.digest}
        if "base" in needs and self._base is not None:
            inputs["base"] = tables.digest(Path(self._base))
        if "prompts" in needs:
            inputs["prompts"] = manifest.key_of("prompts", {}, list(self.prompts))

        def apply(part: pa.Table) -> pa.Table:
            given = [Texts.of(part), *(getattr(self, need) for need in needs)]
            values: Values = np.asarray(measure(*given), dtype=np.float64)
            return pa.table({"id": part["id"], choice.name: pa.array(values, mask=np.isnan(values))})

        def make(partial: Path) -> None:
            engine.map_parts(self.candidates, COLUMNS, apply, partial, lambda rows: self.progress(choice.name, rows))

        return manifest.once(self.out / "signals" / choice.name, f"curate.{choice.name}", inputs, choice.options, make)

    def copies(self, threshold: float) -> manifest.Manifest:
        """Find equal and similar candidates, unless that is done."""

        def make(partial: Path) -> None:
            self.progress(COPY, 0)
            conversations = tables.read(self.candidates, ["messages"])["messages"].to_pylist()
            found = find_copies([f"{prompt_of(each)}\n{response_of(each)}" for each in conversations], threshold)
            a, b, similarity = zip(*found.similar, strict=True) if found.similar else ((), (), ())
            similar = pa.table(
                {"a": pa.array(a, pa.int64()), "b": pa.array(b, pa.int64()), "similarity": pa.array(similarity, pa.float64())}
            )
            tables.write(partial / "groups.parquet", pa.table({"group": found.group}))
            tables.write(partial / "similar.parquet", similar)
            self.progress(COPY, len(conversations))

        return manifest.once(self.out / "copies", "curate.copies", {"candidates": self.digest}, threshold, make)


def _needs(function: Callable[..., Any]) -> list[str]:
    """What a signal asks for besides the texts."""
    positional = [name for name, each in inspect.signature(function).parameters.items() if each.kind is each.POSITIONAL_OR_KEYWORD]
    return positional[1:]


def _ledger(work: _Work, signals: Sequence[str], bands: Mapping[str, Band], with_copies: bool) -> pa.Table:
    named = tables.read(work.candidates, ["id", "content", "score"])
    columns = {name: tables.read(work.out / "signals" / name)[name] for name in signals}
    reasons: list[list[str]] = [[] for _ in range(named.num_rows)]
    for name, band in bands.items():
        values = columns[name].to_numpy(zero_copy_only=False).astype(np.float64)
        for row in np.flatnonzero(_outside(values, band)):
            reasons[row].append(name)
    twin, similarity = np.full(named.num_rows, -1), np.full(named.num_rows, np.nan)
    if with_copies:
        twin, similarity = survivors(_read_copies(work.out / "copies"), _priority(named, reasons))
        for row in np.flatnonzero(twin >= 0):
            reasons[row].append(COPY)
    ids = named["id"].to_pylist()
    return pa.table(
        {
            "id": named["id"],
            "content": named["content"],
            "kept": [not each for each in reasons],
            "reasons": pa.array(reasons, pa.list_(pa.string())),
            "twin": pa.array([ids[i] if i >= 0 else None for i in twin], pa.string()),
            "similarity": pa.array(similarity, mask=np.isnan(similarity)),
            **columns,
        }
    )


def _outside(values: Values, band: Band) -> Any:
    """Rows whose value is known and not in the band. What could not be measured breaks no rule."""
    below = values < band.least if band.least is not None else np.zeros(len(values), bool)
    above = values > band.most if band.most is not None else np.zeros(len(values), bool)
    return below | above


def _read_copies(folder: Path) -> Copies:
    similar = tables.read(folder / "similar.parquet")
    rows = zip(*(similar[name].to_pylist() for name in ("a", "b", "similarity")), strict=True)
    return Copies(tables.read(folder / "groups.parquet")["group"].to_numpy(), list(rows))


def _priority(named: pa.Table, reasons: Sequence[Sequence[str]]) -> list[int]:
    """Of two copies the one that breaks fewer rules survives, then the one with the higher score, then by content."""
    scores = [-np.inf if score is None else score for score in named["score"].to_pylist()]
    contents, ids = named["content"].to_pylist(), named["id"].to_pylist()
    order = sorted(range(named.num_rows), key=lambda i: (len(reasons[i]), -scores[i], contents[i], ids[i]))
    rank = [0] * named.num_rows
    for position, row in enumerate(order):
        rank[row] = position
    return rank
