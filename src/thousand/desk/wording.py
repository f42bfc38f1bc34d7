"""Figures as people read them on the desk's pages: with an interval, or with the reason that there is none."""

from __future__ import annotations

from collections.abc import Callable

from thousand.statistics import Agreement, Estimate

NONE = "–"


def percent(estimate: Estimate, *, interval: bool = True) -> str:
    """``68% [57, 78]``."""
    return _figure(estimate, lambda value: f"{100 * value:.0f}", "%", interval)


def points(estimate: Estimate) -> str:
    """``+12 [+3, +21]``, of a hundred."""
    return _figure(estimate, lambda value: f"{100 * value:+.0f}" if round(100 * value) else "0")


def number(estimate: Estimate) -> str:
    """``0.31 [0.12, 0.48]``."""
    return _figure(estimate, lambda value: f"{value:.2f}")


def chance(agreement: Agreement) -> str:
    """What chance would reach."""
    return NONE if agreement.chance is None else f"{100 * agreement.chance:.0f}%"


def credit(agreement: Agreement) -> str:
    """``43.0 of 63``: the sum of what each item counts."""
    return f"{(agreement.value or 0.0) * agreement.n:.1f} of {agreement.n:,}" if agreement.n else NONE


def seconds(value: float | None) -> str:
    """A time as people say it."""
    if value is None:
        return NONE
    return f"{value:.1f} s" if value < 10 else f"{value:.0f} s" if value < 120 else f"{value / 60:.0f} min"


def _figure(estimate: Estimate, say: Callable[[float], str], unit: str = "", interval: bool = True) -> str:
    if estimate.value is None:
        return NONE
    said = say(estimate.value) + unit
    return said if estimate.interval is None or not interval else f"{said} [{say(estimate.interval.low)}, {say(estimate.interval.high)}]"
