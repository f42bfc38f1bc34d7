"""The verb: k of N, each pick with its rank, its gain, its quality and its nearest earlier pick."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.stats import rankdata

from thousand import registry, tables
from thousand.conversation import prompt_of, response_of
from thousand.embedding import Embedder, Tfidf
from thousand.errors import DataError, RecipeError
from thousand.recipe import Arm
from thousand.select.picks import Picks

STRATEGIES = "thousand.select.strategies"
CONTAMINATED = {"contamination", "resembles_prompt"}
_BASELINES = {"random", "longest", "all"}
"""They choose from the raw pool unless told otherwise, since that is what curation must beat."""
_NEAREST = 10_000
"""Above so many picks the nearest earlier one is left null: nobody reads it, and it costs the square."""


def select(candidates: Path, ledger: Path, arm: Arm, *, name: str = "arm", draw: int = 0, embedder: Embedder | None = None) -> pa.Table:
    """Choose the training set of an arm.

    Args:
        candidates, ledger: the tables that `gather` and `curate` wrote, row by row the same.
        arm: what to choose, how many and how; see `thousand.recipe.Arm`.
        name: the arm's name, for errors.
        draw: number of the draw; strategies that draw at random draw differently.
        embedder: for strategies that need vectors of the prompts; `Tfidf` when not given.

    Returns:
        A table of schema `tables.SELECTION`, in the order of rank. It does not depend on the order of the candidates.

    Raises:
        RecipeError: an unknown strategy, option or signal.
        DataError: fewer rows to choose from than the budget asks for, or a ledger of other candidates.
    """
    check(arm, name)
    rows, judged = tables.read(candidates, ["id", "source"]), tables.read(ledger)
    if rows["id"].to_pylist() != judged["id"].to_pylist():
        raise DataError(f"The rows of {ledger} are not those of {candidates}.", "Curate these candidates again.")
    eligible = _eligible(judged, rows, arm, name)
    budget = arm.budget if arm.budget is not None else len(eligible.rows)
    if budget > len(eligible.rows):
        raise DataError(
            f"arms.{name}: {budget:,} examples are asked for and there are {len(eligible.rows):,} to choose from.",
            f"{eligible.account} Lower the budget, widen the rules, or gather more.",
        )
    table = tables.read(candidates).take(eligible.rows)
    conversations = table["messages"].to_pylist()
    embedder = embedder or Tfidf()
    function = registry.find(STRATEGIES, arm.select or "", f"arms.{name}.select")
    wanted = _positional(function)
    prompts = [prompt_of(messages) for messages in conversations]
    vectors = embedder.encode(prompts) if "vectors" in wanted else None
    offered: dict[str, Any] = {
        "count": len(prompts),
        "budget": budget,
        "seed": draw,
        "lengths": np.array([len(response_of(messages)) for messages in conversations], dtype=np.float64),
        "quality": eligible.quality,
        "vectors": vectors,
    }
    strategy = registry.bind(function, arm.options, f"arms.{name}.options")
    picks: Picks = strategy(*(offered[each] for each in wanted))
    if len(picks.rows) <= _NEAREST:
        near = vectors[picks.rows] if vectors is not None else embedder.encode([prompts[i] for i in picks.rows])
    else:
        near = None
    return _table(table, picks, eligible.quality, near, arm)


def check(arm: Arm, name: str) -> None:
    """Raise RecipeError where the arm names a strategy or an option that does not exist."""
    if arm.select is not None:
        function = registry.find(STRATEGIES, arm.select, f"arms.{name}.select")
        registry.bind(function, arm.options, f"arms.{name}.options")
        if "quality" in _positional(function) and not arm.quality:
            raise RecipeError(f"arms.{name}: select: {arm.select} needs a quality.", "Name a signal, such as `quality: asked`.")


@dataclass(frozen=True)
class _Eligible:
    """What may be chosen: positions in the tables, ordered by content, with a quality from 0 to 1; and how it came to be so few."""

    rows: NDArray[np.int64]
    quality: NDArray[np.float64]
    account: str


def _eligible(ledger: pa.Table, sources: pa.Table, arm: Arm, name: str) -> _Eligible:
    reasons = ledger["reasons"].to_pylist()
    clean = np.array([not CONTAMINATED & set(each) for each in reasons], dtype=bool)
    kept = ledger["kept"].to_numpy(zero_copy_only=False).astype(bool)
    quality = _quality(ledger, arm, name)
    order = np.array(sorted(range(ledger.num_rows), key=_by_content(ledger)), dtype=np.int64)
    if arm.placebo:  # the same code over the same values, dealt out to rows at random: what choosing at all is worth
        own = order[clean[order]]  # what may not be chosen takes no part: as many rows are kept as were
        dealt = np.random.default_rng(0).permutation(own)
        kept[own], quality[own] = kept[dealt], quality[dealt]
    source = arm.source or ("pool" if arm.select in _BASELINES else "kept")
    allowed = clean & kept if source == "kept" else clean.copy()
    counts = [
        f"{ledger.num_rows:,} candidates",
        f"{int((~clean).sum()):,} contaminated",
        f"{int((clean & ~allowed).sum()):,} dropped by rules",
    ]
    if arm.sources:
        named = np.array([any(_matches(each, wanted) for wanted in arm.sources) for each in sources["source"].to_pylist()], dtype=bool)
        allowed &= named
        counts.append(f"{int(named.sum()):,} in the sources named")
    if arm.quality:
        counts.append(f"{int((allowed & np.isnan(quality)).sum()):,} without a quality")
        allowed &= ~np.isnan(quality)
    rows = order[allowed[order]]
    if arm.gate and len(rows):
        threshold = np.quantile(quality[rows], arm.gate)
        counts.append(f"{int((quality[rows] < threshold).sum()):,} below the gate")
        rows = rows[quality[rows] >= threshold]
    ranks = rankdata(quality[rows], method="average") / max(len(rows), 1) if arm.quality else np.ones(len(rows))
    return _Eligible(rows, ranks, "There are " + ", ".join(counts) + ".")


def _quality(ledger: pa.Table, arm: Arm, name: str) -> NDArray[np.float64]:
    """The product of the ranks of the signals named, NaN where one is missing."""
    product = np.ones(ledger.num_rows)
    signals = [each for each in ledger.column_names if each not in tables.LEDGER.names]
    for signal in arm.quality:
        if signal not in signals:
            raise RecipeError(
                f"arms.{name}.quality: the ledger has no signal {signal!r}.", f"Add it to curate.signals. It has: {', '.join(signals)}."
            )
        values = ledger[signal].to_numpy(zero_copy_only=False).astype(np.float64)
        product *= rankdata(values, nan_policy="omit")
    return product


def _by_content(ledger: pa.Table) -> Callable[[int], tuple[str, str]]:
    content, ids = ledger["content"].to_pylist(), ledger["id"].to_pylist()
    return lambda row: (content[row], ids[row])


def _matches(source: str, wanted: str) -> bool:
    """Whether a source is the one wanted: "chat:pool.jsonl" by itself, by its form "chat" or by its file "pool.jsonl"."""
    return wanted in (source, *source.split(":", 1))


def _positional(function: Callable[..., Any]) -> list[str]:
    return [name for name, each in inspect.signature(function).parameters.items() if each.kind is each.POSITIONAL_OR_KEYWORD]


def _table(rows: pa.Table, picks: Picks, quality: NDArray[np.float64], vectors: NDArray[np.float32] | None, arm: Arm) -> pa.Table:
    chosen = rows.take(picks.rows)
    k = len(picks.rows)
    ids = chosen["id"].to_pylist()
    nearest: list[str | None] = [None] * k
    similarity: list[float | None] = [None] * k
    if vectors is not None:
        for i in range(1, k):
            likeness = vectors[:i] @ vectors[i]
            best = int(np.argmax(likeness))
            nearest[i], similarity[i] = ids[best], float(likeness[best])
    by = f", {' x '.join(arm.quality)}" if arm.quality else ""
    return pa.table(
        {
            "rank": pa.array(range(1, k + 1), pa.int32()),
            **{name: chosen[name] for name in ("id", "content", "source", "origin", "messages", "licence", "author", "link")},
            "gain": pa.array(picks.gains, mask=np.isnan(picks.gains)),
            "quality": pa.array(quality[picks.rows] if arm.quality else [None] * k, pa.float64()),
            "nearest": pa.array(nearest, pa.string()),
            "similarity": pa.array(similarity, pa.float64()),
            "reason": [f"{arm.select}{by}{', placebo' if arm.placebo else ''}: {i} of {k:,}" for i in range(1, k + 1)],
        },
        schema=tables.SELECTION,
    )
