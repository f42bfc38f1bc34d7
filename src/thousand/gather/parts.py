"""A table written part by part as its rows come, with bounded memory."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from thousand import tables

_BATCH = 4096  # rows held as Python objects, which take several times the room of Arrow's
_BATCH_SIZE = 1 << 24  # characters
_PART_SIZE = 1 << 28  # bytes


class Parts:
    """Files ``part-00000-000.parquet``, ... in a folder; what an earlier attempt left there under these names is replaced.

    Args:
        name: what they have in common before their number: ``part-00000``.
        rows: of one part, at most: few enough that a killed run has little to do again, and a cluster much to share out.
    """

    def __init__(self, folder: Path, schema: pa.Schema, name: str = "part-00000", rows: int = 10_000) -> None:
        self._folder = folder
        self._name = name
        self._schema = schema
        self._rows = rows
        self._held: list[Sequence[Any]] = []
        self._held_size = 0
        self._batches: list[pa.Table] = []
        self._batched = 0  # rows
        self._part = 0
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob(f"{name}-*.parquet"):
            old.unlink()

    def add(self, row: Sequence[Any], size: int) -> None:
        """One row more.

        Args:
            row: values in the order of the schema.
            size: about how many characters it has.
        """
        self._held.append(row)
        self._held_size += size
        if len(self._held) + self._batched == self._rows:
            self._flush()
        elif len(self._held) == _BATCH or self._held_size > _BATCH_SIZE:
            self._pack()
            if sum(batch.nbytes for batch in self._batches) > _PART_SIZE:
                self._flush()

    def close(self) -> None:
        """Write what is left; no rows are no part."""
        if self._held or self._batches:
            self._flush()

    def _pack(self) -> None:
        columns = zip(*self._held, strict=True) if self._held else [()] * len(self._schema)
        arrays = [pa.array(column, type=field.type) for column, field in zip(columns, self._schema, strict=True)]
        self._batches.append(pa.Table.from_arrays(arrays, schema=self._schema))
        self._batched += len(self._held)
        self._held, self._held_size = [], 0

    def _flush(self) -> None:
        self._pack()
        tables.write(self._folder / f"{self._name}-{self._part:03d}.parquet", pa.concat_tables(self._batches), self._schema)
        self._batches, self._batched = [], 0
        self._part += 1
