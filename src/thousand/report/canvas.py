"""A sheet to draw figures on, measured in pixels from the top left.

What is drawn is kept as marks, and painted when it is asked for: as SVG that takes its colours from the page, or with colours of its
own for a file (`thousand.report.sheet`).
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

INK, MUTED, LINE, PAPER = "#010101", "#010102", "#010103", "#010104"
WIN, TIE, LOSE, ACCENT = "#010105", "#010106", "#010107", "#010108"
ON_WIN, ON_TIE, ON_LOSE = "#010109", "#01010a", "#01010b"
SECOND, THIRD, FOURTH, FIFTH = "#01010c", "#01010d", "#01010e", "#01010f"

PAGE_COLOURS = {
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
    SECOND: "var(--second, #d55e00)",
    THIRD: "var(--third, #00795a)",
    FOURTH: "var(--fourth, #a5478b)",
    FIFTH: "var(--fifth, #8a6d00)",
}
"""Each colour is drawn as a stand-in and replaced by the page's own, so that one figure serves light, dark and print."""

FAMILIES = (ACCENT, SECOND, THIRD, FOURTH, FIFTH, MUTED)
"""Of lines that are told apart by colour, after Okabe and Ito; each has a mark of its own besides."""

FONT = "DejaVu Sans"
STYLE: Any = {"svg.fonttype": "none", "font.family": FONT, "path.simplify": False}
_LETTER = 0.62  # of the font size: about what a letter takes in the system's type

Mark = Callable[[Axes, Callable[[str], str]], object]


class Canvas:
    """One figure.

    Args:
        width, height: pixels at natural size.
        title: what the figure shows, for those who cannot see it.
    """

    def __init__(self, width: int, height: int, title: str) -> None:
        self.width, self.height, self.title = width, height, _printable(title)
        self._marks: list[Mark] = []
        self._beneath: list[tuple[Any, str, float]] = []
        self._painted: tuple[int, str] | None = None

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
        """Words with their middle at height ``y``.

        Where they need more than ``room`` pixels they are cut in the middle: names of a family differ at their ends.
        """
        words = _printable(words)
        letters = len(words) if room is None else max(2, int(room / (_LETTER * size)))
        if len(words) > letters:
            end = (letters - 1) // 3
            words = f"{words[: letters - 1 - end].rstrip()}…{words[len(words) - end :].lstrip()}"
        baseline = y + 0.36 * size  # half the height of a capital: the same for every line of text, whatever its letters
        style: Any = {"fontsize": size, "ha": align, "va": "baseline", "fontweight": "bold" if bold else "normal", "parse_math": False}
        self._marks.append(lambda axes, ink: axes.text(x, baseline, words, color=ink(colour), **style))

    def box(self, x: float, y: float, width: float, height: float, colour: str, *, opacity: float = 1.0) -> None:
        """A filled rectangle."""
        if width > 0:
            style: Any = {"edgecolor": "none", "alpha": opacity}
            self._marks.append(lambda axes, ink: axes.add_patch(Rectangle((x, y), width, height, facecolor=ink(colour), **style)))

    def line(self, x: float, y: float, to_x: float, to_y: float, *, colour: str = LINE, width: float = 1.0) -> None:
        """A straight line."""
        style: Any = {"linewidth": width, "solid_capstyle": "butt"}
        self._marks.append(lambda axes, ink: axes.plot([x, to_x], [y, to_y], color=ink(colour), **style))

    def curve(self, x: Any, y: Any, *, colour: str = INK, width: float = 1.6, dashes: Sequence[float] = ()) -> None:
        """A line through places given in pixels; ``dashes`` are lengths of strokes and gaps, in line widths."""
        style: Any = {"linewidth": width, "linestyle": (0, tuple(dashes)) if dashes else "solid", "solid_joinstyle": "round"}
        self._marks.append(lambda axes, ink: axes.plot(x, y, color=ink(colour), **style))

    def band(self, x: Any, low: Any, high: Any, colour: str, *, opacity: float = 0.18) -> None:
        """What lies between two lines, pale."""
        style: Any = {"alpha": opacity, "linewidth": 0}
        self._marks.append(lambda axes, ink: axes.fill_between(x, low, high, color=ink(colour), **style))

    def specks(self, places: Any, colour: str, *, radius: float) -> None:
        """Round marks by the thousand at (n, 2) places, beneath all else, in some ten bytes each; the later lie above the earlier."""
        self._beneath.append((np.asarray(places, dtype=np.float64).reshape(-1, 2), colour, radius))

    def dots(
        self, x: Any, y: Any, colour: str, *, radius: float = 4.5, hollow: bool = False, opacity: float = 1.0, mark: str = "o"
    ) -> None:
        """Marks at places given in pixels, round unless said otherwise (matplotlib's letter)."""
        style: Any = {"linestyle": "none", "marker": mark, "markersize": 2 * radius, "alpha": opacity}
        style["markeredgewidth"] = 1.6 if hollow else 0.0
        self._marks.append(lambda axes, ink: axes.plot(x, y, color=ink(PAPER if hollow else colour), markeredgecolor=ink(colour), **style))

    def paint(self, axes: Axes, ink: Callable[[str], str], *, specks: bool = True) -> None:
        """Draw everything on axes that measure as this does.

        Args:
            ink: from a stand-in to the colour to draw with.
            specks: whether to draw those, too; in SVG they are written apart, since matplotlib takes 200 bytes for each.
        """
        axes.set_xlim(0, self.width)
        axes.set_ylim(self.height, 0)
        axes.set_axis_off()
        for places, colour, radius in self._beneath if specks else ():
            x, y = places.T
            axes.plot(x, y, linestyle="none", marker="o", markersize=2 * radius, color=ink(colour), markeredgewidth=0, zorder=0)
        for mark in self._marks:
            mark(axes, ink)

    def svg(self) -> str:
        """The figure as an ``<svg>`` element, the same bytes for the same drawing."""
        title = html.escape(self.title)
        head = f'<svg role="img" aria-label="{title}" viewBox="0 0 {self.width} {self.height}" width="{self.width}" height="{self.height}">'
        return f"{head}<title>{title}</title>{inked(self.body(), PAGE_COLOURS)}"

    def body(self) -> str:
        """What stands inside the element, its end included, in the stand-ins' colours; drawn once, for the page and for a file."""
        marks = len(self._marks) + len(self._beneath)
        if self._painted is None or self._painted[0] != marks:
            self._painted = marks, self._drawn()
        return self._painted[1]

    def _drawn(self) -> str:
        stream = io.StringIO()
        salt = f"{self.title} {self.width}"  # names inside the drawing stay the same from run to run, and differ between figures of a page
        with mpl.rc_context({**STYLE, "svg.hashsalt": salt}):
            figure = Figure(figsize=(self.width / 72, self.height / 72), dpi=72)  # SVG has 72 units to the inch: a unit is a pixel
            self.paint(figure.add_axes((0, 0, 1, 1)), str, specks=False)
            figure.savefig(stream, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
        drawn = stream.getvalue()
        body = drawn[drawn.index(">", drawn.index("<svg")) + 1 :]
        body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
        return "".join(map(_specks, self._beneath)) + re.sub(r'<g id="[^"]*"', "<g", body)


def inked(body: str, colours: dict[str, str]) -> str:
    """A drawing with each stand-in replaced by its colour."""
    return re.sub("#0101[0-9a-f]{2}", lambda found: colours[found[0]], body)


def _specks(drawn: tuple[Any, str, float]) -> str:
    places, colour, radius = drawn
    marks = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in places)
    return f'<path d="{marks}" style="fill:none;stroke:{colour};stroke-width:{2 * radius:g};stroke-linecap:round"/>\n'


def _printable(words: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in words)
