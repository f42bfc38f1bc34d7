"""A sheet to draw figures on, measured in pixels from the top left, and written as SVG that takes its colours from the page."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

INK, MUTED, LINE, PAPER = "#010101", "#010102", "#010103", "#010104"
WIN, TIE, LOSE, ACCENT = "#010105", "#010106", "#010107", "#010108"
ON_WIN, ON_TIE, ON_LOSE = "#010109", "#01010a", "#01010b"

_PAGE_COLOURS = {
    INK: "currentColor",
    MUTED: "var(--muted, #5f6670)",
    LINE: "var(--line, #d9dde2)",
    PAPER: "var(--paper, #ffffff)",
    WIN: "var(--win, #0072b2)",
    TIE: "var(--tie, #c3c8ce)",
    LOSE: "var(--lose, #d55e00)",
    ACCENT: "var(--accent, #0072b2)",
    ON_WIN: "var(--on-win, #ffffff)",
    ON_TIE: "var(--on-tie, #22262b)",
    ON_LOSE: "var(--on-lose, #ffffff)",
}
"""Each colour is drawn as a stand-in and replaced by the page's own, so that one figure serves light, dark and print."""

_STYLE: Any = {"svg.fonttype": "none", "font.family": "DejaVu Sans", "path.simplify": False}
_LETTER = 0.62  # of the font size: about what a letter takes in the system's type


class Canvas:
    """One figure.

    Args:
        width, height: pixels at natural size.
        title: what the figure shows, for those who cannot see it.
    """

    def __init__(self, width: int, height: int, title: str) -> None:
        self.width, self.height, self.title = width, height, _printable(title)
        self._figure = Figure(figsize=(width / 72, height / 72), dpi=72)  # SVG has 72 units to the inch: a unit is a pixel
        self._axes = self._figure.add_axes((0, 0, 1, 1))
        self._axes.set_xlim(0, width)
        self._axes.set_ylim(height, 0)
        self._axes.set_axis_off()
        self._beneath: list[str] = []

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        colour: str = INK,
        size: float = 13,
        align: str = "left",
        bold: bool = False,
        room: float | None = None,
    ) -> None:
        """Words with their middle at height ``y``, cut when they need more than ``room`` pixels."""
        words = _printable(words)
        letters = len(words) if room is None else max(2, int(room / (_LETTER * size)))
        if len(words) > letters:
            words = words[: letters - 1].rstrip() + "…"
        baseline = y + 0.36 * size  # half the height of a capital: the same for every line of text, whatever its letters
        weight = "bold" if bold else "normal"
        self._axes.text(x, baseline, words, color=colour, fontsize=size, ha=align, va="baseline", fontweight=weight, parse_math=False)

    def box(self, x: float, y: float, width: float, height: float, colour: str, *, opacity: float = 1.0) -> None:
        """A filled rectangle."""
        if width > 0:
            self._axes.add_patch(Rectangle((x, y), width, height, facecolor=colour, edgecolor="none", alpha=opacity))

    def line(self, x: float, y: float, to_x: float, to_y: float, *, colour: str = LINE, width: float = 1.0) -> None:
        """A straight line."""
        self._axes.plot([x, to_x], [y, to_y], color=colour, linewidth=width, solid_capstyle="butt")

    def curve(self, x: Any, y: Any, *, colour: str = INK, width: float = 1.6, dashes: Sequence[float] = ()) -> None:
        """A line through places given in pixels; ``dashes`` are lengths of strokes and gaps, in line widths."""
        style: Any = (0, tuple(dashes)) if dashes else "solid"
        self._axes.plot(x, y, color=colour, linewidth=width, linestyle=style, solid_joinstyle="round")

    def specks(self, places: Any, colour: str, *, radius: float) -> None:
        """Round marks by the thousand at (n, 2) places, beneath all else, in some ten bytes each; the later lie above the earlier."""
        marks = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in places)
        style = f"fill:none;stroke:{colour};stroke-width:{2 * radius:g};stroke-linecap:round"
        self._beneath.append(f'<path d="{marks}" style="{style}"/>\n')

    def dots(self, x: Any, y: Any, colour: str, *, radius: float = 4.5, hollow: bool = False, opacity: float = 1.0) -> None:
        """Round marks at places given in pixels."""
        face = PAPER if hollow else colour
        edge = 1.6 if hollow else 0.0
        self._axes.plot(
            x,
            y,
            linestyle="none",
            marker="o",
            markersize=2 * radius,
            color=face,
            markeredgecolor=colour,
            markeredgewidth=edge,
            alpha=opacity,
        )

    def svg(self) -> str:
        """The figure as an ``<svg>`` element, the same bytes for the same drawing."""
        stream = io.StringIO()
        salt = f"{self.title} {self.width}"  # names inside the drawing stay the same from run to run, and differ between figures of a page
        with mpl.rc_context({**_STYLE, "svg.hashsalt": salt}):
            self._figure.savefig(stream, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
        drawn = stream.getvalue()
        body = drawn[drawn.index(">", drawn.index("<svg")) + 1 :]
        body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
        body = "".join(self._beneath) + re.sub(r'<g id="[^"]*"', "<g", body)
        for stand_in, colour in _PAGE_COLOURS.items():
            body = body.replace(stand_in, colour)
        title = html.escape(self.title)
        head = f'<svg role="img" aria-label="{title}" viewBox="0 0 {self.width} {self.height}" width="{self.width}" height="{self.height}">'
        return f"{head}<title>{title}</title>{body}"


def _printable(words: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in words)
