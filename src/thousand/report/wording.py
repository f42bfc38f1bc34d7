"""Numbers as people read them; the page, the terminal and the card say them alike."""

from __future__ import annotations

from collections.abc import Sequence

from thousand.report.summary import Bounds

NONE = "–"


def count(value: int | None) -> str:
    """1234 -> 1,234"""
    return NONE if value is None else f"{value:,}"


def rating(value: float | None) -> str:
    """5.631 -> 5.6"""
    return NONE if value is None else f"{value:.1f}"


def span(interval: Bounds | None) -> str:
    """(5.52, 5.71) -> 5.5–5.7"""
    return "" if interval is None else f"{interval[0]:.1f}–{interval[1]:.1f}"


def percent(share: float | None) -> str:
    """0.987 -> 99%; never 100% when something is missing, nor 0% when something is there."""
    if share is None:
        return NONE
    whole = round(100 * share)
    if whole == 100 and share < 1:
        return "99%" if share < 0.995 else ">99%"
    return "<1%" if whole == 0 and share > 0 else f"{whole}%"


def percent_span(interval: Bounds | None) -> str:
    """(0.96, 1.0) -> 96–100%"""
    return "" if interval is None else f"{100 * interval[0]:.0f}–{100 * interval[1]:.0f}%"


def points(share: float | None) -> str:
    """0.42 -> +42; a share as signed percentage points."""
    if share is None:
        return NONE
    whole = round(100 * share)
    return "0" if whole == 0 else f"{'+' if whole > 0 else '−'}{abs(whole)}"


def points_span(interval: Bounds | None) -> str:
    """(0.33, 0.51) -> +33 to +51; (0.004, 0.09) -> +0.4 to +9, for whether zero is in it must be seen."""
    return "" if interval is None else " to ".join(points(end) if points(end) != "0" else _near_zero(end) for end in interval)


def _near_zero(share: float) -> str:
    return f"{100 * share:+.1g}".replace("-", "−") if abs(share) >= 1e-9 else "0"


def shares(win: float | None, tie: float | None, lose: float | None) -> tuple[int, int, int] | None:
    """Three shares as whole percents that add up to 100: what rounding leaves goes to the largest remainders."""
    if win is None or tie is None or lose is None:
        return None
    exact = [100 * win, 100 * tie, 100 * lose]
    whole = [int(value) for value in exact]
    by_remainder = sorted(range(3), key=lambda at: whole[at] - exact[at])
    for at in by_remainder[: 100 - sum(whole)]:
        whole[at] += 1
    return whole[0], whole[1], whole[2]


def aligned(win: float | None, tie: float | None, lose: float | None) -> str:
    """(0.75, 0.22, 0.03) -> 75 / 22 /  3; padded with spaces as wide as a figure, so that rows line up."""
    whole = shares(win, tie, lose)
    return NONE if whole is None else " / ".join(f"{share:2d}".replace(" ", "\N{FIGURE SPACE}") for share in whole)


def probability(p: float | None) -> str:
    """0.00003 -> <0.001"""
    if p is None:
        return NONE
    return "<0.001" if p < 0.001 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def number(value: str | int | float | None) -> str:
    """A cell of a table of numbers: 5.63121 -> 5.631, 1234 -> 1,234; text as it is, nothing for what is not known."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, int):
        return f"{value:,}".replace("-", "−")
    return (f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}").replace("-", "−")


def duration(seconds: float) -> str:
    """94.2 -> 1 min 34 s"""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def listed(names: Sequence[str]) -> str:
    """["a", "b", "c"] -> a, b and c"""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else "none"


def plural(n: int, one: str, many: str = "") -> str:
    """(1, "seed") -> 1 seed; (3, "seed") -> 3 seeds"""
    return f"{n:,} {one if n == 1 else many or one + 's'}"
