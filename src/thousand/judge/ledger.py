"""Verdicts in files that people and other programs read and write: JSON Lines, CSV, Parquet.

A row names the prompt (``prompt_id``), the arm (``a``, and for a comparison ``b``) and the ``verdict`` ("a", "b", "tie") or the
``rating``. It may leave out the rest of `thousand.tables.VERDICTS`: the sample and the seeds are then 0, the criterion is
``overall``, and the judge has the name of the file's.
"""

from __future__ import annotations

import json
import math
import os
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from thousand import tables
from thousand.errors import DataError
from thousand.judge import spreadsheet

Row = dict[str, Any]
_CONTROL = ("Cc", "Zl", "Zp")  # categories of Unicode
_ALLOWED = {"verdict": ("a", "b", "tie"), "order": ("ab", "ba")}
_SAME = ["prompt_id", "sample", "judge", "criterion", "a", "a_seed", "b", "b_seed", "order"]
_NAMES = ("prompt_id", "judge", "criterion", "a", "b")
_MOST = 2**53  # up to which every whole number is a float, and sums of squares are finite


def read_verdicts(path: Path, *, name: str = "people") -> pa.Table:
    """The verdicts of a file, of whatever arms and prompts.

    Args:
        path: ``.csv``, ``.parquet``, anything else is JSON Lines.
        name: of the judge, in rows that name none.

    Returns:
        Schema `tables.VERDICTS`.

    Raises:
        DataError: it cannot be read, or a row is not a verdict; with file, row and field.
    """
    return pa.Table.from_pylist([row for _, row in verdicts_in(path, name)], schema=tables.VERDICTS)


def write_verdicts(path: Path, verdicts: pa.Table) -> None:
    """Write verdicts as ``.csv``, ``.parquet``, or else JSON Lines. `read_verdicts` gives the same table back.

    Args:
        verdicts: schema `tables.VERDICTS`.
    """
    table = tables.conform(verdicts, tables.VERDICTS).select(tables.VERDICTS.names)
    if path.suffix == ".parquet":
        tables.write(path, table)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.partial")
    if path.suffix == ".csv":
        spreadsheet.write(partial, table)
    else:
        with partial.open("w", encoding="utf-8") as stream:
            for row in table.to_pylist():
                stream.write(json.dumps({name: value for name, value in row.items() if value is not None}, ensure_ascii=False) + "\n")
    os.replace(partial, path)


def check_once(verdicts: pa.Table) -> None:
    """Whether each judge judged the same only once, so that no verdict counts twice.

    Args:
        verdicts: schema `tables.VERDICTS`, from wherever they were put together.

    Raises:
        DataError: one judge judged the same twice, as when a file is read twice or two people have one name.
    """
    seen: set[tuple[Any, ...]] = set()
    for row in verdicts.select(_SAME).to_pylist():
        if (same := _same(row)) in seen:
            sides = [f"{row[side]} (seed {row[f'{side}_seed']})" for side in ("a", "b") if row[side] is not None]
            raise DataError(
                f"The judge {row['judge']} judged the same twice, by {row['criterion']}: prompt {row['prompt_id']!r}, sample "
                f"{row['sample']}, {' and '.join(sides)}{', order ' + row['order'] if row['order'] else ''}.",
                "Keep one of the two, or give their judges names.",
            )
        seen.add(same)


def verdicts_in(path: Path, name: str) -> Iterator[tuple[str, Row]]:
    """Each row of a file, whole and checked, after where it stands. Raises what `read_verdicts` does."""
    seen: dict[tuple[Any, ...], str] = {}
    for where, given in _rows(path):
        row = _checked(given, where, name)
        if (same := _same(row)) in seen:
            raise DataError(f"{where}: the same was judged before, at {seen[same]}.", "Keep one of the two, or give their judges names.")
        seen[same] = where
        yield where, row


def _same(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """What was judged, by whom: equal for b beside a in the order "ba" and for a beside b in the order "ab"."""
    shown = [(row[side], row[f"{side}_seed"]) if row.get(side) is not None else None for side in ("a", "b")]
    if row.get("order") == "ba":
        shown.reverse()
    return (*(row[field] for field in _SAME[:4]), *shown, row.get("order") is None)


def _rows(path: Path) -> Iterator[tuple[str, Row]]:
    if not path.is_file():
        raise DataError(f"There is no file of verdicts at {path}.")
    if path.suffix == ".csv":
        yield from spreadsheet.read(path)
    elif path.suffix == ".parquet":
        for number, row in enumerate(tables.read(path).to_pylist(), 1):
            yield f"{path}, row {number}", row
    else:
        yield from _lines(path)


def _lines(path: Path) -> Iterator[tuple[str, Row]]:
    try:
        with path.open(encoding="utf-8") as stream:
            for number, line in enumerate(stream, 1):
                if line.strip():
                    yield f"{path}:{number}", _object(line, f"{path}:{number}")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read: {error}.") from None


def _object(line: str, where: str) -> Row:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        why = "too deep" if isinstance(error, RecursionError) else getattr(error, "msg", "a number is too long")
        raise DataError(f"{where}: not JSON: {why}.") from None
    if not isinstance(row, dict):
        raise DataError(f"{where}: expected an object, found {type(row).__name__}.")
    return row


def _checked(given: Mapping[str, Any], where: str, name: str) -> Row:
    """A row with what it leaves out, when every field is what it must be and they go together."""
    if unknown := set(given) - set(tables.VERDICTS.names):
        raise DataError(f"{where}: {', '.join(sorted(unknown))}: no such column.", f"There are: {', '.join(tables.VERDICTS.names)}.")
    row = {field: value for field, value in given.items() if value is not None}
    for field, value in row.items():
        if wrong := _wrong(field, value):
            raise DataError(f"{where}: {field}: {wrong}, found {value!r:.80}.")
    for field in ("prompt_id", "a"):
        if field not in row:
            raise DataError(f"{where}: {field}: it is missing.", "A verdict is of a prompt and of an arm's answer.")
    if "b" not in row:
        alone = [field for field in ("verdict", "order", "b_seed") if field in row]
        if alone:
            raise DataError(f"{where}: b: a {alone[0]} is of a pair, and there is no second arm.")
    elif "rating" in row:
        raise DataError(f"{where}: rating: it is of one answer, and there is a second arm, b.", "Write a verdict: a, b or tie.")
    seeds = {"a_seed": 0, "b_seed": 0} if "b" in row else {"a_seed": 0}
    whole = {"sample": 0, "judge": name, "criterion": "overall"} | seeds | row
    if (whole["a"], whole["a_seed"]) == (whole.get("b"), whole.get("b_seed")):
        raise DataError(f"{where}: b: it is the same answer as a.", "To compare an arm with itself, give two of its seeds.")
    return whole


def _wrong(field: str, value: Any) -> str | None:
    """What a field must be and is not."""
    kind = tables.VERDICTS.field(field).type
    if pa.types.is_integer(kind):
        most = 2 ** (kind.bit_width - 1)
        return None if type(value) is int and -most <= value < most else "expected a whole number"
    if pa.types.is_floating(kind):
        if type(value) not in (int, float) or not -math.inf < value < math.inf:  # not isfinite: an int may be too large for a float
            return "expected a number"
        return None if abs(value) <= _MOST else f"expected a number of at most {_MOST:,}"
    if not isinstance(value, str):
        return "expected text"
    if allowed := _ALLOWED.get(field):
        return None if value in allowed else f"expected {' or '.join(allowed)}"
    if field in _NAMES and any(unicodedata.category(each) in _CONTROL for each in value):
        return "expected a name without line breaks and control characters"
    return None if value.isascii() or value.encode("utf-8", "replace").decode() == value else "expected valid Unicode"
