"""The picture of the choice: a map, a coverage curve, lengths and sources; `thousand.report.seen` says what one sees.

Maps, lengths and sources are small panels, one for each arm, that the page sets side by side or one below the other.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from thousand.report import wording
from thousand.report.canvas import ACCENT, LINE, MUTED, PAPER, TIE, Canvas
from thousand.report.choice import Chosen, Picture
from thousand.report.figure import Cell, Table, hundredths, rounded
from thousand.report.scales import spaced
from thousand.report.seen import half

PANEL = 300
_HEAD = 26
_MAP, _HISTOGRAM = 240, 130
_BINS = 25
_DASHES = ((), (6.0, 2.5), (1.2, 1.6), (6.0, 2.0, 1.2, 2.0), (3.0, 1.5), (10.0, 3.0))
Points = NDArray[np.float64]


def maps(picture: Picture) -> list[Canvas]:
    """For each arm the pool's sample in two dimensions and the arm's picks; picks that the rules drop are hollow."""
    low, high = picture.frame()

    def place(points: Points) -> Points:
        inside = np.clip((points - low) / (high - low), 0, 1)
        placed: Points = inside * (np.array([PANEL, _MAP]) - 12) + (6, _HEAD + 6)
        return placed

    drawn = []
    for arm in picture.arms:
        picks = place(arm.places)
        title = f"Map of {picture.count:,} kept prompts and the {wording.plural(arm.count, 'pick')} of {arm.name}"
        canvas = _panel(picture, arm, title, _MAP)
        radius = 2.7 if len(picks) <= 300 else 2.0
        canvas.specks(place(picture.places), TIE, radius=1.3)
        canvas.specks(picks, PAPER, radius=radius + 0.6)
        canvas.specks(picks, ACCENT, radius=radius)
        canvas.specks(picks[~arm.kept], PAPER, radius=radius - 1.2)
        drawn.append(canvas)
    return drawn


def curves(picture: Picture, width: int) -> Canvas:
    """Coverage against the number of picks: a line for each arm, named at its end, the claim in the accent colour."""
    arms = picture.arms
    most, top = max(len(arm.coverage) for arm in arms), _round_up(max(float(arm.coverage[-1]) for arm in arms))
    wide = width >= 560
    upper, lower, left = 12, 250 if wide else 220, 34
    names = min(8.0 * max(len(arm.name) for arm in arms) + 56, 230 if wide else 0.42 * width)
    right = width - names
    said = "; ".join(f"{arm.name} {arm.coverage[-1]:.2f} with {len(arm.coverage):,}" for arm in arms)
    canvas = Canvas(width, lower + 40, f"Likeness of a kept prompt to the nearest pick, by the number of picks: {said}")
    for share in np.linspace(0, top, round(top * 10) + 1 if top <= 0.6 else round(top * 5) + 1):
        y = lower - (lower - upper) * share / top
        canvas.line(left, y, right, y)
        canvas.text(left - 8, y, f"{share:.1f}", colour=MUTED, size=11.5, align="right")
    for tick in _ticks(most):
        canvas.text(left + (right - left) * tick / most, lower + 14, f"{tick:,}", colour=MUTED, size=11.5, align="center")
    canvas.text((left + right) / 2, lower + 32, "picks", colour=MUTED, size=11.5, align="center")
    ends = [lower - (lower - upper) * float(arm.coverage[-1]) / top for arm in arms]
    for at in range(len(arms) - 1, -1, -1):  # the claim last: its line lies above the others
        arm, dashes = arms[at], _DASHES[at]
        steps = np.unique(np.linspace(0, len(arm.coverage), 121).round().astype(int))
        reached = np.concatenate([[0.0], arm.coverage])[steps]
        across, up = left + (right - left) * steps / most, lower - (lower - upper) * reached / top
        canvas.curve(across, up, colour=MUTED if at else ACCENT, width=1.4 if at else 2.4, dashes=dashes)
    for arm, end, beside in zip(arms, ends, spaced(ends, 17, 0.0, lower), strict=True):
        claim = arm is arms[0]
        x = left + (right - left) * len(arm.coverage) / most
        canvas.line(x, end, right + 6, beside, colour=LINE)
        canvas.text(right + 10, beside, arm.name, colour=ACCENT if claim else MUTED, size=12.5, bold=claim, room=names - 50)
        canvas.text(width, beside, f"{arm.coverage[-1]:.2f}", colour=ACCENT if claim else MUTED, size=12.5, align="right", bold=claim)
    return canvas


def lengths(picture: Picture) -> list[Canvas]:
    """For each arm how long its responses are (a line) and those of the pool (grey), on a scale that grows by factors."""
    groups = [each.clip(1) for each in (picture.lengths, *(arm.lengths for arm in picture.arms))]
    low = np.log10(min(np.quantile(each, 0.03) for each in groups)) - 0.05
    high = np.log10(max(np.quantile(each, 0.99) for each in groups)) + 0.05
    edges = np.linspace(low, high, _BINS + 1)

    def shares(values: NDArray[np.int64]) -> Points:
        share: Points = np.histogram(np.log10(values.clip(1)).clip(low, high), edges)[0] / max(1, len(values))
        return share

    pool, picks = shares(picture.lengths), [shares(arm.lengths) for arm in picture.arms]
    most = max(float(each.max()) for each in (pool, *picks)) or 1.0
    bottom, step = _HEAD + _HISTOGRAM, PANEL / _BINS
    drawn = []
    for arm, share in zip(picture.arms, picks, strict=True):
        title = f"Response lengths of {arm.name}, half above {half(arm.lengths)}; of the kept rows, half above {half(picture.lengths)}"
        canvas = _panel(picture, arm, title, _HISTOGRAM + 22)
        for at, each in enumerate(pool):
            canvas.box(at * step + 0.5, bottom - _HISTOGRAM * each / most, step - 1, _HISTOGRAM * each / most, TIE)
        heights = bottom - _HISTOGRAM * np.repeat(share, 2) / most
        around = np.repeat(np.arange(_BINS + 1) * step, 2)[1:-1]
        canvas.curve(np.r_[0, around, PANEL], np.r_[bottom, heights, bottom], colour=ACCENT, width=1.8)
        canvas.line(0, bottom, PANEL, bottom)
        for length in _lengths_between(10**low, 10**high):
            x = PANEL * (np.log10(length) - low) / (high - low)
            canvas.line(x, bottom, x, bottom + 4, colour=MUTED)
            align = "left" if x < 14 else "right" if x > PANEL - 14 else "center"
            canvas.text(x, bottom + 14, f"{length:,}", colour=MUTED, size=11.5, align=align)
        drawn.append(canvas)
    return drawn


def sources(picture: Picture) -> list[Canvas]:
    """For each arm what share of its picks each source has, above that of the kept rows; nothing where all is of one source."""
    shares = picture.shares()
    most = max(max(each) for _, each in shares)
    drawn = []
    for number, arm in enumerate(picture.arms if len(shares) > 1 else [], 1):
        rows = [(name, each[number], each[0]) for name, each in shares]
        said = "; ".join(f"{name} {wording.percent(picked)} against {wording.percent(kept)}" for name, picked, kept in rows)
        canvas = _panel(picture, arm, f"Sources of {arm.name}, against those of the kept rows: {said}", 44 * len(rows))
        for at, (name, picked, kept) in enumerate(rows):
            y = _HEAD + 44 * at
            canvas.text(0, y + 8, name, size=12, room=PANEL - 100)
            canvas.text(PANEL, y + 8, f"{wording.percent(picked)} / {wording.percent(kept)}", size=11.5, colour=MUTED, align="right")
            canvas.box(0, y + 18, max(1.0, PANEL * picked / most), 7, ACCENT)
            canvas.box(0, y + 26, max(1.0, PANEL * kept / most), 7, TIE)
        drawn.append(canvas)
    return drawn


def where(picture: Picture) -> Table:
    """Every pick that is drawn, in its order, and every row of the pool's sample, with its place on the map."""
    rows: list[list[Cell]] = [
        [arm.name, at + 1, round(float(x), 3), round(float(y), 3), "kept" if kept else "dropped by the rules"]
        for arm in picture.arms
        for at, ((x, y), kept) in enumerate(zip(arm.places, arm.kept, strict=True))
    ]
    rows += [["the pool's sample", at + 1, round(float(x), 3), round(float(y), 3), "kept"] for at, (x, y) in enumerate(picture.places)]
    return Table(["Arm", "Pick", "Across", "Up", "Row"], rows)


def covered(picture: Picture) -> Table:
    """Coverage after the first pick, the tenth part, a quarter, half and all of them."""
    rows: list[list[Cell]] = []
    for arm in picture.arms:
        n = len(arm.coverage)
        picks = sorted({max(1, round(n * share)) for share in (1 / n, 0.1, 0.25, 0.5, 1)})
        rows += [[arm.name, each, rounded(float(arm.coverage[each - 1]))] for each in picks]
    return Table(["Arm", "Picks", "Likeness to the nearest pick"], rows)


def long(picture: Picture) -> Table:
    """Deciles of the lengths."""
    groups = [("kept rows", picture.lengths), *((arm.name, arm.lengths) for arm in picture.arms)]
    shares = (0.1, 0.25, 0.5, 0.75, 0.9)
    rows: list[list[Cell]] = [
        [name, *(round(float(each)) for each in np.quantile(values, shares))] for name, values in groups if len(values)
    ]
    return Table(["Responses of", *(f"{share:.0%} have at most" for share in shares)], rows)


def from_where(picture: Picture) -> Table:
    """Shares of each source."""
    rows: list[list[Cell]] = [[name, *map(hundredths, shares)] for name, shares in picture.shares()]
    return Table(["Source", "Kept rows, %", *(f"{arm.name}, %" for arm in picture.arms)], rows)


def _panel(picture: Picture, arm: Chosen, title: str, height: int) -> Canvas:
    canvas = Canvas(PANEL, _HEAD + height, title)
    claim = arm is picture.arms[0]
    canvas.text(0, 9, arm.name, size=13, bold=claim, colour=ACCENT if claim else MUTED, room=PANEL - 80)
    canvas.text(PANEL, 9, wording.plural(arm.count, "pick"), size=12, colour=MUTED, align="right")
    return canvas


def _lengths_between(low: float, high: float) -> list[int]:
    """Round lengths to mark: 10, 30, 100, ..., or the powers of ten alone where those are many."""
    steps = (1, 3) if high / low < 1e4 else (1,)
    return [step * 10**power for power in range(8) for step in steps if low <= step * 10**power <= high]


def _ticks(most: int) -> list[int]:
    """A few round numbers up to the most."""
    step = next(unit * 10**power for power in range(9) for unit in (1, 2, 5) if most <= 5 * unit * 10**power)
    return list(range(0, most + 1, step))


def _round_up(value: float) -> float:
    return max(0.2, float(np.ceil(value * 5 - 1e-9) / 5))
