"""The verb: k of N, each pick with its rank, its gain, its quality, its stratum, its nearest earlier pick and whom it displaced."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.stats import rankdata

from thousand import registry, tables
from thousand.conversation import prompt_of
from thousand.embedding import Embedder, Tfidf, exact
from thousand.errors import DataError, RecipeError
from thousand.recipe import Arm
from thousand.select import neighbours
from thousand.select.budget import Budget, Quota
from thousand.select.classes import COLUMNS, Classes, at_least, matches
from thousand.select.offer import Offer
from thousand.select.picks import Picks

STRATEGIES = "thousand.select.strategies"
CONTAMINATED = {"contamination", "resembles_prompt"}
_BASELINES = {"random", "longest", "all", "stratified"}
"""They choose from the raw pool unless told otherwise, since that is what curation must beat."""
_NEAREST = 10_000
"""Above so many picks the nearest earlier one is left null: nobody reads it, and it costs the square."""


def select(
    candidates: Path,
    ledger: Path,
    arm: Arm,
    *,
    name: str = "arm",
    draw: int = 0,
    embedder: Embedder | None = None,
    shown: Sequence[Any] = (),
    base: str | Path | None = None,
) -> pa.Table:
    """Choose the training set of an arm.

    Args:
        candidates, ledger: the tables that `gather` and `curate` wrote, row by row the same.
        arm: what to choose, how many and how; see `thousand.recipe.Arm`.
        name: the arm's name, for errors.
        draw: number of the draw; strategies that draw at random draw differently.
        embedder: for strategies that need vectors of the prompts; `Tfidf` when not given.
        shown: conversations, for strategies that aim at examples.
        base: the folder of the model to align, for strategies that ask it.

    Returns:
        A table of schema `tables.SELECTION`, in the order of rank. It does not depend on the order of the candidates.

    Raises:
        RecipeError: an unknown strategy, option, column or signal.
        DataError: fewer rows to choose from than the budget asks for, quotas that cannot be met, or a ledger of other candidates.
    """
    check(arm, name)
    rows, judged = _read(candidates, ledger)
    eligible = _eligible(judged, rows, arm, name)
    if arm.budget is not None and arm.budget > len(eligible.rows):
        raise DataError(
            f"arms.{name}: {arm.budget:,} examples are asked for and there are {len(eligible.rows):,} to choose from.",
            f"{eligible.account} Lower the budget, widen the rules, or gather more.",
        )
    classes = Classes(rows.take(eligible.rows), judged.take(eligible.rows))
    budget, quotas = _budget(arm, classes, eligible.first, name)
    table = tables.read(candidates).take(eligible.rows)
    quality = np.nan_to_num(eligible.quality)  # what is not known is the worst
    offer = Offer(budget, quality, draw, table, classes, embedder or Tfidf(), arm.strata, shown, str(base) if base else None, name)
    function = registry.find(STRATEGIES, arm.select or "", f"arms.{name}.select")
    wanted = _positional(function)
    strategy = registry.bind(function, arm.options, f"arms.{name}.options")
    picks: Picks = strategy(*(offer[each] for each in wanted))
    if arm.budget is not None and len(picks.rows) < arm.budget:
        raise DataError(
            f"arms.{name}: {arm.budget:,} examples are asked for and {arm.select} finds {len(picks.rows):,} among {len(eligible.rows):,}.",
            f"{eligible.account} Lower the budget, or set {arm.select}'s options otherwise.",
        )
    return _table(offer, picks, eligible.quality[picks.rows], quotas, arm, has_vectors="vectors" in wanted)


def choosable(candidates: Path, ledger: Path, arm: Arm, name: str = "arm") -> int:
    """How many rows an arm chooses from. Arguments and errors are those of `select`."""
    rows, judged = _read(candidates, ledger)
    return len(_eligible(judged, rows, arm, name).rows)


def asks_the_base(arm: Arm) -> bool:
    """Whether the strategy asks the base model of every candidate, which takes long."""
    asked = _positional(registry.find(STRATEGIES, arm.select or "", "select"))
    return bool({"states", "base_folder"} & set(asked))


def check(arm: Arm, name: str) -> None:
    """Raise RecipeError where the arm names a strategy or an option that does not exist."""
    if arm.select is not None:
        function = registry.find(STRATEGIES, arm.select, f"arms.{name}.select")
        registry.bind(function, arm.options, f"arms.{name}.options")
        if "quality" in _positional(function) and not arm.quality:
            raise RecipeError(f"arms.{name}: select: {arm.select} needs a quality.", "Name a signal, such as `quality: asked`.")


def signals_of(arm: Arm) -> list[tuple[str, str]]:
    """The signals that an arm asks of the ledger, each with the field of the arm that asks."""
    asked = [("quality", signal) for signal in arm.quality]
    asked += [("quota", column) for column in arm.quota if column not in COLUMNS]
    asked += [("safety", "refusal")] * bool(arm.safety) + [("tokens", "tokens")] * (arm.tokens is not None)
    if arm.select is not None:
        function = registry.find(STRATEGIES, arm.select, "select")
        asked += [("select", name) for name in _positional(function) if not Offer.has(name)]
        if "difficulty" in (options := registry.options(function)):
            asked.append(("options", arm.options.get("difficulty", options["difficulty"].default)))
    return asked


@dataclass(frozen=True)
class _Eligible:
    """What may be chosen: positions in the tables, ordered by content, with a quality from 0 to 1; and how it came to be so few.

    Attributes:
        quality: NaN for rows that must be chosen though theirs was not measured.
        first: which of them must be chosen, as positions among the rows.
    """

    rows: NDArray[np.int64]
    quality: NDArray[np.float64]
    first: NDArray[np.int64]
    account: str


def _read(candidates: Path, ledger: Path) -> tuple[pa.Table, pa.Table]:
    rows, judged = tables.read(candidates, ["id", "origin", *COLUMNS]), tables.read(ledger)
    if rows["id"].to_pylist() != judged["id"].to_pylist():
        raise DataError(f"The rows of {ledger} are not those of {candidates}.", "Curate these candidates again.")
    return rows, judged


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
        named = np.array([any(matches(each, wanted) for wanted in arm.sources) for each in sources["source"].to_pylist()], dtype=bool)
        allowed &= named
        counts.append(f"{int(named.sum()):,} in the sources named")
    if arm.quality:
        counts.append(f"{int((allowed & np.isnan(quality)).sum()):,} without a quality")
        allowed &= ~np.isnan(quality)
    never = _named(arm.exclude, sources, f"arms.{name}.exclude")
    if len(never):
        counts.append(f"{int(allowed[never].sum()):,} excluded")
        allowed[never] = False
    must = _named(arm.include, sources, f"arms.{name}.include")
    _may_be_included(must, never, clean, sources, f"arms.{name}.include")
    rows = order[allowed[order]]
    if arm.gate and len(rows):
        threshold = np.quantile(quality[rows], arm.gate)
        counts.append(f"{int((quality[rows] < threshold).sum()):,} below the gate")
        rows = rows[quality[rows] >= threshold]
    if len(must):  # whatever the rules, the gate and the quality say of them
        rows = order[np.isin(order, np.union1d(rows, must))]
    measured = int((~np.isnan(quality[rows])).sum())  # a row that must be chosen may lack a quality: it has no rank and spoils no other's
    ranks = rankdata(quality[rows], nan_policy="omit") / max(measured, 1) if arm.quality else np.ones(len(rows))
    return _Eligible(rows, ranks, np.flatnonzero(np.isin(rows, must)), "There are " + ", ".join(counts) + ".")


def _named(names: Sequence[str], rows: pa.Table, where: str) -> NDArray[np.int64]:
    """The positions of rows named by id or origin, or in a file of such, one a line.

    Raises:
        DataError: there is no such row.
    """
    listed = [line for each in names for line in (_lines(Path(each)) if Path(each).is_file() else [each])]
    if not listed:
        return np.zeros(0, dtype=np.int64)
    wanted, found = set(listed), [rows[column].to_pylist() for column in ("id", "origin")]
    unknown = wanted.difference(*found)
    if unknown:
        raise DataError(f"{where}: there is no candidate {min(unknown)!r}.", "Name an id or an origin of them, or a file of such.")
    return np.flatnonzero([not wanted.isdisjoint(each) for each in zip(*found, strict=True)])  # an origin may be that of several


def _lines(path: Path) -> Iterable[str]:
    return filter(None, map(str.strip, path.read_text(encoding="utf-8").splitlines()))


def _may_be_included(must: NDArray[np.int64], never: NDArray[np.int64], clean: NDArray[np.bool_], rows: pa.Table, where: str) -> None:
    for wrong, why in ((must[np.isin(must, never)], "is excluded, too"), (must[~clean[must]], "holds a held-out prompt")):
        if len(wrong):
            raise DataError(f"{where}: {rows['id'][int(wrong[0])].as_py()} {why}.", "Leave it out of the list.")


def _budget(arm: Arm, classes: Classes, first: NDArray[np.int64], name: str) -> tuple[Budget, list[Quota]]:
    count = classes.rows.num_rows
    quotas = classes.quotas(arm.quota, arm.budget, f"arms.{name}.quota")
    if arm.safety:
        declines = np.nan_to_num(classes.signal("refusal", f"arms.{name}.safety")) > 0
        least = at_least(arm.safety, arm.budget or 0)
        quotas.append(Quota(f"arms.{name}.safety", declines, least, count))
    costs = None
    if arm.tokens is not None:
        if arm.safety:
            raise RecipeError(f"arms.{name}.safety: a share needs a budget of rows.", "Give a budget, or leave it out.")
        measured = classes.signal("tokens", f"arms.{name}.tokens")
        if np.isnan(measured).any():
            raise DataError(f"arms.{name}.tokens: {int(np.isnan(measured).sum()):,} rows have no number of tokens.", "See the ledger.")
        costs = measured.astype(np.int64)
    rows = arm.budget if arm.tokens is None else None
    if rows is None and arm.tokens is None:
        rows = count
    return Budget(count, rows, costs=costs, tokens=arm.tokens, quotas=quotas, first=first), quotas


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


def _positional(function: Callable[..., Any]) -> list[str]:
    return [name for name, each in inspect.signature(function).parameters.items() if each.kind is each.POSITIONAL_OR_KEYWORD]


def _table(offer: Offer, picks: Picks, quality: NDArray[np.float64], quotas: Sequence[Quota], arm: Arm, *, has_vectors: bool) -> pa.Table:
    chosen = offer.table.take(picks.rows)
    k = len(picks.rows)
    ids = chosen["id"].to_pylist()
    nearest: list[str | None] = [None] * k
    similarity: list[float | None] = [None] * k
    if k <= _NEAREST:
        prompts = [prompt_of(messages) for messages in chosen["messages"].to_pylist()]
        near = offer.vectors[picks.rows] if has_vectors else exact(offer.embedder.encode(prompts))
        before, likeness = neighbours.earlier(near)
        nearest = [ids[at] if at >= 0 else None for at in before]
        similarity = [float(each) if at >= 0 else None for at, each in zip(before, likeness, strict=True)]
    displaced: list[list[str] | None] = [None] * k
    stands_for: list[int | None] = [None] * k
    if has_vectors and k <= _NEAREST:
        others = neighbours.displaced(offer.vectors, picks.rows)
        everyone = offer.table["id"].to_pylist()
        displaced = [[everyone[at] for at in each] for each in others.nearest]
        stands_for = others.counts.tolist()
    by = f", {' x '.join(arm.quality)}" if arm.quality else ""
    return pa.table(
        {
            "rank": pa.array(range(1, k + 1), pa.int32()),
            **{name: chosen[name] for name in ("id", "content", "source", "origin", "messages", "licence", "author", "link")},
            "gain": pa.array(picks.gains, mask=np.isnan(picks.gains)),
            "quality": pa.array(quality, mask=np.isnan(quality)) if arm.quality else pa.nulls(k, pa.float64()),
            "stratum": pa.array(_strata(picks, quotas, f"arms.{offer.name}."), pa.string()),
            "nearest": pa.array(nearest, pa.string()),
            "similarity": pa.array(similarity, pa.float64()),
            "stands_for": pa.array(stands_for, pa.int64()),
            "displaced": pa.array(displaced, pa.list_(pa.string())),
            "reason": [f"{arm.select}{by}{', placebo' if arm.placebo else ''}: {i} of {k:,}" for i in range(1, k + 1)],
        },
        schema=tables.SELECTION,
    )


def _strata(picks: Picks, quotas: Sequence[Quota], prefix: str) -> Sequence[str | None]:
    """The strategy's own, or else the quotas that a pick counts for, without the prefix of their names."""
    if picks.strata is not None:
        return [str(each) for each in picks.strata]
    names = [quota.name.removeprefix(prefix) for quota in quotas]
    members = np.array([quota.members[picks.rows] for quota in quotas], dtype=np.bool_).reshape(len(quotas), len(picks.rows))
    return [", ".join(name for name, is_in in zip(names, column, strict=True) if is_in) or None for column in members.T]
