"""What several figures share: uprights with their values, a legend, a value with its interval, dots over a scale."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from thousand.report.canvas import ACCENT, LINE, MUTED, Canvas
from thousand.report.figure import ROOMY
from thousand.report.measures import Bounds

NAMES = 168
"""Pixels for names beside the bars of a wide figure."""

Ticks = Sequence[tuple[float, str]]
SHARES: Ticks = [(share, f"{share:.0%}") for share in (0.0, 0.25, 0.5, 0.75, 1.0)]


@dataclass(frozen=True)
class Row:
    """A name, a value and its interval, and both in words."""

    name: str
    value: float
    interval: Bounds | None
    words: tuple[str, str]
    colour: str = MUTED
    bold: bool = False
    beneath: str = ""


def intervals(rows: Sequence[Row], ticks: Ticks, title: str, width: int, *, band: Bounds | None = None, zero: bool = False) -> Canvas:
    """Dots with whiskers over a scale.

    Args:
        band: what is drawn grey behind all rows: the noise.
        zero: draw the line at zero in ink.
    """
    wide, spoken = width >= ROOMY, any(row.beneath for row in rows)
    pitch, top = (44 if spoken else 30, 6) if wide else (68 if spoken else 52, 4)
    canvas = Canvas(width, top + pitch * len(rows) + 24, title)
    names = 2 * NAMES if spoken else NAMES
    left, right = (names, width - 140) if wide else (8, width - 8)
    low, high = ticks[0][0], ticks[-1][0]

    def place(value: float) -> float:
        return left + (right - left) * (min(max(value, low), high) - low) / (high - low or 1.0)

    bottom = top + pitch * len(rows)
    middles = [top + pitch * at + (pitch / 2 if wide else pitch - 16) for at in range(len(rows))]
    for start, end in [(top, bottom)] if wide else [(middle - 8, middle + 9) for middle in middles]:  # names stand above their marks
        if band is not None:
            canvas.box(place(band[0]), start, max(1.5, place(band[1]) - place(band[0])), end - start, MUTED, opacity=0.22)
        uprights(canvas, ticks, left, right, start, end)
        if zero:
            canvas.line(place(0), start, place(0), end, colour=MUTED, width=1.2)
    labels(canvas, ticks, left, right, bottom)
    for at, row in enumerate(rows):
        middle = middles[at]
        if row.interval is not None:
            canvas.line(place(row.interval[0]), middle, place(row.interval[1]), middle, colour=row.colour, width=2.4)
        canvas.dots([place(row.value)], [middle], row.colour)
        beside = middle - (8 if spoken else 0) if wide else middle - (32 if spoken else 18)
        canvas.text(0, beside, row.name, bold=row.bold, room=names - 8)
        if row.beneath:
            canvas.text(0, beside + 15, row.beneath, colour=MUTED, size=11.5, room=names - 8 if wide else width - 10)
        value(canvas, beside if not wide else middle, *row.words, 82)
    return canvas


def value(canvas: Canvas, y: float, value: str, interval: str, room: int) -> None:
    """A value and its interval at the right edge, each in its column."""
    canvas.text(canvas.width - room, y, value, align="right", size=12.5)
    canvas.text(canvas.width, y, interval, align="right", size=12.5, colour=MUTED)


def scale(canvas: Canvas, ticks: Ticks, left: float, right: float, top: float, bottom: float) -> None:
    """Thin uprights with their values below."""
    uprights(canvas, ticks, left, right, top, bottom)
    labels(canvas, ticks, left, right, bottom)


def uprights(canvas: Canvas, ticks: Ticks, left: float, right: float, top: float, bottom: float) -> None:
    """A thin line at each tick."""
    low, high = ticks[0][0], ticks[-1][0]
    for tick, _ in ticks:
        x = left + (right - left) * (tick - low) / (high - low or 1.0)
        canvas.line(x, top, x, bottom, colour=LINE)


def labels(canvas: Canvas, ticks: Ticks, left: float, right: float, bottom: float) -> None:
    """The values of the ticks, kept on the sheet; every other one where they are many and there is little room."""
    low, high = ticks[0][0], ticks[-1][0]
    crowded = (right - left) / max(1, len(ticks) - 1) < 7 * max(len(label) for _, label in ticks) + 4
    for at, (tick, label) in enumerate(ticks):
        if crowded and at % 2:
            continue
        x = left + (right - left) * (tick - low) / (high - low or 1.0)
        edge = canvas.width - x < 20
        align = "right" if edge else "left" if at == 0 and x < 20 else "center"
        canvas.text(canvas.width if edge else 0 if align == "left" else x, bottom + 14, label, colour=MUTED, size=11.5, align=align)


def legend(canvas: Canvas, x: float, entries: Sequence[tuple[str, str]], hollow: int = 0) -> None:
    """A mark and a word for each colour; the first ``hollow`` marks are hollow dots and the others full ones, if any is."""
    for at, (colour, word) in enumerate(entries):
        if hollow:
            canvas.dots([x + 6], [9], colour, hollow=at < hollow)
        else:
            canvas.box(x, 4, 10, 10, colour)
        canvas.text(x + 16, 9, word, colour=MUTED, size=12)
        x += 16 + 6.9 * len(word) + 16


def whole_ticks(low: float, high: float) -> list[tuple[float, str]]:
    """From the whole number below to the one above, at most ten steps."""
    low, high = float(np.floor(low)), float(np.ceil(high))
    high = high if high > low else low + 1
    places = np.linspace(low, high, int(high - low) + 1) if high - low <= 10 else np.linspace(low, high, 5)
    return [(float(tick), f"{tick:g}") for tick in places]


def point_ticks(values: Sequence[float]) -> list[tuple[float, str]]:
    """For shares as signed points, round steps that hold all values and zero."""
    low, high = min(0.0, *values), max(0.0, *values)
    step = next(each for each in (0.05, 0.1, 0.2, 0.25, 0.5, 1.0) if high - low <= 8 * each)
    first, last = int(np.floor(low / step - 1e-9)), int(np.ceil(high / step + 1e-9))
    return [(at * step, f"{at * step * 100:+.0f}".replace("-", "−") if at else "0") for at in range(first, last + 1)]


def claim_colour(claim: bool) -> str:
    """The claim stands out."""
    return ACCENT if claim else MUTED


def spaced(places: Sequence[float], gap: float, highest: float, lowest: float) -> list[float]:
    """The places moved for each to be a gap from the next: downwards, and up again where that leads below the lowest."""
    moved = [max(each, highest) for each in places]
    order = sorted(range(len(places)), key=places.__getitem__)
    for before, after in itertools.pairwise(order):
        moved[after] = max(moved[after], moved[before] + gap)
    for steps, at in enumerate(reversed(order)):
        moved[at] = min(moved[at], lowest - gap * steps)
    return moved
