"""The figures as files beside the page."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from thousand.formulas import disarm
from thousand.manifest import remove, write_text
from thousand.report import sheet
from thousand.report.figure import Figure, Table

ENDINGS = ("svg", "png", "csv")


def write_figures(figures: Iterable[Figure], folder: Path) -> None:
    """Write each figure as ``NAME.svg``, ``NAME.png`` and ``NAME.csv``, each whole or not at all.

    Figures of an earlier page that this one does not have go: names with all three endings. Other files are not ours, and stay.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = set()
    for figure in figures:
        svg, png, table = (folder / f"{figure.name}.{ending}" for ending in ENDINGS)
        write_text(svg, sheet.svg(figure.wide))
        write_text(table, as_csv(figure.table))
        partial = png.with_name(f"{png.name}.partial")
        partial.write_bytes(sheet.png(figure.wide))
        partial.replace(png)
        written.add(figure.name)
    for stem in {path.stem for path in folder.glob("*.svg")} - written:
        old = [folder / f"{stem}.{ending}" for ending in ENDINGS]
        if all(path.is_file() for path in old):
            for path in old:
                remove(path)


def as_csv(table: Table) -> str:
    """As spreadsheets read it, and run none of it: names and texts of unknown making are disarmed, numbers stand as they are."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([disarm(name) for name in table.columns])
    for row in table.rows:
        writer.writerow(["" if cell is None else disarm(cell.replace("\x00", " ")) if isinstance(cell, str) else cell for cell in row])
    return stream.getvalue()
