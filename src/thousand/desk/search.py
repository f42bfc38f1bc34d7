"""The ledger, searched and filtered: by words, source, reason, the bounds of a signal, and what became of the rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from thousand.desk.pool import Candidates

Fate = Literal["all", "kept", "dropped", "selected"]


@dataclass(frozen=True)
class Filters:
    """What a row must be; None and "" ask for nothing.

    Attributes:
        text: words as they stand, in any case, in any turn. A search, not a pattern: every character means itself.
        source: the whole name or its beginning, such as "stackexchange".
        reason: one of those for which it was dropped.
        signal, least, most: bounds of a signal's value, both included.
    """

    text: str = ""
    fate: Fate = "all"
    source: str = ""
    reason: str = ""
    signal: str = ""
    least: float | None = None
    most: float | None = None


def find(candidates: Candidates, filters: Filters, selected: NDArray[np.int64]) -> NDArray[np.int64]:
    """The rows that are as asked, in the order of the pool.

    Args:
        selected: the rows of the selection.

    Cost: columns are read as they are needed; words are looked for at some gigabyte a second, in the rows that are left.
    """
    table, rows = candidates.table, np.arange(candidates.table.num_rows)
    kept = table["kept"].to_numpy()
    match filters.fate:
        case "kept":
            rows = rows[kept]
        case "dropped":
            rows = rows[~kept]
        case "selected":
            rows = np.sort(selected)
    if filters.source:
        rows = rows[pc.starts_with(table["source"], filters.source).to_numpy()[rows]]
    if filters.reason:
        rows = rows[_holds(table["reasons"], pa.scalar(filters.reason), exact=True)[rows]]
    if filters.signal in candidates.signals and (filters.least is not None or filters.most is not None):
        values = table[filters.signal].to_numpy()[rows]
        least = -np.inf if filters.least is None else filters.least
        most = np.inf if filters.most is None else filters.most
        rows = rows[(values >= least) & (values <= most)]  # NaN, not measured, is in no band
    if filters.text and len(rows):
        whole = len(rows) == table.num_rows
        messages = table["messages"] if whole else table["messages"].take(pa.array(rows))
        rows = rows[_holds(messages, pa.scalar(filters.text), exact=False)]
    return rows


def _holds(lists: pa.ChunkedArray, wanted: pa.Scalar, *, exact: bool) -> NDArray[np.bool_]:
    """Which of the lists hold a value, or a message with the words."""
    found = np.zeros(len(lists), dtype=np.bool_)
    start = 0
    for chunk in lists.chunks:
        values = chunk.flatten()
        if exact:
            hits = pc.equal(values, wanted)
        else:
            hits = pc.match_substring(pc.struct_field(values, "content"), wanted.as_py(), ignore_case=True)
        parents = pc.list_parent_indices(chunk).to_numpy(zero_copy_only=False)
        found[start + np.unique(parents[np.asarray(hits.fill_null(False).to_numpy(zero_copy_only=False), dtype=bool)])] = True
        start += len(chunk)
    return found
