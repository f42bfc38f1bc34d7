"""Files of rows, whatever their format: JSON Lines, JSON lists, CSV and TSV, Parquet, Arrow. Streaming, and bounded by the longest row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from thousand.gather.files import UNREADABLE, SourceFile, Unreadable
from thousand.gather.readers.arrow import arrow
from thousand.gather.readers.delimited import comma_separated, tab_separated
from thousand.gather.readers.json_lines import json_lines
from thousand.gather.readers.json_list import json_list
from thousand.gather.readers.parquet import parquet
from thousand.gather.readers.record import Record

_READERS: Mapping[str, Callable[[SourceFile], Iterator[Record]]] = {
    ".jsonl": json_lines,
    ".ndjson": json_lines,
    ".json": json_list,
    ".csv": comma_separated,
    ".tsv": tab_separated,
    ".parquet": parquet,
    ".arrow": arrow,
}
KINDS = tuple(_READERS)

__all__ = ["KINDS", "Record", "records"]


def records(file: SourceFile) -> Iterator[Record]:
    """The rows of a file, and its faults where they stand.

    A file that breaks off (a truncated compression, a failing disk) gives what stood before, then one fault. A file
    without rows gives one fault, so that every file read is accounted for.
    """
    position, found = 0, False
    try:
        for record in _READERS[file.kind](file):
            position, found = record.position, True
            yield record
        if not found:
            yield Record(0, fault="the file has no rows")
    except Unreadable as error:
        yield Record(position + 1 if position else 0, fault=str(error))
    except UNREADABLE as error:
        yield Record(position + 1, fault=f"the file breaks off here, what follows is not read: {error}")
