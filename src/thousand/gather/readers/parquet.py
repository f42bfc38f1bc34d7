"""Parquet, in batches of rows."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from thousand.gather.files import SourceFile, Unreadable, most_unpacked
from thousand.gather.readers.batches import rows
from thousand.gather.readers.record import Record

_BATCH = 64  # rows: a value that stands once in the file and is referred to by every row takes room for every row of a batch
_VALUES = 1 << 24  # in one column of a group of rows, unless it has as many rows


def parquet(file: SourceFile) -> Iterator[Record]:
    """The rows of every row group.

    Raises:
        Unreadable: its columns say that they unpack to absurdly much.
    """
    with pq.ParquetFile(file.path) as table:
        yield from rows(_batches(table, file.size), table.schema_arrow)


def _batches(table: pq.ParquetFile, size: int) -> Iterator[pa.RecordBatch]:
    for number in range(table.num_row_groups):
        group = table.metadata.row_group(number)
        columns = [group.column(each) for each in range(group.num_columns)]
        unpacked = sum(column.total_uncompressed_size for column in columns)
        if unpacked > most_unpacked(size) or any(column.num_values > max(_VALUES, 10_000 * group.num_rows) for column in columns):
            raise Unreadable(
                f"the group of rows {number + 1} unpacks to absurdly much ({unpacked:,} bytes), it and what follows is not read"
            )
        yield from table.iter_batches(batch_size=_BATCH, row_groups=[number])
