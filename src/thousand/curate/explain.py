"""The life of one candidate: what it said, what was done to it, what it measured, why it went or stayed, and beside whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from thousand import tables
from thousand.conversation import Message
from thousand.errors import DataError
from thousand.manifest import Manifest, manifest_path
from thousand.recipe import Band


@dataclass(frozen=True)
class Measure:
    """One signal of the candidate.

    Attributes:
        value: None where it could not be computed; ``why`` then says why.
        rule: the band it must lie in, in words; None where there is no rule over it.
        broken: whether the rule drops the candidate.
    """

    signal: str
    value: float | None
    why: str | None
    rule: str | None
    broken: bool


@dataclass(frozen=True)
class Life:
    """Everything the ledger knows of one candidate.

    Attributes:
        messages: as measured. original: as they stood in the source, None where nothing was changed; ``changes`` says what was.
        reasons: why it was dropped, every one; empty for a candidate that is kept.
        twin: the id of the copy that was kept instead, with its similarity.
        rivals: ids of the other answers to the same question.
        measures: its signals by name.
    """

    id: str
    content: str
    source: str
    origin: str
    licence: str | None
    link: str | None
    messages: Sequence[Message]
    original: Sequence[Message] | None
    changes: Sequence[str]
    kept: bool
    reasons: Sequence[str]
    twin: str | None
    similarity: float | None
    rivals: Sequence[str]
    measures: Sequence[Measure]


def explain(folder: Path, candidate: str) -> Life:
    """Look a candidate up in what `curate` wrote.

    Args:
        folder: the folder of the ledger.
        candidate: its id, or the id of its content, or its origin (``pool.jsonl:17``).

    Raises:
        DataError: there is no ledger, or no such candidate in it, or several.
    """
    record = Manifest.load(manifest_path(folder / "ledger.parquet"))
    if record is None:
        raise DataError(f"There is no finished ledger in {folder}.", "Run thousand curate first, or give its --out.")
    texts = _row(folder / "texts", candidate)
    kept = _rows(folder / "ledger.parquet", "id", texts["id"])[0]
    why = dict(each.split(": ", 1) for each in kept["unmeasured"])
    bands = {name: Band.model_validate(band) for name, band in record.settings["bands"].items()}
    signals = [name for name in kept if name not in tables.LEDGER.names]
    measures = [
        Measure(name, kept[name], why.get(name), _words(bands[name]) if name in bands else None, name in kept["reasons"])
        for name in signals
    ]
    rivals = [] if texts["group"] is None else [row["id"] for row in _rows(folder / "texts", "group", texts["group"])]
    described = {name: texts[name] for name in ("id", "content", "source", "origin", "licence", "link", "messages", "original")}
    fate = {name: kept[name] for name in ("kept", "reasons", "twin", "similarity")}
    return Life(
        **described, **fate, changes=texts["changes"] or [], rivals=[each for each in rivals if each != texts["id"]], measures=measures
    )


def _row(table: Path, candidate: str) -> dict[str, Any]:
    for column in ("id", "content", "origin"):
        rows = _rows(table, column, candidate)
        if len(rows) > 1:
            raise DataError(
                f"{len(rows)} candidates have the {column} {candidate}.",
                f"Give the id of one: {', '.join(row['id'] for row in rows[:10])}.",
            )
        if rows:
            return rows[0]
    raise DataError(f"No candidate has the id, the content or the origin {candidate}.", "The ids stand in the ledger and in selections.")


def _rows(table: Path, column: str, value: str) -> list[dict[str, Any]]:
    """The rows with a value, found piece by piece: the table may be larger than memory."""
    found: list[pa.Table] = [batch.filter(pc.equal(batch[column], value)) for batch in tables.batches(table)]
    return [row for batch in found for row in batch.to_pylist()]


def _words(band: Band) -> str:
    match band.least, band.most:
        case None, most:
            text = f"at most {most:g}"
        case least, None:
            text = f"at least {least:g}"
        case least, most:
            text = f"from {least:g} to {most:g}"
    return f"{text}, for {', '.join(band.only)}" if band.only else text
