"""Verdicts as CSV, for people who open them in a spreadsheet. What models said is hostile there, too: no cell may be a formula.

A text that a spreadsheet would run has an apostrophe before it, which comes off when the file is read again.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import csv

from thousand import tables
from thousand.errors import DataError
from thousand.formulas import disarm, rearm

_BLOCK = 2**20, 2**31 - 1  # bytes read at once, least and most: no row may be longer


def write(path: Path, table: pa.Table) -> None:
    """Write a table of texts and numbers. A missing value is an empty cell, an empty text is ``""``."""
    for position, column in enumerate(table.schema):
        if pa.types.is_string(column.type):
            texts = [text and disarm(text) for text in table[column.name].to_pylist()]
            table = table.set_column(position, column.name, pa.array(texts, pa.string()))
    csv.write_csv(table, path)


def read(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each row of a file with commas, semicolons or tabs, after where it stands, counted as a spreadsheet does; empty cells are None.

    Raises:
        DataError: it is not CSV in UTF-8, or a cell is no number where one must be.
    """
    try:
        with path.open(encoding="utf-8-sig") as stream:
            header = stream.readline()
        table = csv.read_csv(
            path,
            read_options=csv.ReadOptions(block_size=min(max(path.stat().st_size, _BLOCK[0]), _BLOCK[1])),
            parse_options=csv.ParseOptions(delimiter=max(",;\t", key=header.count), newlines_in_values=True),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(tables.VERDICTS.names, pa.string()),
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
                null_values=[""],
            ),
        )
    except (OSError, UnicodeDecodeError, pa.ArrowInvalid) as error:
        raise DataError(
            f"{path} cannot be read: {str(error)[:200]}.", "It must be CSV in UTF-8, with the names of the columns first."
        ) from None
    for number, row in enumerate(table.to_pylist(), 2):
        where = f"{path}, row {number}"
        if any(value is not None for value in row.values()):
            yield where, {name: _value(name, value, where) for name, value in row.items()}


def _value(field: str, text: Any, where: str) -> Any:
    if not isinstance(text, str) or field not in tables.VERDICTS.names:
        return text
    kind = tables.VERDICTS.field(field).type
    if pa.types.is_string(kind):
        return rearm(text)
    try:
        return int(text) if pa.types.is_integer(kind) else float(text)
    except ValueError:
        raise DataError(
            f"{where}: {field}: expected a {'whole ' if pa.types.is_integer(kind) else ''}number, found {text[:80]!r}."
        ) from None
