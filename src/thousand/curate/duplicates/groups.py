"""Rows that say the very same are one group, and only one row of a group need ever be compared."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from thousand import tables

Rows = NDArray[np.int64]
NAMES = pa.schema([("high", pa.uint64()), ("low", pa.uint64())])
"""The two halves of a 128-bit hash; null for a text that is never a copy."""


def names(texts: pa.LargeStringArray, has_words: NDArray[np.bool_]) -> pa.Table:
    """The hash of each text (BLAKE2b), in the columns of `NAMES`."""
    digests = b"".join(hashlib.blake2b(text.encode(), digest_size=16).digest() for text in texts.to_pylist())
    halves = np.frombuffer(digests, dtype="<u8").reshape(-1, 2)
    return pa.table([pa.array(half, mask=~has_words) for half in halves.T], schema=NAMES)


def grouped(named: Path) -> tuple[Rows, Rows]:
    """Number the groups of equal names, in the order of the names, which is not that of the rows.

    Args:
        named: a table with the columns of `NAMES`.

    Returns:
        (n,) number of each row's group, -1 where there is no name; and for each group the first of its rows.
    """
    table = tables.read(named, NAMES.names)
    known = np.flatnonzero(table["high"].is_valid().to_numpy())
    high, low = (table[name].drop_null().to_numpy() for name in NAMES.names)
    order = np.lexsort((low, high))
    first = np.ones(len(order), dtype=bool)
    first[1:] = (high[order][1:] != high[order][:-1]) | (low[order][1:] != low[order][:-1])
    group = np.full(table.num_rows, -1, dtype=np.int64)
    group[known[order]] = np.cumsum(first) - 1
    return group, known[order[first]]


def write(path: Path, group: Rows) -> None:
    """Keep what `grouped` found."""
    tables.write(path, pa.table({"group": group}))


def read(path: Path) -> Rows:
    """What `write` kept."""
    return np.array(tables.read(path)["group"].to_numpy(), dtype=np.int64)


def leaders(group: Rows, priority: Rows) -> Rows:
    """For each group the row that comes first by priority."""
    order = np.argsort(priority)
    order = order[group[order] >= 0]
    _, first = np.unique(group[order], return_index=True)
    leader: Rows = order[first]
    return leader


def by_row(group: Rows, leader: Rows, twin: Rows, similarity: NDArray[np.float64]) -> tuple[Rows, NDArray[np.float64]]:
    """From the fate of the groups to that of the rows.

    Args:
        leader: for each group the row that stands for it.
        twin: for each group the group that it is a copy of, -1 for one that survives. similarity: to it.

    Returns:
        As `survivors` does: a row that does not lead its group has its leader's fate, or the leader itself for a twin.
    """
    survives = twin < 0
    goes_to = leader[np.where(survives, np.arange(len(twin)), twin)]
    named = group >= 0
    twins = np.full(len(group), -1, dtype=np.int64)
    twins[named] = goes_to[group[named]]
    likeness = np.full(len(group), np.nan)
    likeness[named] = np.where(survives, 1.0, similarity)[group[named]]
    itself = twins == np.arange(len(group))
    twins[itself], likeness[itself] = -1, np.nan
    return twins, likeness
