"""What an arm under review would choose next, for the desk to say what takes the place of an example that is rejected."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from thousand import tables
from thousand.manifest import held
from thousand.recipe import Arm
from thousand.run.made import Selected
from thousand.run.work import Work
from thousand.select import reserve


def reserved(work: Work, name: str, arm: Arm, draw: int, selected: Selected, settings: Any, shown: Callable[[], Sequence[Any]]) -> None:
    """Write ``reserve.parquet`` (schema `tables.SELECTION`) beside the choice; it is empty where its manifest has a ``reason``.

    Args:
        arm: as it was chosen. settings: of that choice's stage.
        shown: gives the examples that the arm aims at.
    """

    def make(partial: Path) -> Mapping[str, Any]:
        chosen = tables.read(selected.path, ["id"])["id"].to_pylist()
        texts, ledger = work.directory.texts, work.directory.ledger
        with held(work.directory.root / ".vectors.lock"):
            table, reason = reserve(texts, ledger, arm, chosen, name=name, draw=draw, embedder=work.embedder, shown=shown())
        tables.write(partial, table, tables.SELECTION)
        return {"examples": table.num_rows, "reason": reason}

    output = selected.path.with_name("reserve.parquet")
    inputs = work.chosen_from | {"selection": selected.manifest.digest}
    work.stages.once(output, "select.reserve", f"reserve: {name}", inputs, settings, make)
