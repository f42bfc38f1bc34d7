"""A figure with its numbers: what the page shows, and what is written beside it as SVG, PNG and CSV."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, count
from typing import TypeVar

from thousand.report.canvas import Canvas

WIDE, NARROW = 760, 340
"""Pixels. From `ROOMY` on names stand beside their marks, below it above them."""
ROOMY = 560

Cell = str | int | float | None
T = TypeVar("T")


@dataclass(frozen=True)
class Table:
    """The numbers of a figure; names of columns say the unit."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True)
class Figure:
    """One figure.

    Attributes:
        name: of its files, without ending; the same from run to run.
        caption: what one sees, in words.
        wide: the drawing, or small panels that stand side by side where there is room.
        narrow: the same for a phone where it needs another.
        table: every number that is drawn.
    """

    name: str
    caption: str
    wide: Sequence[Canvas]
    narrow: Canvas | None
    table: Table


def drawn(name: str, caption: str, draw: Callable[[T, int], Canvas], what: T, table: Table) -> Figure:
    """A figure in both widths."""
    return Figure(name, caption, [draw(what, WIDE)], draw(what, NARROW), table)


def name_of(*parts: str) -> str:
    """Words of unknown making as the name of a file: letters, figures and hyphens, at most 60."""
    words = re.sub(r"[^a-z0-9]+", "-", "-".join(parts).lower()).strip("-")
    return words[:60].strip("-") or "figure"


def hundredths(share: float | None) -> float | None:
    """A share in percent or in points, to a tenth."""
    return None if share is None else round(100 * share, 1)


def rounded(value: float | None) -> float | None:
    """To four places, or four digits where it is smaller: more is noise."""
    return None if value is None else round(value, 4) if abs(value) >= 1e-3 else float(f"{value:.4g}")


def apart(figures: Iterable[Figure], taken: Iterable[str] = ()) -> Iterator[Figure]:
    """Each under a name that is free: what differs in signs alone has files of its own."""
    used = set(taken)
    for figure in figures:
        names = chain([figure.name], (f"{figure.name}-{number}" for number in count(2)))
        name = next(name for name in names if name not in used)
        used.add(name)
        yield replace(figure, name=name)
