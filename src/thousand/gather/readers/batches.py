"""Batches of columns, as rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from thousand.gather.files import Unreadable
from thousand.gather.readers.record import Record, twice


def rows(batches: Iterator[pa.RecordBatch], schema: pa.Schema, *, sound: bool = True) -> Iterator[Record]:
    """The rows of every batch, numbered from 1. A column that cannot be a field of a conversation is read all the same.

    Args:
        sound: whether its reader has seen to it that offsets lead into the batch; otherwise they are checked.

    Raises:
        Unreadable: two columns have one name, or one has none that is text.
    """
    try:
        name = twice(schema.names)
    except UnicodeDecodeError:
        raise Unreadable("nothing of the file is read: a column's name is not UTF-8") from None
    if name is not None:
        raise Unreadable(f"nothing of the file is read: the column {name!r} stands twice")
    number = 0
    for batch in batches:
        for row, fault in _plain(batch, sound):
            number += 1
            yield Record(number, row, fault=fault)


def _plain(batch: pa.RecordBatch, sound: bool) -> Iterator[tuple[Any, str | None]]:
    try:
        if not sound:
            batch.validate(full=True)
        found: list[Any] = batch.to_pylist()
    except (ValueError, OverflowError, pa.ArrowException) as error:  # one row is to blame; find it, and keep the others
        if batch.num_rows == 1:
            other = isinstance(error, UnicodeDecodeError)
            yield {}, "not UTF-8: a text column holds other bytes" if other else f"a value that cannot be read: {error}"
            return
        half = batch.num_rows // 2
        yield from _plain(batch.slice(0, half), sound)
        yield from _plain(batch.slice(half), sound)
        return
    for row in found:
        yield row, None
