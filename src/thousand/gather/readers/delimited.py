"""CSV and TSV with a header. Cells are text; a cell that should be a list holds it as JSON."""

from __future__ import annotations

import csv
import json
from collections import deque
from collections.abc import Iterator
from typing import Any

from thousand.gather.files import SourceFile
from thousand.gather.readers.json_lines import lines
from thousand.gather.readers.record import Record, not_utf8, too_long, twice
from thousand.gather.rows import LONGEST_ROW

_PATIENCE = 4 * LONGEST_ROW  # characters of broken rows that are looked at again, in one file
_LISTS = ("messages", "conversations", "history", "tags")


def comma_separated(file: SourceFile) -> Iterator[Record]:
    """The rows of a CSV file."""
    return _rows(file, ",")


def tab_separated(file: SourceFile) -> Iterator[Record]:
    """The rows of a TSV file."""
    return _rows(file, "\t")


def _rows(file: SourceFile, delimiter: str) -> Iterator[Record]:
    csv.field_size_limit(LONGEST_ROW)  # the limit is the module's, and low by default
    header: list[str] | None = None
    number = 0
    for cells, raw, error in _records(file, delimiter):
        if header is None:
            wrong = error or not_utf8(raw) or ((name := twice(cells)) is not None and f"the column {name!r} stands twice")
            if wrong:
                yield Record(0, raw=raw, fault=f"the header cannot be read, and so none of the file: {wrong}")
                return
            header = cells
            continue
        number += 1
        fault = error or (too_long(len(raw)) if len(raw) > LONGEST_ROW else not_utf8(raw))
        if not fault and len(cells) != len(header):
            fault = f"{len(cells)} cells, the header has {len(header)}"
        yield Record(number, {} if fault else _row(header, cells), raw, fault)


def _records(file: SourceFile, delimiter: str) -> Iterator[tuple[list[str], str, str | None]]:
    """Cells, the text they stood in, and what was wrong with it."""
    with file.open() as stream:
        source = (line.decode("utf-8", "surrogateescape") for line in lines(stream))
        again: deque[str] = deque()
        taken: list[str] = []
        spent = 0

        def feed() -> Iterator[str]:
            length = 0
            while True:
                line = again.popleft() if again else next(source, None)
                if line is None:
                    return
                length = length + len(line) if taken else len(line)
                taken.append(line)
                if length > LONGEST_ROW and len(taken) > 1:
                    raise csv.Error(f"it is more than {LONGEST_ROW:,} characters long")
                yield line

        # A reader that has met the end stays there; the lines a broken row had swallowed need another.
        reader = csv.reader(feed(), delimiter=delimiter, strict=True)
        while True:
            taken.clear()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                # A quote that is never closed swallows the rows behind it: only the line it stands in is to blame.
                # A file made of such lines would be read again from every one of them.
                spent += sum(map(len, taken))
                if spent > _PATIENCE and len(taken) > 1:
                    yield [], "".join(taken), f"not a row: {error}; {len(taken) - 1:,} lines behind it are lost with it"
                else:
                    yield [], taken[0] if taken else "", f"not a row: {error}"
                    again.extendleft(reversed(taken[1:]))
                reader = csv.reader(feed(), delimiter=delimiter, strict=True)
                continue
            if cells:
                yield cells, "".join(taken), None


def _row(header: list[str], cells: list[str]) -> dict[str, Any]:
    row: dict[str, Any] = dict(zip(header, cells, strict=True))
    for field in _LISTS:
        cell = row.get(field)
        if isinstance(cell, str) and cell.lstrip().startswith("["):
            try:
                row[field] = json.loads(cell)
            except (ValueError, RecursionError):
                continue  # it stays text, and whoever wants a list says that it is none
    return row
