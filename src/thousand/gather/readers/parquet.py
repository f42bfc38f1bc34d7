"""Parquet, in batches of rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from thousand.gather.files import SourceFile
from thousand.gather.readers.record import Record

_BATCH = 1024  # rows


def parquet(file: SourceFile) -> Iterator[Record]:
    """The rows of every row group. A column that cannot be a field of a conversation is read all the same."""
    number = 0
    with pq.ParquetFile(file.path) as table:
        for batch in table.iter_batches(batch_size=_BATCH):
            for row, fault in _plain(batch):
                number += 1
                yield Record(number, row, fault=fault)


def _plain(batch: pa.RecordBatch) -> Iterator[tuple[Any, str | None]]:
    try:
        rows: list[Any] = batch.to_pylist()
    except UnicodeDecodeError:  # one row is to blame; find it, and keep the others
        if batch.num_rows == 1:
            yield {}, "not UTF-8: a text column holds other bytes"
            return
        half = batch.num_rows // 2
        yield from _plain(batch.slice(0, half))
        yield from _plain(batch.slice(half))
        return
    for row in rows:
        yield row, None
