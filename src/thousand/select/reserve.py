"""What would be chosen next: the rows that a strategy takes after its picks, for whoever rejects some of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from thousand import tables
from thousand.embedding import Embedder
from thousand.errors import DataError
from thousand.recipe import Arm, Between, Wanted
from thousand.select.select import asks_the_base, choosable, select

SHARE, LEAST, MOST = 0.1, 20, 200
"""How many: this share of the picks, but at least and at most so many."""


def reserve(
    candidates: Path,
    ledger: Path,
    arm: Arm,
    chosen: Sequence[str],
    *,
    name: str = "arm",
    draw: int = 0,
    embedder: Embedder | None = None,
    shown: Sequence[Any] = (),
) -> tuple[pa.Table, str | None]:
    """Choose on from the picks of an arm. Quotas let each class grow as the whole does, or where it cannot are left out.

    Args:
        chosen: ids of the picks.
        arm, name, draw, embedder, shown: as they were chosen by `thousand.select.select`.

    Returns:
        Rows of schema `tables.SELECTION`, ranked from 1; and why there are none, or None.
    """
    nothing = tables.SELECTION.empty_table()
    if arm.select == "all":
        return nothing, "all are chosen"
    if asks_the_base(arm):
        return nothing, f"{arm.select} asks the base of every candidate: once more would take as long as the choice"
    free = choosable(candidates, ledger, arm, name) - len(chosen)
    more = min(max(LEAST, min(MOST, math.ceil(SHARE * len(chosen)))), free)
    if more <= 0:
        return nothing, "every candidate that may be chosen is"
    grown = [(more, _grown(arm.quota, len(chosen), more))] if arm.quota else []
    why = ""
    for rows, quota in [*grown, (more, {}), (math.ceil(more / 4), {})]:  # a strategy may find fewer than there are
        bound = {"budget": len(chosen) + rows} if arm.budget is not None else {"tokens": math.ceil((arm.tokens or 0) * (1 + SHARE))}
        larger = arm.model_copy(update={"include": list(chosen), "safety": 0.0, "quota": quota} | bound)
        try:
            table = select(candidates, ledger, larger, name=name, draw=draw, embedder=embedder, shown=shown)
        except DataError as error:
            why = str(error).splitlines()[0]
            continue
        rest = table.filter(pc.invert(pc.is_in(table["id"], value_set=pa.array(chosen, pa.string())))).slice(0, MOST)
        return rest.set_column(0, "rank", pa.array(range(1, rest.num_rows + 1), pa.int32())), None
    return nothing, why


def _grown(quota: Mapping[str, Mapping[str, Wanted]], picks: int, more: int) -> dict[str, dict[str, Between]]:
    """Each class has at least its own, and its part of what is added; no class has a bound above."""

    def least(count: Wanted) -> Between:
        fewest = count.least if isinstance(count, Between) else count
        return Between(least=fewest + fewest * more // picks if isinstance(fewest, int) and picks else fewest)

    return {column: {value: least(count) for value, count in values.items()} for column, values in quota.items()}
