"""Figures as files: SVG and PNG with colours and type of their own, the same bytes for the same drawing."""

from __future__ import annotations

import html
import io
from collections.abc import Sequence

import matplotlib as mpl
from matplotlib.figure import Figure

from thousand.report.canvas import FONT, PAGE_COLOURS, STYLE, Canvas, inked

MARGIN, GAP = 16, 28
SCALE = 2
"""Pixels of a PNG for each pixel of the drawing."""

_COLOURS = {stand_in: colour.rpartition(" ")[2].rstrip(")") for stand_in, colour in PAGE_COLOURS.items()}
COLOURS = {stand_in: "#1b1e22" if colour == "currentColor" else colour for stand_in, colour in _COLOURS.items()}
"""The page's in light, since a file does not know what it will stand on."""


def svg(drawn: Sequence[Canvas], columns: int = 3) -> str:
    """One file with all panels, in rows of ``columns``; whatever shows SVG shows it, without the page's styles."""
    (width, height), places = _layout(drawn, columns)
    title = html.escape("; ".join(each.title for each in drawn))
    parts = [
        f'<svg x="{x}" y="{y}" width="{each.width}" height="{each.height}" viewBox="0 0 {each.width} {each.height}">{each.body()}'
        for each, (x, y) in zip(drawn, places, strict=True)
    ]
    body = "".join(parts).replace(f"'{FONT}'", f"'{FONT}', Verdana, sans-serif").replace("xlink:href", "href")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f'<title>{title}</title><rect width="100%" height="100%" fill="#ffffff"/>{inked(body, COLOURS)}</svg>\n'
    )


def png(drawn: Sequence[Canvas], columns: int = 3) -> bytes:
    """The same as pixels, `SCALE` for each of the drawing."""
    (width, height), places = _layout(drawn, columns)
    stream = io.BytesIO()
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(width / 72, height / 72), dpi=72 * SCALE, facecolor="#ffffff")
        for each, (x, y) in zip(drawn, places, strict=True):
            axes = figure.add_axes((x / width, 1 - (y + each.height) / height, each.width / width, each.height / height))
            each.paint(axes, COLOURS.__getitem__)
        figure.savefig(stream, format="png", metadata={"Software": None})
    return stream.getvalue()


def _layout(drawn: Sequence[Canvas], columns: int) -> tuple[tuple[int, int], list[tuple[int, int]]]:
    """The size of the sheet, and where each panel's top left is."""
    rows = [drawn[start : start + columns] for start in range(0, len(drawn), columns)]
    places, y, width = [], MARGIN, 0
    for row in rows:
        x = MARGIN
        for each in row:
            places.append((x, y))
            x += each.width + GAP
        width = max(width, x - GAP + MARGIN)
        y += max(each.height for each in row) + GAP
    return (width, y - GAP + MARGIN), places
