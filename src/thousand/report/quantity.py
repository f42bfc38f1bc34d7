"""How much a number of examples gives: a line for each family of arms over its budgets (LIMA's figure 6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from thousand.report import wording
from thousand.report.canvas import FAMILIES, LINE, MUTED, Canvas
from thousand.report.figure import ROOMY, Cell, Table, hundredths, rounded
from thousand.report.measures import Curve, CurveFit, CurvePoint
from thousand.report.scales import point_ticks, spaced, whole_ticks

Place = Callable[[float], float]

MARKS = "osD^vP"
"""One for each family besides its colour; more families than these share the last."""


def quantity(curves: Mapping[str, Curve], width: int) -> Canvas:
    """Value against the number of examples, on a scale that grows by factors.

    A whisker is a 95% interval, a pale band that of the fit. Families at an equal number of steps are dashed and hollow, the others
    were trained for equal epochs. A ring is the smallest budget that is shown to be enough.

    Args:
        curves: name to curve, all in one unit; the first is the claim's.
    """
    wide, first = width >= ROOMY, next(iter(curves.values()))
    rating = first.unit == "rating"
    points = [point for curve in curves.values() for point in curve.points]
    ends = [end for point in points for end in (*(point.interval or ()), point.value)]
    ticks = whole_ticks(min(ends), max(ends)) if rating else point_ticks(ends)
    smallest, largest = min(point.budget for point in points), max(point.budget for point in points)
    upper, lower, left = 14, 270 if wide else 240, 40
    names = min(8.2 * max(map(len, curves)) + 66, 240) if wide else 0
    right, below = width - (names or 12), 0 if wide else 20 * len(curves) + 6
    said = "; ".join(f"{name} {_ends(curve)}" for name, curve in curves.items())
    canvas = Canvas(width, lower + 44 + below, f"{'Mean rating' if rating else 'Net wins'} by the number of examples: {said}")

    def across(budget: float) -> float:
        return left + 14 + (right - left - 28) * float(np.log(budget / smallest) / (np.log(largest / smallest) or 1.0))

    def up(value: float) -> float:
        low, high = ticks[0][0], ticks[-1][0]
        return lower - (lower - upper) * (min(max(value, low), high) - low) / (high - low)

    for tick, label in ticks:
        canvas.line(left, up(tick), right, up(tick))
        canvas.text(left - 8, up(tick), label, colour=MUTED, size=11.5, align="right")
    for budget in _labels(sorted({point.budget for point in points}), across):
        canvas.text(across(budget), lower + 14, f"{budget:,}", colour=MUTED, size=11.5, align="center")
    canvas.text((left + right) / 2, lower + 34, "examples", colour=MUTED, size=11.5, align="center")
    equal_steps = {curve.equal_steps for curve in curves.values()}
    for at in range(len(curves) - 1, -1, -1):  # the claim last: it lies above the others
        curve = list(curves.values())[at]
        _line(canvas, curve, at, curve.family in equal_steps, across, up)
    places = [up(curve.points[-1].value) for curve in curves.values()]
    beside = spaced(places, 18, upper, lower) if wide else [lower + 60 + 20 * at for at in range(len(curves))]
    for at, (name, curve) in enumerate(curves.items()):
        colour, x = FAMILIES[min(at, len(FAMILIES) - 1)], right + 12 if wide else left
        if wide:
            canvas.line(across(curve.points[-1].budget) + 7, places[at], right + 6, beside[at], colour=LINE)
        canvas.dots([x + 5], [beside[at]], colour, radius=4, hollow=curve.family in equal_steps, mark=_mark(at))
        canvas.text(x + 16, beside[at], name, colour=colour, size=12.5, bold=at == 0, room=(names or width - left) - 56)
        canvas.text(width, beside[at], _say(curve, curve.points[-1].value), colour=colour, size=12.5, align="right")
    return canvas


def numbers(curves: Mapping[str, Curve]) -> Table:
    """Every budget of every family; net wins in points."""
    rows: list[list[Cell]] = []
    for name, curve in curves.items():
        number = rounded if curve.unit == "rating" else hundredths
        for point in curve.points:
            low, high = point.interval or (None, None)
            fitted = number(_fitted(curve.fit, curve.points, point)) if curve.fit else None
            told = [number(each) for each in (point.value, low, high)]
            loss = [number(point.loss), number(point.loss_at_most), "yes" if point.enough else ""]
            rows.append([name, point.arm, point.budget, point.steps, round(point.epochs, 2), point.seeds, point.n, *told, fitted, *loss])
    columns = [
        "Family",
        "Arm",
        "Examples",
        "Steps",
        "Epochs",
        "Seeds",
        "Prompts",
        "Value",
        "Low",
        "High",
        "Fit",
        "Loss",
        "Loss at most",
        "Enough",
    ]
    return Table(columns, rows)


def _line(canvas: Canvas, curve: Curve, at: int, hollow: bool, across: Place, up: Place) -> None:
    colour, points = FAMILIES[min(at, len(FAMILIES) - 1)], curve.points
    dashes, width = (5.0, 2.5) if hollow else (), 2.0 if at == 0 else 1.5
    if curve.fit is not None:
        along = [across(budget) for budget in curve.fit.at]
        canvas.band(along, [up(value) for value in curve.fit.low], [up(value) for value in curve.fit.high], colour)
        canvas.curve(along, [up(value) for value in curve.fit.values], colour=colour, width=width, dashes=dashes)
    else:
        canvas.curve(
            [across(p.budget) for p in points], [up(p.value) for p in points], colour=colour, width=width, dashes=dashes or (1.2, 1.6)
        )
    for point in points:
        x = across(point.budget)
        if point.interval is not None:
            canvas.line(x, up(point.interval[0]), x, up(point.interval[1]), colour=colour, width=1.6)
        if point.budget == curve.smallest:
            canvas.dots([x], [up(point.value)], colour, radius=8, hollow=True)
        canvas.dots([x], [up(point.value)], colour, radius=4, hollow=hollow, mark=_mark(at))


def _fitted(fit: CurveFit, points: Sequence[CurvePoint], point: CurvePoint) -> float:
    smallest = min(each.budget for each in points)
    return float(fit.limit - fit.drop * (point.budget / smallest) ** -fit.rate)


def _mark(at: int) -> str:
    return MARKS[min(at, len(MARKS) - 1)]


def _say(curve: Curve, value: float) -> str:
    return wording.rating(value) if curve.unit == "rating" else wording.points(value)


def _ends(curve: Curve) -> str:
    first, last = curve.points[0], curve.points[-1]
    return f"{_say(curve, first.value)} with {first.budget:,}, {_say(curve, last.value)} with {last.budget:,}"


def _labels(budgets: Sequence[int], across: Place) -> list[int]:
    """Those that have room for their label."""
    shown: list[int] = []
    for budget in budgets:
        if not shown or across(budget) - across(shown[-1]) >= 34:
            shown.append(budget)
    return shown
