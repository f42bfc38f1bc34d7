"""The verdicts table as arrays whose last axis is the prompt, so that arms compare prompt by prompt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from thousand.statistics import per_prompt

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Key = tuple[str, str, str]  # judge, criterion, arm

_VALUE = {"a": 1.0, "tie": 0.0, "b": -1.0}
_OTHER_ORDER = {"ab": "ba", "ba": "ab"}


@dataclass(frozen=True)
class Rated:
    """One arm as one judge rated it on one criterion.

    Attributes:
        values: (seeds, samples, prompts); NaN where nothing was rated or read.
        unparsed: ratings that could not be read.
    """

    values: Floats
    unparsed: int

    @property
    def by_seed(self) -> Floats:
        """(seeds, prompts), samples averaged."""
        return np.stack([per_prompt(seed) for seed in self.values])


@dataclass(frozen=True)
class Paired:
    """The claim against one arm, as one judge saw both answers.

    Attributes:
        score: (claim's seeds, other's seeds, samples, prompts): +1 where the claim won, 0 for a tie, -1 where it lost, both orders
            merged; NaN where there is no verdict.
        won, lost: (claim's seeds, other's seeds, prompts), shares of the samples; NaN where there is no verdict.
        flipped: pairs on which the two orders disagreed; they are ties.
        unparsed: verdicts that could not be read.
    """

    score: Floats
    won: Floats
    lost: Floats
    flipped: int
    unparsed: int


def rated(verdicts: pa.Table) -> dict[Key, Rated]:
    """Every rating. Prompts stand in the same order in every array."""
    prompts = _codes(verdicts["prompt_id"])
    alone = pc.is_null(verdicts["b"])
    table, prompt = verdicts.filter(alone), prompts[alone.to_numpy()]
    count = int(prompts.max(initial=-1)) + 1
    found = {}
    for key, rows in _groups(table, ["judge", "criterion", "a"]):
        seeds, samples = _codes(table["a_seed"].take(rows)), _codes(table["sample"].take(rows))
        rating = table["rating"].take(rows).to_numpy().astype(np.float64)
        values = _scatter((seeds, samples, prompt[rows]), count, rating)
        found[key] = Rated(values, int(np.isnan(rating).sum()))
    return found


def paired(verdicts: pa.Table, claim: str) -> dict[Key, Paired]:
    """Every direct comparison of the claim with another arm, whichever of them the table calls a."""
    prompts = _codes(verdicts["prompt_id"])
    count = int(prompts.max(initial=-1)) + 1
    ours = pc.and_(pc.is_valid(verdicts["b"]), pc.not_equal(verdicts["a"], verdicts["b"]))
    ours = pc.and_(ours, pc.or_(pc.equal(verdicts["a"], claim), pc.equal(verdicts["b"], claim)))
    ours = pc.fill_null(ours, False)
    table, prompt = _facing(verdicts.filter(ours), claim), prompts[ours.to_numpy()]
    found = {}
    for key, rows in _groups(table, ["judge", "criterion", "b"]):
        part = table.take(rows)
        axes = tuple(_codes(part[name]) for name in ("a_seed", "b_seed", "sample"))
        score = np.array([_VALUE.get(verdict, np.nan) for verdict in part["verdict"].to_pylist()])
        verdict, flipped = _over_orders(axes, prompt[rows], count, part["order"].to_pylist(), score)
        won, lost = _shares(verdict, verdict > 0), _shares(verdict, verdict < 0)
        found[key] = Paired(verdict, won, lost, flipped, int(np.isnan(score).sum()))
    return found


def beats(a: Rated, b: Rated) -> tuple[Floats, Floats]:
    """Shares of the sample pairs in which a is rated above and below b, each (a's seeds, b's seeds, prompts)."""
    difference = a.values[:, None, :, None, :] - b.values[None, :, None, :, :]
    shape = (*difference.shape[:2], -1, difference.shape[-1])
    difference = difference.reshape(shape)
    return _shares(difference, difference > 0), _shares(difference, difference < 0)


def _over_orders(axes: tuple[Ints, ...], prompt: Ints, count: int, orders: list[str | None], score: Floats) -> tuple[Floats, int]:
    """One verdict for each pair of answers, from those of both orders: (a's seeds, b's seeds, samples, prompts).

    Orders that disagree are a tie. A pair of which one order was asked and not read has no verdict: the other order alone
    could be a liking for the first answer.
    """
    shape = tuple(int(axis.max(initial=-1)) + 1 for axis in axes)
    lowest, highest = np.full((2, *shape, count), np.nan)
    unread = np.zeros((*shape, count), dtype=bool)
    for order in sorted(set(orders), key=str):
        here = np.array([each == order for each in orders])
        at = (*(axis[here] for axis in axes), prompt[here])
        values = _scatter(at, count, score[here], shape)
        unread[tuple(index[np.isnan(score[here])] for index in at)] = True
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


def _scatter(at: tuple[Ints, ...], count: int, values: Floats, shape: tuple[int, ...] | None = None) -> Floats:
    """A dense array from its cells; a cell that is given twice holds the mean, one that is not given NaN."""
    shape = shape or tuple(int(axis.max(initial=-1)) + 1 for axis in at[:-1])
    total, seen = np.zeros((2, *shape, count))
    read = ~np.isnan(values)
    where = tuple(axis[read] for axis in at)
    np.add.at(total, where, values[read])
    np.add.at(seen, where, 1.0)
    dense: Floats = np.where(seen > 0, total / np.maximum(seen, 1.0), np.nan)
    return dense


def _facing(table: pa.Table, claim: str) -> pa.Table:
    """The rows with the claim as a: where it was b, the sides change places."""
    turned = pc.equal(table["b"], claim)
    columns = {name: table[name] for name in table.column_names}
    for one, other in (("a", "b"), ("a_seed", "b_seed")):
        columns[one], columns[other] = pc.if_else(turned, table[other], table[one]), pc.if_else(turned, table[one], table[other])
    swap = {"a": "b", "b": "a", **_OTHER_ORDER}
    for name in ("verdict", "order"):
        turned_values = pa.array([swap.get(value, value) for value in table[name].to_pylist()], pa.string())
        columns[name] = pc.if_else(turned, turned_values, table[name])
    return pa.table(columns)


def _codes(column: pa.ChunkedArray) -> Ints:
    """Each value's place among the sorted distinct values."""
    values = np.asarray(column.to_pylist(), dtype=object)
    if values.size == 0:
        return np.zeros(0, dtype=np.int64)
    ranks = {value: rank for rank, value in enumerate(sorted(set(values), key=lambda v: (v is not None, v)))}
    return np.array([ranks[value] for value in values], dtype=np.int64)


def _groups(table: pa.Table, names: list[str]) -> Iterator[tuple[Key, Ints]]:
    """The row numbers of each distinct combination, combinations in order of first appearance."""
    rows: dict[Key, list[int]] = {}
    for at, key in enumerate(zip(*(table[name].to_pylist() for name in names), strict=True)):
        rows.setdefault(key, []).append(at)
    for key, found in rows.items():
        yield key, np.array(found, dtype=np.int64)
