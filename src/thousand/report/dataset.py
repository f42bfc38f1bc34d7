"""The claim's training set in the hub's form: its rows, who wrote them, and its card."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from thousand.formulas import disarm
from thousand.manifest import remove, write_text
from thousand.report import licences
from thousand.report.cards import front_matter, render
from thousand.report.evidence import Evidence
from thousand.report.summary import Summary

ROWS, AUTHORS = "train.jsonl", "attribution.csv"
_FIELDS = ("id", "messages", "source", "origin", "licence", "author", "link")
_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"), (10_000_000, "1M<n<10M"))


def write_dataset(summary: Summary, evidence: Evidence, folder: Path) -> None:
    """Write ``README.md``, ``train.jsonl`` and ``attribution.csv``: a folder that may be uploaded as it is.

    It holds the claim's first draw in the order of choice. A claim that chose nothing has no data set, and the folder goes.
    """
    if not evidence.claim.selections:
        remove(folder)
        return
    rows = evidence.claim.selections[0].sort_by("rank")
    write_text(folder / ROWS, "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in _rows(rows)))
    write_text(folder / AUTHORS, _attribution(rows))
    write_text(folder / "README.md", dataset_card(summary, evidence))


def dataset_card(summary: Summary, evidence: Evidence) -> str:
    """The card of the claim's training set, as Markdown with the hub's front matter."""
    claim, selection = summary.arms[0], evidence.claim.selections[0]
    named = list(zip(*(selection[name].to_pylist() for name in ("source", "licence", "author", "link")), strict=True))
    front = {
        **licences.front(evidence.claim.licences),
        "task_categories": ["text-generation"],
        "size_categories": [next((name for most, name in _SIZES if claim.examples < most), "n>10M")],
        "pretty_name": f"{claim.name}, the training set of {evidence.recipe.name}",
        "tags": ["thousand", "alignment", "instruction-tuning", *([claim.strategy] if claim.strategy else [])],
        "configs": [{"config_name": "default", "data_files": [{"split": "train", "path": ROWS}]}],
    }
    return front_matter(front) + render(
        "dataset.md.jinja",
        summary=summary,
        claim=claim,
        arm=evidence.recipe.arms.get(claim.name),
        licences=sorted(evidence.claim.licences.items(), key=lambda each: (-each[1], each[0])),
        sources=_by_source(named),
        unnamed=_unnamed(named),
        masked=evidence.recipe.curate.clean.mask,
        reviewed=evidence.reviewed,
        conflicts=evidence.conflicts,
        not_applied=evidence.not_applied,
        recipe=evidence.recipe,
    )


def _rows(selection: pa.Table) -> Iterator[Mapping[str, Any]]:
    yield from selection.select(list(_FIELDS)).to_pylist()


def _attribution(selection: pa.Table) -> str:
    """Who wrote each example, where it stands, under which licence, and whether people edited it; what is not known is empty.

    Licences that ask for a name ask that changes be indicated, too (CC BY 4.0, section 3.a.1).
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    columns = ("id", "source", "origin", "author", "link", "licence")
    writer.writerow((*columns, "changed"))
    changes = selection["change"].to_pylist() if "change" in selection.column_names else [None] * selection.num_rows
    for row, change in zip(selection.select(list(columns)).to_pylist(), changes, strict=True):
        changed = change if change == "edited" else ""
        writer.writerow([*(disarm((row[name] or "").replace("\x00", " ")) for name in columns), changed])
    return stream.getvalue()


def _by_source(named: list[tuple[str, str | None, str | None, str | None]]) -> list[tuple[str, str, int, int, int]]:
    """Source, licence, examples, examples with an author, examples with a link; most first."""
    found: dict[tuple[str, str], list[int]] = {}
    for source, licence, author, link in named:
        counts = found.setdefault((source or "unknown", licence or "unknown"), [0, 0, 0])
        for at, there in enumerate((True, author, link)):
            counts[at] += bool(there)
    return sorted(((*key, n, authors, links) for key, (n, authors, links) in found.items()), key=lambda each: (-each[2], each[:2]))


def _unnamed(named: list[tuple[str, str | None, str | None, str | None]]) -> int:
    """Examples whose licence asks for a name and that have none, or no link."""
    return sum(licences.asks_for_names(licence or "") and not (author and link) for _, licence, author, link in named)
