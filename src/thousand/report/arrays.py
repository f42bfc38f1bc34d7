"""The verdicts table as arrays whose last axis is the prompt, so that arms compare prompt by prompt."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from thousand.errors import DataError
from thousand.statistics import per_prompt

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Key = tuple[str, str, str]  # judge, criterion, arm
Duo = tuple[str, str, str, str]  # judge, criterion, a, b
Axis = tuple[int | None, ...]  # the seeds or the samples along an axis, sorted

_MOST_CELLS = 50_000_000  # of one array: 400 MB

_VALUE = {"a": 1.0, "tie": 0.0, "b": -1.0}
_OTHER_ORDER = {"ab": "ba", "ba": "ab"}


@dataclass(frozen=True)
class Rated:
    """One arm as one judge rated it on one criterion.

    Attributes:
        values: (seeds, samples, prompts); NaN where nothing was rated or read.
        unparsed: rows without a rating.
        at: the seeds and the samples of the first two axes.
    """

    values: Floats
    unparsed: int
    at: tuple[Axis, Axis]

    @property
    def read(self) -> bool:
        """Whether there is a rating that could be read."""
        return not np.isnan(self.values).all()

    @property
    def asked(self) -> int:
        """Ratings asked for, those without one included."""
        return int((~np.isnan(self.values)).sum()) + self.unparsed

    @property
    def by_seed(self) -> Floats:
        """(seeds, prompts), samples averaged."""
        return np.stack([per_prompt(seed) for seed in self.values])


@dataclass(frozen=True)
class Paired:
    """The claim against one arm, or an arm against itself, as one judge saw both answers on one criterion.

    Attributes:
        score: (claim's seeds, other's seeds, samples, prompts): +1 where the claim won, 0 for a tie, -1 where it lost, both orders
            merged; NaN where there is no verdict.
        won, lost: (claim's seeds, other's seeds, prompts), shares of the samples; NaN where there is no verdict.
        flipped: pairs on which the two orders disagreed; they are ties.
        unparsed: rows without a verdict.
        at: the claim's seeds, the other's and the samples of the score's first three axes.
        rows: the verdicts one by one, the claim as a.
    """

    score: Floats
    won: Floats
    lost: Floats
    flipped: int
    unparsed: int
    at: tuple[Axis, Axis, Axis]
    rows: pa.Table


def prompts_of(verdicts: pa.Table) -> tuple[str, ...]:
    """The prompts in the order in which they stand in every array of this table."""
    return _codes(verdicts["prompt_id"])[1]


def rated(verdicts: pa.Table) -> dict[Key, Rated]:
    """Every rating. Prompts stand in the same order in every array, those of `paired` and `duels` of the same table included.

    Raises:
        DataError: far more seeds and samples than rows, which no array holds.
    """
    prompts, names = _codes(verdicts["prompt_id"])
    alone = pc.is_null(verdicts["b"])
    table, prompt = verdicts.filter(alone), prompts[alone.to_numpy()]
    found = {}
    for key, rows in _groups(table, ["judge", "criterion", "a"]):
        (seed, seeds), (sample, samples) = (_codes(table[name].take(rows)) for name in ("a_seed", "sample"))
        rating = table["rating"].take(rows).to_numpy().astype(np.float64)
        values = _scatter((seed, sample, prompt[rows]), (len(seeds), len(samples), len(names)), rating)
        found[key] = Rated(values, int(np.isnan(rating).sum()), (seeds, samples))
    return found


def paired(verdicts: pa.Table, claim: str) -> dict[Key, Paired]:
    """Every direct comparison of the claim with another arm, whichever of them the table calls a.

    Raises:
        DataError: as `rated`.
    """
    ours = pc.and_(pc.is_valid(verdicts["b"]), pc.not_equal(verdicts["a"], verdicts["b"]))
    ours = pc.fill_null(pc.and_(ours, pc.or_(pc.equal(verdicts["a"], claim), pc.equal(verdicts["b"], claim))), False)
    found = _compared(verdicts, ours, pc.equal(verdicts["b"], claim))
    return {(judge, criterion, other): each for (judge, criterion, _, other), each in found.items()}


def duels(verdicts: pa.Table, arms: Sequence[str]) -> dict[Duo, Paired]:
    """Every direct comparison of two arms, or of an arm's seeds, whichever of them the table calls a.

    Args:
        arms: all of them; the earlier one is the claim, of two seeds of one arm the lower.

    Raises:
        DataError: as `rated`.
    """
    place = {arm: at for at, arm in enumerate(arms)}
    columns = (verdicts[name].to_pylist() for name in ("a", "a_seed", "b", "b_seed"))
    turned = [b is not None and (place[b], _rank(theirs)) < (place[a], _rank(ours)) for a, ours, b, theirs in zip(*columns, strict=True)]
    return _compared(verdicts, pc.is_valid(verdicts["b"]), pa.array(turned, pa.bool_()))


def beats(a: Rated, b: Rated) -> tuple[Floats, Floats]:
    """Shares of the sample pairs in which a is rated above and below b, each (a's seeds, b's seeds, prompts)."""
    difference = a.values[:, None, :, None, :] - b.values[None, :, None, :, :]
    shape = (*difference.shape[:2], -1, difference.shape[-1])
    difference = difference.reshape(shape)
    return _shares(difference, difference > 0), _shares(difference, difference < 0)


def _compared(verdicts: pa.Table, chosen: pa.ChunkedArray, turned: pa.ChunkedArray) -> dict[Duo, Paired]:
    """The chosen rows, by judge, criterion, a and b, after the sides of the turned ones have changed places."""
    prompts, names = _codes(verdicts["prompt_id"])
    table, prompt = _facing(verdicts.filter(chosen), turned.filter(chosen)), prompts[chosen.to_numpy()]
    found = {}
    for key, rows in _groups(table, ["judge", "criterion", "a", "b"]):
        part = table.take(rows)
        axes, (ours, theirs, samples) = zip(*(_codes(part[name]) for name in ("a_seed", "b_seed", "sample")), strict=True)
        score, shape = scores(part), (len(ours), len(theirs), len(samples), len(names))
        verdict, flipped = _over_orders((*axes, prompt[rows]), shape, part["order"].to_pylist(), score)
        won, lost = _shares(verdict, verdict > 0), _shares(verdict, verdict < 0)
        found[key] = Paired(verdict, won, lost, flipped, int(np.isnan(score).sum()), (ours, theirs, samples), part)
    return found


def scores(rows: pa.Table) -> Floats:
    """The verdicts of pairs in a's view: +1, 0, -1, NaN where there is none. (rows,)"""
    return np.array([_VALUE.get(verdict, np.nan) for verdict in rows["verdict"].to_pylist()])


def _over_orders(at: tuple[Ints, ...], shape: tuple[int, ...], orders: list[str | None], score: Floats) -> tuple[Floats, int]:
    """One verdict for each pair of answers, from those of both orders: (a's seeds, b's seeds, samples, prompts).

    Orders that disagree are a tie. A pair of which one order was asked and not read has no verdict: the other order alone
    could be a liking for the first answer.
    """
    _check_room(shape)
    lowest, highest = np.full((2, *shape), np.nan)
    unread = np.zeros(shape, dtype=bool)
    for order in sorted(set(orders), key=str):
        here = np.array([each == order for each in orders])
        cells = tuple(axis[here] for axis in at)
        values = _scatter(cells, shape, score[here])
        unread[tuple(index[np.isnan(score[here])] for index in cells)] = True
        lowest, highest = np.fmin(lowest, values), np.fmax(highest, values)
    disagree = (lowest != highest) & ~np.isnan(lowest) & ~unread
    verdict = np.where(disagree, 0.0, lowest)
    return np.where(unread, np.nan, verdict), int(disagree.sum())


def _shares(values: Floats, chosen: NDArray[np.bool_]) -> Floats:
    """How often ``chosen`` holds among the values that are there, over the axis of samples. (..., samples, prompts) -> (..., prompts)"""
    present = ~np.isnan(values)
    n = present.sum(axis=-2)
    share: Floats = np.where(n > 0, (chosen & present).sum(axis=-2) / np.maximum(n, 1), np.nan)
    return share


def _scatter(at: tuple[Ints, ...], shape: tuple[int, ...], values: Floats) -> Floats:
    """A dense array from its cells; a cell that is given twice holds the mean, one that is not given NaN."""
    _check_room(shape)
    total, seen = np.zeros((2, *shape))
    read = ~np.isnan(values)
    where = tuple(axis[read] for axis in at)
    np.add.at(total, where, values[read])
    np.add.at(seen, where, 1.0)
    dense: Floats = np.where(seen > 0, total / np.maximum(seen, 1.0), np.nan)
    return dense


def _check_room(shape: tuple[int, ...]) -> None:
    if math.prod(shape) > _MOST_CELLS:
        raise DataError(
            "The verdicts name too many seeds and samples for so few rows.",
            "A sample is 0, 1, 2 ... of its prompt, not the number of the row.",
        )


def _facing(table: pa.Table, turned: pa.ChunkedArray) -> pa.Table:
    """The rows with the sides of the turned ones exchanged."""
    columns = {name: table[name] for name in table.column_names}
    for one, other in (("a", "b"), ("a_seed", "b_seed")):
        columns[one], columns[other] = pc.if_else(turned, table[other], table[one]), pc.if_else(turned, table[one], table[other])
    swap = {"a": "b", "b": "a", **_OTHER_ORDER}
    for name in ("verdict", "order"):
        turned_values = pa.array([swap.get(value, value) for value in table[name].to_pylist()], pa.string())
        columns[name] = pc.if_else(turned, turned_values, table[name])
    return pa.table(columns)


def _codes(column: pa.ChunkedArray) -> tuple[Ints, tuple[Any, ...]]:
    """Each value's place among the sorted distinct values, and these; null comes first."""
    values = column.to_pylist()
    distinct = tuple(sorted(set(values), key=_rank))
    ranks = {value: rank for rank, value in enumerate(distinct)}
    return np.array([ranks[value] for value in values], dtype=np.int64), distinct


def _rank(value: Any) -> tuple[Any, ...]:
    return () if value is None else (value,)


def _groups(table: pa.Table, names: list[str]) -> Iterator[tuple[Any, Ints]]:
    """The row numbers of each distinct combination, combinations in order of first appearance."""
    rows: dict[tuple[str, ...], list[int]] = {}
    for at, key in enumerate(zip(*(table[name].to_pylist() for name in names), strict=True)):
        rows.setdefault(key, []).append(at)
    for key, found in rows.items():
        yield key, np.array(found, dtype=np.int64)
