"""The report's figures. Each takes a width in pixels and has two settings: beside their bars names need 560, above them less.

All return an ``<svg>`` element whose text is text and whose colours are the page's (`thousand.report.canvas`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from thousand.report import wording
from thousand.report.canvas import ACCENT, INK, LINE, LOSE, MUTED, ON_LOSE, ON_TIE, ON_WIN, TIE, WIN, Canvas
from thousand.report.summary import ArmResult, Bounds, Comparison, PoolCounts

WIDE, NARROW = 760, 340
_NAMES, _FIGURES = 168, 178  # columns beside the bars of a wide figure
_BAR = 22
_REASONS = 12


def win_tie_lose(comparisons: Sequence[Comparison], width: int = WIDE) -> str:
    """Stacked bars of the claim against each arm, with n and the net and its interval; a void comparison is pale and says so."""
    rows = [(each, whole) for each in comparisons if (whole := wording.shares(each.win, each.tie, each.lose)) is not None]
    wide = width >= 560
    pitch, top = (38, 30) if wide else (64, 30)
    claim = comparisons[0].a if comparisons else "the claim"
    said = "; ".join(f"{each.b} {whole[0]}, {whole[1]}, {whole[2]} percent" for each, whole in rows)
    canvas = Canvas(width, top + pitch * len(rows) + 4, f"{claim} wins, ties and loses against: {said}")
    left, right = (_NAMES, width - _FIGURES) if wide else (0, width)
    _legend(
        canvas, left, [(WIN, f"{claim} wins"), (TIE, "ties"), (LOSE, "loses")] if wide else [(WIN, "wins"), (TIE, "ties"), (LOSE, "loses")]
    )
    if wide:
        canvas.text(width, 9, "net win and 95% interval", colour=MUTED, size=12, align="right")
    for at, (each, whole) in enumerate(rows):
        middle = top + pitch * at + (pitch / 2 if wide else pitch - 20)
        faint = 0.35 if each.void else 1.0
        x = float(left)
        for share, colour, ink in zip(whole, (WIN, TIE, LOSE), (ON_WIN, ON_TIE, ON_LOSE), strict=True):
            length = (right - left) * share / 100
            canvas.box(x, middle - _BAR / 2, length, _BAR, colour, opacity=faint)
            if length > 24:
                canvas.text(x + length / 2, middle, str(share), colour=INK if each.void else ink, size=12, align="center")
            x += length
        beside = middle if wide else middle - 23
        canvas.text(0, beside, each.b, room=_NAMES - 8, size=13, colour=MUTED if each.void else INK)
        _value(canvas, beside, *(("", "void") if each.void else (wording.points(each.net), wording.points_span(each.interval))), 84)
    return canvas.svg()


def ratings(arms: Sequence[ArmResult], width: int = WIDE) -> str:
    """A dot and its 95% interval for each arm that was rated, in recipe order, the claim in the accent colour."""
    rows = [arm for arm in arms if arm.mean_rating is not None]
    ends = [value for arm in rows for value in (*(arm.interval or ()), arm.mean_rating or 0.0)]
    low, high = (float(np.floor(min(ends))), float(np.ceil(max(ends)))) if ends else (0.0, 1.0)
    ticks = np.linspace(low, high, int(high - low) + 1) if high - low <= 10 else np.linspace(low, high, 5)
    drawn = [(arm.name, arm.mean_rating or 0.0, arm.interval, arm.role == "claim") for arm in rows]
    said = "; ".join(f"{name} {wording.rating(value)}" for name, value, _, _ in drawn)
    return _intervals(drawn, [(float(tick), f"{tick:g}") for tick in ticks], f"Mean rating of each arm: {said}", width, percent=False)


def correct(arms: Sequence[ArmResult], width: int = WIDE) -> str:
    """The share of correct answers of each arm, with its 95% interval."""
    drawn = [(arm.name, arm.correct, arm.correct_interval, arm.role == "claim") for arm in arms if arm.correct is not None]
    said = "; ".join(f"{name} {wording.percent(value)}" for name, value, _, _ in drawn)
    ticks = [(share, f"{share:.0%}") for share in (0.0, 0.25, 0.5, 0.75, 1.0)]
    return _intervals(drawn, ticks, f"Share of correct answers of each arm: {said}", width, percent=True)


def knowledge(arms: Sequence[ArmResult], width: int = WIDE) -> str:
    """What each arm still knows of what the base knew: from a hollow dot (before) to a full one (after)."""
    rows = [arm for arm in arms if arm.knowledge_after is not None]
    said = "; ".join(f"{arm.name} {wording.percent(arm.knowledge_after)}" for arm in rows)
    wide = width >= 560
    pitch, top = (30, 34) if wide else (52, 34)
    canvas = Canvas(width, top + pitch * len(rows) + 24, f"Share of what the base knew that each arm still knows: {said}")
    left, right = (_NAMES, width - 70) if wide else (8, width - 8)
    _legend(canvas, left if wide else 0, [(ACCENT, "known before"), (ACCENT, "known still")], hollow=1)
    _scale(canvas, [(share, f"{share:.0%}") for share in (0.0, 0.25, 0.5, 0.75, 1.0)], left, right, top, top + pitch * len(rows))
    for at, arm in enumerate(rows):
        middle = top + pitch * at + (pitch / 2 if wide else pitch - 16)
        after = left + (right - left) * (arm.knowledge_after or 0.0)
        colour = LOSE if arm.collapsed else ACCENT
        canvas.line(after, middle, right, middle, colour=colour, width=1.6)
        canvas.dots([right], [middle], colour, hollow=True)
        canvas.dots([after], [middle], colour)
        beside = middle if wide else middle - 18
        canvas.text(0, beside, arm.name, room=_NAMES - 8)
        canvas.text(width, beside, wording.percent(arm.knowledge_after), align="right", size=12.5, bold=arm.collapsed)
    return canvas.svg()


def pool(counts: PoolCounts, width: int = WIDE) -> str:
    """Where every row of the pool went: one bar for what was read, one for each reason it left by, what was kept and chosen."""
    rows = [("read", counts.read, TIE), *((f"rejected: {reason}", n, LOSE) for reason, n in _most(counts.rejected))]
    rows += [(reason, n, LOSE) for reason, n in _most(counts.dropped)]
    rows += [("kept", counts.kept, ACCENT), ("chosen", counts.selected, ACCENT)]
    wide = width >= 560
    pitch = 26 if wide else 42
    canvas = Canvas(width, pitch * len(rows) + 2, f"Of {counts.read:,} rows read {counts.kept:,} were kept and {counts.selected:,} chosen")
    left, right = (_NAMES + 72, width - 70) if wide else (0, width - 60)
    for at, (name, n, colour) in enumerate(rows):
        middle = pitch * at + (pitch / 2 if wide else pitch - 10)
        canvas.box(left, middle - 6, max(1.5, (right - left) * n / max(1, counts.read)), 12, colour)
        canvas.text(0, middle if wide else middle - 17, name, room=_NAMES + 88, size=13, colour=INK if n and colour != LOSE else MUTED)
        canvas.text(width, middle, f"{n:,}", size=12.5, align="right")
    return canvas.svg()


def _intervals(
    rows: Sequence[tuple[str, float, Bounds | None, bool]], ticks: Sequence[tuple[float, str]], title: str, width: int, *, percent: bool
) -> str:
    """Dots with whiskers over a scale: name, value, interval, whether it is the claim."""
    wide = width >= 560
    pitch, top = (30, 6) if wide else (52, 4)
    canvas = Canvas(width, top + pitch * len(rows) + 24, title)
    left, right = (_NAMES, width - 130) if wide else (8, width - 8)
    low, high = ticks[0][0], ticks[-1][0]

    def place(value: float) -> float:
        return left + (right - left) * (value - low) / (high - low or 1.0)

    _scale(canvas, ticks, left, right, top, top + pitch * len(rows))
    for at, (name, value, interval, claim) in enumerate(rows):
        middle = top + pitch * at + (pitch / 2 if wide else pitch - 16)
        colour = ACCENT if claim else MUTED
        if interval is not None:
            canvas.line(place(interval[0]), middle, place(interval[1]), middle, colour=colour, width=2.2)
        canvas.dots([place(value)], [middle], colour)
        beside = middle if wide else middle - 18
        said = (wording.percent(value), wording.percent_span(interval)) if percent else (wording.rating(value), wording.span(interval))
        canvas.text(0, beside, name, bold=claim, room=_NAMES - 8)
        _value(canvas, beside, *said, 76)
    return canvas.svg()


def _value(canvas: Canvas, y: float, value: str, interval: str, room: int) -> None:
    """A value and its interval at the right edge, each in its column."""
    canvas.text(canvas.width - room, y, value, align="right", size=12.5)
    canvas.text(canvas.width, y, interval, align="right", size=12.5, colour=MUTED)


def _scale(canvas: Canvas, ticks: Sequence[tuple[float, str]], left: float, right: float, top: float, bottom: float) -> None:
    """Thin uprights with their values below."""
    low, high = ticks[0][0], ticks[-1][0]
    for at, (value, label) in enumerate(ticks):
        x = left + (right - left) * (value - low) / (high - low or 1.0)
        canvas.line(x, top, x, bottom, colour=LINE)
        edge = canvas.width - x < 20
        align = "right" if edge else "left" if at == 0 and x < 20 else "center"
        canvas.text(canvas.width if edge else 0 if align == "left" else x, bottom + 14, label, colour=MUTED, size=11.5, align=align)


def _legend(canvas: Canvas, x: float, entries: Sequence[tuple[str, str]], hollow: int = 0) -> None:
    """A mark and a word for each colour; the first ``hollow`` marks are hollow dots and the others full ones, if any is."""
    for at, (colour, word) in enumerate(entries):
        if hollow:
            canvas.dots([x + 6], [9], colour, hollow=at < hollow)
        else:
            canvas.box(x, 4, 10, 10, colour)
        canvas.text(x + 16, 9, word, colour=MUTED, size=12)
        x += 16 + 6.9 * len(word) + 16


def _most(counts: dict[str, int]) -> list[tuple[str, int]]:
    """The most frequent first; beyond the first twelve they are added up."""
    ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    rest = sum(n for _, n in ordered[_REASONS:])
    return ordered[:_REASONS] + ([("other reasons", rest)] if rest else [])
