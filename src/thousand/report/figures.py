"""Wins and losses, ratings, correctness, knowledge and the pool's account, each drawn at a width in pixels."""

from __future__ import annotations

from collections.abc import Sequence

from thousand.report import wording
from thousand.report.canvas import ACCENT, INK, LOSE, MUTED, ON_LOSE, ON_TIE, ON_WIN, TIE, WIN, Canvas
from thousand.report.figure import NARROW, ROOMY, WIDE
from thousand.report.measures import Bounds
from thousand.report.scales import NAMES, SHARES, Row, claim_colour, intervals, legend, point_ticks, scale, value, whole_ticks
from thousand.report.summary import ArmResult, Comparison, PoolCounts

__all__ = ["NARROW", "WIDE", "correct", "knowledge", "net", "pool", "ratings", "win_tie_lose"]
_FIGURES = 178  # pixels for the figures beside the bars
_BAR = 22
_REASONS = 12


def win_tie_lose(comparisons: Sequence[Comparison], width: int = WIDE) -> Canvas:
    """Stacked bars of the claim against each arm, with the net and its interval; a void comparison is pale and says so."""
    rows = [(each, whole) for each in comparisons if (whole := wording.shares(each.win, each.tie, each.lose)) is not None]
    wide = width >= ROOMY
    pitch, top = (38, 30) if wide else (64, 30)
    claim = comparisons[0].a if comparisons else "the claim"
    said = "; ".join(f"{each.b} {whole[0]}, {whole[1]}, {whole[2]} percent" for each, whole in rows)
    canvas = Canvas(width, top + pitch * len(rows) + 4, f"{claim} wins, ties and loses against: {said}")
    left, right = (NAMES, width - _FIGURES) if wide else (0, width)
    named = claim if len(claim) <= 30 and wide else ""
    legend(canvas, left, [(WIN, f"{named} wins".strip()), (TIE, "ties"), (LOSE, "loses")])
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
        canvas.text(0, beside, each.b, room=NAMES - 8, size=13, colour=MUTED if each.void else INK)
        value(canvas, beside, *(("", "void") if each.void else (wording.points(each.net), wording.points_span(each.interval))), 84)
    return canvas


def net(comparisons: Sequence[Comparison], noise: Bounds | None, width: int = WIDE) -> Canvas:
    """Net wins of the claim with their intervals, over a grey band: how far two seeds of one arm come apart by themselves."""
    shown = [(each, each.net) for each in comparisons if each.net is not None]
    ends = [end for each, net in shown for end in (*(each.interval or ()), net)]
    rows = [
        Row(
            each.b,
            net,
            each.interval,
            ("", "void") if each.void else (wording.points(net), wording.points_span(each.interval)),
            MUTED if each.void or not _clear(each.interval, noise) else WIN if net > 0 else LOSE,
        )
        for each, net in shown
    ]
    said = "; ".join(f"{each.b} {wording.points(net)} {wording.points_span(each.interval)}" for each, net in shown)
    title = f"Net wins in points: {said}" + (f"; noise {wording.points_span(noise)}" if noise else "")
    return intervals(rows, point_ticks([*ends, *(noise or ()), 0.0]), title, width, band=noise, zero=True)


def _clear(interval: Bounds | None, noise: Bounds | None) -> bool:
    low, high = noise or (0.0, 0.0)
    return interval is not None and (interval[0] > max(0.0, high) or interval[1] < min(0.0, low))


def ratings(arms: Sequence[ArmResult], width: int = WIDE) -> Canvas:
    """A dot and its 95% interval for each arm that was rated, in recipe order, the claim in the accent colour."""
    rows = [
        Row(arm.name, arm.mean_rating, arm.interval, (wording.rating(arm.mean_rating), wording.span(arm.interval)), *_as_claim(arm))
        for arm in arms
        if arm.mean_rating is not None
    ]
    ends = [value for row in rows for value in (*(row.interval or ()), row.value)]
    ticks = whole_ticks(min(ends, default=0.0), max(ends, default=1.0))
    return intervals(rows, ticks, f"Mean rating of each arm: {'; '.join(f'{row.name} {row.words[0]}' for row in rows)}", width)


def correct(arms: Sequence[ArmResult], width: int = WIDE) -> Canvas:
    """The share of correct answers of each arm, with its 95% interval."""
    rows = [
        Row(
            arm.name,
            arm.correct,
            arm.correct_interval,
            (wording.percent(arm.correct), wording.percent_span(arm.correct_interval)),
            *_as_claim(arm),
        )
        for arm in arms
        if arm.correct is not None
    ]
    said = "; ".join(f"{row.name} {row.words[0]}" for row in rows)
    return intervals(rows, SHARES, f"Share of correct answers of each arm: {said}", width)


def _as_claim(arm: ArmResult) -> tuple[str, bool]:
    return claim_colour(arm.role == "claim"), arm.role == "claim"


def knowledge(arms: Sequence[ArmResult], width: int = WIDE) -> Canvas:
    """What each arm still knows of what the base knew: from a hollow dot (before) to a full one (after)."""
    rows = [arm for arm in arms if arm.knowledge_after is not None]
    said = "; ".join(f"{arm.name} {wording.percent(arm.knowledge_after)}" for arm in rows)
    wide = width >= ROOMY
    pitch, top = (30, 34) if wide else (52, 34)
    canvas = Canvas(width, top + pitch * len(rows) + 24, f"Share of what the base knew that each arm still knows: {said}")
    left, right = (NAMES, width - 70) if wide else (8, width - 8)
    legend(canvas, left if wide else 0, [(ACCENT, "known before"), (ACCENT, "known still")], hollow=1)
    scale(canvas, SHARES, left, right, top, top + pitch * len(rows))
    for at, arm in enumerate(rows):
        middle = top + pitch * at + (pitch / 2 if wide else pitch - 16)
        after = left + (right - left) * (arm.knowledge_after or 0.0)
        colour = LOSE if arm.collapsed else ACCENT
        canvas.line(after, middle, right, middle, colour=colour, width=1.6)
        canvas.dots([right], [middle], colour, hollow=True)
        canvas.dots([after], [middle], colour)
        beside = middle if wide else middle - 18
        canvas.text(0, beside, arm.name, room=NAMES - 8)
        canvas.text(width, beside, wording.percent(arm.knowledge_after), align="right", size=12.5, bold=arm.collapsed)
    return canvas


def pool(counts: PoolCounts, width: int = WIDE) -> Canvas:
    """Where every row of the pool went: one bar for what was read, one for each reason it left by, what was kept and chosen."""
    rows = [("read", counts.read, TIE), *((f"rejected: {reason}", n, LOSE) for reason, n in _most(counts.rejected))]
    rows += [(reason, n, LOSE) for reason, n in _most(counts.dropped)]
    rows += [("kept", counts.kept, ACCENT), ("chosen", counts.selected, ACCENT)]
    wide = width >= ROOMY
    pitch = 26 if wide else 42
    canvas = Canvas(width, pitch * len(rows) + 2, f"Of {counts.read:,} rows read {counts.kept:,} were kept and {counts.selected:,} chosen")
    left, right = (NAMES + 72, width - 70) if wide else (0, width - 60)
    for at, (name, n, colour) in enumerate(rows):
        middle = pitch * at + (pitch / 2 if wide else pitch - 10)
        canvas.box(left, middle - 6, max(1.5, (right - left) * n / max(1, counts.read)), 12, colour)
        canvas.text(0, middle if wide else middle - 17, name, room=NAMES + 64, size=13, colour=INK if n and colour != LOSE else MUTED)
        canvas.text(width, middle, f"{n:,}", size=12.5, align="right")
    return canvas


def _most(counts: dict[str, int]) -> list[tuple[str, int]]:
    """The most frequent first; beyond the first twelve they are added up."""
    ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    rest = sum(n for _, n in ordered[_REASONS:])
    return ordered[:_REASONS] + ([("other reasons", rest)] if rest else [])
