"""A small share of every source, to learn what the whole will take before it is read."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from thousand import tables
from thousand.errors import DataError
from thousand.gather.gather import candidate, shards
from thousand.gather.parts import Parts
from thousand.gather.rows import Candidate, Row, Unit
from thousand.recipe import Choice

_LEAST = 200  # rows of a unit: fewer say nothing of the rest
_A_LOOK = 64  # bytes; the first line is shorter
_EVERY = 20  # rows between two looks at how far the file was read


@dataclass(frozen=True)
class Sample:
    """What a share of the sources held.

    Attributes:
        read, candidates: rows read, and those that became candidates.
        share: of the sources' bytes that was read.
        expected: candidates in the whole: each unit's own, by the share of it that was read.
        seconds: expected to read the whole.
    """

    read: int
    candidates: int
    share: float
    expected: int
    seconds: float


def sample(sources: Sequence[Choice], out: Path, share: float) -> Sample:
    """Read the first rows of every unit, until the share of its bytes is read, into a table of candidates.

    How far a file was read is what the system says this process has read; where it does not say, all of it is read.

    Raises:
        RecipeError, DataError: as `gather`; also when no row of the sample is a candidate.
    """
    table = Parts(out, tables.CANDIDATES)
    read = candidates = 0
    size = taken = expected = seconds = 0.0
    for shard in shards(sources):
        for source, unit in shard.units:
            started, before = time.monotonic(), candidates
            rows = _Rows(unit, share)
            for row in rows:
                read += 1
                if isinstance(row, Candidate):
                    candidates += 1
                    table.add(*candidate(source, row))
            size, taken = size + unit.size, taken + rows.share * unit.size
            expected += (candidates - before) / rows.share
            seconds += (time.monotonic() - started) / rows.share
    table.close()
    if not candidates:
        raise DataError(f"None of the first {read:,} rows is a candidate.", "Run thousand gather to see the reasons.")
    return Sample(read, candidates, min(1.0, taken / max(size, 1)) or 1.0, round(expected), seconds)


class _Rows:
    """The first rows of a unit. ``share`` is how much of it they were, once they are through.

    Files are read ahead in pieces, packed ones in large pieces, so that what was read says little of what the rows so far have
    used. But when the next piece is read, all before it is used up: only then is it known how far the rows have come.
    """

    def __init__(self, unit: Unit, wanted: float) -> None:
        self.unit, self.wanted, self.share = unit, wanted, 1.0

    def __iter__(self) -> Iterator[Row]:
        start = _bytes_read()
        used, looks = 0, 1
        for number, row in enumerate(self.unit.rows(), 1):
            yield row
            if number % _EVERY == 0 and start is not None:
                read = (_bytes_read() or start) - start - looks * _A_LOOK  # what is read to look is read, too
                looks += 1
                share = used / max(self.unit.size, 1)
                if read > used and number >= _LEAST and self.wanted <= share < 1:
                    self.share = share
                    return
                used = read


def _bytes_read() -> int | None:
    try:
        with Path("/proc/self/io").open("rb", buffering=0) as stream:
            return int(stream.read(_A_LOOK).split()[1])  # rchar: bytes asked of the system by read and its kin
    except (OSError, ValueError, IndexError):
        return None
