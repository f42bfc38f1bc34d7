"""Semantic copies: texts whose vectors are similar (cosine). Exact: every pair that matters is compared.

Vectors are compared by matrix products in single precision, which differ in the last digits with the shape of the matrices; so
these only say which pairs may be similar, and a pair is decided by its own product in double precision.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from thousand import engine, manifest, tables
from thousand.curate.duplicates import groups
from thousand.curate.duplicates.greedy import twins
from thousand.curate.duplicates.groups import Rows
from thousand.curate.duplicates.sides import TEXT, plain, side
from thousand.embedding import Embedder, Tfidf, embedder
from thousand.engine import HERE, Engine
from thousand.recipe import Duplicates

Vectors = NDArray[np.float32]

FITTED = 50_000
"""TF-IDF is fitted to so many of the texts, if there are more."""
_TEXTS_IN_PART = 4096
_BLOCK, _SURVIVORS_AT_ONCE, _PAIRS_AT_ONCE = 512, 8192, 1 << 14
_SLACK = 1e-4
"""More than single precision can err by."""
_ROUNDING = 1e-9
"""Two vectors are similar from the threshold less this on, so that a vector is similar to itself at a threshold of 1."""
_IN_VAIN = 2e-4
"""The share of pairs that may pass the bound and turn out not to be similar."""


def prepare(candidates: Path, out: Path, settings: Duplicates, progress: Callable[[int], None], by: Engine) -> None:
    """Write the group of every row, of rows whose texts are the same, and a unit vector for each group.

    Texts are embedded in the order of their hashes, since what a model computes for one varies a little with its neighbours.
    """
    engine.map_parts(candidates, ["messages"], _Names(settings.over), out / "names", progress, by)
    group, first = groups.grouped(out / "names")
    groups.write(out / "groups.parquet", group)
    if not (out / "texts").exists():
        _write_texts(candidates, settings.over, first, out / "texts")
    if settings.model is None:
        some = tables.read(out / "texts")["text"][:FITTED].to_pylist()
        engine.map_parts(out / "texts", ["text"], _Encode(Tfidf().fit(some)), out / "vectors")
    else:
        alone = HERE if isinstance(by, engine.Processes) else by  # a model takes all cores as it is
        engine.map_parts(out / "texts", ["text"], _EncodeByModel(settings.model), out / "vectors", None, alone)
    manifest.remove(out / "texts")
    manifest.remove(out / "names")


def survivors(prepared: Path, settings: Duplicates, priority: Rows) -> tuple[Rows, NDArray[np.float64]]:
    """Who survives of the groups."""
    group = groups.read(prepared / "groups.parquet")
    leader = groups.leaders(group, priority)
    stored = tables.read(prepared / "vectors")["vector"]
    vectors = np.concatenate([each.flatten().to_numpy().reshape(len(each), -1) for each in stored.chunks])
    return groups.by_row(group, leader, *thin(vectors, priority[leader], settings.least))


def thin(vectors: Vectors, rank: Rows, threshold: float) -> tuple[Rows, NDArray[np.float64]]:
    """Who is dropped, and against whom.

    Args:
        vectors: (n, d); one of zeros is similar to none.
        rank: (n,) priorities, all different.
        threshold: the least cosine of two that are similar.

    Returns:
        For each the first survivor by priority that it is similar to, -1 for a survivor, and their cosine, NaN for a survivor.
    """
    order = np.argsort(rank)
    twin, similarity = np.full(len(rank), -1, dtype=np.int64), np.full(len(rank), np.nan)
    pairs = _Pairs(vectors, threshold)
    sketches = pairs.sketches[order]
    kept, kept_sketches = np.empty(len(rank), dtype=np.int64), np.empty_like(sketches)
    count = 0
    for start in range(0, len(order), _BLOCK):
        block, sketch = order[start : start + _BLOCK], sketches[start : start + _BLOCK]
        for at in range(0, count, _SURVIVORS_AT_ONCE):
            some = slice(at, min(at + _SURVIVORS_AT_ONCE, count))
            for a, b, cosine in pairs.similar(kept[some], kept_sketches[some], block, sketch):
                new = twin[block[b]] < 0
                item, first = np.unique(b[new], return_index=True)  # the pairs are in order of a
                twin[block[item]], similarity[block[item]] = kept[some][a[new][first]], cosine[new][first]
            block, sketch = block[twin[block] < 0], sketch[twin[block] < 0]
        within = [(a[a < b], b[a < b], cosine[a < b]) for a, b, cosine in pairs.similar(block, sketch, block, sketch)]
        a, b, cosine = (np.concatenate(each) for each in zip(*within, strict=True))
        own, likeness = twins(a, b, cosine, np.arange(len(block)))
        twin[block], similarity[block] = np.where(own < 0, -1, block[own]), likeness
        stay = own < 0
        kept[count : count + stay.sum()], kept_sketches[count : count + stay.sum()] = block[stay], sketch[stay]
        count += int(stay.sum())
    return twin, similarity


class _Pairs:
    """Which pairs of vectors are similar.

    Attributes:
        sketches: (n, k + 1). Of vectors turned so that their first k places hold most of them, these k, and the length of the
            rest: by Cauchy and Schwarz the product of two sketches is at least that of the two vectors.
    """

    def __init__(self, vectors: Vectors, threshold: float) -> None:
        self._vectors, self._threshold = vectors, threshold
        self._lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64))
        self._lengths[self._lengths == 0] = np.inf
        self.sketches = self._sketches()

    def similar(
        self, left: Rows, left_sketches: Vectors, right: Rows, right_sketches: Vectors
    ) -> Iterator[tuple[Rows, Rows, NDArray[np.float64]]]:
        """Positions of similar vectors in ``left`` and ``right``, in ascending order of the former, and their cosines."""
        places = np.flatnonzero(left_sketches @ right_sketches.T >= self._threshold - _SLACK)
        for start in range(0, max(1, len(places)), _PAIRS_AT_ONCE):
            a, b = np.divmod(places[start : start + _PAIRS_AT_ONCE], max(1, len(right)))
            cosine = self._cosine(left[a], right[b])
            enough = cosine >= self._threshold - _ROUNDING
            yield a[enough], b[enough], cosine[enough]

    def _cosine(self, a: Rows, b: Rows) -> NDArray[np.float64]:
        products = np.einsum("ij,ij->i", self._vectors[a], self._vectors[b], dtype=np.float64)
        cosines: NDArray[np.float64] = np.minimum(products / (self._lengths[a] * self._lengths[b]), 1.0)
        return cosines

    def _sketches(self) -> Vectors:
        """With the least k for which few pairs pass in vain, as far as some of the vectors show. It changes the time, not the result."""
        count, dimensions = self._vectors.shape
        some = self._vectors[:: max(1, count // 4096)]
        _, axes = np.linalg.eigh(some.T @ some)
        turned = self._vectors @ np.ascontiguousarray(axes[:, ::-1])
        for k in (16, 32, 64, 128, 256, 512):
            if k >= dimensions:
                break
            sketches = _cut(turned, k)
            few = sketches[:: max(1, count // 1024)]
            pass_, similar = few @ few.T >= self._threshold, some[::4] @ some[::4].T >= self._threshold
            if pass_.mean() - similar.mean() < _IN_VAIN:
                return sketches
        return self._vectors


def _cut(turned: Vectors, k: int) -> Vectors:
    return np.concatenate([turned[:, :k], np.linalg.norm(turned[:, k:], axis=1, keepdims=True)], axis=1)


@dataclass(frozen=True)
class _Names:
    """From a part of the candidates to the hash of each text, null where there is no word in it."""

    over: str

    def __call__(self, part: pa.Table) -> pa.Table:
        texts = side(part["messages"], self.over)
        return groups.names(texts, pc.not_equal(plain(texts), "").to_numpy(zero_copy_only=False))


def _write_texts(candidates: Path, over: str, rows: Rows, out: Path) -> None:
    """The texts of some rows, in their order, in parts."""
    found, seen = [], 0
    wanted = np.sort(rows)
    for batch in tables.batches(candidates, ["messages"]):
        here = wanted[np.searchsorted(wanted, seen) : np.searchsorted(wanted, seen + batch.num_rows)] - seen
        found.append(side(batch["messages"].take(pa.array(here)), over))
        seen += batch.num_rows
    texts = pa.table({"text": pa.chunked_array(found, TEXT)})
    place = np.searchsorted(wanted, rows)
    some = (texts.take(pa.array(place[start : start + _TEXTS_IN_PART])) for start in range(0, len(rows), _TEXTS_IN_PART))
    partial = out.with_name("texts.partial")
    tables.write_parts(partial, some, texts.schema)
    partial.rename(out)


@dataclass(frozen=True)
class _Encode:
    """From a part of the texts to their vectors."""

    embedder: Embedder

    def __call__(self, part: pa.Table) -> pa.Table:
        vectors = self.embedder.encode(part["text"].to_pylist())
        return pa.table({"vector": pa.FixedSizeListArray.from_arrays(vectors.ravel(), vectors.shape[1])})


@dataclass(frozen=True)
class _EncodeByModel:
    """The same by a model."""

    folder: str

    def __call__(self, part: pa.Table) -> pa.Table:
        return _Encode(embedder(self.folder))(part)
