"""Where work on large tables is done: part by part, on this machine.

A table too large for memory is a folder of parts. Work on it is a function from one part to one part; parts do not know
of each other, so they can be done in any order, anywhere, and those already done need not be done again.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa

from thousand import tables


def daft() -> Any:
    """The dataframe library, imported when it is first needed and with its telemetry off."""
    os.environ.setdefault("DO_NOT_TRACK", "1")  # Daft reads it as it is imported
    import daft as library

    return library


def parts(table: Path) -> list[Path]:
    """The files of a table, in order."""
    return sorted(table.glob("*.parquet")) if table.is_dir() else [table]


def map_parts(
    source: Path,
    columns: list[str],
    function: Callable[[pa.Table], pa.Table],
    out: Path,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Apply a function to every part of a table and write the results as parts of the same names.

    Args:
        columns: what the function needs of the source.
        function: from a part to a table with one row per row.
        out: folder of the result. Parts that an interrupted attempt left there are kept as they are.
        progress: called with the rows done so far.

    Returns:
        The number of rows.
    """
    out.mkdir(parents=True, exist_ok=True)
    rows = 0
    for part in parts(source):
        target = out / part.name
        if not target.exists():
            tables.write(target, function(tables.read(part, columns)))
        rows += tables.count(target)
        if progress:
            progress(rows)
    return rows
