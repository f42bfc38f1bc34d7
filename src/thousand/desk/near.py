"""Which examples are alike: vectors of whole conversations, made once beside the run, and the nearest of them on demand."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from thousand.desk.pool import CACHE, Candidates
from thousand.embedding import Tfidf

_FITTED = 50_000
"""Conversations, spread evenly over the pool, from which the frequencies of words are learnt: more change the vectors little."""
_BLOCK = 8192

Vectors = NDArray[np.float32]


class Neighbourhood:
    """The vectors of a run's candidates, (n, d) of unit length, made in a thread of their own so that nobody waits for them.

    Args:
        candidates: the candidates as they are now.
    """

    def __init__(self, run: Path, candidates: Callable[[], Candidates]) -> None:
        self._folder, self._candidates = run / CACHE, candidates
        self._lock, self._key = threading.Lock(), ""
        self._worker: threading.Thread | None = None
        self.failed: str | None = None
        self._vectors: Vectors | None = None

    def vectors(self, *, wait: bool = False) -> Vectors | None:
        """The vectors, or None while they are being made; ``failed`` says when they cannot be."""
        candidates = self._candidates()
        with self._lock:
            if self._key != candidates.key:
                path = self._folder / f"vectors-{candidates.key}.npy"
                if path.is_file():
                    self._vectors, self._key, self.failed = np.load(path, mmap_mode="r", allow_pickle=False), candidates.key, None
                elif self._worker is None or not self._worker.is_alive():
                    self._worker = threading.Thread(target=self._make, args=(candidates, path), daemon=True, name="vectors")
                    self._worker.start()
            worker = self._worker if self._key != candidates.key else None
        if worker is not None and wait:
            worker.join()
            return self.vectors()
        return self._vectors if worker is None else None

    def nearest(
        self, row: int, count: int, *, among: NDArray[np.int64] | None = None, without: NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """The rows most like a row, with their cosines, the most alike first and without itself; empty while there are no vectors.

        Args:
            among: only these. without: none of these.

        Cost: a multiplication for each number of the vectors that are looked at: some 20 ms for 100,000 rows.
        """
        vectors = self.vectors()
        if vectors is None or row >= len(vectors):
            return []
        likeness = (vectors if among is None else vectors[among]) @ np.asarray(vectors[row])
        rows = np.arange(len(vectors)) if among is None else among
        likeness[rows == row] = -np.inf
        if without is not None:
            likeness[without] = -np.inf
        count = min(count, len(rows))
        top = np.argpartition(-likeness, count - 1)[:count] if count else np.zeros(0, dtype=np.int64)
        top = top[np.lexsort((rows[top], -likeness[top]))]
        return [(int(rows[at]), float(likeness[at])) for at in top if np.isfinite(likeness[at])]

    def _make(self, candidates: Candidates, path: Path) -> None:
        try:
            count = candidates.table.num_rows
            step = -(-count // _FITTED)
            learnt = Tfidf().fit([text for at, text in enumerate(texts(candidates)) if at % step == 0])
            blocks = [learnt.encode(list(block)) for block in _blocks(texts(candidates))]
            partial = path.with_name(f"{path.stem}.{os.getpid()}.partial.npy")
            np.save(partial, np.concatenate(blocks), allow_pickle=False)
            os.replace(partial, path)
            for old in set(self._folder.glob("vectors-*.npy")) - {path}:
                if ".partial" not in old.name:
                    old.unlink(missing_ok=True)
        except (OSError, ValueError, MemoryError) as error:  # the pages go on without neighbours, and say why
            self.failed = f"The examples could not be compared: {error}"


def texts(candidates: Candidates) -> Iterator[str]:
    """Each conversation as one text, in the order of the rows."""
    for batch in candidates.table.select(["messages"]).to_batches(max_chunksize=_BLOCK):
        for messages in batch.column(0).to_pylist():
            yield "\n\n".join(message["content"] for message in messages)


def _blocks(every: Iterator[str]) -> Iterator[list[str]]:
    block: list[str] = []
    for text in every:
        block.append(text)
        if len(block) == _BLOCK:
            yield block
            block = []
    if block:
        yield block
