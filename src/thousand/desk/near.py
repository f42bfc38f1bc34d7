"""Which examples are alike: vectors of whole conversations, made once beside the run, and the nearest of them on demand."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from thousand.desk.pool import CACHE, Candidates, Pool
from thousand.embedding import Tfidf

_FITTED = 50_000
"""Conversations, spread evenly over the pool, from which the frequencies of words are learnt: more change the vectors little."""
_BLOCK = 8192

Vectors = NDArray[np.float32]


class Neighbourhood:
    """The vectors of a run's candidates, (n, d) of unit length, made in a process of their own so that nobody waits for them.

    Attributes:
        failed: why there are no vectors and will be none; None otherwise.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self.failed: str | None = None
        self._lock, self._key = threading.Lock(), ""
        self._vectors: Vectors | None = None
        self._worker: tuple[str, threading.Thread] | None = None

    def vectors(self, *, wait: bool = False) -> Vectors | None:
        """The vectors, or None while they are being made."""
        candidates = self._pool.candidates
        with self._lock:
            if self._key == candidates.key:
                return self._vectors
            path = _path(self._pool, candidates)
            if path.is_file():
                self._vectors, self._key, self.failed = np.load(path, mmap_mode="r", allow_pickle=False), candidates.key, None
                return self._vectors
            if self._worker is None or self._worker[0] != candidates.key:  # one that failed is not begun again
                self._worker = candidates.key, threading.Thread(target=self._make, daemon=True, name="vectors")
                self._worker[1].start()
            worker = self._worker[1]
        if wait and worker.is_alive():
            worker.join()
            return self.vectors()
        return None

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

    def _make(self) -> None:
        command = [sys.executable, "-m", "thousand.desk.near", str(self._pool.run), self._pool.arm]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  our own module, no shell
        if done.returncode:
            said = done.stderr.strip().splitlines() or [f"the process ended with {done.returncode}"]
            self.failed = f"The examples could not be compared: {said[-1][:300]}"


def make(pool: Pool) -> Path:
    """Make the vectors of a run's candidates, unless they are there: a file of its cache."""
    candidates = pool.candidates
    path = _path(pool, candidates)
    if path.is_file():
        return path
    step = -(-candidates.table.num_rows // _FITTED)
    learnt = Tfidf().fit([text for at, text in enumerate(texts(candidates)) if at % step == 0])
    vectors = np.concatenate([learnt.encode(block) for block in _blocks(texts(candidates))])
    partial = path.with_name(f"{path.stem}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as stream:
            np.save(stream, vectors, allow_pickle=False)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    for old in set(path.parent.glob("vectors-*.npy")) - {path}:
        old.unlink(missing_ok=True)
    return path


def _path(pool: Pool, candidates: Candidates) -> Path:
    return pool.run / CACHE / f"vectors-{candidates.key}.npy"


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


if __name__ == "__main__":
    os.nice(10)
    make(Pool.open(Path(sys.argv[1]), sys.argv[2]))
