"""Near copies: texts whose sets of word trigrams are similar (Jaccard).

They are found by MinHash with banding and then measured: no row is dropped on an estimate. Where many meet, as in the copies of
one template, pairs are not listed; there the survivors are found by a join that misses none (`crowd`).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from thousand import engine, manifest, tables
from thousand.curate.duplicates import groups, meetings
from thousand.curate.duplicates.crowd import Crowd
from thousand.curate.duplicates.greedy import twins
from thousand.curate.duplicates.groups import Rows
from thousand.curate.duplicates.jaccard import Sets, by_frequency
from thousand.curate.duplicates.shingles import HASHES, bands, sets, shingles
from thousand.curate.duplicates.sides import plain, side
from thousand.engine import Engine
from thousand.recipe import Duplicates

RECALL = 0.99
"""Two texts exactly as similar as the threshold meet at least this often; at 0.8, with 21 bands of 6, it is 0.998."""
CROWD = 64
"""Items of a bucket with more than so many are not paired."""
_KEYS_AT_ONCE = 1 << 22


def prepare(candidates: Path, out: Path, settings: Duplicates, progress: Callable[[int], None], by: Engine) -> None:
    """Write the group of every row, the similar pairs of groups, and the sets of those groups that are in a crowd."""
    width = band_width(settings.least)
    engine.map_parts(candidates, ["messages"], _Keys(settings.over, width), out / "keys", progress, by)
    group, first = groups.grouped(out / "keys")
    found = list(_buckets(out / "keys", first, _bands(width)))
    met = np.unique(np.concatenate([each.items for each in found]))
    met = met[np.argsort(first[met])]
    measured = _sets(candidates, out / "elements.bin", settings.over, first[met], by)
    a, b, similarity, crowd = _measured(found, met, len(first), measured, settings.least)
    members = np.flatnonzero(crowd[met])
    elements, starts = _subset(measured, members)
    groups.write(out / "groups.parquet", group)
    tables.write(out / "similar.parquet", pa.table({"a": a, "b": b, "similarity": similarity}))
    listed = pa.LargeListArray.from_arrays(starts, by_frequency(elements, starts))
    tables.write(out / "crowd.parquet", pa.table({"group": met[members], "elements": listed}))
    manifest.remove(out / "elements.bin")
    manifest.remove(out / "keys")


def survivors(prepared: Path, settings: Duplicates, priority: Rows) -> tuple[Rows, NDArray[np.float64]]:
    """Who survives of the groups: those in crowds by one way, the others by another; no group of the one is similar to one of the other."""
    group = groups.read(prepared / "groups.parquet")
    leader = groups.leaders(group, priority)
    rank = priority[leader]
    similar = tables.read(prepared / "similar.parquet")
    a, b, similarity = (similar[name].to_numpy() for name in similar.column_names)
    better, worse = np.where(rank[a] < rank[b], a, b), np.where(rank[a] < rank[b], b, a)
    twin, likeness = twins(better, worse, similarity, rank)
    table = tables.read(prepared / "crowd.parquet")
    if table.num_rows:
        members, listed = table["group"].to_numpy(), table["elements"].combine_chunks()
        starts = np.concatenate([[0], np.cumsum(listed.value_lengths().to_numpy())])
        crowd = Crowd(Sets(listed.flatten().to_numpy(), starts), settings.least, rank[members])
        crowd.thin()
        twin[members], likeness[members] = np.where(crowd.twin < 0, -1, members[crowd.twin]), crowd.similarity
    return groups.by_row(group, leader, twin, likeness)


def band_width(threshold: float) -> int:
    """Hashes in a band: as many as the recall at the threshold allows, since the more there are, the fewer pairs are measured in vain."""
    widths = [width for width in range(18, 0, -1) if HASHES % width == 0]
    return next((width for width in widths if 1 - (1 - threshold**width) ** (HASHES // width) >= RECALL), 1)


@dataclass(frozen=True)
class _Keys:
    """From a part of the candidates to the name of each row and its keys."""

    over: str
    width: int

    def __call__(self, part: pa.Table) -> pa.Table:
        words = plain(side(part["messages"], self.over))
        table = groups.names(words, pc.not_equal(words, "").to_numpy(zero_copy_only=False))
        for name, keys in zip(_bands(self.width), bands(shingles(words), self.width), strict=True):
            table = table.append_column(name, pa.array(keys))
        return table


def _bands(width: int) -> list[str]:
    return [f"band{number}" for number in range(HASHES // width)]


def _buckets(keys: Path, rows: Rows, names: list[str]) -> Iterator[meetings.Buckets]:
    """Where some rows meet, band by band; a few bands are read at once, so that memory stays small."""
    several = max(1, _KEYS_AT_ONCE // max(1, len(rows)))
    for start in range(0, len(names), several):
        table = tables.read(keys, names[start : start + several])
        yield from (meetings.buckets(table[name].to_numpy()[rows]) for name in table.column_names)


def _sets(candidates: Path, path: Path, over: str, rows: Rows, by: Engine) -> Sets:
    """The sets of some rows, in ascending order of the rows; their elements stay on disk."""
    parts = engine.parts(candidates)
    edges = np.concatenate([[0], np.cumsum([tables.count(part) for part in parts])])
    cuts = np.searchsorted(rows, edges)
    tasks = [(part, rows[cuts[i] : cuts[i + 1]] - edges[i]) for i, part in enumerate(parts) if cuts[i + 1] > cuts[i]]
    sizes = [np.zeros(1, dtype=np.int64)]
    with path.open("wb") as stream:
        for elements, starts in by.run(functools.partial(_sets_of_part, over=over), tasks):
            elements.tofile(stream)
            sizes.append(np.diff(starts))
    elements = np.memmap(path, np.int64, "r") if tasks else np.empty(0, dtype=np.int64)
    return Sets(elements, np.cumsum(np.concatenate(sizes)))


def _sets_of_part(task: tuple[Path, Rows], *, over: str) -> tuple[NDArray[np.int64], Rows]:
    part, rows = task
    return sets(shingles(plain(side(tables.read(part, ["messages"]).take(rows)["messages"], over))))


def _subset(measured: Sets, members: Rows) -> tuple[NDArray[np.int64], Rows]:
    sizes = measured.sizes[members]
    return measured.elements[meetings.spans(measured.starts[members], sizes)], np.concatenate([[0], np.cumsum(sizes)])


def _measured(
    found: list[meetings.Buckets], met: Rows, count: int, measured: Sets, threshold: float
) -> tuple[Rows, Rows, NDArray[np.float64], NDArray[np.bool_]]:
    """The similar pairs of groups outside crowds, and which groups are in one.

    In a crowd is who shares a bucket with many, and whoever is similar to one in a crowd, directly or through others: so
    that what happens in crowds and outside are two things.
    """
    crowd = np.zeros(count, dtype=bool)
    for each in found:
        crowd[meetings.crowded(each, CROWD)] = True
    place = np.full(count, -1, dtype=np.int64)
    place[met] = np.arange(len(met))
    similar: list[tuple[Rows, Rows, NDArray[np.float64]]] = [(met[:0], met[:0], np.empty(0))]
    for first, second in meetings.pairs(found, CROWD, crowd):
        enough, similarity = measured.similar(place[first], place[second], threshold)
        similar.append((first[enough], second[enough], similarity))
    a, b, similarities = (np.concatenate(each) for each in zip(*similar, strict=True))
    _, label = connected_components(coo_array((np.ones(len(a), dtype=np.int8), (a, b)), shape=(count, count)), directed=False)
    crowd = np.bincount(label, weights=crowd, minlength=1)[label] > 0 if count else crowd
    outside = ~crowd[a]
    return a[outside], b[outside], similarities[outside], crowd
