"""The judges themselves: how far they agree, and what they lean on besides the answers."""

from __future__ import annotations

from collections.abc import Sequence

from thousand.report import wording
from thousand.report.canvas import ACCENT, Canvas
from thousand.report.figure import Cell, Table, hundredths, rounded
from thousand.report.measures import Agreement, JudgeBias, Measured, NoiseBar
from thousand.report.scales import SHARES, Row, intervals


def agreement(pairs: Sequence[Agreement], width: int) -> Canvas:
    """LIMA's tie-discounted agreement of every two judges, with its interval and what chance alone would reach."""
    rows = []
    for each in pairs:
        if each.tie_discounted.value is not None:
            words = wording.percent(each.tie_discounted.value), wording.percent_span(each.tie_discounted.interval)
            chance = "" if each.chance is None else f"by chance {wording.percent(each.chance)}"
            rows.append(
                Row(f"{each.first}, {each.second}", each.tie_discounted.value, each.tie_discounted.interval, words, ACCENT, False, chance)
            )
    said = "; ".join(f"{row.name} {row.words[0]}, {row.beneath}" for row in rows)
    return intervals(rows, SHARES, f"Agreement of the judges: {said}", width)


def agreement_numbers(pairs: Sequence[Agreement]) -> Table:
    """In percent; kappa as it is."""
    rows: list[list[Cell]] = []
    for each in pairs:
        found = [*_percent(each.tie_discounted), hundredths(each.chance), hundredths(each.above_chance), hundredths(each.strict.value)]
        note = each.tie_discounted.reason or each.kappa.reason
        rows.append([each.first, each.second, each.tie_discounted.n, *found, rounded(each.kappa.value), note])
    columns = ["Judge", "And", "Items", "Agreement, %", "Low", "High", "By chance, %", "Above chance, %", "Strict, %", "Kappa", "Note"]
    return Table(columns, rows)


def biases(found: Sequence[JudgeBias]) -> Table:
    """In percent and points; those against all arms together first."""
    rows: list[list[Cell]] = []
    for each in sorted(found, key=lambda each: each.b is not None):
        shares = each.ties, each.flips, each.first, each.position, each.longer, each.win_rate, each.at_equal_length
        longer = None if each.longer_by is None else round(each.longer_by)
        seen = "pairs" if each.kind == "pair" else "ratings"
        percent = [hundredths(one.value) for one in shares]
        rows.append([each.judge, each.b or "all arms", seen, *percent, rounded(each.length_slope.value), longer])
    columns = ["Judge", "Against", "Saw", "Ties, %", "Flips with the order, %", "First shown wins, %", "Position, points", "Longer wins, %"]
    columns += ["Win rate, %", "At equal length, %", "Length, log odds", "Longer by, characters"]
    return Table(columns, rows)


def noise_of(bars: Sequence[NoiseBar], judge: str, claim: str) -> NoiseBar | None:
    """The bar of one judge that stands behind its comparisons: the claim's own, or else the widest of any arm."""
    own = [bar for bar in bars if bar.judge == judge and bar.net.interval is not None]
    return max(own, key=lambda bar: (bar.arm == claim, _width(bar)), default=None)


def noise_numbers(bars: Sequence[NoiseBar]) -> Table:
    """Points by which two seeds of one arm come apart."""
    rows = [[bar.arm, bar.judge, bar.kind, bar.seeds, bar.net.n, *_percent(bar.net)[1:], bar.net.reason] for bar in bars]
    return Table(["Arm", "Judge", "Seen as", "Seeds", "Prompts", "Low, points", "High, points", "Note"], rows)


def _percent(measured: Measured) -> list[float | None]:
    return [hundredths(each) for each in (measured.value, *(measured.interval or (None, None)))]


def _width(bar: NoiseBar) -> float:
    low, high = bar.net.interval or (0.0, 0.0)
    return high - low
