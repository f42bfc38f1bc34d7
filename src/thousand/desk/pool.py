"""What the pages read of a run: the candidates with their ledger, on disk and looked up by row, and the selection and its reserve.

The candidates and their ledger are copied once into an Arrow file beside the run that is mapped into memory: a row of a million
is there at once, and no text is held that nobody looks at.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from thousand import tables
from thousand.desk.items import claim_of
from thousand.errors import DataError

CACHE = Path("desk") / "cache"
COLUMNS = ["id", "content", "source", "origin", "messages", "licence", "author", "link"]
_FATE = ["kept", "reasons", "twin", "similarity", "unmeasured"]


@dataclass(frozen=True)
class Candidates:
    """Every candidate of the run, with what the ledger says of it.

    Attributes:
        table: `COLUMNS`, `_FATE` and one column for each signal, mapped from a file.
        signals: their names.
        key: of the run's files that it was made of.
    """

    table: pa.Table
    signals: Sequence[str]
    key: str

    def row(self, at: int) -> dict[str, Any]:
        """One of them."""
        row: dict[str, Any] = self.table.slice(at, 1).to_pylist()[0]
        return row

    def rows_of(self, column: str, values: Sequence[str]) -> dict[str, int]:
        """The first row with each of the values in a column of names, for those that there are."""
        found = pc.index_in(self.table[column], value_set=pa.array(values, pa.string()))
        at = np.flatnonzero(found.is_valid().to_numpy())
        which = found.take(pa.array(at)).to_pylist() if len(at) else []
        rows: dict[str, int] = {}
        for row, value in zip(at.tolist(), which, strict=True):
            rows.setdefault(values[value], row)
        return rows


@dataclass(frozen=True)
class Selection:
    """What is reviewed.

    Attributes:
        table: of schema `tables.SELECTION`, in the order of rank.
        contents: of its rows, in that order.
        places: the place of each content in it, from 0.
        reserve: what comes next, in order; None where the run has written none.
        key: of the files.
    """

    arm: str
    table: pa.Table
    contents: Sequence[str]
    places: dict[str, int]
    reserve: pa.Table | None
    key: str


class Pool:
    """The tables of a run, read again when a run beside the desk has written others. Safe for threads.

    Attributes:
        every: seconds between two looks at the files.
    """

    def __init__(self, run: Path, arm: str | None) -> None:
        self.run = run
        self.arm = arm or _claim(run)
        self.every, self._looked = 0.5, 0.0
        self._lock = threading.Lock()
        self._selection = _read_selection(run, self.arm)
        self._candidates = _read_candidates(run)

    @classmethod
    def open(cls, run: Path, arm: str | None = None) -> Pool:
        """The tables of a run.

        Raises:
            DataError: there is no such run, no selection to review, or no ledger.
        """
        return cls(run, arm)

    @property
    def selection(self) -> Selection:
        """The selection as it is now."""
        self._refresh()
        return self._selection

    @property
    def candidates(self) -> Candidates:
        """The candidates as they are now."""
        self._refresh()
        return self._candidates

    def _refresh(self) -> None:
        """While a run is writing, some of its files may be missing for a moment: what was read last still stands then."""
        if time.monotonic() - self._looked < self.every:
            return
        self._looked = time.monotonic()
        try:
            with self._lock:
                if _key(_selection_files(self.run, self.arm)) != self._selection.key:
                    self._selection = _read_selection(self.run, self.arm)
                if _key(_candidate_files(self.run)) != self._candidates.key:
                    self._candidates = _read_candidates(self.run)
        except (DataError, OSError):
            return


def _claim(run: Path) -> str:
    if not run.is_dir():
        raise DataError(f"There is no run directory {run}.", "Give the folder that `thousand run RECIPE --out` wrote to.")
    arms = sorted(path.name for path in (run / "arms").glob("*") if _selection_paths(run, path.name))
    claim = claim_of(run)
    if claim in arms:
        return str(claim)
    if len(arms) == 1:
        return arms[0]
    if arms:
        raise DataError(f"{run} has the selections of {', '.join(arms)}.", "Say which to review: --arm NAME.")
    raise DataError(f"{run} has no selection to review.", "Run the recipe until it has chosen: thousand run RECIPE --until select.")


def _selection_paths(run: Path, arm: str) -> list[Path]:
    """The selection of an arm, of its first draw where it has several, if there is one."""
    folder = run / "arms" / arm
    places = [folder / "selection.parquet", folder / "draw-0" / "selection.parquet"]
    return [path for path in places if path.is_file()][:1]


def _selection_files(run: Path, arm: str) -> list[Path]:
    paths = _selection_paths(run, arm)
    if not paths:
        raise DataError(f"{run} has no selection of an arm {arm!r}.", "Run the recipe until it has chosen: thousand run RECIPE.")
    reserve = paths[0].with_name("reserve.parquet")
    return [paths[0], reserve] if reserve.is_file() else paths


def _read_selection(run: Path, arm: str) -> Selection:
    files = _selection_files(run, arm)
    key = _key(files)
    table = tables.conform(tables.read(files[0]), tables.SELECTION)
    contents = table["content"].to_pylist()
    places: dict[str, int] = {}
    for at, content in enumerate(contents):
        places.setdefault(content, at)
    return Selection(arm, table, contents, places, tables.read(files[1]) if len(files) > 1 else None, key)


def _candidate_files(run: Path) -> list[Path]:
    texts = run / "curate" / "texts"
    return [*sorted((texts if texts.is_dir() else run / "candidates").glob("*.parquet")), run / "curate" / "ledger.parquet"]


def _read_candidates(run: Path) -> Candidates:
    files = _candidate_files(run)
    if len(files) < 2 or not files[-1].is_file():
        raise DataError(f"{run} has no curated pool.", "Run the recipe until it has curated: thousand run RECIPE --until curate.")
    key = _key(files)
    path = run / CACHE / f"pool-{key}.arrow"
    if not path.is_file():
        _join(files[:-1], files[-1], path)
        for old in set(path.parent.glob("pool-*.arrow")) - {path}:
            old.unlink(missing_ok=True)  # whoever still reads it keeps it
    table = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
    return Candidates(table, [name for name in table.column_names if name not in (*COLUMNS, *_FATE)], key)


def _join(parts: Iterable[Path], ledger: Path, path: Path) -> None:
    """Texts and ledger side by side, part by part, uncompressed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    judged = pq.ParquetFile(ledger)
    own = [name for name in judged.schema_arrow.names if name not in ("id", "content")]
    rest, writer = iter(judged.iter_batches(batch_size=8192, columns=["id", *own])), None
    pending = pa.table({name: pa.array([], judged.schema_arrow.field(name).type) for name in ["id", *own]})
    with judged, pa.OSFile(str(partial), "wb") as sink:
        for batch in (each for part in parts for each in tables.batches(part, COLUMNS)):
            while pending.num_rows < batch.num_rows and (more := next(rest, None)) is not None:
                pending = pa.concat_tables([pending, pa.Table.from_batches([more])])
            fate, pending = pending.slice(0, batch.num_rows), pending.slice(batch.num_rows)
            if not fate["id"].combine_chunks().equals(batch["id"].combine_chunks()):
                raise DataError(f"The rows of {ledger} are not those of the texts beside it.", "Run the recipe again.")
            for name in own:
                batch = batch.append_column(name, fate[name])
            writer = writer or pa.ipc.new_file(sink, batch.schema)
            writer.write_table(batch)
        if writer is None:
            raise DataError(f"{ledger} has no rows.", "Gather candidates first.")
        writer.close()
    os.replace(partial, path)


def _key(files: Sequence[Path]) -> str:
    """Of files as they stand: their names, sizes and times, which change whenever a stage is done again."""
    marks = [f"{path.name}:{stat.st_size}:{stat.st_mtime_ns}" for path in files for stat in [path.stat()]]
    return hashlib.sha256("\n".join(marks).encode()).hexdigest()[:16]
