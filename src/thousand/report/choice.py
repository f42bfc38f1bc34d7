"""What each arm chose beside what it chose from: where the picks lie, what they cover, how long they are, where they are from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from thousand import tables
from thousand.conversation import prompt_of, response_of
from thousand.embedding import Tfidf, exact

ARMS = 6
"""More are too many to tell apart in one figure."""
SAMPLE, DRAWN = 4000, 2000
"""Kept rows that stand for the pool, and first picks of an arm that are drawn: the page stays small whatever the pool."""
_FEWEST = 10
_SOURCES = 7
_BLOCK = 256


@dataclass(frozen=True, eq=False)
class Chosen:
    """An arm's first draw; k is the number of its picks, or `DRAWN` of them, in the order of choice.

    Attributes:
        count: picks in all.
        places: (k, 2) on the map.
        kept: (k,) whether the rules keep the row: baselines choose from the raw pool.
        coverage: (k,) mean over the pool's sample of the greatest cosine to the first picks, one, two, ...; none counts less than 0.
        lengths: (k,) characters of the response.
        sources: picks by source.
    """

    name: str
    count: int
    places: NDArray[np.float64]
    kept: NDArray[np.bool_]
    coverage: NDArray[np.float64]
    lengths: NDArray[np.int64]
    sources: Mapping[str, int]


@dataclass(frozen=True)
class Picture:
    """The pool's kept rows, by a sample of m, and the arms.

    Attributes:
        count: kept rows in all.
        places: (m, 2) on the map.
        variance: the share of the prompts' variance that the map shows.
        lengths: (m,) characters of the response.
        sources: all kept rows by source.
        arms: the claim first.
    """

    count: int
    places: NDArray[np.float64]
    variance: float
    lengths: NDArray[np.int64]
    sources: Mapping[str, int]
    arms: Sequence[Chosen]

    def frame(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The corners of the map. The outermost few of a thousand lie on its edge, so that a stray one does not push all the rest aside."""
        low, high = np.quantile(np.concatenate([self.places, *(arm.places for arm in self.arms)]), (0.002, 0.998), axis=0)
        return low, np.where(high > low, high, low + 1.0)

    def shares(self) -> list[tuple[str, list[float]]]:
        """Each source with its share of the kept rows and of each arm's picks, the greatest first; what is left is "others"."""
        groups = [self.sources, *(arm.sources for arm in self.arms)]
        totals = [max(1, sum(group.values())) for group in groups]
        every = {
            name: [group.get(name, 0) / total for group, total in zip(groups, totals, strict=True)] for group in groups for name in group
        }
        ordered = sorted(every.items(), key=lambda each: (-max(each[1]), each[0]))
        if len(ordered) <= _SOURCES:
            return ordered
        return [*ordered[: _SOURCES - 1], ("others", np.sum([shares for _, shares in ordered[_SOURCES - 1 :]], axis=0).tolist())]


def choice(texts: Path, ledger: Path, selections: Mapping[str, Path]) -> Picture | None:
    """Look at what was chosen.

    Args:
        texts, ledger: the candidates as curated and the ledger, row by row the same.
        selections: arm to its selection, the claim first; those beyond `ARMS` are left out.

    Returns:
        None where no arm chose, or there are too few rows for a picture. The same tables give the same picture, and the order of
        the candidates does not matter: the sample is drawn by the hash of the content.
    """
    judged = tables.read(ledger, ["id", "content", "kept"])
    chosen = {name: tables.read(path, ["id", "source", "messages"]) for name, path in list(selections.items())[:ARMS]}
    chosen = {name: table for name, table in chosen.items() if table.num_rows}
    if not chosen or pc.sum(judged["kept"]).as_py() < _FEWEST:
        return None
    sample, sources = _sample(texts, judged)
    drawn = {name: table["messages"].slice(0, DRAWN).to_pylist() for name, table in chosen.items()}
    prompts = {name: [prompt_of(each) for each in messages] for name, messages in drawn.items()}
    pool = [prompt_of(each) for each in sample]
    embedder = Tfidf().fit([*pool, *(prompt for each in prompts.values() for prompt in each)])
    vectors = exact(embedder.encode(pool))
    near = {name: exact(embedder.encode(each)) for name, each in prompts.items()}
    axes, centre, variance = _axes(np.concatenate([vectors, *near.values()]))
    kept = _kept(judged, chosen)
    arms = [
        Chosen(
            name=name,
            count=table.num_rows,
            places=(near[name] - centre) @ axes,
            kept=np.array([each in kept for each in table["id"].slice(0, DRAWN).to_pylist()], dtype=np.bool_),
            coverage=coverage(vectors, near[name]),
            lengths=_lengths(drawn[name]),
            sources=Counter(table["source"].to_pylist()),
        )
        for name, table in chosen.items()
    ]
    return Picture(int(pc.sum(judged["kept"]).as_py()), (vectors - centre) @ axes, variance, _lengths(sample), sources, arms)


def coverage(pool: NDArray[np.float32], picks: NDArray[np.float32]) -> NDArray[np.float64]:
    """Mean over (m, d) rows of the greatest cosine to the first of (k, d) picks, the first two, ...: (k,), rising.

    Cost: m k d multiplications, in blocks of m x 256.
    """
    best = np.zeros(len(pool), dtype=np.float32)
    found = np.empty(len(picks))
    for start in range(0, len(picks), _BLOCK):
        nearest = pool @ picks[start : start + _BLOCK].T
        np.maximum(nearest[:, 0], best, out=nearest[:, 0])
        np.maximum.accumulate(nearest, axis=1, out=nearest)
        best = nearest[:, -1].copy()
        found[start : start + _BLOCK] = nearest.mean(axis=0, dtype=np.float64)
    return found


def _sample(texts: Path, judged: pa.Table) -> tuple[list[Any], Counter[str]]:
    """The conversations of a sample of the kept rows, and the sources of all of them."""
    kept = judged["kept"].to_numpy(zero_copy_only=False).astype(bool)
    rows = judged.append_column("row", pa.array(np.arange(len(kept)))).filter(pa.array(kept))
    first = pc.select_k_unstable(rows, min(SAMPLE, rows.num_rows), sort_keys=[("content", "ascending"), ("id", "ascending")])
    taken = np.zeros(len(kept), dtype=bool)
    taken[rows["row"].take(first).to_numpy()] = True
    messages: dict[int, Any] = {}
    sources: Counter[str] = Counter()
    start = 0
    for batch in tables.batches(texts, ["source", "messages"]):
        here = slice(start, start + batch.num_rows)
        counted = pc.value_counts(batch["source"].filter(pa.array(kept[here]))).to_pylist()
        sources.update({each["values"] or "": each["counts"] for each in counted})
        found = batch["messages"].filter(pa.array(taken[here])).to_pylist()
        messages.update(zip((start + np.flatnonzero(taken[here])).tolist(), found, strict=True))
        start += batch.num_rows
    return [messages[row] for row in rows["row"].take(first).to_pylist()], sources


def _axes(vectors: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """The two principal axes of (n, d) vectors as (d, 2), their centre, and the share of the variance along the two."""
    centre = vectors.mean(axis=0, dtype=np.float64)
    _, spread, directions = np.linalg.svd(vectors - centre, full_matrices=False)
    axes = np.zeros((vectors.shape[1], 2))
    axes[:, : len(directions[:2])] = directions[:2].T
    axes *= np.where(axes[np.abs(axes).argmax(axis=0), [0, 1]] < 0, -1, 1)  # an axis has no sign of its own
    total = float((spread**2).sum())
    return axes, centre, float((spread[:2] ** 2).sum()) / total if total else 0.0


def _kept(judged: pa.Table, chosen: Mapping[str, pa.Table]) -> set[str]:
    """The ids of those picks that the rules keep, or that the pool has not: people wrote them."""
    wanted = pa.concat_arrays([chunk for table in chosen.values() for chunk in table["id"].chunks])
    dropped = judged.filter(pc.and_(pc.invert(judged["kept"]), pc.is_in(judged["id"], value_set=wanted)))
    return set(wanted.to_pylist()) - set(dropped["id"].to_pylist())


def _lengths(conversations: Sequence[Any]) -> NDArray[np.int64]:
    return np.array([len(response_of(each)) for each in conversations], dtype=np.int64)
