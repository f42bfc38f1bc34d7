"""What each arm cost, stage by stage, and what a point gained by it cost."""

from __future__ import annotations

from collections.abc import Sequence

from thousand.report import wording
from thousand.report.canvas import ACCENT, FIFTH, FOURTH, MUTED, SECOND, THIRD, TIE, Canvas
from thousand.report.figure import ROOMY, Table, rounded
from thousand.report.scales import NAMES, legend
from thousand.report.summary import ArmCost

_COLOURS = {"select": TIE, "align": ACCENT, "choose": FIFTH, "answer": MUTED, "knowledge": THIRD, "shift": SECOND, "judge": FOURTH}
"""By stage; one that is not named here is drawn as answers are."""


def costs(arms: Sequence[ArmCost], width: int) -> Canvas:
    """A bar of wall time for each arm, in pieces by stage, and what a point gained took."""
    wide, stages = width >= ROOMY, stages_of(arms)
    pitch, top = (28, 30) if wide else (46, 30)
    totals = [sum(arm.seconds.values()) for arm in arms]
    said = "; ".join(f"{arm.arm} {wording.duration(total)}" for arm, total in zip(arms, totals, strict=True))
    canvas = Canvas(width, top + pitch * len(arms) + 4, f"Wall time of each arm: {said}")
    left, right = (NAMES, width - 190) if wide else (0, width)
    legend(canvas, left, [(_COLOURS.get(stage, MUTED), stage) for stage in stages])
    if wide:
        canvas.text(width - 96, 9, "in all", colour=MUTED, size=12, align="right")
        canvas.text(width, 9, "per point", colour=MUTED, size=12, align="right")
    for at, (arm, total) in enumerate(zip(arms, totals, strict=True)):
        middle = top + pitch * at + (pitch / 2 if wide else pitch - 12)
        x = float(left)
        for stage in stages:
            length = (right - left) * arm.seconds.get(stage, 0.0) / (max(totals) or 1.0)
            canvas.box(x, middle - 7, length, 14, _COLOURS.get(stage, MUTED))
            x += length
        beside = middle if wide else middle - 20
        canvas.text(0, beside, arm.arm, room=NAMES - 8, bold=at == 0)
        each = wording.NONE if arm.seconds_per_point is None else wording.duration(arm.seconds_per_point)
        canvas.text(width - 96, beside, wording.duration(total), align="right", size=12.5)
        canvas.text(width, beside, each, align="right", size=12.5, colour=MUTED)
    return canvas


def numbers(arms: Sequence[ArmCost]) -> Table:
    """Seconds by stage, people's minutes, money, points gained over the base, and each of these by point gained."""
    stages = stages_of(arms)
    rows: list[list[str | int | float | None]] = []
    for arm in arms:
        seconds = [rounded(arm.seconds[stage]) if stage in arm.seconds else None for stage in stages]
        each = [arm.minutes, arm.money, arm.gained, arm.seconds_per_point, arm.minutes_per_point, arm.money_per_point]
        rows.append([arm.arm, *seconds, *map(rounded, each), arm.reason])
    head = ["Minutes of people", "Money", "Points gained", "Seconds per point", "Minutes per point", "Money per point", "Why not"]
    return Table(["Arm", *(f"{stage}, s" for stage in stages), *head], rows)


def stages_of(arms: Sequence[ArmCost]) -> list[str]:
    """Every stage that an arm names, in the order of the verbs."""
    return list(dict.fromkeys(stage for arm in arms for stage in arm.seconds))
